"""Opening an SQLite file so that what was committed is on the disk."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from notary.errors import IntegrityError, InvalidConfig

WRITER_OPTION: Final = "notary_writer"
_DURABLE: Final = {"FULL": 2, "EXTRA": 3}
_UNSAFE: Final = {"NORMAL": 1, "OFF": 0}


def open_engine(path: Path, *, synchronous: str = "FULL", busy_timeout: float = 5.0, create: bool = False) -> Engine:
    """Return an engine on an SQLite file; every connection runs in WAL mode with the ``synchronous`` level asked for.

    A database is made only with ``create``. Raises :class:`InvalidConfig`: ``no-database``, ``database-exists``,
    ``not-durable`` when the connection does not take the level or the mode.
    """
    if create == path.exists():
        code, what = ("database-exists", "already exists") if create else ("no-database", "does not exist")
        raise InvalidConfig(f"The database {path} {what}.", code=code)
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"timeout": busy_timeout},
        # What a statement was given may be a secret, and errors are logged.
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=24,
        pool_timeout=busy_timeout + 1,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transaction handling would start transactions late and never for reads: we say BEGIN.
        connection.isolation_level = None
        try:
            _set_pragmas(connection, synchronous=synchronous)
        except UnicodeDecodeError:
            # The driver fails on SQLite's message about a broken schema, which repeats a part of it.
            raise IntegrityError("The database's schema is broken; check the disk.", code="storage-broken") from None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock before it reads: nothing it decides upon can change under it, and it never has to
        # give up half-way because its snapshot grew old.
        writer = connection.get_execution_options().get(WRITER_OPTION, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _set_pragmas(connection: sqlite3.Connection, *, synchronous: str) -> None:
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("PRAGMA foreign_keys=ON")
    if sys.platform == "darwin":
        # There, a plain fsync leaves data in the drive's cache.
        connection.execute("PRAGMA fullfsync=ON")
    level = connection.execute("PRAGMA synchronous").fetchone()[0]
    if mode != "wal" or level != (_DURABLE | _UNSAFE)[synchronous]:
        raise InvalidConfig(
            f"SQLite runs with journal_mode={mode}, synchronous={level}: committed entries would not be durable.",
            code="not-durable",
        )
