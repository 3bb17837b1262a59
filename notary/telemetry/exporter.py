"""The answer to Prometheus: `GET /metrics` at an address of its own, which is nobody's business but the operator's."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import REGISTRY, CollectorRegistry, make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from notary.config.readers import split_listener

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH: Final = "/metrics"
FILES_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
_IDLE_SECONDS: Final = 10


def registry_with(collector: Collector) -> CollectorRegistry:
    """Return what is exported: ``collector``, and what the processes count.

    That is this process's own numbers, or those of all that share the folder in `PROMETHEUS_MULTIPROC_DIR`.
    """
    registry = CollectorRegistry()
    registry.register(collector)
    if FILES_VARIABLE in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Own())
    return registry


class _Own(Collector):
    """This process's own numbers, without those that the library adds about the interpreter."""

    def collect(self) -> Iterable[Any]:
        return [family for family in REGISTRY.collect() if family.name.startswith("notary_")]


class Exporter(ThreadingMixIn, WSGIServer):
    """A small HTTP server of one path. :meth:`serve_forever` runs it, :meth:`shutdown` ends it."""

    daemon_threads = True

    def __init__(self, listener: str, registry: CollectorRegistry) -> None:
        """Listen on ``HOST:PORT`` and answer with ``registry``. Raises :class:`OSError` where that is taken."""
        host, port = split_listener(listener)
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)
        self.set_app(_only_metrics(make_wsgi_app(registry)))


class _Handler(WSGIRequestHandler):
    timeout = _IDLE_SECONDS

    def address_string(self) -> str:
        return str(self.client_address[0])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name for it
        """Say nothing: a scrape every few seconds is no news."""


def _only_metrics(app: Callable[..., Any]) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH or environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            status = HTTPStatus.NOT_FOUND
            start_response(f"{status.value} {status.phrase}", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Metrics are at /metrics.\n"]
        result: Iterable[bytes] = app(environ, start_response)
        return result

    return answer
