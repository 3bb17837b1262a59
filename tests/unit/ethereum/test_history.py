"""A registry's past from endpoints that answer strangely: refused or unavailable, never taken for absent."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from notary.core.chain import TrustedChain
from notary.core.evm import ANCHORED_TOPIC
from notary.errors import EndpointFailed
from notary.ethereum import history
from notary.ethereum.history import RegistryHistory
from notary.ports.audit import Point, SeenEvent, Top
from tests.endpoint import Request, Script, answer, serve
from tests.worlds import CHAIN_ID, CODEHASH, GENESIS, LOG_ID, REGISTRY

CHAIN = TrustedChain(CHAIN_ID, GENESIS, REGISTRY, CODEHASH, LOG_ID)
ROOT = b"r" * 32


def words(*values: int | bytes) -> str:
    return "0x" + "".join(v.hex() if isinstance(v, bytes) else v.to_bytes(32, "big").hex() for v in values)


def event(**changes: object) -> dict[str, Any]:
    made = {
        "address": "0x" + REGISTRY.hex(),
        "topics": ["0x" + ANCHORED_TOPIC.hex(), "0x" + LOG_ID.hex()],
        "data": words(7, ROOT, 3),
        "blockNumber": "0x10",
        "removed": False,
    }
    return {**made, **changes}


def node(one: Callable[[dict[str, Any]], dict[str, Any]]) -> Script:
    """Return the script of a node that answers each call with ``one``."""

    def script(connection: socket.socket, request: Request) -> None:
        call = request.json
        calls = call if isinstance(call, list) else [call]
        made = [{"jsonrpc": "2.0", "id": each["id"], **one(each)} for each in calls]
        connection.sendall(answer(json.dumps(made if isinstance(call, list) else made[0]).encode()))

    return script


def events(result: Any) -> list[SeenEvent]:
    with serve(node(lambda _call: {"result": result})) as endpoint:
        return RegistryHistory(endpoint.url).events(CHAIN, low=0, high=100)


def test_events() -> None:
    with serve(node(lambda _call: {"result": [event()]})) as endpoint:
        found = RegistryHistory(endpoint.url).events(CHAIN, low=16, high=16)
    assert found == [SeenEvent(size=7, root=ROOT, prev_size=3, block=16)]
    [asked] = endpoint.requests[0].json["params"]
    assert asked == {
        "address": "0x" + REGISTRY.hex(),
        "topics": ["0x" + ANCHORED_TOPIC.hex(), "0x" + LOG_ID.hex()],
        "fromBlock": "0x10",
        "toBlock": "0x10",
    }


@pytest.mark.parametrize(
    "result",
    [
        None,
        {},
        "0x",
        [None],
        [event(address="0x" + "00" * 20)],
        [event(topics=["0x" + ANCHORED_TOPIC.hex(), "0x" + "00" * 32])],
        [event(topics="0x")],
        [event(data="0x00")],
        [event(data=words(7, ROOT, 7))],
        [event(blockNumber="0x65")],
        [event(blockNumber=None)],
        [event(blockNumber=16)],
        [event(removed=True)],
    ],
)
def test_what_is_no_answer_is_refused(result: Any) -> None:
    with pytest.raises(EndpointFailed) as caught:
        events(result)
    assert caught.value.code == "rpc-shape"


def test_too_many_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_EVENTS", 2)
    with pytest.raises(EndpointFailed) as caught:
        events([event()] * 3)
    assert caught.value.code == "too-many-events"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": 4444, "message": "anything"}, "logs-unavailable"),
        ({"code": -32000, "message": "History has been pruned for this block"}, "logs-unavailable"),
        ({"code": -32005, "message": "query returned more than 10000 results"}, "rpc-error"),
    ],
)
def test_pruned_events_are_unavailable(error: dict[str, Any], code: str) -> None:
    with serve(node(lambda _call: {"error": error})) as endpoint:
        asked = RegistryHistory(endpoint.url)
        with pytest.raises(EndpointFailed) as caught:
            asked.events(CHAIN, low=0, high=100)
        assert caught.value.code == code
        assert asked.events_at(CHAIN, [5, 6]) == [None, None]


def test_events_of_single_blocks() -> None:
    def one(call: dict[str, Any]) -> dict[str, Any]:
        return {"result": [event()] if call["params"][0]["fromBlock"] == "0x10" else []}

    with serve(node(one)) as endpoint:
        found = RegistryHistory(endpoint.url).events_at(CHAIN, [16, 17])
    assert found == [[SeenEvent(7, ROOT, 3, 16)], []]
    assert len(endpoint.requests) == 1


def test_points_come_in_batches() -> None:
    def one(call: dict[str, Any]) -> dict[str, Any]:
        size = int(call["params"][0]["data"][2 + 8 + 64 :][:64], 16)
        assert call["params"][1] == "latest"
        return {"result": words(1, size - 1, size + 100)}

    with serve(node(one)) as endpoint:
        found = RegistryHistory(endpoint.url).points(CHAIN, [(size, ROOT) for size in range(1, 121)])
    assert found == [Point(block=size + 100, prev_size=size - 1) for size in range(1, 121)]
    assert len(endpoint.requests) == 3


@pytest.mark.parametrize("result", [None, "0x", words(1, 2), words(1, 2, 3, 4), "page"])
def test_points_that_are_none(result: Any) -> None:
    with serve(node(lambda _call: {"result": result})) as endpoint, pytest.raises(EndpointFailed) as caught:
        RegistryHistory(endpoint.url).points(CHAIN, [(1, ROOT)])
    assert caught.value.code == "rpc-shape"


@pytest.mark.parametrize(("time", "final"), [(999, True), (1000, True), (1001, False)])
def test_the_newest_anchor_and_whether_it_is_final(time: int, *, final: bool) -> None:
    def one(call: dict[str, Any]) -> dict[str, Any]:
        if call["method"] == "eth_getBlockByNumber":
            assert call["params"] == ["0x3", False]
            return {"result": {"number": "0x3", "timestamp": hex(1000)}}
        return {"result": words(17, time)}

    with serve(node(one)) as endpoint:
        asked = RegistryHistory(f"{endpoint.url}/secret-key")
        assert asked.top(CHAIN, height=3) == Top(17, final)
        assert "secret" not in asked.name


def test_a_block_that_is_not_there() -> None:
    def one(call: dict[str, Any]) -> dict[str, Any]:
        return {"result": None if call["method"] == "eth_getBlockByNumber" else words(17, 5)}

    with serve(node(one)) as endpoint, pytest.raises(EndpointFailed) as caught:
        RegistryHistory(endpoint.url).top(CHAIN, height=3)
    assert caught.value.code == "block-unavailable"
