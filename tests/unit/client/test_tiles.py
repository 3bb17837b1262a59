"""The reader of served logs against servers that cut, flood, redirect, compress and stall: bounded, and named."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from notary.client.tiles import MAX_CHECKPOINT_BYTES, TileClient
from notary.core.tiles import encode_entries
from notary.errors import CannotCheck, NotaryError, UsageError
from tests.endpoint import Request, Script, always, answer, serve

HTML = b"<!DOCTYPE html><html><body>Maintenance</body></html>"


def get(script: Script, what: Callable[[TileClient], object], *, timeout: float = 5) -> object:
    with serve(script) as endpoint:
        return what(TileClient(f"{endpoint.url}/log", timeout=timeout))


def failure(script: Script, what: Callable[[TileClient], object], *, timeout: float = 5) -> NotaryError:
    with pytest.raises(CannotCheck) as caught:
        get(script, what, timeout=timeout)
    return caught.value


def tile(client: TileClient) -> object:
    return client.tile(1, 5, 3)


def entries(client: TileClient) -> object:
    return client.entries(1234067, 2)


def checkpoint(client: TileClient) -> object:
    return client.checkpoint()


def test_what_is_asked_for_and_what_comes_back() -> None:
    with serve(always(answer(bytes(96)))) as endpoint:
        assert TileClient(f"{endpoint.url}/log/").tile(1, 5, 3) == bytes(96)
    assert endpoint.requests[0].line == "GET /log/tile/1/005.p/3 HTTP/1.1"
    with serve(always(answer(encode_entries([b"one", b""])))) as endpoint:
        assert TileClient(f"{endpoint.url}/log").entries(1234067, 2) == (b"one", b"")
    assert endpoint.requests[0].line == "GET /log/tile/entries/x001/x234/067.p/2 HTTP/1.1"
    assert get(always(answer(b"a note")), checkpoint) == b"a note"


@pytest.mark.parametrize("body", [b"", bytes(95), bytes(97), bytes(128), HTML])
def test_a_tile_of_another_length(body: bytes) -> None:
    error = failure(always(answer(body)), tile)
    assert error.code == "tile-length"
    assert "tile/1/005.p/3" in error.message


@pytest.mark.parametrize("body", [b"", b"\0", encode_entries([b"one"]), encode_entries([b"a", b"b", b"c"]), HTML])
def test_a_bundle_of_another_length(body: bytes) -> None:
    error = failure(always(answer(body)), entries)
    assert error.code == "entry-bundle"
    assert "tile/entries/x001/x234/067.p/2" in error.message


@pytest.mark.parametrize("what", [tile, entries, checkpoint])
@pytest.mark.parametrize("status", ["404 Not Found", "429 Too Many Requests", "500 Oops", "502 Bad Gateway"])
def test_another_status(what: Callable[[TileClient], object], status: str) -> None:
    error = failure(always(answer(HTML, status=status)), what)
    assert error.code == (
        "no-checkpoint" if what is checkpoint and status.startswith("404") else "endpoint-http-status"
    )


def test_a_missing_checkpoint_says_what_to_try() -> None:
    assert "LOG_URL/log" in failure(always(answer(b"", status="404 Not Found")), checkpoint).message


@pytest.mark.parametrize("what", [tile, entries, checkpoint])
def test_redirects_are_not_followed(what: Callable[[TileClient], object]) -> None:
    here = answer(b"", status="302 Found", headers={"Location": "/log/checkpoint"})
    with serve(always(here)) as endpoint, pytest.raises(CannotCheck) as caught:
        what(TileClient(endpoint.url))
    assert caught.value.code == "endpoint-redirect"
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(("what", "most"), [(tile, 8192), (entries, 256 * 65_537), (checkpoint, MAX_CHECKPOINT_BYTES)])
def test_ten_gigabytes(what: Callable[[TileClient], object], most: int) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
    assert failure(always(said), what).code == "endpoint-too-large"
    sent = 0

    def endless(connection: socket.socket, _request: Request) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sent += connection.send(bytes(65536))

    assert failure(endless, what, timeout=20).code == "endpoint-too-large"
    assert sent < 2 * most + (8 << 20)  # what both ends of a socket hold comes on top


def test_a_compressed_body_is_not_unpacked() -> None:
    bomb = answer(bytes(100), headers={"Content-Encoding": "gzip"})
    assert failure(always(bomb), tile).code == "endpoint-encoding"


def test_a_server_that_drips() -> None:
    def drip(connection: socket.socket, _request: Request) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 96\r\n\r\n")
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    assert failure(drip, tile, timeout=0.5).code == "endpoint-timeout"


def test_a_server_that_breaks_off() -> None:
    assert failure(always(b"HTTP/1.1 200 OK\r\nContent-Length: 96\r\n\r\nabc"), tile).code == "endpoint-truncated"


@pytest.mark.parametrize(
    "url", ["", "log.example", "ftp://log.example", "http://u:secret@log.example", "http://x/?a=1"]
)
def test_what_is_no_address(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        TileClient(url)
    assert caught.value.code == "bad-log-url"
    assert "secret" not in caught.value.message
    assert list(tmp_path.iterdir()) == []
