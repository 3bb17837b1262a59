"""Errors as answers: `application/problem+json` (RFC 9457) for programs, a page for people.

Which of the two follows from the path alone, so that a client always knows: everything under :data:`API_PREFIXES` is
for programs. A problem has `type`, `title`, `status`, `detail` and a stable kebab-case `code`, and where they are known
`field` (the offending member) and `position` (the offset in the input). What went wrong inside us is logged under a
random reference; the answer carries that reference and nothing else about it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from notary.core import jcs
from notary.errors import (
    CannotCheck,
    Conflict,
    EndpointFailed,
    Forbidden,
    InvalidConfig,
    InvalidInput,
    MalformedJson,
    NotaryError,
    NotFound,
    Overloaded,
    PolicyRefused,
    RateLimited,
    TooLarge,
    Unauthorized,
    Unconfirmed,
    UnsupportedMedia,
    UsageError,
)

log = logging.getLogger(__name__)

API_PREFIXES = ("/api/", "/log/", "/.well-known/", "/healthz", "/livez", "/readyz")
RETRY_AFTER_SECONDS = 5
RETRY_AFTER = ("Retry-After", str(RETRY_AFTER_SECONDS))

# The first class that fits decides. What is not listed (IntegrityError, ProofFailed on our own data, InvalidConfig) is
# our fault: 500, and the details stay in the log.
_STATUS: tuple[tuple[type[NotaryError], HTTPStatus], ...] = (
    (InvalidConfig, HTTPStatus.INTERNAL_SERVER_ERROR),
    (UsageError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (MalformedJson, HTTPStatus.BAD_REQUEST),
    (InvalidInput, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Unauthorized, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (UnsupportedMedia, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (PolicyRefused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (RateLimited, HTTPStatus.TOO_MANY_REQUESTS),
    (Overloaded, HTTPStatus.SERVICE_UNAVAILABLE),
    (EndpointFailed, HTTPStatus.BAD_GATEWAY),
    (CannotCheck, HTTPStatus.SERVICE_UNAVAILABLE),
)
_TOO_LARGE_CODES = frozenset({"json-too-large", "text-too-large", "page-too-large"})
_TIMEOUT_CODES = frozenset({"timeout", "page-timeout"})
_MALFORMED_CODES = frozenset({"tile-path"})

# Stable codes for what Flask and Werkzeug refuse by themselves.
_FRAMEWORK_CODES = {
    HTTPStatus.BAD_REQUEST: "bad-request",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body-too-large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
}
_FRAMEWORK_DETAILS = {
    HTTPStatus.BAD_REQUEST: "The request is not one that can be understood.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method; see the Allow header.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body has more bytes than this address takes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body must be application/json.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One error answer, before it is put into a form."""

    status: HTTPStatus
    code: str
    detail: str
    field: str | None = None
    position: int | None = None
    reference: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    reasons: Sequence[jcs.Json] = ()
    checks: Mapping[str, str] | None = None

    def members(self) -> dict[str, jcs.Json]:
        """Return the members of the problem object, absent ones left out."""
        members: dict[str, jcs.Json] = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "code": self.code,
        }
        optional: dict[str, jcs.Json] = {
            "field": self.field,
            "position": self.position,
            "reference": self.reference,
            "reasons": list(self.reasons) or None,
            "checks": None if self.checks is None else dict(self.checks),
        }
        return members | {name: value for name, value in optional.items() if value is not None}


def from_error(error: NotaryError) -> Problem:
    """Return the problem for an error of :mod:`notary.errors`; details of our own faults are not among it."""
    status = next((s for kind, s in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    if error.code in _TOO_LARGE_CODES:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if error.code in _MALFORMED_CODES:
        status = HTTPStatus.BAD_REQUEST
    if isinstance(error, EndpointFailed) and error.code in _TIMEOUT_CODES:
        status = HTTPStatus.GATEWAY_TIMEOUT
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return internal(error)
    headers: list[tuple[str, str]] = []
    if status is HTTPStatus.UNAUTHORIZED:
        # RFC 6750 §3.1: a request without any credentials gets the bare challenge.
        reason = "" if error.code == "missing-key" else ', error="invalid_token"'
        headers.append(("WWW-Authenticate", f'Bearer realm="notary"{reason}'))
    if isinstance(error, Overloaded) and error.retry_after is not None:
        headers.append(("Retry-After", str(error.retry_after)))
    elif status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        headers.append(RETRY_AFTER)
    if error.code == "unsupported-content-encoding":
        headers.append(("Accept-Encoding", "identity"))
    reasons: list[jcs.Json] = []
    if isinstance(error, Unconfirmed):
        reasons += [{"kind": kind, "text": text} for kind, text in error.asides]
    return Problem(
        status, error.code, error.message, error.field, error.position, headers=tuple(headers), reasons=reasons
    )


def from_http(error: HTTPException) -> Problem:
    """Return the problem for an error that the framework found (unknown path, wrong method, body too large …)."""
    status = HTTPStatus(error.code or 500)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return internal(error)
    # Only Allow and the like are kept: the framework's own body is replaced.
    headers = tuple((k, v) for k, v in error.get_headers() if k.lower() not in {"content-type", "content-length"})
    code = _FRAMEWORK_CODES.get(status, status.phrase.lower().replace(" ", "-"))
    return Problem(status, code, _FRAMEWORK_DETAILS.get(status, f"{status.phrase}."), headers=headers)


def internal(error: BaseException) -> Problem:
    """Log ``error`` under a new reference and return a problem that says nothing but the reference."""
    reference = secrets.token_hex(6)
    log.error("internal error %s", reference, exc_info=error, extra={"event": "internal-error", "reference": reference})
    detail = "An internal error. It was logged; with the reference the server's operator can find it."
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail, reference=reference)


def for_programs() -> bool:
    """Say whether the current request's path is one for programs."""
    return request.path.startswith(API_PREFIXES)


def answer(problem: Problem) -> Response:
    """Return ``problem`` in the form that the current request's path asks for."""
    if for_programs():
        response = make_response(jcs.dumps(problem.members() | {"request_id": g.request_id}))
        response.mimetype = "application/problem+json"
    else:
        response = make_response(render_template("error.html", problem=problem))
    response.status_code = problem.status.value
    response.headers["Cache-Control"] = "no-store"
    for name, value in problem.headers:
        response.headers[name] = value
    return response


def install(app: Flask) -> None:
    """Answer every error of ``app`` through :func:`answer`."""

    @app.errorhandler(NotaryError)
    def on_notary_error(error: NotaryError) -> Response:
        return answer(from_error(error))

    @app.errorhandler(HTTPException)
    def on_http_error(error: HTTPException) -> Response | HTTPException:
        # Redirects (a missing final slash) are answers, not errors.
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return error
        return answer(from_http(error))

    @app.errorhandler(Exception)
    def on_surprise(error: Exception) -> Response:
        return answer(internal(error))
