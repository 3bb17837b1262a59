"""Tiles with everything that is hashed above them, kept while they are in use. Used by :mod:`notary.core.tiles`."""

from __future__ import annotations

from typing import TypeAlias

Rows: TypeAlias = tuple[bytes, ...]
"""A tile's hashes joined, then those of their parents, up to the one node above all; empty where there are none."""


class TileCache:
    """What was hashed above tiles that were read before: with it a proof of a tree seen lately hashes nothing.

    A tile of one tree size holds the same for ever, so nothing in here grows stale. Use one for one log; threads may
    share it. A full tile takes 17 kB, and at most twice ``max_tiles`` are kept, those used last.
    """

    def __init__(self, *, max_tiles: int = 1024) -> None:
        self._limit = max_tiles
        # Two generations instead of an order of use: each step is a single one of a dict's, so there is no lock.
        self._young: dict[tuple[int, int, int], Rows] = {}
        self._old: dict[tuple[int, int, int], Rows] = {}

    def get(self, level: int, number: int, size: int) -> Rows | None:
        """Return what :meth:`put` was given; None if it was not, or has been dropped since."""
        key = level, number, size
        rows = self._young.get(key)
        if rows is None:
            rows = self._old.get(key)
            if rows is not None:
                self._keep(key, rows)
        return rows

    def put(self, level: int, number: int, size: int, rows: Rows) -> None:
        """Keep what is above a tile; ``size`` is that of the tree, or 0 where every tree with the tile agrees."""
        self._keep((level, number, size), rows)

    def _keep(self, key: tuple[int, int, int], rows: Rows) -> None:
        if len(self._young) >= self._limit:
            self._old, self._young = self._young, {}
        self._young[key] = rows
