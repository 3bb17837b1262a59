"""The database that tests run on: an SQLite file in the data directory, or a database of a real PostgreSQL server.

A test, and a fixture of it, asks for :func:`storage` when it makes a log, and does not look which one it got. Where
nothing was chosen it is SQLite.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine

from notary.compose import open_settings
from notary.config import SQLITE, StorageSettings, storage_settings
from notary.storage.engine import open_engine
from notary.storage.postgresql import WRITER_LOCK, open_postgresql
from notary.storage.tables import metadata
from tests import postgres

SQLITE_NAME, POSTGRESQL_NAME = "sqlite", "postgresql"


@dataclass
class Backends:
    """What is chosen, and the server, which is started when it is first wanted."""

    chosen: str = SQLITE_NAME
    databases: list[str] = field(default_factory=list)
    _server: postgres.Postgres | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def server(self) -> postgres.Postgres:
        """The server that all tests of a session share."""
        if self._server is None:
            self._server = self._stack.enter_context(postgres.running())
        return self._server

    def close(self) -> None:
        """End the server."""
        self._stack.close()
        self._server = None

    def new_database(self, *, template: str = "template0") -> str:
        """Make a database, which goes with the test, and return its name."""
        name = self.server.new_database(template=template)
        self.databases.append(name)
        return name


BACKENDS = Backends()


@contextmanager
def chosen(name: str) -> Iterator[None]:
    """Choose a backend for the length of a ``with`` block."""
    before, BACKENDS.chosen = BACKENDS.chosen, name
    try:
        yield
    finally:
        BACKENDS.chosen = before


@contextmanager
def databases_dropped() -> Iterator[None]:
    """Drop at the end what databases were made in the block."""
    before, BACKENDS.databases = BACKENDS.databases, []
    try:
        yield
    finally:
        for name in BACKENDS.databases:
            BACKENDS.server.drop_database(name)
        BACKENDS.databases = before


def on_postgresql() -> bool:
    """Say whether PostgreSQL is chosen."""
    return BACKENDS.chosen == POSTGRESQL_NAME


def storage() -> StorageSettings:
    """Return where a new log is to be kept; on PostgreSQL in a new, empty database."""
    if not on_postgresql():
        return SQLITE
    # The shared server does not wait for its disk.
    return storage_settings(url=BACKENDS.server.url(BACKENDS.new_database()), allow_unsafe=True)


def init_options() -> list[str]:
    """Return the options of ``notary init`` that say the same."""
    made = storage()
    return ["--database", made.url, "--allow-unsafe"] if made.url else []


def new_engine(folder: Path, *, busy_timeout: float = 5.0) -> Engine:
    """Return an engine on a new, empty database; an SQLite one is ``n.db`` in a folder."""
    if not on_postgresql():
        return open_engine(folder / "n.db", create=True, busy_timeout=busy_timeout)
    return open_postgresql(storage().url, allow_unsafe=True, busy_timeout=busy_timeout, create=True)


def copy_log(source: Path, to: Path) -> None:
    """Copy a log that nobody has open, with its database."""
    shutil.copytree(source, to)
    url = open_settings(source, environ={}).storage.url
    if url:
        name = BACKENDS.new_database(template=url.rpartition("/")[2])
        config = to / "notary.toml"
        config.write_text(re.sub(re.escape(url), BACKENDS.server.url(name), config.read_text()))


@contextmanager
def behind_its_back(root: Path) -> Iterator[Connection]:
    """Give a transaction on a log's database that nothing of ours watches, nor the database's own constraints."""
    url = open_settings(root, environ={}).storage.url
    address = url.replace("postgresql://", "postgresql+psycopg://", 1) or f"sqlite:///{root / 'notary.db'}"
    engine = create_engine(address)
    try:
        with engine.begin() as connection:
            if url:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
    finally:
        engine.dispose()


def everything(root: Path) -> bytes:
    """Return all bytes of a log's database."""
    url = open_settings(root, environ={}).storage.url
    if not url:
        return b"".join(path.read_bytes() for path in root.glob("notary.db*"))
    found = b""
    with psycopg.connect(url) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table.name))):
                found += b"".join(one if isinstance(one, bytes) else repr(one).encode() for one in row)
    return found


@contextmanager
def held_up(root: Path) -> Iterator[None]:
    """Hold what every writer of a log's database needs."""
    url = open_settings(root, environ={}).storage.url
    if url:
        with psycopg.connect(url) as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", (WRITER_LOCK,))
            yield
        return
    blocker = sqlite3.connect(root / "notary.db", isolation_level=None, timeout=30)
    try:
        blocker.execute("BEGIN IMMEDIATE")
        yield
    finally:
        blocker.close()


def lose_database(root: Path) -> None:
    """Take away a log's database."""
    url = open_settings(root, environ={}).storage.url
    if url:
        name = url.rpartition("/")[2]
        BACKENDS.databases.remove(name)
        BACKENDS.server.drop_database(name)
    else:
        (root / "notary.db").unlink()
