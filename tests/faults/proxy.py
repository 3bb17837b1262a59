"""A proxy between us and a node that does, when told, what endpoints do to their clients.

It stands in front of a real node and forwards everything, until a fault is set. Faults choose the calls that they meet
by method, can be set to end after so many times, and count how often they fired. Nothing sleeps: what stalls, stalls
until the client gives up or the proxy is closed.
"""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from notary.net.http import request as exchange
from tests.endpoint import Request, answer, serve

NODE_SECONDS = 30.0
SEND = "eth_sendRawTransaction"


@dataclass
class Exchange:
    """One request of ours on its way: the open connection, the calls in it, and the way to the node."""

    connection: socket.socket
    request: Request
    url: str
    closing: threading.Event

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls, of a batch or alone."""
        value = self.request.json
        return value if isinstance(value, list) else [value]

    def forward(self) -> Any:
        """Hand the request to the node and return its answer, parsed."""
        response = exchange(
            "POST",
            self.url,
            body=self.request.body,
            headers={"Content-Type": "application/json"},
            timeout=NODE_SECONDS,
            max_bytes=1 << 26,
        )
        return json.loads(response.body)

    def reply(self, value: Any) -> None:
        """Answer with JSON."""
        self.connection.sendall(answer(json.dumps(value).encode(), headers={"Content-Type": "application/json"}))


Fault: TypeAlias = Callable[[Exchange], None]
Change: TypeAlias = Callable[[dict[str, Any], dict[str, Any]], None]


@dataclass
class _Rule:
    fault: Fault
    name: str
    methods: frozenset[str]
    times: int | None
    every: int
    met: int = 0


@dataclass
class Proxy:
    """Where it listens, what it does now, and how often each fault fired."""

    url: str
    node: str
    fired: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    _rules: list[_Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def use(
        self, fault: Fault, *, name: str, methods: tuple[str, ...] = (), times: int | None = None, every: int = 1
    ) -> None:
        """Do this to requests with one of ``methods`` (none: to all), ``times`` times, to every so manieth of them."""
        with self._lock:
            self._rules.append(_Rule(fault, name, frozenset(methods), times, every))

    def heal(self) -> None:
        """End all faults."""
        with self._lock:
            self._rules.clear()

    def serve_one(self, connection: socket.socket, request: Request, closing: threading.Event) -> None:
        """Forward a request, or do to it what the first rule that meets it says."""
        one = Exchange(connection, request, self.node, closing)
        methods = {call["method"] for call in one.calls}
        fault = self._fault(methods)
        if fault is None:
            one.reply(one.forward())
        else:
            fault(one)

    def _fault(self, methods: set[str]) -> Fault | None:
        with self._lock:
            self.methods.update(methods)
            for rule in self._rules:
                if (rule.methods and not rule.methods & methods) or rule.times == 0:
                    continue
                rule.met += 1
                if rule.met % rule.every:
                    continue
                if rule.times is not None:
                    rule.times -= 1
                self.fired[rule.name] += 1
                return rule.fault
        return None


@contextmanager
def in_front_of(url: str) -> Iterator[Proxy]:
    """Run a proxy in front of the node at ``url``."""
    closing = threading.Event()
    proxies: list[Proxy] = []

    def script(connection: socket.socket, request: Request) -> None:
        proxies[0].serve_one(connection, request, closing)

    with serve(script) as endpoint:
        proxies.append(Proxy(endpoint.url, url))
        try:
            yield proxies[0]
        finally:
            closing.set()


def refuse(_one: Exchange) -> None:
    """Close the connection without a word; the node hears nothing."""


def forward_then_drop(one: Exchange) -> None:
    """The node gets the request; we get a closed connection."""
    one.forward()


def forward_then_502(one: Exchange) -> None:
    """The node gets the request; we get a gateway's error page."""
    one.forward()
    one.connection.sendall(answer(b"<html>Bad gateway</html>", status="502 Bad Gateway"))


def stall(one: Exchange) -> None:
    """Nothing comes until we give up."""
    one.connection.settimeout(NODE_SECONDS)
    while not one.closing.is_set() and one.connection.recv(1) != b"":
        pass


def html(one: Exchange) -> None:
    """A page where JSON should be."""
    page = b"<!doctype html><title>Maintenance</title><p>Back soon."
    one.connection.sendall(answer(page, headers={"Content-Type": "text/html"}))


def too_many(one: Exchange) -> None:
    """429, with a wait that nobody asked for."""
    one.connection.sendall(answer(b"slow down", status="429 Too Many Requests", headers={"Retry-After": "1"}))


def huge(one: Exchange) -> None:
    """An answer without an end, until the client has had enough."""
    one.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    chunk = b" " * (1 << 20)
    while not one.closing.is_set():
        one.connection.sendall(chunk)


def gzip_bomb(one: Exchange) -> None:
    """64 MiB of blanks in some kilobytes."""
    body = gzip.compress(b" " * (1 << 26), 9)
    one.connection.sendall(answer(body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}))


def swallow(one: Exchange) -> None:
    """Answer a send as if it were taken, and keep it."""
    from notary.core.keccak import keccak256

    [call] = one.calls
    tx_hash = "0x" + keccak256(bytes.fromhex(call["params"][0][2:])).hex()
    one.reply({"jsonrpc": "2.0", "id": call["id"], "result": tx_hash})


def lie(change: Change) -> Fault:
    """Return the fault that changes the node's answers: ``change(call, response)`` edits each in place."""

    def fault(one: Exchange) -> None:
        value = one.forward()
        responses = {each["id"]: each for each in (value if isinstance(value, list) else [value])}
        for call in one.calls:
            change(call, responses[call["id"]])
        one.reply(value)

    return fault


def stale() -> Fault:
    """Return the fault of a replica that stands still: to each call the first answer that it ever gave."""
    known: dict[str, Any] = {}

    def change(call: dict[str, Any], response: dict[str, Any]) -> None:
        kept = known.setdefault(json.dumps([call["method"], call["params"]]), dict(response))
        response.pop("result", None)
        response.pop("error", None)
        response.update({name: value for name, value in kept.items() if name in {"result", "error"}})

    return lie(change)
