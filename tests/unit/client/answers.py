"""Logs that answer what a test wants: honest, mistaken or hostile, on a real loopback port."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from notary.client.api import LogClient
from notary.core.entry import Entry
from notary.core.text import CanonicalText, canonical_plain
from notary.errors import NotaryError
from tests.endpoint import Request, Script, answer, serve
from tests.worlds import TEXT, World

KEY = "nk_0123456789ab_" + "0" * 64
FIELDS: dict[str, Any] = {"document": "notice-17"}
GENUINE = World()
LEAF = GENUINE.entry.leaf_hash()
HTML = b"<!DOCTYPE html><title>Welcome to nginx!</title>"


def text(plain: str = TEXT) -> CanonicalText:
    return canonical_plain(plain.encode())


def bundle_of(made: Entry) -> bytes:
    return World(entry=made).bundle(anchors=()).encode()


def server(
    *, created: bytes | None = None, bundle: bytes | None = None, state: bytes | None = None, post: bytes | None = None
) -> Script:
    """Return the script of an honest log with one entry, with some of its bodies (or a whole answer) replaced."""
    accepted = json.dumps({"leaf_hash": LEAF.hex(), "state": "integrated"}).encode()
    shown = json.dumps({"state": "final", "leaf_hash": LEAF.hex()}).encode()

    def script(connection: Any, request: Request) -> None:
        method, path, _ = request.line.split(" ")
        if method == "POST":
            connection.sendall(post or answer(accepted if created is None else created, status="201 Created"))
        elif path.endswith("/bundle"):
            connection.sendall(answer(GENUINE.bundle().encode() if bundle is None else bundle))
        else:
            connection.sendall(answer(shown if state is None else state))

    return script


def refused(kind: type[NotaryError], code: str, script: Script, act: Callable[[LogClient], object]) -> NotaryError:
    """Hold the error that ``act`` ends with against what it must be, exactly of that class."""
    with serve(script) as endpoint, pytest.raises(NotaryError) as info:
        act(LogClient(endpoint.url, key=KEY, timeout=5))
    assert (type(info.value), info.value.code) == (kind, code), info.value
    return info.value


def problem(status: str, **members: object) -> bytes:
    body = {"type": "about:blank", "title": "No", "detail": "It is not so.", "code": "some-code", **members}
    return answer(json.dumps(body).encode(), status=status, headers={"Content-Type": "application/problem+json"})


def states(*answers: bytes | str) -> Script:
    """Return the script of a log that gives one answer after the other for the state, and stays with the last."""
    left = list(answers)
    honest = server()

    def script(connection: Any, request: Request) -> None:
        if request.line.split(" ")[1].endswith("/bundle"):
            honest(connection, request)
            return
        now = left.pop(0) if len(left) > 1 else left[0]
        connection.sendall(now if isinstance(now, bytes) else answer(json.dumps({"state": now}).encode()))

    return script
