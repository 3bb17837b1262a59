"""A connection to PostgreSQL that is lost at the commit of a writer: before the server hears of it, or after.

The driver sends a COMMIT as a message of its own, which is what the proxy waits for; what a server says to it comes
whole. The transactions of readers pass.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
BUFFER = 1 << 16


@dataclass
class CommitProxy:
    """Listens on ``port`` for a server at ``target``; ``lose`` arms it for the next commit."""

    target: int
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    lost: int = 0
    _when: str | None = None
    _also: Callable[[], None] = lambda: None

    @property
    def port(self) -> int:
        """The port to connect to."""
        number: int = self.listener.getsockname()[1]
        return number

    def lose(self, when: str, also: Callable[[], None] = lambda: None) -> None:
        """Lose the connection ``before`` the next commit of a writer reaches the server, or ``after`` that.

        ``also`` is called then.
        """
        self._when, self._also = when, also

    def serve(self) -> None:
        """Take connections until closed."""
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        writes = False
        with client, server, contextlib.suppress(OSError):
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(BUFFER)
                    if not data:
                        return
                    if ready is server:
                        client.sendall(data)
                        continue
                    if b"READ ONLY" in data or b"READ WRITE" in data:
                        writes = b"READ WRITE" in data
                    if data == COMMIT and writes and self._when is not None:
                        self._lose(server)
                        return
                    server.sendall(data)

    def _lose(self, server: socket.socket) -> None:
        when, self._when = self._when, None
        if when == "after":
            server.sendall(COMMIT)
            server.recv(BUFFER)
        self.lost += 1
        self._also()


@contextmanager
def losing(target: int) -> Iterator[CommitProxy]:
    """Give a proxy for the length of a ``with`` block."""
    proxy = CommitProxy(target)
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        # To close it would not wake who waits for a connection.
        proxy.listener.shutdown(socket.SHUT_RDWR)
        proxy.listener.close()
        thread.join()
