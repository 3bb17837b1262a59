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
from notary.core.rlp import decode
from notary.errors import IntegrityError, InvalidConfig
from notary.storage.engine import WRITER_OPTION, translated
from notary.storage.tables import log, metadata, schema_version


def _profiles(connection: Connection) -> None:
    """2: a text from a page has the profile that it was taken with."""
    connection.exec_driver_sql("ALTER TABLE disclosures ADD COLUMN profile BLOB")


def _fees(connection: Connection) -> None:
    """3: an attempt has its fees and what it did cost, an anchor the time of its last move."""
    connection.exec_driver_sql("ALTER TABLE anchors ADD COLUMN moved INTEGER DEFAULT '0' NOT NULL")
    connection.exec_driver_sql(
        "UPDATE anchors SET moved = "
        "coalesce((SELECT max(time) FROM anchor_events WHERE anchor_id = anchors.id), created)"
    )
    for column in ("max_fee", "tip", "gas"):
        connection.exec_driver_sql(f"ALTER TABLE attempts ADD COLUMN {column} INTEGER DEFAULT '0' NOT NULL")
    for column in ("gas_used", "gas_price"):
        connection.exec_driver_sql(f"ALTER TABLE attempts ADD COLUMN {column} INTEGER")
    connection.exec_driver_sql("CREATE INDEX ix_attempts_created ON attempts (created)")
    for attempt_id, raw in connection.exec_driver_sql("SELECT id, raw FROM attempts").all():
        # What was signed says it: chain id, nonce, tip, max fee and gas, in this order, after the type's byte.
        fields = decode(raw[1:]) if raw[:1] == b"\x02" else []
        if isinstance(fields, list) and len(fields) > 4:
            tip, max_fee, gas = (int.from_bytes(field, "big") for field in fields[2:5] if isinstance(field, bytes))
            connection.exec_driver_sql(
                "UPDATE attempts SET tip = ?, max_fee = ?, gas = ? WHERE id = ?", (tip, max_fee, gas, attempt_id)
            )


VERSION: Final = 3
STEPS: Final[Mapping[int, Callable[[Connection], None]]] = {1: _profiles, 2: _fees}


def create_schema(engine: Engine, *, origin: str, public_key: bytes, time: int) -> None:
    """Make all tables in an empty database, with the log's one row: its origin and key never change."""
    with translated(), engine.execution_options(**{WRITER_OPTION: True}).begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(schema_version).values(version=VERSION))
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
