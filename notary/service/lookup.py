"""Finding what a reader's copy may be a copy of: by the digest of its text, or by the keys of its lines.

The index of lines is made behind the log, off the way of accepting, by :class:`LineIndexer`. What is found is a guess;
whether a copy is the logged text is for the bundle to say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from notary.core.linekey import line_keys
from notary.core.record import Commitment
from notary.model.log import StoredEntry
from notary.ports import LogStore, ReadView
from notary.service.evidence import parse_entry
from notary.service.read import Summary, summaries

MAX_CANDIDATES = 10
BATCH_ENTRIES = 256
BATCH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that a copy may be a copy of: it has the very digest (``exact``), or so many of the lines."""

    summary: Summary
    exact: bool
    lines: int


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates, best first, and how many leaves of the log the search by lines covered."""

    candidates: tuple[Candidate, ...]
    indexed: int


class Lookup:
    """What everybody may look up."""

    def __init__(self, store: LogStore) -> None:
        self._store = store

    def find(self, *, digest: bytes | None, keys: Collection[int]) -> Found:
        """Return entries about the text or file with this SHA-256, the newest first, then those with most of the lines.

        What is only committed to is not found: its digest was salted so that nobody can ask for a text by guessing.
        """
        with self._store.read() as view:
            exact = [] if digest is None else _open_ones(view.by_text(digest, limit=MAX_CANDIDATES))
            counts = view.by_lines(keys, limit=MAX_CANDIDATES) if keys else {}
            known = {entry.index for entry in exact}
            others = [entry for index in counts if index not in known for entry in view.entries(start=index, limit=1)]
            chosen = [*reversed(exact), *others][:MAX_CANDIDATES]
            found = tuple(
                Candidate(summary, summary.index in known, counts.get(summary.index, 0))
                for summary in summaries(view, chosen)
            )
            return Found(found, view.indexed_size())


def _open_ones(stored: list[StoredEntry]) -> list[StoredEntry]:
    return [entry for entry in stored if not isinstance(parse_entry(entry).record.content, Commitment)]


class LineIndexer:
    """Adds the lines of integrated entries to the index. Two at the same time do no harm."""

    def __init__(self, store: LogStore) -> None:
        self._store = store

    def step(self) -> int:
        """Index one batch; return by how many leaves the index grew. It may be stopped anywhere."""
        with self._store.read() as view:
            old, size = view.indexed_size(), view.tree().size
            if old >= size:
                return 0
            new, keys = _batch(view, old, size)
        with self._store.write() as writer:
            return new - old if writer.index_lines(old_size=old, new_size=new, keys=keys) else 0


def _batch(view: ReadView, start: int, size: int) -> tuple[int, dict[int, set[int]]]:
    """Return the keys of some texts from leaf ``start`` on, by index, and the leaf at which to go on."""
    texts = view.disclosed_texts(start=start, behind=min(size, start + BATCH_ENTRIES), limit=BATCH_ENTRIES)
    keys: dict[int, set[int]] = {}
    read = 0
    for index, text, digest in texts:
        if read and read + len(text) > BATCH_BYTES:
            return index, keys
        read += len(text)
        # A text of which the log holds only a commitment has another digest there, and must not be found.
        if sha256(text).digest() == digest:
            keys[index] = line_keys(text)
    return min(size, start + BATCH_ENTRIES), keys
