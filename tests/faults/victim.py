"""A web server that dies at a write: ``python -m tests.faults.victim DIR AT WHEN`` serves one request after another.

Prints ``listening PORT``; then ``point NAME`` at every durable write that it passes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from notary.compose import open_services, open_settings
from notary.web.app import create_app
from tests.killing import Killer, KillingStore


class Quiet(WSGIRequestHandler):
    """Says nothing about requests."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main(root: str, at: str, when: str) -> None:
    """Serve until killed."""
    killer = Killer(int(at), when, lambda name: print("point", name, flush=True))
    settings = open_settings(Path(root), environ={})
    services = open_services(settings, wrap=lambda store: KillingStore(store, killer))
    server = make_server("127.0.0.1", 0, create_app(services, settings), handler_class=Quiet)
    print("listening", server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
