"""Around every request: its id, its log line, its numbers. All that a line tells is of our own making.

Addresses asked for are not logged, only the routes they fit: they hold what a reader looks for. Nor are API keys, only
the half of them that is no secret.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import secrets
import time
from functools import lru_cache

from flask import Flask, Response, g, request

from notary.config import Settings
from notary.telemetry import logs, metrics
from notary.web.context import draining

log = logging.getLogger("notary.access")

HEADER = "X-Request-Id"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def install(app: Flask, settings: Settings) -> None:
    """Number, time, log and count the requests of ``app``."""
    proxies = Proxies(settings.server.trusted_proxies)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = _given_id(proxies) or secrets.token_hex(8)
        logs.set_request_id(g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = g.request_id
        if draining():
            # Who keeps the connection open would send the next request just when nobody listens any more.
            response.headers["Connection"] = "close"
        done = _Done(settings, proxies, response)
        response.call_on_close(done.tell)
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        logs.set_request_id(None)


class Proxies:
    """The proxies in front of this server."""

    def __init__(self, networks: tuple[str, ...]) -> None:
        """Trust what comes from these networks."""
        self._networks = [ipaddress.ip_network(network) for network in networks]
        self.trusts = lru_cache(maxsize=1024)(self._trusts)

    def _trusts(self, address: str) -> bool:
        if not self._networks:
            return False
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def client(self, address: str, forwarded: str) -> str:
        """Return where a request came from: the last address in ``X-Forwarded-For`` that no proxy of ours has."""
        seen = address
        for hop in reversed(forwarded.split(",")):
            if not self.trusts(seen):
                break
            try:
                seen = str(ipaddress.ip_address(hop.strip()))
            except ValueError:
                break
        return seen


def _given_id(proxies: Proxies) -> str | None:
    """Return the id that a trusted proxy gave the request, if it is one that can stand in a log."""
    given = request.headers.get(HEADER)
    if given is None or not _SANE_ID.fullmatch(given) or not proxies.trusts(request.remote_addr or ""):
        return None
    return given


class _Done:
    """What will be told of a request when its answer is out, which may be long after its view returned."""

    def __init__(self, settings: Settings, proxies: Proxies, response: Response) -> None:
        self._began: float = g.began
        self._response = response
        self._access = settings.logging.access
        self._method = request.method if request.method in metrics.METHODS else "other"
        self._route = metrics.NO_ROUTE if request.url_rule is None else str(request.url_rule)
        self._extra: dict[str, object] = {"request_id": g.request_id, "key_id": g.get("key_id")}
        if settings.logging.client_address:
            forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
            self._extra["client"] = proxies.client(request.remote_addr or "", forwarded)

    def tell(self) -> None:
        """Count it and write its line."""
        seconds = time.perf_counter() - self._began
        status = self._response.status_code
        metrics.count_request(route=self._route, method=self._method, status=status, seconds=seconds)
        if not self._access:
            return
        self._extra |= {
            "event": "request",
            "method": self._method,
            "route": self._route,
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
        }
        log.info("%s %s %d", self._method, self._route, status, extra=self._extra)
