"""Static files: read once when the application is made, served from memory under addresses that change with them.

The JavaScript that pages load is built (`scripts/build-assets`) and lies in ``static/built`` with a manifest. A work
tree that nobody built has none: pages then say so, and show the server's own report. Packages always have it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import quote

from flask import Blueprint, Flask, abort, current_app, make_response, request
from werkzeug.wrappers import Response

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"
MANIFEST = "built/manifest.json"
VERIFIER = "built/notary-verifier.html"
# Below this a compressed file saves nobody anything.
MIN_COMPRESSED = 1024
# Named here: what the machine's own tables say of these differs.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, the same compressed where that is worth it, its media type, the start of its SHA-256."""

    data: bytes
    gzipped: bytes | None
    media_type: str
    version: str


@dataclass(frozen=True, slots=True)
class Script:
    """What a page loads: the address of its module, and of the parts that the module imports."""

    address: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verifier:
    """The verifier as one file, for readers to save: its bytes and their SHA-256."""

    data: bytes
    sha256: str


EXTENSION = "notary.verifier"


def verifier() -> Verifier | None:
    """Return the verifier for readers to save; None where it was not built."""
    return cast("Verifier | None", current_app.extensions[EXTENSION])


def install(app: Flask) -> None:
    """Serve the files of :data:`FOLDER`; give templates ``static(name)``, the address of one, and ``script(page)``."""
    assets = {path.relative_to(FOLDER).as_posix(): _read(path) for path in FOLDER.rglob("*") if path.is_file()}
    blueprint = Blueprint("static", __name__)

    @blueprint.get(PREFIX + "<path:name>")
    def static_file(name: str) -> Response:
        """Answer with a static file, to be kept for a year where its address names its version."""
        asset = assets.get(name)
        if asset is None:
            abort(404)
        zipped = asset.gzipped if request.accept_encodings["gzip"] > 0 else None
        response = make_response(asset.data if zipped is None else zipped)
        response.headers["Content-Type"] = asset.media_type
        if asset.gzipped is not None:
            response.headers["Vary"] = "Accept-Encoding"
        if zipped is not None:
            response.headers["Content-Encoding"] = "gzip"
        # The names of built modules are versions already, and they import each other by them.
        current = request.args.get("v") == asset.version or (name.startswith("built/") and name != MANIFEST)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "public, no-cache"
        response.set_etag(asset.version if zipped is None else f"{asset.version}-gzip")
        return response.make_conditional(request)

    def static(name: str) -> str:
        return f"{PREFIX}{quote(name)}?v={assets[name].version}"

    scripts = _scripts(assets)
    if not scripts:
        log.warning("the JavaScript of the pages was not built: run scripts/build-assets and start again")
    # Under its own address only, where it comes as a file to save.
    saved = assets.pop(VERIFIER, None)
    app.extensions[EXTENSION] = None if saved is None else Verifier(saved.data, hashlib.sha256(saved.data).hexdigest())
    app.register_blueprint(blueprint)
    app.jinja_env.globals["verifier_file"] = verifier
    app.jinja_env.globals["static"] = static
    app.jinja_env.globals["script"] = scripts.get


def _scripts(assets: Mapping[str, Asset]) -> dict[str, Script]:
    """Return what each page loads, by the name of its module.

    Modules name the files that they import, so these have to be asked for under the bare address. Their own names
    change with what is in them.
    """
    manifest = assets.get(MANIFEST)
    if manifest is None:
        return {}
    pages = json.loads(manifest.data)["pages"]
    return {
        name: Script(_built(page["script"]), tuple(_built(part) for part in page["parts"]))
        for name, page in pages.items()
    }


def _built(name: str) -> str:
    return f"{PREFIX}built/{quote(name)}"


def _read(path: Path) -> Asset:
    data = path.read_bytes()
    media_type = _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    gzipped = gzip.compress(data, mtime=0) if len(data) >= MIN_COMPRESSED and path.suffix in _MEDIA_TYPES else None
    return Asset(data, gzipped, media_type, hashlib.sha256(data).hexdigest()[:12])
