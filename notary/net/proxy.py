"""The proxy that the environment names for an address: ``http_proxy``, ``https_proxy``, ``no_proxy``."""

from __future__ import annotations

import base64
import os
import re
import urllib.parse
from dataclasses import dataclass

from notary.errors import EndpointFailed
from notary.net.url import Url

_PROXY = re.compile(
    r"(?:http://)?(?:(?P<user>[^:@/\s]*)(?::(?P<password>[^@/\s]*))?@)?"
    r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<host>[a-z0-9._-]+)):(?P<port>[0-9]{1,5})/?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy; ``authorization`` is the value of the header that it wants, and secret."""

    host: str
    port: int
    authorization: str | None

    def __str__(self) -> str:
        """Return host and port."""
        return f"{self.host}:{self.port}"


def proxy_for(target: Url) -> Proxy | None:
    """Return the proxy to reach ``target`` through; None for loopback addresses and those that ``no_proxy`` names.

    Raises :class:`EndpointFailed` (``endpoint-proxy``) where the variable holds anything but an HTTP proxy with a port.
    """
    value = _variable(f"{target.scheme}_proxy")
    if target.is_loopback or not value or _exempt(target, _variable("no_proxy")):
        return None
    match = _PROXY.fullmatch(value)
    if match is None:
        raise EndpointFailed(
            f"The variable {target.scheme}_proxy must name an HTTP proxy as http://HOST:PORT.", code="endpoint-proxy"
        )
    authorization = None
    if match["user"]:
        user, password = urllib.parse.unquote(match["user"]), urllib.parse.unquote(match["password"] or "")
        authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return Proxy(host=match["v6"] or match["host"], port=int(match["port"]), authorization=authorization)


def _variable(name: str) -> str:
    if name in os.environ:
        return os.environ[name].strip()
    # Under CGI, HTTP_PROXY would be a header that the client sends.
    if name == "http_proxy" and "REQUEST_METHOD" in os.environ:
        return ""
    return os.environ.get(name.upper(), "").strip()


def _exempt(target: Url, no_proxy: str) -> bool:
    host = target.host.rstrip(".")
    for item in no_proxy.lower().split(","):
        name = item.strip().lstrip(".")
        if name == "*" or (name and (host == name or host.endswith(f".{name}") or name == f"{host}:{target.port}")):
            return True
    return False
