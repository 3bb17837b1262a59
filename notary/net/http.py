"""The one HTTP client: a single bounded exchange with an endpoint that the operator or the user named.

Everything is limited: the time of the whole exchange (but for looking up a name, which the system does), and the bytes
of header and body while they are read. Redirects are not followed, compressed bodies are refused, nothing is tried
twice. What strangers name must not be fetched with this: it goes to any address, also inside the network.

Only who goes online imports this module: ``http.client`` costs more than a whole offline verification.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from notary.errors import EndpointFailed
from notary.net.proxy import Proxy, proxy_for
from notary.net.url import Url, parse_url

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 64 * 1024
_MAX_HEADER_BYTES = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer. Header names are lower-case; of a repeated header the last one is kept."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float,
    max_bytes: int,
) -> Response:
    """Exchange one request for its complete answer, of whatever status, within ``timeout`` seconds.

    Raises :class:`EndpointFailed` with codes ``endpoint-url``, ``endpoint-proxy``, ``endpoint-unreachable``,
    ``endpoint-tls``, ``endpoint-timeout``, ``endpoint-too-large`` (more than ``max_bytes`` of body),
    ``endpoint-truncated``, ``endpoint-redirect``, ``endpoint-encoding`` (a compressed body) and ``endpoint-protocol``
    (not HTTP). After any of them the request may have been carried out.
    """
    target = parse_url(url)
    proxy = proxy_for(target)
    deadline = Deadline(timeout)
    try:
        channel = _open(target, proxy, deadline, limit=_MAX_HEADER_BYTES + 2 * max_bytes)
        try:
            channel.sendall(_head(method, target, proxy, headers or {}, body) + (body or b""))
            with http.client.HTTPResponse(cast(socket.socket, channel), method=method) as response:
                response.begin()
                return _read(response, target, max_bytes)
        finally:
            channel.close()
    except TimeoutError:
        raise EndpointFailed(f"{target} did not answer within {timeout:g} s.", code="endpoint-timeout") from None
    except (http.client.IncompleteRead, http.client.RemoteDisconnected):
        raise _truncated(target) from None
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", None) or error.reason or type(error).__name__
        raise EndpointFailed(f"No secure connection to {target}: {reason}.", code="endpoint-tls") from None
    except (http.client.HTTPException, ValueError):  # http.client lets a negative chunk size become a ValueError
        raise EndpointFailed(f"{target} did not answer in proper HTTP.", code="endpoint-protocol") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise EndpointFailed(f"{target} cannot be reached: {reason}.", code="endpoint-unreachable") from None


def _head(method: str, target: Url, proxy: Proxy | None, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """Return the request line and the header."""
    through_proxy = proxy is not None and target.scheme == "http"
    address = f"http://{target.authority}{target.target}" if through_proxy else target.target
    fields = {
        "Host": target.authority,
        "User-Agent": "notary",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }
    if body is not None:
        fields["Content-Length"] = str(len(body))
    if proxy is not None and through_proxy and proxy.authorization is not None:
        fields["Proxy-Authorization"] = proxy.authorization
    lines = [f"{method} {address} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise EndpointFailed("A request header contains a line break.", code="endpoint-url")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _read(response: http.client.HTTPResponse, target: Url, max_bytes: int) -> Response:
    headers = {name.lower(): value for name, value in response.getheaders()}
    if response.status in _REDIRECTS:
        raise EndpointFailed(f"{target} redirects elsewhere; name the final address.", code="endpoint-redirect")
    content, transfer = headers.get("content-encoding", ""), headers.get("transfer-encoding", "")
    if content.strip().lower() not in {"", "identity"} or transfer.strip().lower() not in {"", "chunked"}:
        raise EndpointFailed(f"{target} sent an encoded body that was not asked for.", code="endpoint-encoding")
    if response.length is not None and response.length > max_bytes:
        raise _too_large(target, max_bytes)
    body = bytearray()
    while chunk := response.read(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(target, max_bytes)
    if response.length:  # what is left of Content-Length at the end of the stream
        raise _truncated(target)
    return Response(status=response.status, headers=headers, body=bytes(body))


def _too_large(target: Url, max_bytes: int) -> EndpointFailed:
    return EndpointFailed(f"{target} sent more than {max_bytes} bytes.", code="endpoint-too-large")


def _truncated(target: Url) -> EndpointFailed:
    return EndpointFailed(f"The answer of {target} was cut off.", code="endpoint-truncated")


# --------------------------------------------------------------------------------------------------------- connection


class Deadline:
    """The moment by which an exchange must be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that remain; raise TimeoutError when none do."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Channel:
    """A connected socket on which nothing outlives the deadline and no more than ``limit`` bytes are read.

    ``http.client`` takes it for a socket: it asks it for a file to read from. A timeout set on a socket is for one
    operation only, so that a peer that sends a byte now and then would never be cut off; here each gets what is left.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline, *, limit: int, target: Url) -> None:
        self._socket = sock
        self._deadline = deadline
        self._limit = limit
        self._left = limit
        self._target = target

    def receive(self, buffer: WriteableBuffer) -> int:
        """Fill part of ``buffer``; 0 at the end of the stream."""
        self._socket.settimeout(self._deadline.left())
        count = self._socket.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise _too_large(self._target, self._limit)
        return count

    def sendall(self, data: bytes) -> None:
        """Send everything, or raise TimeoutError."""
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the buffered reader that ``http.client`` wants; closing it leaves the socket open."""
        return io.BufferedReader(_Reader(self))

    def secure(self, context: ssl.SSLContext) -> None:
        """Go on in TLS, with a peer that proves to be the target."""
        self._socket.settimeout(self._deadline.left())
        self._socket = context.wrap_socket(self._socket, server_hostname=self._target.host.rstrip("."))

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class _Reader(io.RawIOBase):
    """A channel as a file to read from."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._channel.receive(buffer)


def _open(target: Url, proxy: Proxy | None, deadline: Deadline, *, limit: int) -> Channel:
    """Return a channel to the target: directly or through ``proxy``, and in TLS for https."""
    host, port = (target.host, target.port) if proxy is None else (proxy.host, proxy.port)
    channel = Channel(_connect(host, port, deadline), deadline, limit=limit, target=target)
    try:
        if target.scheme == "https":
            if proxy is not None:
                _tunnel(channel, target, proxy)
            channel.secure(ssl.create_default_context())
    except BaseException:
        channel.close()
        raise
    return channel


def _connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Return a socket connected to the first address of ``host`` that accepts."""
    failure = OSError("no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(deadline.left())
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


def _tunnel(channel: Channel, target: Url, proxy: Proxy) -> None:
    """Ask the proxy for a connection to the target."""
    address = f"[{target.host}]:{target.port}" if ":" in target.host else f"{target.host}:{target.port}"
    lines = [f"CONNECT {address} HTTP/1.1", f"Host: {address}"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    channel.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
    # Nothing follows the proxy's header until the TLS handshake begins, so the reader takes no byte that is not its.
    with http.client.HTTPResponse(cast(socket.socket, channel), method="CONNECT") as response:
        response.begin()
        if response.status != 200:
            raise EndpointFailed(
                f"The proxy {proxy} refused the way to {target} ({response.status}).", code="endpoint-proxy"
            )
