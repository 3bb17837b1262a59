"""The schema's version and the way to it: forward only, one step at a time, each in one transaction.

:data:`notary.storage.tables.metadata` is :data:`VERSION` as it stands. A step from version *n* to *n* + 1 is a function
of a connection in :data:`STEPS`; it never changes afterwards. (The table has one row with one number, which is all that
another migration tool needs to take over.)
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Connection, Engine, insert, inspect, select, update

from notary.core.merkle import EMPTY_ROOT
from notary.errors import IntegrityError, InvalidConfig
from notary.storage.engine import WRITER_OPTION, translated
from notary.storage.tables import line_index, log, metadata, schema_version


def _profiles(connection: Connection) -> None:
    """2: a text from a page has the profile that it was taken with."""
    connection.exec_driver_sql("ALTER TABLE disclosures ADD COLUMN profile BLOB")


def _lines(connection: Connection) -> None:
    """3: an index of lines, which the worker fills."""
    connection.exec_driver_sql(
        "CREATE TABLE line_keys (line_key INTEGER NOT NULL, leaf_index INTEGER NOT NULL,"
        " CONSTRAINT pk_line_keys PRIMARY KEY (line_key, leaf_index)) WITHOUT ROWID"
    )
    connection.exec_driver_sql(
        "CREATE TABLE line_index (id SMALLINT NOT NULL, size INTEGER NOT NULL,"
        " CONSTRAINT pk_line_index PRIMARY KEY (id))"
    )
    connection.exec_driver_sql("INSERT INTO line_index (id, size) VALUES (1, 0)")


VERSION: Final = 3
STEPS: Final[Mapping[int, Callable[[Connection], None]]] = {1: _profiles, 2: _lines}


def create_schema(engine: Engine, *, origin: str, public_key: bytes, time: int) -> None:
    """Make all tables in an empty database, with the log's one row: its origin and key never change."""
    with translated(), engine.execution_options(**{WRITER_OPTION: True}).begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(schema_version).values(version=VERSION))
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


def migrate(engine: Engine) -> None:
    """Bring an existing database to :data:`VERSION`.

    Raises :class:`InvalidConfig`: ``newer-format`` for a database of a later version of this program,
    ``not-our-database`` where there is no version in it.
    """
    with translated(), engine.begin() as connection:
        if _version(connection) == VERSION:
            return
    with translated(), engine.execution_options(**{WRITER_OPTION: True}).begin() as connection:
        for version in range(_version(connection), VERSION):
            STEPS[version](connection)
            connection.execute(update(schema_version).values(version=version + 1))


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(schema_version.name):
        raise InvalidConfig("The database is not one of Notary's.", code="not-our-database")
    found = connection.execute(select(schema_version.c.version)).scalar()
    if not isinstance(found, int) or found < 1:
        raise IntegrityError("The database does not say which format it has; check the disk.", code="storage-broken")
    if found > VERSION:
        raise InvalidConfig(
            f"The database has format {found}; this program knows {VERSION}. Use a newer version of Notary.",
            code="newer-format",
        )
    return found
