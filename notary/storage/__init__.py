"""The database: the only place with SQL. An SQLite file, or a database of PostgreSQL."""
