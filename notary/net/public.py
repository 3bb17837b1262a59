"""Fetching what a stranger names: from public addresses only, and with everything limited.

A name is resolved once; every address that it has must be public, and the connection goes to the very address that was
checked, so that a name that changes its mind in between gains nothing. Each redirect is checked anew. Proxies of the
environment are not used: they would resolve the name themselves.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import quote, urljoin, urlsplit

from notary.errors import EndpointFailed, PolicyRefused
from notary.net.addresses import is_public
from notary.net.http import Channel, Deadline
from notary.net.url import Url, parse_url

MAX_REDIRECTS: Final = 5
MAX_URL: Final = 2000
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 64 * 1024
_MAX_HEADER_BYTES: Final = 64 * 1024
# Of these, all else stays as it was written.
_SAFE: Final = "!#$%&'()*+,-./:;=?@[]_~|"
_UNWRITABLE: Final = re.compile(r"[\x00-\x20\x7f\\]")

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the IP addresses of a host; raises ``OSError`` where it has none."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Where may be connected to. Tests allow more; nothing else does."""

    allows: Callable[[str], bool] = is_public
    ports: frozenset[int] = frozenset({80, 443})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came: its final address, what came with it, its bytes decompressed."""

    url: str
    content_type: str
    body: bytes


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host by the system's own means."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def fetch(
    url: str, *, timeout: float, max_bytes: int, policy: Policy = Policy(), resolve: Resolve = resolve
) -> Fetched:
    """Fetch a page with GET within ``timeout`` seconds, following at most :data:`MAX_REDIRECTS` redirects.

    Raises :class:`PolicyRefused` (``forbidden-url``) for an address that must not be fetched, and
    :class:`EndpointFailed`: ``page-timeout``, ``page-unreachable``, ``page-status``, ``page-too-large``,
    ``page-redirects``, ``page-protocol``.
    """
    deadline = Deadline(timeout)
    address = url
    try:
        for _ in range(MAX_REDIRECTS + 1):
            target = public_url(address, policy)
            answer = _get(target, deadline, max_bytes, policy, resolve)
            if isinstance(answer, Fetched):
                return answer
            address = urljoin(_address(target), answer)
    except TimeoutError:
        raise EndpointFailed("The page did not answer in time.", code="page-timeout") from None
    except ssl.SSLError:
        raise EndpointFailed("The page’s server cannot be reached securely.", code="page-unreachable") from None
    except (http.client.HTTPException, ValueError, zlib.error):
        raise EndpointFailed("The page’s server did not answer in proper HTTP.", code="page-protocol") from None
    except OSError:
        raise EndpointFailed("The page’s server cannot be reached.", code="page-unreachable") from None
    raise EndpointFailed(f"The page redirects more than {MAX_REDIRECTS} times.", code="page-redirects")


def public_url(text: str, policy: Policy = Policy()) -> Url:
    """Return the address in its parts, names and paths in ASCII. Raises :class:`PolicyRefused` (``forbidden-url``)."""
    if len(text) > MAX_URL or _UNWRITABLE.search(text):
        raise _forbidden("has characters that no address has, or too many")
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode("ascii") if parts.hostname else ""
        port = parts.port
    except ValueError:
        raise _forbidden("is none") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise _forbidden("must begin with http:// or https:// and a host")
    if "@" in parts.netloc:
        raise _forbidden("must not have a user name")
    if ({"http": 80, "https": 443}[parts.scheme] if port is None else port) not in policy.ports:
        raise _forbidden("must be on the usual port, 80 or 443")
    shown = f"[{host}]" if ":" in host else host
    target = quote(parts.path or "/", safe=_SAFE) + ("?" + quote(parts.query, safe=_SAFE) if parts.query else "")
    try:
        return parse_url(f"{parts.scheme}://{shown}{'' if port is None else f':{port}'}{target.replace('#', '%23')}")
    except EndpointFailed:
        raise _forbidden("is none") from None


def _forbidden(why: str) -> PolicyRefused:
    return PolicyRefused(f"This address is not fetched: it {why}.", code="forbidden-url", field="url")


def _address(target: Url) -> str:
    return f"{target.scheme}://{target.authority}{target.target}"


def _get(target: Url, deadline: Deadline, max_bytes: int, policy: Policy, resolve: Resolve) -> Fetched | str:
    """Return the page, or where it redirects to."""
    addresses = resolve(target.host, target.port)
    if not addresses or not all(policy.allows(address) for address in addresses):
        raise _forbidden("does not lead to a public server")
    channel = _connect(addresses, target, deadline, limit=_MAX_HEADER_BYTES + 2 * max_bytes)
    try:
        if target.scheme == "https":
            channel.secure(ssl.create_default_context())
        channel.sendall(_head(target))
        with http.client.HTTPResponse(cast(socket.socket, channel), method="GET") as response:
            response.begin()
            location = response.headers.get("Location")
            if response.status in _REDIRECTS and location:
                return location
            if response.status != 200:
                raise EndpointFailed(f"The page’s server answered with status {response.status}.", code="page-status")
            return Fetched(_address(target), response.headers.get("Content-Type", "")[:200], _body(response, max_bytes))
    finally:
        channel.close()


def _head(target: Url) -> bytes:
    fields = {
        "Host": target.authority,
        "User-Agent": "notary",
        "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    lines = [f"GET {target.target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _connect(addresses: Sequence[str], target: Url, deadline: Deadline, *, limit: int) -> Channel:
    """Return a channel to the first of these addresses that accepts: names are not looked at any more."""
    failure = OSError("no address")
    for address in addresses:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.settimeout(deadline.left())
            sock.connect((address, target.port))
        except OSError as error:
            sock.close()
            failure = error
        else:
            return Channel(sock, deadline, limit=limit, target=target)
    raise failure


def _body(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    """Return the whole body, decompressed while it is read: a small file may be a huge page."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise EndpointFailed("The page is compressed in a way that was not asked for.", code="page-protocol")
    unzip = zlib.decompressobj(wbits=47) if encoding not in {"", "identity"} else None
    body = bytearray()
    while chunk := response.read(_CHUNK):
        body += chunk if unzip is None else unzip.decompress(chunk, max_bytes + 1 - len(body))
        if len(body) > max_bytes:
            raise EndpointFailed(f"The page has more than {max_bytes} bytes.", code="page-too-large")
    if response.length or (unzip is not None and not unzip.eof):
        raise EndpointFailed("The page was cut off.", code="page-protocol")
    return bytes(body)
