"""The log's own files: the newest checkpoint, and the trust file that the log suggests. Bytes exactly as stored."""

from __future__ import annotations

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response

from notary.web.context import services

blueprint = Blueprint("log", __name__)


@blueprint.get("/log/checkpoint")
def checkpoint() -> Response:
    """Answer with the newest checkpoint, a signed note."""
    # Whoever polls may be a second behind; a proxy then takes the load.
    return _file(services().reader.checkpoint(), "text/plain; charset=utf-8", cache="public, max-age=1")


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
