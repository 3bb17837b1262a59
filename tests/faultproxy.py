"""A proxy between Notary and a node that does what networks, balancers and bad nodes do, and counts how often.

::

    with FaultProxy(node.url) as proxy:
        fault = proxy.add(drop_after("eth_sendRawTransaction", times=1))
        ... use proxy.url ...
        assert fault.fired == 1

A fault has a name, the JSON-RPC methods it is about (none: all), how often it strikes (every n-th matching request, at
most ``times``), and what it does. The first fault that strikes decides; without one the request is forwarded.
"""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import urlsplit

from tests.endpoint import Request, answer, serve

_FORWARD_TIMEOUT = 30.0
SEND = "eth_sendRawTransaction"


@dataclass
class Exchange:
    """One request on its way through the proxy."""

    upstream: str
    body: bytes
    ended: threading.Event

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The JSON-RPC calls in the request."""
        value = json.loads(self.body)
        return value if isinstance(value, list) else [value]

    def forward(self, calls: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
        """Hand the calls, or others in their place, to the node, and return its responses in their order."""
        calls = self.calls if calls is None else calls
        if not calls:
            return []
        found = json.loads(post(self.upstream, json.dumps(calls).encode()))
        by_id = {one["id"]: one for one in found}
        return [by_id[call["id"]] for call in calls]

    def reply(self, responses: list[dict[str, Any]]) -> bytes:
        """Return the HTTP answer with these responses, a batch where the request was one."""
        batch = isinstance(json.loads(self.body), list)
        return answer(json.dumps(responses if batch else responses[0]).encode())


Act: TypeAlias = Callable[[Exchange], "bytes | None"]
"""What a fault does: returns the bytes to answer with; None closes the connection."""


@dataclass
class Fault:
    """Something that goes wrong; ``fired`` counts how often it did."""

    name: str
    act: Act
    methods: frozenset[str] = frozenset()
    every: int = 1
    times: int | None = None
    seen: int = 0
    fired: int = 0

    def strikes(self, methods: Iterable[str]) -> bool:
        """Count a request, and say whether the fault happens to it."""
        if self.methods and not self.methods & set(methods):
            return False
        self.seen += 1
        if self.seen % self.every or (self.times is not None and self.fired >= self.times):
            return False
        self.fired += 1
        return True


@dataclass
class FaultProxy:
    """Listens on loopback while its ``with`` block runs; ``requests`` are the methods of every request that came."""

    upstream: str
    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    requests: list[list[str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        """Listen."""
        self.url = self._stack.enter_context(serve(self._script)).url
        self._stack.callback(self._ended.set)  # lets stalled connections end first
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._stack.close()

    def add(self, fault: Fault) -> Fault:
        """Let a fault happen from now on."""
        with self._lock:
            self.faults.append(fault)
        return fault

    def clear(self) -> None:
        """Let no fault happen any more; what stalls is let go."""
        with self._lock:
            self.faults.clear()
            ended, self._ended = self._ended, threading.Event()
            self._stack.callback(self._ended.set)
        ended.set()

    def _script(self, connection: socket.socket, request: Request) -> None:
        exchange = Exchange(self.upstream, request.body, self._ended)
        methods = [str(call["method"]) for call in exchange.calls]
        with self._lock:
            self.requests.append(methods)
            fault = next((one for one in self.faults if one.strikes(methods)), None)
        try:
            data = exchange.reply(exchange.forward()) if fault is None else fault.act(exchange)
        except OSError:
            return  # the node is gone: so is the connection
        if data is not None:
            connection.sendall(data)


def post(url: str, body: bytes) -> bytes:
    """Return the body of the node's answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_FORWARD_TIMEOUT)
    try:
        connection.request("POST", "/", body, {"Content-Type": "application/json"})
        return connection.getresponse().read()
    finally:
        connection.close()


def _fault(name: str, act: Act, *methods: str, every: int = 1, times: int | None = None) -> Fault:
    return Fault(name, act, frozenset(methods), every, times)


# ---------------------------------------------------------------------------------------------------------- transport


def drop_before(*methods: str, **when: Any) -> Fault:
    """Close the connection; the node never hears of the request."""
    return _fault("drop-before", lambda _: None, *methods, **when)


def drop_after(*methods: str, **when: Any) -> Fault:
    """Forward the request, then close the connection."""

    def act(exchange: Exchange) -> None:
        exchange.forward()

    return _fault("drop-after", act, *methods, **when)


def bad_gateway_after(*methods: str, **when: Any) -> Fault:
    """Forward the request, then answer 502."""

    def act(exchange: Exchange) -> bytes:
        exchange.forward()
        return answer(b"<html>502 Bad Gateway</html>", status="502 Bad Gateway")

    return _fault("bad-gateway-after", act, *methods, **when)


