"""Headers that every answer carries, so that a browser does nothing we did not write.

Nothing is inline and nothing comes from elsewhere: pages take one style sheet and one icon from this server, run no
script, and send nothing to anyone. What is public and meant for programs may be read by scripts of any site, which is
how a reader's own verifier gets a bundle; there are no cookies that such a script could ride on.
"""

from __future__ import annotations

from flask import Flask, Response, request

from notary.web.problem import for_programs

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}


def install(app: Flask) -> None:
    """Add the headers to every answer of ``app``, errors included."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers[name] = value
        programs = for_programs()
        response.headers["Content-Security-Policy"] = DATA_POLICY if programs else PAGE_POLICY
        if programs and request.method in {"GET", "HEAD", "OPTIONS"}:
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        else:
            response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
