"""The store: snapshots and write transactions on one engine. Implements :class:`notary.ports.LogStore`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, RootTransaction, exc, select

from notary.errors import InvalidConfig, Overloaded
from notary.storage.anchorrows import AnchorReader, AnchorWriter
from notary.storage.checkrows import CheckReader
from notary.storage.engine import WRITER_OPTION
from notary.storage.faults import is_lost, outcome_unknown, translated
from notary.storage.leaserows import LeaseReader, LeaseWriter
from notary.storage.linerows import LineReader, LineWriter
from notary.storage.logrows import LogReader, LogWriter
from notary.storage.operatingrows import OperatingWriter
from notary.storage.publisherrows import PublisherReader, PublisherWriter
from notary.storage.restorerows import RestoreReader, RestoreWriter
from notary.storage.statusrows import StatusReader
from notary.storage.tables import log


class SqlReader(
    LogReader, LineReader, PublisherReader, AnchorReader, LeaseReader, RestoreReader, StatusReader, CheckReader
):
    """Everything that can be read, from one snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection


class SqlWriter(
    LogWriter,
    LineWriter,
    PublisherWriter,
    AnchorWriter,
    LeaseWriter,
    RestoreWriter,
    OperatingWriter,
    StatusReader,
    CheckReader,
):
    """A transaction that holds the write lock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection


class SqlStore:
    """A log's database."""

    def __init__(self, engine: Engine, *, busy_timeout: float) -> None:
        """Use an engine of :func:`notary.storage.engine.open_engine` whose schema is up to date."""
        self._engine = engine
        self._writer = engine.execution_options(**{WRITER_OPTION: True})
        self._busy_timeout = busy_timeout
        # Threads of one process queue here rather than poll for the file's lock.
        self._gate = threading.Lock()

    def check_identity(self, *, origin: str, public_key: bytes) -> None:
        """Refuse to serve this database under another name or key.

        Raises :class:`InvalidConfig` (``other-origin``, ``other-key``).
        """
        with translated(), self._engine.begin() as connection:
            row = connection.execute(select(log.c.origin, log.c.public_key)).one()
        if row.origin != origin:
            raise InvalidConfig(f"The database is of the log {row.origin}, not of {origin}.", code="other-origin")
        if row.public_key != public_key:
            raise InvalidConfig(
                "The key in keys/log.pem is not that of the log in this database. If the log's key was replaced, copy "
                "log.pem from the directory where that was done.",
                code="other-key",
            )

    def public_key(self) -> bytes:
        """Return the public key that the log signs with now."""
        with translated(), self._engine.begin() as connection:
            found: bytes = connection.execute(select(log.c.public_key)).scalar_one()
        return found

    def instance(self) -> bytes:
        """Return the database's instance id, which a restored copy does not share."""
        with translated(), self._engine.begin() as connection:
            found: bytes = connection.execute(select(log.c.instance)).scalar_one()
        return found

    @contextmanager
    def read(self) -> Iterator[SqlReader]:
        """Open a snapshot. Raises :class:`Overloaded` where the store cannot be read now."""
        with translated(), _transaction(self._engine) as connection:
            yield SqlReader(connection)

    @contextmanager
    def write(self) -> Iterator[SqlWriter]:
        """Open a write transaction: committed and flushed to disk when the block ends, undone when it raises.

        Raises :class:`Overloaded` (``outcome-unknown``) where the server was lost before it answered the commit.
        """
        if not self._gate.acquire(timeout=self._busy_timeout):
            raise Overloaded("The database is busy; try again.", code="database-busy")
        try:
            with translated(), _transaction(self._writer) as connection:
                yield SqlWriter(connection)
        finally:
            self._gate.release()

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    connection, transaction = _begin(engine)
    with connection:
        try:
            yield connection
        except BaseException:
            transaction.rollback()
            raise
        try:
            transaction.commit()
        except exc.DBAPIError as error:
            if is_lost(error):
                raise outcome_unknown() from error
            raise


def _begin(engine: Engine) -> tuple[Connection, RootTransaction]:
    """Return a connection in a transaction.

    One from the pool may have died with a server that was restarted, which BEGIN is the first to see. Nothing was done
    then, so another one is tried, once; that costs nothing where all is well, as asking beforehand would.
    """
    first = engine.connect()
    try:
        return first, first.begin()
    except exc.DBAPIError as error:
        first.close()
        if not error.connection_invalidated:
            raise
    except BaseException:
        first.close()
        raise
    second = engine.connect()
    try:
        return second, second.begin()
    except BaseException:
        second.close()
        raise
