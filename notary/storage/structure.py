"""What is wrong with a database beneath its contents: its structure, its indexes, the types of its values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Column, Connection, Integer, LargeBinary, Table, UniqueConstraint, and_, func, or_, select, text

from notary.storage.tables import metadata

# Then the rows come from the table itself, in the order in which they lie, and each is looked up through an index.
_BY_INDEX: Final = (
    *("statement_timeout = 0", "max_parallel_workers_per_gather = 0", "jit = off"),
    *(f"enable_{way} = off" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material", "indexonlyscan")),
)
_AS_THEY_LIE: Final = text("a.ctid >= '(0,0)'")


def structural_faults(connection: Connection, *, limit: int) -> list[str]:
    """Return what is wrong, at most ``limit`` sentences; what cannot be read at all is raised by the database."""
    if connection.dialect.name == "sqlite":
        return _in_sqlite(connection, limit=limit)
    return _in_postgresql(connection)[:limit]


def _in_sqlite(connection: Connection, *, limit: int) -> list[str]:
    """Ask SQLite's own check, and look for values of another type than their column's, which SQLite allows."""
    found = connection.exec_driver_sql(f"PRAGMA integrity_check({limit})").scalars()
    faults = [fault for fault in found if fault != "ok"]
    if not faults:
        faults = [
            f"{count} rows of {table.name} hold a value of a wrong type" for table, count in _mistyped(connection)
        ]
    return faults[:limit]


def _mistyped(connection: Connection) -> Iterator[tuple[Table, int]]:
    for table in metadata.sorted_tables:
        wrong = or_(*(func.typeof(column).not_in(_types(column)) for column in table.columns))
        count = connection.execute(select(func.count()).select_from(table).where(wrong)).scalar_one()
        if count:
            yield table, count


def _types(column: Column[Any]) -> list[str]:
    """Return the types, in SQLite's words, that values of a column may have."""
    kinds = {Integer: "integer", LargeBinary: "blob"}
    name = next((name for kind, name in kinds.items() if isinstance(column.type, kind)), "text")
    return [name, "null"] if column.nullable else [name]


def _in_postgresql(connection: Connection) -> list[str]:
    """Look every row up through every index: one that an index hides is not found by who asks for it.

    PostgreSQL has no check of its own without an extension that only a superuser can add; its pages have checksums,
    and one that does not fit is an error of whoever reads it.
    """
    for setting in _BY_INDEX:
        connection.exec_driver_sql(f"SET LOCAL {setting}")
    faults = []
    for table in metadata.sorted_tables:
        for name, columns in _indexes(table):
            row, again = table.alias("a"), table.alias("b")
            here = and_(*(again.c[column.name] == row.c[column.name] for column in columns))
            known = and_(*(row.c[column.name].is_not(None) for column in columns))
            hidden = select(func.count()).select_from(row).where(_AS_THEY_LIE, known)
            hidden = hidden.where(~select(1).select_from(again).where(here).exists())
            count = connection.execute(hidden).scalar_one()
            if count:
                faults.append(f"{count} rows of {table.name} are missing from index {name}")
    return faults


def _indexes(table: Table) -> Iterator[tuple[str, list[Column[Any]]]]:
    yield str(table.primary_key.name), list(table.primary_key.columns)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield str(constraint.name), list(constraint.columns)
    for index in table.indexes:
        yield str(index.name), list(index.columns)
