"""Headers that every answer carries, so that a browser does nothing we did not write.

Nothing is inline and nothing comes from elsewhere: pages take their style sheet, icon and script from this server. The
script writes text and never markup (Trusted Types would stop it). It may ask endpoints of a chain wherever the reader
says, by https or on the reader's own machine; it sends nothing anywhere before. What is public and meant for programs
may be read by scripts of any site, which is how a reader's own verifier gets a bundle; the one cookie, a language,
opens nothing that such a script could ride on.
"""

from __future__ import annotations

from flask import Flask, Response, request

from notary.web.problem import for_programs

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self' https: http://127.0.0.1:* http://localhost:*; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# The page that reads copies parses pages into documents that are never shown, and run and load nothing.
PARSING_PAGE = "/check"
PARSING_POLICY = PAGE_POLICY.replace("trusted-types 'none'", "trusted-types notary-inert")
DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("X-Frame-Options", "DENY"),
)
_Headers = tuple[tuple[str, str], ...]
_PAGE: _Headers = (*_ALWAYS, ("Content-Security-Policy", PAGE_POLICY), ("Cross-Origin-Resource-Policy", "same-origin"))
_PARSING: _Headers = (
    *_ALWAYS,
    ("Content-Security-Policy", PARSING_POLICY),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_DATA: _Headers = (*_ALWAYS, ("Content-Security-Policy", DATA_POLICY))
_CLOSED: _Headers = (*_DATA, ("Cross-Origin-Resource-Policy", "same-origin"))
_OPEN: _Headers = (*_DATA, ("Cross-Origin-Resource-Policy", "cross-origin"), ("Access-Control-Allow-Origin", "*"))


def install(app: Flask) -> None:
    """Add the headers to every answer of ``app``, errors included; no view sets them by itself."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        if not for_programs():
            headers = _PARSING if request.path == PARSING_PAGE else _PAGE
        elif request.method in {"GET", "HEAD", "OPTIONS"}:
            headers = _OPEN
        else:
            headers = _CLOSED
        # One by one they would each be looked for first, which costs as much as the rest of an answer.
        response.headers.extend(headers)
        return response
