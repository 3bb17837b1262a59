"""A whole database as rows of plain values, and back: what `notary backup` saves and `notary restore` loads.

Both backends are read and written through the same tables, so that a backup of one can be restored into the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Column, Connection, Engine, Table, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError as ConstraintFailed

from notary.errors import IntegrityError, InvalidArchive, InvalidConfig
from notary.ports.backup import KINDS, Row, Subject, TableShape
from notary.storage.engine import WRITER_OPTION
from notary.storage.faults import translated
from notary.storage.logrows import LogReader
from notary.storage.migrations import create_tables
from notary.storage.tables import (
    anchor_requests,
    chain_reports,
    heartbeats,
    leases,
    log,
    metadata,
    restores,
    schema_version,
)

LEFT_OUT: Final = frozenset(
    {schema_version.name, heartbeats.name, leases.name, chain_reports.name, anchor_requests.name}
)
"""Tables that are about the running database and not about the log: they are not in a backup."""

_CHUNK: Final = 500
_NAMES: Final = {kind: name for name, kind in KINDS.items()}


class SqlDump:
    """A database to save. Implements :class:`notary.ports.backup.Dumpable`."""

    def __init__(self, engine: Engine) -> None:
        """Read through an engine of :func:`notary.storage.engine.open_engine` whose schema is up to date."""
        self._engine = engine

    @contextmanager
    def snapshot(self) -> Iterator[SqlSnapshot]:
        """Open a snapshot."""
        with translated(), self._engine.begin() as connection:
            yield SqlSnapshot(connection)


class SqlSnapshot:
    """One consistent state. Implements :class:`notary.ports.backup.Snapshot`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def subject(self) -> Subject:
        """Return which log this is, and how far it had come."""
        row = self._connection.execute(select(log)).one()
        return Subject(
            origin=row.origin,
            public_key=row.public_key,
            instance=row.instance,
            entries=row.next_index,
            head=LogReader(self._connection).checkpoint(),
        )

    def tables(self) -> Sequence[TableShape]:
        """Return what belongs into a backup; a table comes after those that it refers to."""
        return [_shape(table) for table in metadata.sorted_tables if table.name not in LEFT_OUT]

    def rows(self, table: TableShape) -> Iterator[Row]:
        """Give the rows of a table by primary key."""
        known = metadata.tables[table.name]
        kinds = [KINDS[kind] for _, kind in table.columns]
        query = select(known).order_by(*known.primary_key.columns)
        found = self._connection.execute(query, execution_options={"yield_per": _CHUNK})
        for row in found:
            for (name, kind), value, wanted in zip(table.columns, row, kinds, strict=True):
                if value is not None and type(value) is not wanted:
                    raise IntegrityError(
                        f"{table.name}.{name} holds something that is not {kind}; check the disk, run notary fsck.",
                        code="storage-broken",
                    )
            yield tuple(row)


class SqlLoad:
    """An empty database to load. Implements :class:`notary.ports.backup.Loadable`."""

    def __init__(self, engine: Engine) -> None:
        """Write through an engine of :func:`notary.storage.engine.open_engine`."""
        self._engine = engine

    @contextmanager
    def load(self) -> Iterator[SqlLoading]:
        """Make the tables and fill them, in one transaction."""
        with translated(), self._engine.execution_options(**{WRITER_OPTION: True}).begin() as connection:
            if set(inspect(connection).get_table_names()) & set(metadata.tables):
                raise InvalidConfig("The database already holds a log: nothing was changed.", code="not-empty")
            create_tables(connection)
            yield SqlLoading(connection)


class SqlLoading:
    """The transaction that fills a database. Implements :class:`notary.ports.backup.Loading`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._table = log
        self._names: list[str] = []

    def expect(self, table: TableShape) -> None:
        """Begin a table."""
        known = metadata.tables.get(table.name)
        if known is None or table.name in LEFT_OUT:
            raise _newer(f"a table {table.name}")
        shapes = dict(_shape(known).columns)
        for name, kind in table.columns:
            if shapes.get(name) != kind:
                raise _newer(f"{table.name}.{name} of kind {kind}")
        self._names = [name for name, _ in table.columns]
        missing = [c.name for c in known.columns if c.name not in self._names and not c.nullable]
        if missing:
            raise InvalidArchive(
                f"The backup has no {table.name}.{missing[0]}: restore it with the version that made it, then upgrade.",
                code="older-backup",
            )
        self._table = known

    def add(self, rows: Sequence[Row]) -> None:
        """Store rows of the table that was begun."""
        try:
            self._connection.execute(insert(self._table), [dict(zip(self._names, row, strict=True)) for row in rows])
        except ConstraintFailed as error:
            raise InvalidArchive(
                f"The backup's rows of {self._table.name} contradict each other ({error.orig}).", code="backup-rows"
            ) from None

    def finish(self, *, time: int, made: int, size: int, nothing_published: bool) -> bytes:
        """Give the database a new instance id, mark it as restored, and return the id."""
        instance = secrets.token_bytes(16)
        before = self._connection.execute(select(log.c.instance)).scalar_one_or_none()
        if before is None:
            raise InvalidArchive("The backup does not say which log it is of.", code="backup-rows")
        self._connection.execute(update(log).values(instance=instance))
        # Of restores of a restored log only the latest matters: it is to be held against what is public anew.
        last = self._connection.execute(select(restores.c.id).order_by(restores.c.id.desc()).limit(1)).scalar() or 0
        self._connection.execute(
            insert(restores).values(
                id=last + 1,
                time=time,
                made=made,
                size=size,
                instance=before,
                nothing_published=int(nothing_published),
            )
        )
        if self._connection.dialect.name == "postgresql":
            self._move_sequences()
        return instance

    def _move_sequences(self) -> None:
        """Let generated ids go on after those that were loaded."""
        for table in metadata.sorted_tables:
            for column in table.primary_key.columns:
                if table.name in LEFT_OUT or table.autoincrement_column is not column:
                    continue
                name = self._connection.execute(
                    text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
                ).scalar()
                last = self._connection.execute(select(column).order_by(column.desc()).limit(1)).scalar()
                if name is not None and last is not None:
                    self._connection.execute(text("SELECT setval(:name, :last)"), {"name": name, "last": last})


def _shape(table: Table) -> TableShape:
    return TableShape(table.name, tuple((column.name, _kind(column)) for column in table.columns))


def _kind(column: Column[object]) -> str:
    return _NAMES[column.type.python_type]


def _newer(what: str) -> InvalidArchive:
    return InvalidArchive(
        f"The backup has {what[:100]}, which this version does not know: use a newer version of Notary.",
        code="newer-backup",
    )
