"""What going over a whole log needs from outside: the log as it is served, the chain, and a memory between runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from notary.core.chain import EndpointView, TrustedChain, Wanted
from notary.core.revision import Earlier


class LogSource(Protocol):
    """A log as it is served. All methods raise :class:`notary.errors.CannotCheck` for what is not there or too long."""

    def checkpoint(self) -> bytes:
        """Return the signed note of the newest checkpoint, unverified."""
        ...

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Return ``32 * width`` bytes: a tile of hashes, unverified; ``width`` is what the checkpoint implies."""
        ...

    def entries(self, number: int, width: int) -> tuple[bytes, ...]:
        """Return ``width`` entries: a bundle, unverified."""
        ...


@dataclass(frozen=True, slots=True)
class Point:
    """A tree head in the registry's storage: the block that anchored it first, 0 if none did, and the size before."""

    block: int
    prev_size: int


@dataclass(frozen=True, slots=True)
class Top:
    """The size of the newest anchor, 0 where there is none, and whether its block is at or below a height."""

    size: int
    final: bool


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An ``Anchored`` event as an endpoint shows it."""

    size: int
    root: bytes
    prev_size: int
    block: int


class History(Protocol):
    """One endpoint, asked about a registry's past. Methods raise :class:`notary.errors.EndpointFailed`.

    Storage is read as it is now: an anchor is written once and holds the number of its block, and old states are what
    most nodes do not have. So whatever is in a later block than the one asked about is easily left out.
    """

    @property
    def name(self) -> str:
        """The endpoint's address as it may be shown."""
        ...

    def look(self, wanted: Sequence[Wanted]) -> EndpointView:
        """Return which chain this is and the blocks and registries asked for; never raises."""
        ...

    def top(self, chain: TrustedChain, *, height: int) -> Top:
        """Return the newest anchor, and whether its block is at or below ``height``."""
        ...

    def points(self, chain: TrustedChain, heads: Sequence[tuple[int, bytes]]) -> list[Point]:
        """Return what the storage holds for each tree head (size, root)."""
        ...

    def events(self, chain: TrustedChain, *, low: int, high: int) -> list[SeenEvent]:
        """Return the events in these blocks. Code ``logs-unavailable`` where the endpoint has them no more.

        Any other failure may be due to the number of blocks.
        """
        ...

    def events_at(self, chain: TrustedChain, blocks: Sequence[int]) -> list[list[SeenEvent] | None]:
        """Return the events of single blocks; None where the endpoint does not have them."""
        ...


@dataclass(frozen=True, slots=True)
class SeenHead:
    """A checkpoint that was seen in some run, its signature verified then."""

    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True)
class SeenAnchor:
    """An anchor that was checked in some run."""

    size: int
    root: bytes
    prev_size: int
    block: int


class Memory(Protocol):
    """What an audit remembers. What is added counts from the next :meth:`save` on; a killed run leaves the last one."""

    def progress(self) -> bytes | None:
        """Return what the last :meth:`save` was given."""
        ...

    def save(self, progress: bytes | None) -> None:
        """Make all that was added durable, together with ``progress``."""
        ...

    def forget(self) -> None:
        """Take back what was added since the last :meth:`save`."""
        ...

    def head(self, size: int) -> SeenHead | None:
        """Return the checkpoint of this size that was seen first."""
        ...

    def newest_head(self) -> SeenHead | None:
        """Return the largest checkpoint ever seen."""
        ...

    def add_head(self, head: SeenHead) -> None:
        """Remember a checkpoint."""
        ...

    def add_leaf(self, leaf: bytes, index: int, earlier: Earlier | None) -> int | None:
        """Remember a leaf, and of an entry with a document what its revisions need.

        Returns None, or the index of an earlier leaf with the same hash.
        """
        ...

    def leaf_index(self, leaf: bytes) -> int | None:
        """Return the index of a leaf hash, None where it was not added."""
        ...

    def earlier(self, leaf: bytes) -> Earlier | None:
        """Return what was remembered with a leaf."""
        ...

    def follow(self, leaf: bytes, index: int) -> int | None:
        """Remember that the entry at ``index`` is a revision of ``leaf``; return the revision that was there before."""
        ...

    def start_document(self, publisher: str, document: str, index: int) -> int | None:
        """Remember where a document starts; return where it started before, if it did."""
        ...

    def add_commitment(self, index: int, reveal_by: int) -> None:
        """Remember a commitment; ``reveal_by`` is in milliseconds since the epoch."""
        ...

    def overdue(self, now: int) -> int:
        """Return how many commitments were to be revealed before ``now``."""
        ...

    def anchor(self, chain: TrustedChain, size: int) -> SeenAnchor | None:
        """Return the anchor of this size that was checked in an earlier run."""
        ...

    def newest_anchor(self, chain: TrustedChain) -> SeenAnchor | None:
        """Return the largest anchor that was checked in an earlier run."""
        ...

    def add_anchor(self, chain: TrustedChain, anchor: SeenAnchor) -> None:
        """Remember a checked anchor."""
        ...

    def keep_evidence(self, heads: Sequence[SeenHead]) -> Sequence[str]:
        """Write signed checkpoints that contradict each other to files, and return the files' names."""
        ...
