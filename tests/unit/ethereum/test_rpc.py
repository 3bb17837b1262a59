"""JSON-RPC against endpoints that refuse batches, answer nonsense, or are no endpoints at all."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from notary.core.jcs import Json
from notary.errors import EndpointFailed
from notary.ethereum.rpc import Answer, Fault, Rpc, as_list, as_object, hex_bytes, quantity, revert_data
from tests.endpoint import Request, Script, always, answer, serve

METHODS: dict[str, Any] = {"eth_chainId": "0x7a69", "eth_blockNumber": "0x10", "nothing": None}


def result(call: dict[str, Any]) -> dict[str, Any]:
    """Answer one call as a node does."""
    assert call["jsonrpc"] == "2.0"
    if call["method"] in METHODS:
        return {"jsonrpc": "2.0", "id": call["id"], "result": METHODS[call["method"]]}
    return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32601, "message": "no such method"}}


def node(change: Callable[[Any], Any] = lambda response: response) -> Script:
    """Return the script of a node whose responses are changed."""

    def script(connection: socket.socket, request: Request) -> None:
        call = request.json
        response = [result(one) for one in call] if isinstance(call, list) else result(call)
        connection.sendall(answer(json.dumps(change(response)).encode()))

    return script


def failure(script: Script) -> str:
    with serve(script) as endpoint, pytest.raises(EndpointFailed) as failed:
        Rpc(endpoint.url).call("eth_chainId")
    return failed.value.code


def test_a_call() -> None:
    with serve(node()) as endpoint:
        rpc = Rpc(endpoint.url)
        assert rpc.call("eth_chainId") == "0x7a69"
        assert rpc.chain_id() == 31337
        assert rpc.call("nothing") is None
    assert endpoint.requests[0].headers["content-type"] == "application/json"


def test_the_genesis_block() -> None:
    block = {"number": "0x0", "hash": "0x" + "ab" * 32}
    with serve(always(answer(json.dumps({"id": 1, "result": block}).encode()))) as endpoint:
        assert Rpc(endpoint.url).genesis_hash() == b"\xab" * 32
    assert endpoint.requests[0].json["params"] == ["0x0", False]
    with serve(always(answer(b'{"id":1,"result":null}'))) as endpoint, pytest.raises(EndpointFailed) as failed:
        Rpc(endpoint.url).genesis_hash()
    assert failed.value.code == "block-unavailable"


def test_an_error_of_the_node() -> None:
    with serve(node()) as endpoint:
        rpc = Rpc(f"{endpoint.url}/token")
        found = rpc.ask("eth_unknown")
        assert found == Answer(rpc.name, "eth_unknown", None, Fault(-32601, "no such method"))
        with pytest.raises(EndpointFailed, match="error -32601: no such method") as failed:
            rpc.call("eth_unknown")
    assert failed.value.code == "rpc-error"
    assert "token" not in failed.value.message


def test_a_batch_is_one_request_and_keeps_its_order() -> None:
    with serve(node(lambda response: response[::-1])) as endpoint:
        answers = Rpc(endpoint.url).batch([("eth_chainId", []), ("eth_unknown", []), ("eth_blockNumber", [])])
    assert [one.value for one in answers] == ["0x7a69", None, "0x10"]
    assert [one.fault is None for one in answers] == [True, False, True]
    assert len(endpoint.requests) == 1


def test_a_batch_of_one_is_no_batch_and_of_none_is_no_request() -> None:
    with serve(node()) as endpoint:
        rpc = Rpc(endpoint.url)
        assert [one.value for one in rpc.batch([("eth_chainId", [])])] == ["0x7a69"]
        assert rpc.batch([]) == []
    assert isinstance(endpoint.requests[0].json, dict)
    assert len(endpoint.requests) == 1


def test_long_batches_are_cut() -> None:
    with serve(node()) as endpoint:
        answers = Rpc(endpoint.url).batch([("eth_chainId", [])] * 120)
    assert [one.value for one in answers] == ["0x7a69"] * 120
    assert [len(request.json) for request in endpoint.requests] == [50, 50, 20]


def without_batches(refusal: bytes) -> Script:
    def script(connection: socket.socket, request: Request) -> None:
        if isinstance(request.json, list):
            connection.sendall(refusal)
        else:
            node()(connection, request)

    return script


@pytest.mark.parametrize(
    "refusal",
    [
        answer(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}}'),
        answer(b'{"error":"no"}', status="400 Bad Request"),
        answer(b"[]", status="413 Content Too Large"),
        answer(b'{"a":1}', status="500 Oops"),
    ],
)
def test_an_endpoint_without_batches_is_asked_one_by_one(refusal: bytes) -> None:
    with serve(without_batches(refusal)) as endpoint:
        rpc = Rpc(endpoint.url)
        for _ in range(2):
            answers = rpc.batch([("eth_chainId", []), ("eth_blockNumber", [])])
            assert [one.value for one in answers] == ["0x7a69", "0x10"]
    assert len(endpoint.requests) == 5  # the batch is tried once only


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "429 Too Many Requests"])
def test_an_endpoint_that_wants_us_gone_is_not_asked_one_by_one(status: str) -> None:
    with serve(always(answer(b"{}", status=status))) as endpoint, pytest.raises(EndpointFailed) as failed:
        Rpc(endpoint.url).batch([("eth_chainId", []), ("eth_blockNumber", [])])
    assert failed.value.code == "endpoint-http-status"
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (answer(b"<!doctype html><title>Welcome</title>"), "endpoint-not-json"),
        (answer(b""), "endpoint-not-json"),
        (answer(b'{"jsonrpc":"2.0","id":1,"result":NaN}'), "endpoint-not-json"),
        (answer(b'{"jsonrpc":"2.0","id":1,"id":1,"result":"0x1"}'), "endpoint-not-json"),
        (answer(b"[" * 100_000), "endpoint-not-json"),
        (answer(b"<html>", status="502 Bad Gateway"), "endpoint-http-status"),
        (answer(b'{"jsonrpc":"2.0","id":1,"result":"0x1"}', status="503 Overloaded"), "endpoint-http-status"),
        (answer(b'{"jsonrpc":"2.0","id":2,"result":"0x1"}'), "rpc-shape"),
        (answer(b'{"jsonrpc":"2.0","id":"1","result":"0x1"}'), "rpc-shape"),
        (answer(b'{"jsonrpc":"2.0","id":true,"result":"0x1"}'), "rpc-shape"),
        (answer(b'{"jsonrpc":"2.0","id":1}'), "rpc-shape"),
        (answer(b'{"jsonrpc":"2.0","id":null,"result":"0x1"}'), "rpc-shape"),
        (answer(b'[{"jsonrpc":"2.0","id":1,"result":"0x1"}]'), "rpc-shape"),
        (answer(b'"0x1"'), "rpc-shape"),
        (answer(b"null"), "rpc-shape"),
        (answer(b'{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"m"},"result":"0x1"}'), "rpc-error"),
        (answer(b'{"jsonrpc":"2.0","id":1,"error":{"code":429,"message":"slow"}}', status="429 Slow"), "rpc-error"),
        (answer(b'{"jsonrpc":"2.0","id":1,"error":"broken"}'), "rpc-error"),
        (answer(b"", status="302 Found", headers={"Location": "http://127.0.0.1:1"}), "endpoint-redirect"),
    ],
)
def test_what_is_no_answer(data: bytes, code: str) -> None:
    assert failure(always(data)) == code


@pytest.mark.parametrize(
    "change",
    [
        lambda response: response[:1],
        lambda response: [*response, response[0]],
        lambda response: [response[0], response[0]],
        lambda response: [response[0], {**response[1], "id": 3}],
        lambda response: [response[0], None],
        lambda response: [response[0], {"id": 2}],
        lambda response: [],
    ],
    ids=["short", "long", "twice", "other-id", "null", "empty", "none"],
)
def test_a_batch_with_anything_missing_is_no_answer(change: Callable[[Any], Any]) -> None:
    with serve(node(change)) as endpoint, pytest.raises(EndpointFailed) as failed:
        Rpc(endpoint.url).batch([("eth_chainId", []), ("eth_blockNumber", [])])
    assert failed.value.code == "rpc-shape"


def test_the_size_of_an_answer_is_bounded() -> None:
    with serve(always(answer(b'"' + b"a" * 5000 + b'"'))) as endpoint, pytest.raises(EndpointFailed) as failed:
        Rpc(endpoint.url, max_bytes=4000).call("eth_chainId")
    assert failed.value.code == "endpoint-too-large"


def test_the_budget_is_for_all_calls_together() -> None:
    def slow(connection: socket.socket, request: Request) -> None:
        time.sleep(0.2)
        node()(connection, request)

    with serve(slow) as endpoint:
        rpc = Rpc(endpoint.url, timeout=5, budget=0.5)
        started = time.monotonic()
        with pytest.raises(EndpointFailed) as failed:
            all(rpc.chain_id() for _ in range(20))
    assert failed.value.code == "endpoint-timeout"
    assert 1 <= len(endpoint.requests) <= 3
    assert time.monotonic() - started < 3


def test_a_nodes_message_is_made_printable_and_short() -> None:
    message = "a\x1b[31m\nb\u202e" + "x" * 1000
    reply = json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": message}}).encode()
    with serve(always(answer(reply))) as endpoint:
        fault = Rpc(endpoint.url).ask("eth_chainId").fault
    assert fault is not None
    assert fault.message.startswith("a [31m b x")
    assert len(fault.message) == 300


def test_a_nul_in_a_message_does_not_hide_the_error() -> None:
    reply = b'{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"reverted: \\u0000\\u0000x","data":"0x12"}}'
    with serve(always(answer(reply))) as endpoint:
        assert Rpc(endpoint.url).ask("eth_estimateGas").fault == Fault(3, "reverted:   x", "0x12")


def test_no_address() -> None:
    with pytest.raises(EndpointFailed) as failed:
        Rpc("node.example:8545")
    assert failed.value.code == "endpoint-url"


@pytest.mark.parametrize(("value", "number"), [("0x0", 0), ("0xff", 255), ("0xFF", 255), ("0x00ff", 255)])
def test_quantities(value: Json, number: int) -> None:
    assert quantity(value, "n") == number


@pytest.mark.parametrize("value", [None, 1, True, "", "0x", "1", "-0x1", "0x-1", "0x1_0", "0xg", "0x" + "1" * 65, []])
def test_no_quantities(value: Json) -> None:
    with pytest.raises(EndpointFailed) as failed:
        quantity(value, "n")
    assert failed.value.code == "rpc-shape"


@pytest.mark.parametrize("value", [None, 1, "", "00", "0x0", "0xgg", "0x 0", ["0x00"]])
def test_no_data(value: Json) -> None:
    with pytest.raises(EndpointFailed):
        hex_bytes(value, "data")


def test_data_of_a_size() -> None:
    assert hex_bytes("0x", "data") == b""
    assert hex_bytes("0xAbcd", "data", size=2) == b"\xab\xcd"
    for size in (1, 3, 0):
        with pytest.raises(EndpointFailed, match=f"{size} bytes"):
            hex_bytes("0xabcd", "data", size=size)


def test_objects_and_arrays() -> None:
    assert as_object({}, "o") == {}
    assert as_list([], "l") == []
    no_objects: list[Json] = [None, "x", []]
    no_arrays: list[Json] = [None, "x", {}]
    for value in no_objects:
        with pytest.raises(EndpointFailed):
            as_object(value, "o")
    for value in no_arrays:
        with pytest.raises(EndpointFailed):
            as_list(value, "l")


@pytest.mark.parametrize(
    ("data", "found"), [("0x1234", b"\x124"), ({"data": "0x12"}, b"\x12"), (None, b""), ("Reverted 0x", b""), (7, b"")]
)
def test_what_a_revert_returned(data: Json, found: bytes) -> None:
    assert revert_data(Fault(3, "execution reverted", data)) == found
