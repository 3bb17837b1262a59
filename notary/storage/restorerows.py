"""What was restored from backups, and whether it was held against what is public; on one connection."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from notary.model.log import Restore
from notary.storage.tables import restores

_UNCHECKED = select(restores).where(restores.c.checked.is_(None)).order_by(restores.c.id.desc()).limit(1)


class RestoreReader:
    """The reading half: implements :class:`notary.ports.RestoreView`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unchecked_restore(self) -> Restore | None:
        """Return the latest restore that was not yet held against what is public."""
        row = self._connection.execute(_UNCHECKED).one_or_none()
        if row is None:
            return None
        return Restore(
            id=row.id,
            time=row.time,
            made=row.made,
            size=row.size,
            instance=row.instance,
            nothing_published=bool(row.nothing_published),
            checked=row.checked,
        )


class RestoreWriter(RestoreReader):
    """The writing half."""

    def mark_restores_checked(self, *, time: int) -> None:
        """Remember that the log was held against what is public."""
        self._connection.execute(update(restores).where(restores.c.checked.is_(None)).values(checked=time))
