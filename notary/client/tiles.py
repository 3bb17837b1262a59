"""A reader of a log as C2SP tlog-tiles serves it: checkpoint, tiles, entry bundles, each bounded by what it can be.

Implements :class:`notary.ports.audit.LogSource`. Nothing read here is verified but its length.
"""

from __future__ import annotations

from typing import Final

from notary.client.address import base_address
from notary.core.merkle import HASH_SIZE
from notary.core.tiles import MAX_ENTRY_BYTES, TILE_WIDTH, parse_entries, tile_path
from notary.errors import CannotCheck, EndpointFailed, InvalidInput
from notary.net.http import request

MAX_CHECKPOINT_BYTES: Final = 64 * 1024
_MAX_TILE_BYTES: Final = TILE_WIDTH * HASH_SIZE
_MAX_BUNDLE_BYTES: Final = TILE_WIDTH * (2 + MAX_ENTRY_BYTES)


class TileClient:
    """One log under its address: ``<url>/checkpoint`` and so on. Failures name what was asked for."""

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        """Name a log. Raises :class:`UsageError` (``bad-log-url``). ``timeout`` is for each exchange."""
        self._base = base_address(url, called="LOG_URL is an", code="bad-log-url")
        self._timeout = timeout

    def checkpoint(self) -> bytes:
        """Return the newest checkpoint's note."""
        return self._get("checkpoint", MAX_CHECKPOINT_BYTES)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Return a tile of ``width`` hashes. Raises :class:`CannotCheck` (``tile-length``)."""
        path = tile_path(level, number, width)
        data = self._get(path, _MAX_TILE_BYTES)
        if len(data) != width * HASH_SIZE:
            raise CannotCheck(
                f"{path} was served with {len(data)} bytes instead of {width * HASH_SIZE}: it is cut, or no tile.",
                code="tile-length",
            )
        return data

    def entries(self, number: int, width: int) -> tuple[bytes, ...]:
        """Return the ``width`` entries of a bundle. Raises :class:`CannotCheck` (``entry-bundle``)."""
        path = tile_path("entries", number, width)
        try:
            return parse_entries(self._get(path, _MAX_BUNDLE_BYTES), width=width)
        except InvalidInput as error:
            raise CannotCheck(f"{path} is no bundle of {width} entries: {error.message}", code=error.code) from None

    def _get(self, path: str, max_bytes: int) -> bytes:
        try:
            answer = request("GET", f"{self._base}/{path}", timeout=self._timeout, max_bytes=max_bytes)
        except EndpointFailed as error:
            raise EndpointFailed(f"{path}: {error.message}", code=error.code) from None
        if answer.status == 404 and path == "checkpoint":
            raise EndpointFailed(
                "There is no checkpoint under this address. A log serves it under /log: try LOG_URL/log. "
                "A log that has no entry yet has none.",
                code="no-checkpoint",
            )
        if answer.status != 200:
            raise EndpointFailed(f"{path} was answered with HTTP status {answer.status}.", code="endpoint-http-status")
        return answer.body
