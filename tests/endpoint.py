"""A real server on loopback whose every answer a test writes, byte by byte if need be."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass
class Request:
    """A request as it came in; header names are lower-case."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Script: TypeAlias = Callable[[socket.socket, Request], None]


@dataclass
class Endpoint:
    """Where the server listens, and what it was asked."""

    port: int
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        host = "127.0.0.1" if self.scheme == "http" else "localhost"
        return f"{self.scheme}://{host}:{self.port}"


@contextmanager
def serve(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[Endpoint]:
    """Answer every connection with ``script``, each in a thread of its own, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    endpoint = Endpoint(listener.getsockname()[1], "http" if tls is None else "https")
    threads: list[threading.Thread] = []
    open_sockets: list[socket.socket] = []

    def handle(connection: socket.socket) -> None:
        # Clients go away in the middle of an answer: that is what many tests are about.
        with suppress(OSError), connection:
            peer = connection if tls is None else tls.wrap_socket(connection, server_side=True)
            with peer:
                request = read_request(peer)
                if request is not None:
                    endpoint.requests.append(request)
                    script(peer, request)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            open_sockets.append(connection)
            thread = threading.Thread(target=handle, args=(connection,), daemon=True)
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield endpoint
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(5)
        for connection in open_sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)


def read_request(connection: socket.socket) -> Request | None:
    """Read one request, or return None where the client sent none."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in fields)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    return Request(line, headers, body)


def answer(body: bytes, *, status: str = "200 OK", headers: dict[str, str] | None = None) -> bytes:
    """Return a well-formed response."""
    fields = {"Content-Length": str(len(body)), **(headers or {})}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def always(data: bytes) -> Script:
    """Return the script that sends these bytes, whatever was asked."""

    def script(connection: socket.socket, _request: Request) -> None:
        connection.sendall(data)

    return script
