"""What a check of the whole store asks for, read on one connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Column, Connection, Integer, LargeBinary, Table, and_, func, or_, select, union_all

from notary.model import SignedHead
from notary.storage.tables import checkpoints, documents, entries, metadata

_LATEST: Final = (
    select(entries.c.tenant_id, entries.c.document, func.max(entries.c.leaf_index).label("latest"))
    .where(entries.c.tenant_id.is_not(None), entries.c.document.is_not(None))
    .group_by(entries.c.tenant_id, entries.c.document)
    .subquery()
)
_SAME_DOCUMENT: Final = and_(documents.c.tenant_id == _LATEST.c.tenant_id, documents.c.document == _LATEST.c.document)
_ASTRAY: Final = union_all(
    select(_LATEST.c.document)
    .outerjoin(documents, _SAME_DOCUMENT)
    .where(or_(documents.c.head.is_(None), documents.c.head != _LATEST.c.latest)),
    select(documents.c.document).outerjoin(_LATEST, _SAME_DOCUMENT).where(_LATEST.c.latest.is_(None)),
)


class CheckReader:
    """Everything of one kind, and what contradicts itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def database_faults(self, *, limit: int) -> list[str]:
        """Return what is wrong with the database beneath its contents, at most ``limit`` sentences.

        That is its structure and its indexes, by SQLite's own check, and values of another type than their column's,
        which SQLite allows.
        """
        found = self._connection.exec_driver_sql(f"PRAGMA integrity_check({limit})").scalars()
        faults = [fault for fault in found if fault != "ok"]
        if not faults:
            faults = [f"{count} rows of {table.name} hold a value of a wrong type" for table, count in self._mistyped()]
        return faults[:limit]

    def _mistyped(self) -> Iterator[tuple[Table, int]]:
        for table in metadata.sorted_tables:
            wrong = or_(*(func.typeof(column).not_in(_types(column)) for column in table.columns))
            count = self._connection.execute(select(func.count()).select_from(table).where(wrong)).scalar_one()
            if count:
                yield table, count

    def checkpoints(self, *, above: int, limit: int) -> list[SignedHead]:
        """Return checkpoints of sizes above ``above``, in order, at most ``limit``."""
        query = select(checkpoints).where(checkpoints.c.size > above).order_by(checkpoints.c.size).limit(limit)
        rows = self._connection.execute(query)
        return [SignedHead(size=row.size, root=row.root, note=row.note, time=row.time) for row in rows]

    def astray_documents(self, *, limit: int) -> list[str]:
        """Return documents whose head is not their latest entry, at most ``limit``: there should be none."""
        return list(self._connection.execute(_ASTRAY.limit(limit)).scalars())


def _types(column: Column[Any]) -> list[str]:
    """Return the types, in SQLite's words, that values of a column may have."""
    kinds = {Integer: "integer", LargeBinary: "blob"}
    name = next((name for kind, name in kinds.items() if isinstance(column.type, kind)), "text")
    return [name, "null"] if column.nullable else [name]
