"""A Merkle tree kept as tiles (C2SP tlog-tiles): grow it, and take root and proofs from it, reading O(log n) tiles.

Tile ``number`` of ``level`` holds up to 256 consecutive hashes, each the root of 256^level leaves. Only whole subtrees
are stored: the unfinished one at the right edge of a level is recomputed from the level below, so a stored hash never
changes and a tile only ever grows. Nothing here verifies what a reader returns; who needs that compares the root.
See ``docs/spec/log.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from notary.core import merkle
from notary.core.merkle import HASH_SIZE, MAX_SIZE
from notary.core.tilecache import Rows, TileCache
from notary.errors import IntegrityError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TILE_WIDTH = 256
MAX_ENTRY_BYTES = 2**16 - 1
_TILE_BITS = 8
_MAX_LEVEL = 63
_MAX_NUMBER = MAX_SIZE >> _TILE_BITS
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")

Level: TypeAlias = int | Literal["entries"]


class TileReader(Protocol):
    """Where tiles are kept."""

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        """Return exactly ``32 * width`` bytes: the first ``width`` (1 to 256) hashes of the tile.

        Only tiles that a tree of the size in question has are asked for. Whatever goes wrong is raised as a
        :class:`NotaryError` of the implementation's choice.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tile:
    """What a tile path names: ``width`` is 256 for a full tile; level ``entries`` are the bundles of logged bytes."""

    level: Level
    number: int
    width: int


@dataclass(frozen=True, slots=True)
class Appended:
    """A grown tree: its size and root, and the whole content of each tile that is new or has grown."""

    size: int
    root: bytes
    tiles: Mapping[tuple[int, int], bytes]


def tile_path(level: Level, number: int, width: int) -> str:
    """Return ``tile/<level>/<number>[.p/<width>]``; the suffix stands only where ``width`` is below 256.

    Raises :class:`InvalidInput` (``tile-path``).
    """
    if (level != "entries" and not 0 <= level <= _MAX_LEVEL) or not 0 <= number <= _MAX_NUMBER:
        raise InvalidInput("There is no tile of that level and number.", code="tile-path")
    if not 1 <= width <= TILE_WIDTH:
        raise InvalidInput("A tile is 1 to 256 hashes wide.", code="tile-path")
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(groups)}{suffix}"


def parse_tile_path(path: str) -> Tile:
    """Return the tile that ``path`` names; only the one spelling that :func:`tile_path` writes is accepted.

    Raises :class:`InvalidInput` (``tile-path``).
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise InvalidInput("This is not the path of a tile.", code="tile-path")
    level: Level = "entries" if match[1] == "entries" else int(match[1])
    number = int(match[2].replace("x", "").replace("/", ""))
    width = TILE_WIDTH if match[3] is None else int(match[3])
    if tile_path(level, number, width) != path:
        raise InvalidInput("This is not the path of a tile.", code="tile-path")
    return Tile(level, number, width)


def tile_width(*, size: int, level: int, number: int) -> int:
    """Return how many hashes a tile has in the tree of ``size``; 0 where the tree has no such tile.

    Entry bundles are as wide as the tiles of level 0.
    """
    return max(0, min(TILE_WIDTH, (size >> _TILE_BITS * level) - TILE_WIDTH * number))


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: 1 to 256 entries, each after its length as two bytes, big-endian.

    Raises :class:`InvalidInput` (``entry-bundle``).
    """
    if not 1 <= len(entries) <= TILE_WIDTH or any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise InvalidInput("An entry bundle holds 1 to 256 entries of at most 65,535 bytes.", code="entry-bundle")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_entries(data: bytes, *, width: int) -> tuple[bytes, ...]:
    """Return the ``width`` (1 to 256) entries of a bundle that holds exactly as many.

    Raises :class:`InvalidInput` (``entry-bundle``, with the position where it ends too early or goes on).
    """
    if not 1 <= width <= TILE_WIDTH:
        raise InvalidInput("An entry bundle holds 1 to 256 entries.", code="entry-bundle")
    entries: list[bytes] = []
    position = 0
    while len(entries) < width:
        start = position + 2
        end = start + int.from_bytes(data[position:start], "big")
        if len(data) < max(start, end):
            raise InvalidInput("The entry bundle is cut short.", code="entry-bundle", position=position)
        entries.append(data[start:end])
        position = end
    if position != len(data):
        raise InvalidInput("The entry bundle holds too much.", code="entry-bundle", position=position)
    return tuple(entries)


def append(reader: TileReader, *, size: int, leaves: Sequence[bytes]) -> Appended:
    """Return the tree of ``size`` in ``reader`` with leaf hashes added; nothing is written.

    Reads only tiles at the right edge; needs memory for the batch and O(log n) tiles. Raises :class:`InvalidInput`
    (``hash-length``, ``size-out-of-range``) and :class:`IntegrityError` (``tile-length``).
    """
    if any(len(leaf) != HASH_SIZE for leaf in leaves):
        raise InvalidInput("A leaf hash does not have 32 bytes.", code="hash-length")
    grown = size + len(leaves)
    _require_size(grown, low=len(leaves), high=MAX_SIZE)
    tiles: dict[tuple[int, int], bytes] = {}
    level, before, fresh = 0, size, list(leaves)
    while fresh:
        number, begun = divmod(before, TILE_WIDTH)
        hashes = _read(reader, level, number, begun) + fresh if begun else fresh
        fresh = []
        for start in range(0, len(hashes), TILE_WIDTH):
            tile = hashes[start : start + TILE_WIDTH]
            tiles[level, number] = b"".join(tile)
            number += 1
            if len(tile) == TILE_WIDTH:
                fresh.append(merkle.root(tile))
        level, before = level + 1, before >> _TILE_BITS
    return Appended(grown, tree_root(_Overlay(reader, tiles), grown), tiles)


