"""One pass over all leaves: every entry is hashed, every tile and the root recomputed, in memory O(log n).

Where bytes that are served contradict each other, the signed root says which of them are false.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import Final

from notary.audit.entries import Entries
from notary.audit.served import Right, Roots, ServedTree
from notary.core.merkle import HASH_SIZE, leaf_hash
from notary.core.outcome import Outcome, failed, passed
from notary.core.tiles import TILE_WIDTH, tile_width
from notary.core.treestream import StreamedTile, TreeStream
from notary.ports.audit import LogSource

AHEAD: Final = 4
"""So many bundles are fetched at the same time."""

Bundle = tuple[int, tuple[bytes, ...], bytes]


class Leaves:
    """The pass over the leaves of one checkpoint's tree, from ``stream`` on."""

    def __init__(self, source: LogSource, tree: ServedTree, stream: TreeStream, entries: Entries, roots: Roots) -> None:
        """Go over the leaves that ``stream``, which ends at a full tile, does not hold yet."""
        self._source = source
        self._tree = tree
        self._stream = stream
        self._entries = entries
        self._roots = roots
        self._false_tiles: list[str] = []
        self._problem: Outcome | None = None

    @property
    def failed(self) -> bool:
        """Whether something false was found so far."""
        return self._problem is not None or bool(self._false_tiles)

    def run(self, after: Callable[[TreeStream], None]) -> Outcome:
        """Go over all leaves, and return the result of the check ``tree``.

        ``after`` is called after each bundle. Raises :class:`notary.errors.CannotCheck` for what is not served, or not
        with the length it must have.
        """
        for number, entries, tile in self._bundles():
            leaves = self._settled(number, entries, tile)
            if leaves is None:
                break
            self._grow(leaves)
            after(self._stream)
        else:
            for rest in self._stream.unfinished():
                if rest.level:
                    self._hold(rest)
        return self._outcome()

    def _grow(self, leaves: list[bytes]) -> None:
        size = self._stream.size
        ends = [one - size for one in self._roots.wanted(above=size, upto=size + len(leaves))]
        for start, end in pairwise([0, *ends, len(leaves)]):
            for full in self._stream.extend(leaves[start:end]):
                if full.level:
                    self._hold(full)
            if end in ends:
                self._roots.note(size + end, self._stream.root())

    def _outcome(self) -> Outcome:
        if self._problem is not None:
            return self._problem
        size = self._tree.size
        if self._stream.root() != self._tree.signed_root:
            return failed(
                "root-mismatch",
                f"The {size} entries served lead to the root {self._stream.root().hex()}, which the log did not "
                "sign: its checkpoint is not of this tree.",
            )
        if self._false_tiles:
            return failed(
                "tile-changed",
                f"{self._false_tiles[0]} as served is not what the entries below it give, whose root is signed.",
            )
        return passed("tree-whole", f"The root of all {size} entries, recomputed, is the signed one.")

    # ---------------------------------------------------------------------------------------------------------- fetch

    def _bundles(self) -> Iterator[Bundle]:
        """Return bundles and their tiles in order, some of them fetched ahead."""
        size = self._tree.size
        numbers = iter(range(self._stream.size // TILE_WIDTH, -(-size // TILE_WIDTH)))
        waiting: deque[Future[Bundle]] = deque()
        pool = ThreadPoolExecutor(AHEAD)
        try:
            for number in numbers:
                waiting.append(pool.submit(self._fetch, number))
                if len(waiting) == AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _fetch(self, number: int) -> Bundle:
        width = tile_width(size=self._tree.size, level=0, number=number)
        return number, self._source.entries(number, width), self._source.tile(0, number, width)

    # ---------------------------------------------------------------------------------------------------------- check

    def _settled(self, number: int, entries: tuple[bytes, ...], tile: bytes) -> list[bytes] | None:
        """Return the leaf hashes to go on with, after judging the entries; None where nobody can tell them."""
        hashes = [leaf_hash(entry) for entry in entries]
        first = number * TILE_WIDTH
        right = Right.ENTRY
        changed: frozenset[int] = frozenset()
        if b"".join(hashes) != tile:
            told = [tile[start : start + HASH_SIZE] for start in range(0, len(tile), HASH_SIZE)]
            different = [i for i, (one, other) in enumerate(zip(hashes, told, strict=True)) if one != other]
            place = first + different[0]
            right = self._tree.who_is_right(place, tile=tile, entries=hashes)
            if right is Right.NEITHER:
                self._fail(
                    "entry-unproven",
                    f"At entry {place} the entries and {self._tree.name(0, number)} contradict each other, and neither "
                    "leads to the signed root.",
                )
                return None
            if right is Right.TILE:
                hashes, changed = told, frozenset(different)
                self._fail("entry-changed", f"Entry {place} as served is not the one in the tree that the log signed.")
            else:
                self._false_tiles.append(f"{self._tree.name(0, number)} (at the hash of entry {place})")
        for i, (entry, leaf) in enumerate(zip(entries, hashes, strict=True)):
            if i not in changed:
                self._entries.take(first + i, leaf, entry)
        return hashes

    def _hold(self, tile: StreamedTile) -> None:
        if self._tree.whole(tile.level, tile.number) != tile.data:
            self._false_tiles.append(str(self._tree.name(tile.level, tile.number)))

    def _fail(self, code: str, detail: str) -> None:
        self._problem = self._problem or failed(code, detail)
