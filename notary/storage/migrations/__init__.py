"""The schema's revision and the way to it: forward only, in one transaction.

:data:`notary.storage.tables.metadata` is the schema at :data:`HEAD`; ``versions/`` holds the way there, as revisions of
Alembic. To add one: change ``tables.py``, write ``versions/rNNNN_what.py`` with the change for both backends (see the
newest one), and set :data:`HEAD`; a test holds all three together.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from sqlalchemy import Connection, Engine, insert, inspect, select

from notary.core.merkle import EMPTY_ROOT
from notary.errors import IntegrityError, InvalidConfig
from notary.storage.engine import WRITER_OPTION
from notary.storage.faults import translated
from notary.storage.tables import UNDER_ALEMBIC, alembic_version, line_index, log, metadata, schema_version

HEAD: Final = "notary_0007"
_OURS: Final = re.compile(r"notary_[0-9]{4}")


def create_schema(engine: Engine, *, origin: str, public_key: bytes, time: int) -> None:
    """Make all tables in an empty database, with the log's one row: its origin and key never change."""
    with translated(), engine.execution_options(**{WRITER_OPTION: True}).begin() as connection:
        create_tables(connection)
        connection.execute(insert(line_index).values(id=1, size=0))
        connection.execute(
            insert(log).values(
                id=1,
                origin=origin,
                public_key=public_key,
                instance=secrets.token_bytes(16),
                created=time,
                next_index=0,
                last_time=0,
                tree_size=0,
                tree_root=EMPTY_ROOT,
            )
        )


def create_tables(connection: Connection) -> None:
    """Make all tables of :data:`HEAD` in an empty database, without the log's row."""
    metadata.create_all(connection)
    alembic_version.create(connection)
    connection.execute(insert(alembic_version).values(version_num=HEAD))
    connection.execute(insert(schema_version).values(version=UNDER_ALEMBIC))


def migrate(engine: Engine) -> None:
    """Bring an existing database to :data:`HEAD`.

    Raises :class:`InvalidConfig`: ``newer-format`` for a database of a later version of this program,
    ``not-our-database`` where there is no version in it.
    """
    with translated(), engine.begin() as connection:
        if _revision(connection) == HEAD:
            return
    from notary.storage.migrations.upgrade import adopt, upgrade

    with translated(), engine.execution_options(**{WRITER_OPTION: True}).begin() as connection:
        found = _revision(connection)
        if isinstance(found, int):
            adopt(connection, found)
        if found != HEAD:
            upgrade(connection)


def _revision(connection: Connection) -> str | int:
    """Return the revision, or the number of a format before Alembic."""
    if inspect(connection).has_table(alembic_version.name):
        return _under_alembic(connection)
    if not inspect(connection).has_table(schema_version.name):
        raise _not_ours()
    found = connection.execute(select(schema_version.c.version)).scalar()
    if not isinstance(found, int) or not 1 <= found < UNDER_ALEMBIC:
        raise IntegrityError("The database does not say which format it has; check the disk.", code="storage-broken")
    return found


def _under_alembic(connection: Connection) -> str:
    found = connection.execute(select(alembic_version.c.version_num)).scalars().all()
    if len(found) != 1 or not isinstance(found[0], str):
        raise IntegrityError("The database does not say which format it has; check the disk.", code="storage-broken")
    if not _OURS.fullmatch(found[0]):
        raise _not_ours()
    if found[0] > HEAD:
        raise InvalidConfig(
            f"The database has format {found[0]}; this program knows {HEAD}. Use a newer version of Notary.",
            code="newer-format",
        )
    return found[0]


def _not_ours() -> InvalidConfig:
    return InvalidConfig("The database is not one of Notary's.", code="not-our-database")