def tree_root(reader: TileReader, size: int) -> bytes:
    """Return the root of the tree of ``size``.

    Raises :class:`InvalidInput` (``size-out-of-range``) and :class:`IntegrityError` (``tile-length``).
    """
    _require_size(size, low=0, high=MAX_SIZE)
    # At the first level where the tree has no whole node, the unfinished one is all of it.
    top = -(-size.bit_length() // _TILE_BITS)
    unfinished = _Tree(reader, size).unfinished(top)
    return merkle.EMPTY_ROOT if unfinished is None else unfinished


def inclusion_proof(reader: TileReader, *, index: int, size: int, cache: TileCache | None = None) -> list[bytes]:
    """Return the proof that :func:`merkle.verify_inclusion` takes, for leaf ``index`` of the tree of ``size``.

    Without a ``cache`` it takes some 250 hashes a tile on the way up.

    Raises :class:`InvalidInput` (``size-out-of-range``, ``index-out-of-range``), :class:`IntegrityError`.
    """
    _require_size(size, low=0, high=MAX_SIZE)
    if not 0 <= index < size:
        raise InvalidInput(f"There is no leaf {index} in a tree of {size}.", code="index-out-of-range")
    return _Tree(reader, size, cache).climb(height=0, position=index)[1]


def consistency_proof(reader: TileReader, *, old: int, new: int) -> list[bytes]:
    """Return the proof that :func:`merkle.verify_consistency` takes; ``reader`` holds the tree of ``new``.

    Raises :class:`InvalidInput` (``size-out-of-range``) and :class:`IntegrityError` (``tile-length``).
    """
    _require_size(new, low=0, high=MAX_SIZE)
    _require_size(old, low=0, high=new)
    if old in {0, new}:
        return []
    height, position = merkle.consistency_start(old)
    start, path = _Tree(reader, new).climb(height=height, position=position)
    return [start, *path] if position else path


class _Tree:
    """The tree of one size over a reader."""

    def __init__(self, reader: TileReader, size: int, cache: TileCache | None = None) -> None:
        self._reader = reader
        self._size = size
        self._cache = cache

    def climb(self, *, height: int, position: int) -> tuple[bytes, list[bytes]]:
        """Return the node at ``position`` of the level ``height`` bits above the leaves, and its siblings upward."""
        path: list[bytes] = []
        start: bytes | None = None
        while True:
            level, inside = divmod(height, _TILE_BITS)
            number = position >> (_TILE_BITS - inside)
            rows = self._rows(level, number)[inside:]
            place = position - (number << (_TILE_BITS - inside))
            start = _node(rows[0], place) if start is None else start
            for row in rows:
                sibling = _node(row, place ^ 1)
                if sibling:
                    path.append(sibling)
                place >>= 1
            height, position = (level + 1) * _TILE_BITS, number
            if (self._size - 1) >> height == 0:
                return start, path

    def unfinished(self, level: int) -> bytes | None:
        """Return the root over the leaves to the right of the last whole node of ``level``, None if there are none."""
        if level == 0:
            return None
        rows = self._rows(level - 1, self._size >> _TILE_BITS * level)
        return rows[-1] if rows else None

    def _rows(self, level: int, number: int) -> Rows:
        """Return the hashes of a tile, followed by the unfinished node where that is its place, and all above them."""
        at_edge = number == self._size >> _TILE_BITS * (level + 1)
        size = self._size if at_edge else 0
        rows = None if self._cache is None else self._cache.get(level, number, size)
        if rows is None:
            width = tile_width(size=self._size, level=level, number=number)
            nodes = _read(self._reader, level, number, width) if width else []
            last = self.unfinished(level) if at_edge else None
            rows = _rows_above(nodes if last is None else [*nodes, last])
            if self._cache is not None:
                self._cache.put(level, number, size, rows)
        return rows


def _rows_above(nodes: list[bytes]) -> Rows:
    rows: list[bytes] = []
    while nodes:
        rows.append(b"".join(nodes))
        nodes = merkle.parents(nodes) if len(nodes) > 1 else []
    return tuple(rows)


def _node(row: bytes, place: int) -> bytes:
    """Return the hash at a place of a row, nothing where the row has ended."""
    return row[place * HASH_SIZE : (place + 1) * HASH_SIZE]


class _Overlay:
    """A reader that prefers tiles not yet stored."""

    def __init__(self, reader: TileReader, tiles: Mapping[tuple[int, int], bytes]) -> None:
        self._reader = reader
        self._tiles = tiles

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        tile = self._tiles.get((level, number))
        return self._reader.read_tile(level, number, width) if tile is None else tile[: width * HASH_SIZE]


def _read(reader: TileReader, level: int, number: int, width: int) -> list[bytes]:
    data = reader.read_tile(level, number, width)
    if len(data) != width * HASH_SIZE:
        raise IntegrityError(
            f"Tile {level}/{number} came with {len(data)} bytes instead of {width * HASH_SIZE}.", code="tile-length"
        )
    return [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]


def _require_size(size: int, *, low: int, high: int) -> None:
    if not low <= size <= high:
        raise InvalidInput(f"A tree size of {size} is not within {low} and {high}.", code="size-out-of-range")
