"""What a check of the whole store asks for, read on one connection."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, and_, func, or_, select, union_all

from notary.model.log import SignedHead
from notary.storage.structure import structural_faults
from notary.storage.tables import checkpoints, documents, entries

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
        """Return what is wrong with the database beneath its contents, at most ``limit`` sentences."""
        return structural_faults(self._connection, limit=limit)

    def checkpoints(self, *, above: int, limit: int) -> list[SignedHead]:
        """Return checkpoints of sizes above ``above``, in order, at most ``limit``."""
        query = select(checkpoints).where(checkpoints.c.size > above).order_by(checkpoints.c.size).limit(limit)
        rows = self._connection.execute(query)
        return [SignedHead(size=row.size, root=row.root, note=row.note, time=row.time) for row in rows]

    def astray_documents(self, *, limit: int) -> list[str]:
        """Return documents whose head is not their latest entry, at most ``limit``: there should be none."""
        return list(self._connection.execute(_ASTRAY.limit(limit)).scalars())
