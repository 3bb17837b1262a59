"""What a request carries: its credentials, its body within limits, its query and its wishes."""

from __future__ import annotations

import re
import time

from flask import Request
from werkzeug.exceptions import HTTPException

from notary.core import jcs
from notary.core.jcs import Json
from notary.errors import InvalidInput, PolicyRefused, TooLarge, Unauthorized, UnsupportedMedia

MAX_WAIT_SECONDS = 10
_CHUNK = 1 << 16
_DISCARD_BYTES = 64 << 20
_DISCARD_SECONDS = 5.0

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,512}) *", re.IGNORECASE)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?([0-9]{1,6})\"?\s*(?=[,;]|$)", re.IGNORECASE)


def bearer_token(request: Request) -> str:
    """Return the API key of the request.

    Raises :class:`Unauthorized`: ``missing-key`` without the header, ``invalid-key`` if it is of another form.
    """
    header = request.headers.get("Authorization")
    if header is None:
        raise Unauthorized("Send your API key: `Authorization: Bearer nk_…`.", code="missing-key")
    match = _BEARER.fullmatch(header)
    if match is None:
        raise Unauthorized("The Authorization header must be `Bearer` and one API key.", code="invalid-key")
    return match[1]


def json_body(request: Request, *, max_bytes: int) -> Json:
    """Return the parsed body of a JSON request.

    Raises :class:`UnsupportedMedia`, :class:`TooLarge` without keeping more than the limit, and :class:`MalformedJson`
    as :func:`notary.core.jcs.loads` does. Call it for known publishers only: it reads what a client declared.
    """
    require_type(request, "application/json")
    try:
        size = request.content_length
        if size is not None and size > max_bytes:
            raise _too_large(max_bytes)
        data = _read(request, max_bytes)
    except TooLarge:
        _discard(request)
        raise
    return jcs.loads(data, max_bytes=max_bytes)


def _read(request: Request, max_bytes: int) -> bytes:
    """Return the whole body, also one of no declared length, which Werkzeug's own limit would silently cut off."""
    data = bytearray()
    while chunk := request.stream.read(_CHUNK):
        data += chunk
        if len(data) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(data)


def _discard(request: Request) -> None:
    """Read away a body of declared length, within bounds, so that a client that writes before it reads gets its answer.

    Otherwise the connection would be reset under it, and it would never learn why. What is beyond the bounds is not
    waited for.
    """
    if request.content_length is None or request.content_length > _DISCARD_BYTES:
        return
    until = time.monotonic() + _DISCARD_SECONDS
    try:
        while time.monotonic() < until and request.stream.read(_CHUNK):
            pass
    except (OSError, HTTPException):
        return  # the client is gone


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(f"The body may have at most {max_bytes} bytes.", code="body-too-large")


def require_type(request: Request, mimetype: str) -> None:
    """Require a body of this media type in UTF-8 that is not compressed.

    Raises :class:`UnsupportedMedia` (``unsupported-media-type``, ``unsupported-content-encoding``) after reading the
    body away.
    """
    if request.content_type == mimetype and "Content-Encoding" not in request.headers:
        return  # as nearly everybody sends it; what is below is slow
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if request.mimetype != mimetype or charset not in {"utf-8", "utf8"}:
        _discard(request)
        raise UnsupportedMedia(f"The body must be {mimetype} in UTF-8.", code="unsupported-media-type")
    if encoding not in {"", "identity"}:
        _discard(request)
        raise UnsupportedMedia("The body must not be compressed.", code="unsupported-content-encoding")


def query(request: Request) -> Json:
    """Return the query as an object of strings.

    Raises :class:`PolicyRefused` where a name is given twice; that its bytes are UTF-8 is checked as well.
    """
    result: dict[str, Json] = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise PolicyRefused(f"{name[:100]} is given twice.", code="duplicate-name", field=name[:100])
        result[name] = values[0]
    return result


def idempotency_key(request: Request) -> str | None:
    """Return the `Idempotency-Key` header, or None without one.

    Raises :class:`InvalidInput` (``bad-idempotency-key``) unless it is 1 to 255 visible ASCII characters.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidInput(
            "Idempotency-Key must be 1 to 255 visible ASCII characters.",
            code="bad-idempotency-key",
            field="Idempotency-Key",
        )
    return key


def wanted_wait(request: Request) -> int:
    """Return for how many seconds `Prefer: wait=N` (RFC 7240 §4.3) may keep the request, at most ten; 0 without it.

    A preference that cannot be read is ignored, as RFC 7240 has it.
    """
    match = _WAIT.search(",".join(request.headers.getlist("Prefer")))
    return min(int(match[1]), MAX_WAIT_SECONDS) if match is not None else 0
