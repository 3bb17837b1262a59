"""The tree as it is served, under one signed checkpoint: roots of earlier sizes with their proof, and who is right."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from notary.core import merkle, tiles
from notary.core.merkle import HASH_SIZE
from notary.core.tiles import TILE_WIDTH, tile_path, tile_width
from notary.errors import ProofFailed
from notary.ports.audit import LogSource

_KEPT_TILES: Final = 64


class Right(StrEnum):
    """Which of two that differ leads to the signed root."""

    TILE = "tile"
    ENTRY = "entry"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class TileName:
    """A tile of the served tree, for messages."""

    level: int
    number: int
    width: int

    def __str__(self) -> str:
        """Return the tile's path."""
        return tile_path(self.level, self.number, self.width)


class ServedTree:
    """Reads tiles of the checkpoint's tree, and keeps a few. Implements :class:`notary.core.tiles.TileReader`."""

    def __init__(self, source: LogSource, *, size: int, root: bytes) -> None:
        """Read the tree that a checkpoint of this size and root was signed for."""
        self._source = source
        self.size = size
        self.signed_root = root
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    def name(self, level: int, number: int) -> TileName:
        """Return the name under which a tile is served."""
        return TileName(level, number, tile_width(size=self.size, level=level, number=number))

    def whole(self, level: int, number: int) -> bytes:
        """Return a tile as it is served, as wide as the checkpoint implies. Raises :class:`CannotCheck`."""
        key = (level, number)
        if key not in self._kept:
            self._kept[key] = self._source.tile(level, number, self.name(level, number).width)
            if len(self._kept) > _KEPT_TILES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        """Return the first ``width`` hashes of a tile."""
        return self.whole(level, number)[: width * HASH_SIZE]

    def root(self, size: int) -> bytes:
        """Return the root at an earlier ``size``, proven from the checkpoint's root.

        Raises :class:`ProofFailed` where the served tiles do not lead to the checkpoint's root.
        """
        if size == self.size:
            return self.signed_root
        found = tiles.tree_root(self, size)
        proof = tiles.consistency_proof(self, old=size, new=self.size)
        merkle.verify_consistency(old=size, old_root=found, new=self.size, new_root=self.signed_root, proof=proof)
        return found

    def who_is_right(self, index: int, *, tile: bytes, entries: Sequence[bytes]) -> Right:
        """Say whether a tile of level 0 or the hashes of its entries, which differ at ``index``, are in the tree."""
        if self._leads_to_root(self, index, tile[index % TILE_WIDTH * HASH_SIZE :][:HASH_SIZE]):
            return Right.TILE
        other = _Replaced(self, index // TILE_WIDTH, b"".join(entries))
        return Right.ENTRY if self._leads_to_root(other, index, entries[index % TILE_WIDTH]) else Right.NEITHER

    def _leads_to_root(self, reader: tiles.TileReader, index: int, leaf: bytes) -> bool:
        size = self.size
        proof = tiles.inclusion_proof(reader, index=index, size=size)
        try:
            merkle.verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=self.signed_root)
        except ProofFailed:
            return False
        return True


class Roots:
    """The tree's root at any size: noted in the pass over the leaves for sizes known before, else proven from tiles."""

    def __init__(self, tree: ServedTree, wanted: Iterable[int]) -> None:
        self.tree = tree
        self._wanted = sorted(set(wanted))
        self._known: dict[int, bytes] = {}

    def __call__(self, size: int) -> bytes:
        """Return the root at ``size``. Raises :class:`ProofFailed`, and what reading tiles raises."""
        if size not in self._known:
            self._known[size] = self.tree.root(size)
        return self._known[size]

    def wanted(self, *, above: int, upto: int) -> Sequence[int]:
        """Return the sizes to note within these, in order."""
        return self._wanted[bisect_right(self._wanted, above) : bisect_right(self._wanted, upto)]

    def note(self, size: int, root: bytes) -> None:
        """Remember a root that was computed from the leaves; it counts only if all of them lead to the signed one."""
        self._known[size] = root


class _Replaced:
    """A reader with one tile of level 0 replaced."""

    def __init__(self, reader: tiles.TileReader, number: int, data: bytes) -> None:
        self._reader = reader
        self._number = number
        self._data = data

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        if (level, number) == (0, self._number):
            return self._data[: width * HASH_SIZE]
        return self._reader.read_tile(level, number, width)
