"""Endpoint addresses: which are accepted, and how they are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from notary.errors import EndpointFailed

# Printable ASCII without white space, quotes, "#", "<", ">", "\", "^", "`" and braces: what RFC 3986 allows, roughly.
_CHARACTERS = r"[!$-;=?-\[\]_a-z|~]"
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<host>{_LABEL}(?:\.{_LABEL})*\.?))(?::(?P<port>[0-9]{{1,5}}))?"
    rf"(?P<target>(?:[/?]{_CHARACTERS}*)?)",
    re.IGNORECASE | re.ASCII,
)
_LOOPBACK = re.compile(r"(?:.+\.)?localhost\.?|127(?:\.[0-9]{1,3}){3}|::1")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Url:
    """An http or https address in its parts; ``target`` is what the request line carries."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as the ``Host`` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by its name alone; nothing is looked up for this."""
        return _LOOPBACK.fullmatch(self.host) is not None

    def __str__(self) -> str:
        """Return the address without path and query: providers put the key of the account there."""
        return f"{self.scheme}://{self.authority}" + ("/…" if self.target != "/" else "")


def parse_url(text: str) -> Url:
    """Return the parts of an http or https address that has no user information and no fragment.

    Raises :class:`EndpointFailed` (``endpoint-url``); the message does not repeat the address.
    """
    match = _URL.fullmatch(text) if len(text) <= 2000 else None
    if match is None:
        raise EndpointFailed(
            "An endpoint must be an http:// or https:// address without user name, password and fragment.",
            code="endpoint-url",
        )
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] is not None else _DEFAULT_PORTS[scheme]
    if not 1 <= port <= 65535:
        raise EndpointFailed("The port of an endpoint must be within 1 and 65535.", code="endpoint-url")
    target = match["target"]
    return Url(
        scheme=scheme,
        host=(match["v6"] or match["host"]).lower(),
        port=port,
        target=target if target.startswith("/") else f"/{target}",
    )


def show_url(text: str) -> str:
    """Return an endpoint's address as it may be shown and logged: without path and query."""
    try:
        return str(parse_url(text))
    except EndpointFailed:
        return "an address that is not http"
