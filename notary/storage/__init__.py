"""The database: the only place with SQL. SQLite today; written so that PostgreSQL can follow."""
