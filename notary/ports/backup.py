"""What backup and restore need of a database, whichever it is: its tables as rows of plain values, out and in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from notary.model.log import SignedHead

Value: TypeAlias = "int | str | bytes | None"
Row: TypeAlias = "Sequence[Value]"

KINDS: Final = {"integer": int, "text": str, "bytes": bytes}
"""The kinds of columns, which every database has."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table: its name, and the name and kind (of :data:`KINDS`) of each column."""

    name: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """The log that a database is of: how many entries it has accepted, and its newest checkpoint."""

    origin: str
    public_key: bytes
    instance: bytes
    entries: int
    head: SignedHead | None


class Snapshot(Protocol):
    """One consistent state of a whole database."""

    def subject(self) -> Subject:
        """Return which log this is, and how far it had come."""
        ...

    def tables(self) -> Sequence[TableShape]:
        """Return the tables that belong into a backup; a table comes after those that it refers to."""
        ...

    def rows(self, table: TableShape) -> Iterator[Row]:
        """Give the rows of a table by primary key, without holding all of them.

        Raises :class:`notary.errors.IntegrityError` (``storage-broken``) for a value of another kind than its column.
        """
        ...


class Dumpable(Protocol):
    """A database that can be saved while it is in use."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Open a snapshot; it holds up nobody."""
        ...


class Loading(Protocol):
    """A transaction that fills an empty database."""

    def expect(self, table: TableShape) -> None:
        """Begin a table.

        Raises :class:`notary.errors.InvalidArchive`: ``newer-backup`` for a table or column that this version does not
        have, ``older-backup`` where one is missing that must have a value.
        """
        ...

    def add(self, rows: Sequence[Row]) -> None:
        """Store rows of the table that was begun."""
        ...

    def finish(self, *, time: int, made: int, size: int, nothing_published: bool) -> bytes:
        """Give the database a new instance id, mark it as restored, and return the id.

        Raises :class:`notary.errors.InvalidArchive` (``backup-rows``) where references between tables do not hold.
        """
        ...


class Loadable(Protocol):
    """A database to restore into."""

    def load(self) -> AbstractContextManager[Loading]:
        """Make the tables and open the transaction: all is committed when the block ends, or nothing is.

        Raises :class:`notary.errors.InvalidConfig` (``not-empty``) where there are tables of ours already.
        """
        ...
