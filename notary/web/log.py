"""The log's own files: the newest checkpoint, the tiles and entry bundles of its tree, and the trust file.

Checkpoint, tiles and entry bundles are byte-compatible with C2SP tlog-tiles; see ``docs/spec/log.md``.
"""

from __future__ import annotations

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response

from notary.core.tiles import parse_tile_path
from notary.web.context import services

blueprint = Blueprint("log", __name__)

# A partial tile too: its path names its width, and the first hashes of a tile stay what they are when it grows.
FOR_EVER = "public, max-age=31536000, immutable"


@blueprint.get("/log/checkpoint")
def checkpoint() -> Response:
    """Answer with the newest checkpoint, a signed note."""
    # Whoever polls may be a second behind; a proxy then takes the load.
    return _file(services().reader.checkpoint(), "text/plain; charset=utf-8", cache="public, max-age=1")


@blueprint.get("/log/tile/<path:name>")
def tile(name: str) -> Response:
    """Answer with a tile or an entry bundle of the published tree."""
    content = services().tiles.read(parse_tile_path(f"tile/{name}"))
    return _file(content, "application/octet-stream", cache=FOR_EVER)


@blueprint.get("/.well-known/notary-log.json")
def trust_file() -> Response:
    """Answer with the trust file, canonical JSON."""
    return _file(services().reader.trust_file(), "application/json", cache="public, no-cache")


def _file(data: bytes, content_type: str, *, cache: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = content_type
    response.headers["Cache-Control"] = cache
    response.add_etag()
    return response.make_conditional(request)
