"""An address at which a log's checkpoint is public: a small HTTP server that shows what a test gives it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Witness:
    """Shows ``note``, or answers 503 while there is none; counts what it was asked."""

    url: str = ""
    note: bytes | None = None
    asked: int = 0


@contextmanager
def witness(note: bytes | None = None) -> Iterator[Witness]:
    """Serve a checkpoint while the block runs."""
    shown = Witness(note=note)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.asked += 1
            body = shown.note if self.path == "/log/checkpoint" else None
            self.send_response(503 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shown.url = f"http://127.0.0.1:{server.server_port}/log"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield shown
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
