"""The tree as the public reads it: tiles and entry bundles (C2SP tlog-tiles), never ahead of the checkpoint."""

from __future__ import annotations

from notary.core.tiles import TILE_WIDTH, Tile, encode_entries, tile_path, tile_width
from notary.errors import IntegrityError, NotFound
from notary.ports import LogStore


class PublicTiles:
    """Gives out the tiles of the newest checkpoint's tree, in every width that this one or an earlier one implies."""

    def __init__(self, store: LogStore) -> None:
        self._store = store

    def read(self, tile: Tile) -> bytes:
        """Return the content of a tile or entry bundle; it is the same for ever.

        Raises :class:`NotFound` (``no-such-tile``) where the published tree is not as wide there, even if more leaves
        are integrated already: nobody could check those. Raises :class:`IntegrityError` (``tile-missing``,
        ``leaf-missing``) where the store has less than what was published.
        """
        level = 0 if tile.level == "entries" else tile.level
        with self._store.read() as view:
            head = view.checkpoint()
            size = 0 if head is None else head.size
            if tile.width > tile_width(size=size, level=level, number=tile.number):
                path = tile_path(tile.level, tile.number, tile.width)
                raise NotFound(f"The published tree of size {size} has no {path}.", code="no-such-tile")
            if tile.level != "entries":
                return view.read_tile(tile.level, tile.number, tile.width)
            entries = view.entry_data(start=tile.number * TILE_WIDTH, limit=tile.width)
        if len(entries) != tile.width:
            raise IntegrityError(f"Leaves are missing from entry bundle {tile.number}.", code="leaf-missing")
        return encode_entries(entries)
