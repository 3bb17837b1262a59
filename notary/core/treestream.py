"""A tree that grows from the left in memory O(log n): it gives every tile as it fills, and the root at any moment.

Who recomputes a whole log needs each hash once. Per tile level only the hashes of the tile that is not yet full are
kept (fewer than 256), so that the state of a tree of any size fits in a few kilobytes and can be stored to go on later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notary.core import merkle
from notary.core.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE
from notary.core.tiles import TILE_WIDTH, TileReader, tile_width
from notary.errors import InvalidInput

_TILE_BITS = 8


@dataclass(frozen=True, slots=True)
class StreamedTile:
    """The content of one tile as recomputed; ``data`` has 32 bytes for each of its hashes."""

    level: int
    number: int
    data: bytes

    @property
    def width(self) -> int:
        """The number of hashes, 1 to 256."""
        return len(self.data) // HASH_SIZE


class TreeStream:
    """The tree of the leaves given so far."""

    def __init__(self, size: int = 0, edge: Sequence[Sequence[bytes]] = ()) -> None:
        """Go on with a tree of ``size`` whose unfinished tiles hold the hashes in ``edge``, lowest level first.

        Raises :class:`InvalidInput` (``size-out-of-range``, ``hash-length``, ``tile-length``) where that cannot be.
        """
        if not 0 <= size <= MAX_SIZE:
            raise InvalidInput(f"A tree has no size of {size}.", code="size-out-of-range")
        self.size = size
        self._levels = [list(level) for level in edge]
        widths = [len(level) for level in self._levels]
        levels = max(len(widths), -(-size.bit_length() // _TILE_BITS))
        wanted = [(size >> _TILE_BITS * level) % TILE_WIDTH for level in range(levels)]
        if widths != wanted:
            raise InvalidInput("These are not the unfinished tiles of a tree of that size.", code="tile-length")
        if any(len(one) != HASH_SIZE for level in self._levels for one in level):
            raise InvalidInput("A hash does not have 32 bytes.", code="hash-length")

    @classmethod
    def resume(cls, reader: TileReader, size: int) -> TreeStream:
        """Return the stream of a tree that is kept as tiles. Compare its :meth:`root`: nothing read is verified."""
        edge: list[list[bytes]] = []
        while size >> _TILE_BITS * len(edge):
            level = len(edge)
            number = size >> _TILE_BITS * (level + 1)
            width = tile_width(size=size, level=level, number=number)
            data = reader.read_tile(level, number, width) if width else b""
            edge.append([data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)])
        return cls(size, edge)

    @property
    def edge(self) -> tuple[tuple[bytes, ...], ...]:
        """The hashes of the unfinished tiles, lowest level first: what the constructor takes."""
        return tuple(tuple(level) for level in self._levels)

    def extend(self, leaves: Sequence[bytes]) -> list[StreamedTile]:
        """Add leaf hashes and return the tiles that became full by them, each after those below it."""
        full: list[StreamedTile] = []
        self._add(0, leaves, full)
        self.size += len(leaves)
        return full

    def unfinished(self) -> list[StreamedTile]:
        """Return the tiles at the right edge that are not full, lowest level first."""
        return [
            StreamedTile(level, self.size >> _TILE_BITS * (level + 1), b"".join(nodes))
            for level, nodes in enumerate(self._levels)
            if nodes
        ]

    def root(self) -> bytes:
        """Return the root over all leaves given so far."""
        rest: bytes | None = None
        for level in self._levels:
            nodes = level if rest is None else [*level, rest]
            rest = merkle.root(nodes) if nodes else None
        return EMPTY_ROOT if rest is None else rest

    def _add(self, level: int, hashes: Sequence[bytes], full: list[StreamedTile]) -> None:
        if level == len(self._levels):
            self._levels.append([])
        nodes = self._levels[level]
        number = self.size >> _TILE_BITS * (level + 1)
        nodes += hashes
        done = 0
        while len(nodes) - done >= TILE_WIDTH:
            tile = nodes[done : done + TILE_WIDTH]
            done += TILE_WIDTH
            full.append(StreamedTile(level, number, b"".join(tile)))
            number += 1
            self._add_one(level + 1, merkle.root(tile), number, full)
        del nodes[:done]

    def _add_one(self, level: int, node: bytes, count: int, full: list[StreamedTile]) -> None:
        """Add the ``count``-th node of a level above the leaves."""
        if level == len(self._levels):
            self._levels.append([])
        nodes = self._levels[level]
        nodes.append(node)
        if len(nodes) == TILE_WIDTH:
            number = (count >> _TILE_BITS) - 1
            full.append(StreamedTile(level, number, b"".join(nodes)))
            above = merkle.root(nodes)
            nodes.clear()
            self._add_one(level + 1, above, number + 1, full)
