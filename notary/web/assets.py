"""Static files: read once when the application is made, served from memory under addresses that change with them."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Flask, abort, make_response, request
from werkzeug.wrappers import Response

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, media type, and the start of its SHA-256."""

    data: bytes
    media_type: str
    version: str


def install(app: Flask) -> None:
    """Serve the files of :data:`FOLDER` and give templates ``static(name)``, the address of one."""
    assets = {path.relative_to(FOLDER).as_posix(): _read(path) for path in FOLDER.rglob("*") if path.is_file()}
    blueprint = Blueprint("static", __name__)

    @blueprint.get(PREFIX + "<path:name>")
    def static_file(name: str) -> Response:
        """Answer with a static file, to be kept for a year where its address names its version."""
        asset = assets.get(name)
        if asset is None:
            abort(404)
        response = make_response(asset.data)
        response.headers["Content-Type"] = asset.media_type
        current = request.args.get("v") == asset.version
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "public, no-cache"
        response.set_etag(asset.version)
        return response.make_conditional(request)

    def static(name: str) -> str:
        return f"{PREFIX}{quote(name)}?v={assets[name].version}"

    app.register_blueprint(blueprint)
    app.jinja_env.globals["static"] = static


def _read(path: Path) -> Asset:
    data = path.read_bytes()
    media_type = mimetypes.guess_type(path.name, strict=True)[0] or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return Asset(data, media_type, hashlib.sha256(data).hexdigest()[:12])