def stall(*methods: str, forward: bool = False, **when: Any) -> Fault:
    """Say nothing until the proxy ends or its faults are cleared; with ``forward`` the node got the request."""

    def act(exchange: Exchange) -> None:
        if forward:
            exchange.forward()
        exchange.ended.wait()

    return _fault("stall", act, *methods, **when)


def says(name: str, data: bytes, *methods: str, **when: Any) -> Fault:
    """Answer with these bytes, without asking the node."""
    return _fault(name, lambda _: data, *methods, **when)


def html(*methods: str, **when: Any) -> Fault:
    """Answer with a page."""
    return says("html", answer(b"<!doctype html><title>Welcome</title>"), *methods, **when)


def too_many(*methods: str, retry_after: str = "3600", **when: Any) -> Fault:
    """Answer 429."""
    data = answer(b'{"error":"slow down"}', status="429 Too Many Requests", headers={"Retry-After": retry_after})
    return says("too-many", data, *methods, **when)


def huge(*methods: str, size: int = 64 * 1024 * 1024, **when: Any) -> Fault:
    """Announce and send a body that is far too large."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()
    return says("huge", head + b" " * 1024, *methods, **when)


def endless(*methods: str, megabytes: int = 40, **when: Any) -> Fault:
    """Send a body in chunks that goes on for ever, or nearly so."""
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * megabytes
    return says("endless", data, *methods, **when)


def gzip_bomb(*methods: str, **when: Any) -> Fault:
    """Send a small body that decompresses to a large one, without being asked for compression."""
    data = answer(gzip.compress(bytes(16 * 1024 * 1024)), headers={"Content-Encoding": "gzip"})
    return says("gzip-bomb", data, *methods, **when)


# ---------------------------------------------------------------------------------------------------------------- lies


def black_hole(**when: Any) -> Fault:
    """Claim to have taken a transaction that the node never gets."""

    def act(exchange: Exchange) -> bytes:
        return exchange.reply(
            [{"jsonrpc": "2.0", "id": one["id"], "result": "0x" + "00" * 32} for one in exchange.calls]
        )

    return _fault("black-hole", act, SEND, **when)


def lie(change: Callable[[dict[str, Any], Any], Any], *methods: str, name: str = "lie", **when: Any) -> Fault:
    """Change the node's results: ``change(call, result)`` returns what is said in their place."""

    def act(exchange: Exchange) -> bytes:
        responses = exchange.forward()
        for call, response in zip(exchange.calls, responses, strict=True):
            if (not methods or call["method"] in methods) and "result" in response:
                response["result"] = change(call, response["result"])
        return exchange.reply(responses)

    return _fault(name, act, *methods, **when)


def wrong_hash(**when: Any) -> Fault:
    """Pass a transaction on, and return another hash than its own."""
    return lie(lambda _call, _result: "0x" + "ab" * 32, SEND, name="wrong-hash", **when)


def other_block(height: int, block_hash: str, **when: Any) -> Fault:
    """Name another hash for the block at a height."""

    def change(call: dict[str, Any], block: Any) -> Any:
        return {**block, "hash": block_hash} if block and int(block["number"], 16) == height else block

    return lie(change, "eth_getBlockByNumber", name="other-block", **when)


def own_headers(**when: Any) -> Fault:
    """Give every block a header whose hash is not the block's, as chains do that make their hashes otherwise."""

    def change(_call: dict[str, Any], block: Any) -> Any:
        return {**block, "extraData": "0x01"} if block is not None and block["number"] != "0x0" else block

    return lie(change, "eth_getBlockByNumber", "eth_getBlockByHash", name="own-headers", **when)


def stale_replica(upstream: str, **when: Any) -> Fault:
    """Answer as a replica that has stopped at the node's present head, and knows nothing later."""
    head, final = (
        int(json.loads(post(upstream, _call("eth_getBlockByNumber", which, False)))["result"]["number"], 16)
        for which in ("latest", "finalized")
    )
    names = {"latest": hex(head), "pending": hex(head), "finalized": hex(final), "safe": hex(final)}

    def act(exchange: Exchange) -> bytes:
        asked = [
            {**call, "params": [names.get(one, one) if isinstance(one, str) else one for one in call["params"]]}
            for call in exchange.calls
        ]
        responses = exchange.forward(asked)
        for call, response in zip(asked, responses, strict=True):
            if "result" in response:
                response["result"] = _as_of(head, call["method"], response["result"])
        return exchange.reply(responses)

    return _fault("stale-replica", act, **when)


def _as_of(head: int, method: str, result: Any) -> Any:
    if method == "eth_blockNumber":
        return hex(head)
    if isinstance(result, dict):
        number = result.get("number", result.get("blockNumber"))
        return None if number is not None and int(number, 16) > head else result
    return result


def _call(method: str, *params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).encode()
