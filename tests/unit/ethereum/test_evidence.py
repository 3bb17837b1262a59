"""Observations from endpoints: what is said of good ones, and that bad ones never raise."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from notary.core.chain import (
    AnchoredHead,
    Block,
    ChainEvidence,
    Recorded,
    TrustedChain,
    Wanted,
    judge,
    judge_recorded,
)
from notary.core.keccak import keccak256
from notary.ethereum.evidence import gather
from tests.endpoint import Request, Script, always, answer, serve

GENESIS, CODE, REGISTRY = b"g" * 32, b"\x60\x80", b"r" * 20
HEAD = AnchoredHead(REGISTRY, b"l" * 32, 4, b"h" * 32)
# What the calldata is by docs/spec/registry.md, written out: function, log id, size, root.
ANCHORED = "eth_call 0x649d76c9" + "6c" * 32 + "00" * 31 + "04" + "68" * 32


def block(number: int) -> dict[str, str]:
    return {"number": hex(number), "hash": "0x" + bytes([number]).hex() * 32}


def state() -> dict[str, Any]:
    """What the scripted node answers: by method and first parameter."""
    return {
        "eth_chainId": "0x1",
        "eth_getBlockByNumber 0x0": {"number": "0x0", "hash": "0x" + GENESIS.hex()},
        "eth_getBlockByNumber finalized": block(9),
        "eth_getBlockByNumber 0x7": block(7),
        "eth_getBlockByNumber 0x8": block(8),
        "eth_getCode 0x" + REGISTRY.hex(): "0x" + CODE.hex(),
    }


def key_of(call: dict[str, Any]) -> str:
    """Return method and first parameter of a call, or its data."""
    return " ".join([call["method"], *(one["data"] if isinstance(one, dict) else one for one in call["params"][:1])])


def words(*numbers: int) -> str:
    """Return what a function returns, as hex."""
    return "0x" + "".join(number.to_bytes(32, "big").hex() for number in numbers)


def node(answers: dict[str, Any]) -> Script:
    def one(call: dict[str, Any]) -> dict[str, Any]:
        key = key_of(call)
        found = answers.get(key)
        error = isinstance(found, dict) and "message" in found
        return {"jsonrpc": "2.0", "id": call["id"], "error" if error else "result": found}

    def script(connection: socket.socket, request: Request) -> None:
        call = request.json
        response = [one(each) for each in call] if isinstance(call, list) else one(call)
        connection.sendall(answer(json.dumps(response).encode()))

    return script


def wanted(*heights: int, chain_id: int = 1) -> list[Wanted]:
    return [Wanted(chain_id, height, REGISTRY) for height in heights]


def test_what_a_good_endpoint_says() -> None:
    with serve(node(state())) as endpoint:
        (view,) = gather([f"{endpoint.url}/token"], wanted(7, 8, 8, 99))
    assert view.url == f"{endpoint.url}/…"
    assert view.problem is None
    assert (view.chain_id, view.genesis, view.final_height) == (1, GENESIS, 9)
    assert view.codehashes == {REGISTRY: keccak256(CODE)}
    assert view.hashes == {7: bytes([7]) * 32, 8: bytes([8]) * 32}  # 99 is not known there
    assert len(endpoint.requests) == 1
    methods = [(call["method"], *call["params"][:1]) for call in endpoint.requests[0].json]
    assert methods.index(("eth_getBlockByNumber", "finalized")) < methods.index(("eth_getBlockByNumber", "0x7"))


def stored(head: AnchoredHead = HEAD, *, latest: bool = False) -> Wanted:
    """Return what an anchor without a header needs to know."""
    return Wanted(1, None, head.registry, head, latest)


def asked_of(script: Script, *questions: Wanted) -> list[str]:
    """Return what is asked, in order, with "then" between two batches."""
    with serve(script) as endpoint:
        (view,) = gather([endpoint.url], questions)
    assert view.problem is None
    batches = [request.json if isinstance(request.json, list) else [request.json] for request in endpoint.requests]
    return [key for calls in batches for key in ("then", *map(key_of, calls))][1:]


ALWAYS = ["eth_chainId", "eth_getBlockByNumber 0x0", "eth_getBlockByNumber finalized"]
CODE_OF = "eth_getCode 0x" + REGISTRY.hex()


def test_only_what_is_wanted_is_asked_and_in_order() -> None:
    script = node({**state(), ANCHORED: words(100, 3, 7), "eth_blockNumber": "0xc"})
    assert asked_of(script, *wanted(8, 7, 8)) == [
        *ALWAYS, "eth_getBlockByNumber 0x7", "eth_getBlockByNumber 0x8", CODE_OF
    ]  # fmt: skip
    assert asked_of(script, stored(), stored()) == [*ALWAYS, "then", CODE_OF, ANCHORED]
    assert asked_of(script, Wanted(1, 7, REGISTRY, latest=True)) == [
        *ALWAYS, "eth_blockNumber", "then", "eth_getBlockByNumber 0x7", CODE_OF
    ]  # fmt: skip
    assert asked_of(script, *wanted(7), stored(latest=True)) == [
        *ALWAYS, "eth_blockNumber", "then", "eth_getBlockByNumber 0x7", CODE_OF, ANCHORED
    ]  # fmt: skip


def test_what_a_registry_holds_is_asked_of_that_registry_in_the_newest_state() -> None:
    other = AnchoredHead(b"q" * 20, HEAD.log_id, 2**63 - 1, HEAD.root)
    script = node({**state(), "eth_getCode 0x" + other.registry.hex(): "0x"})
    with serve(script) as endpoint:
        gather([endpoint.url], [stored(), stored(other)])
    calls = [call["params"] for call in endpoint.requests[1].json if call["method"] == "eth_call"]
    assert [(call["to"], which) for call, which in calls] == [
        ("0x" + "72" * 20, "latest"), ("0x" + "71" * 20, "latest")
    ]  # fmt: skip
    assert calls[1][0]["data"][2:].endswith("00" * 24 + "7f" + "ff" * 7 + "68" * 32)


@pytest.mark.parametrize("batches", [True, False], ids=["in a batch", "one by one"])
def test_what_a_registry_holds_and_which_block_is_newest(batches: bool) -> None:
    answers = node({**state(), ANCHORED: words(100, 3, 7), "eth_blockNumber": "0xc"})

    def script(connection: socket.socket, request: Request) -> None:
        if isinstance(request.json, list) and not batches:
            connection.sendall(answer(b"{}", status="400 No Batches"))
        else:
            answers(connection, request)

    with serve(script) as endpoint:
        (view,) = gather([endpoint.url], [*wanted(8), stored(latest=True)])
    assert view.problem is None
    assert view.recorded == {HEAD: Recorded(block=7, time=100)}
    assert (view.latest, view.final_height, set(view.hashes)) == (12, 9, {8})
    assert view.codehashes == {REGISTRY: keccak256(CODE)}


@pytest.mark.parametrize("batches", [True, False], ids=["a batch backwards", "one by one"])
@pytest.mark.parametrize("depth", [None, 3], ids=["finalized", "depth"])
def test_a_node_that_is_catching_up_denies_nothing(batches: bool, depth: int | None) -> None:
    """With each call it has ten blocks more; what it did not have yet is not what it has finally."""
    registry = {REGISTRY: keccak256(CODE)}
    chain = TrustedChain(1, GENESIS, REGISTRY, registry[REGISTRY], HEAD.log_id, depth)
    block_7 = {"number": "0x7", "hash": "0x" + "07" * 32}
    for begin in range(-60, 20, 10):
        newest = begin

        def one(call: dict[str, Any]) -> dict[str, Any]:
            nonlocal newest
            newest += 10
            now = {
                **state(),
                "eth_getBlockByNumber finalized": block(max(0, newest)),
                "eth_getBlockByNumber 0x7": block_7 if newest >= 9 else {**block_7, "hash": "0x" + "ff" * 32},
                "eth_blockNumber": hex(max(0, newest)),
                ANCHORED: words(100, 3, 7) if newest >= 9 else words(0, 0, 0),
            }
            return {"jsonrpc": "2.0", "id": call["id"], "result": now.get(key_of(call))}

        def script(connection: socket.socket, request: Request) -> None:
            call = request.json
            if isinstance(call, list) and not batches:
                connection.sendall(answer(b"{}", status="400 No Batches"))
                return
            said = [one(each) for each in reversed(call)] if isinstance(call, list) else one(call)
            connection.sendall(answer(json.dumps(said).encode()))

        with serve(script) as endpoint:
            views = gather([endpoint.url], [*wanted(7), stored(latest=depth is not None)])
        evidence = ChainEvidence(views)
        outcomes = (
            judge(Block(7, bytes([7]) * 32), chain, evidence, all_chains={1}),
            judge_recorded(HEAD, Recorded(7, 100), chain, evidence, all_chains={1}),
        )
        assert [outcome.code for outcome in outcomes if outcome.status == "fail"] == [], f"from block {begin} on"


def test_a_registry_that_does_not_hold_it_says_so() -> None:
    with serve(node({**state(), ANCHORED: words(0, 0, 0)})) as endpoint:
        (view,) = gather([endpoint.url], [stored()])
    assert view.recorded == {HEAD: Recorded(0, 0)}


def test_numbers_of_a_registry_may_be_of_any_size() -> None:
    with serve(node({**state(), ANCHORED: words(2**256 - 1, 0, 2**255)})) as endpoint:
        (view,) = gather([endpoint.url], [stored()])
    assert view.recorded == {HEAD: Recorded(block=2**255, time=2**256 - 1)}


@pytest.mark.parametrize(
    "said",
    [
        {"code": 3, "message": "execution reverted", "data": "0x"},
        {"code": -32000, "message": "missing trie node"},
        "0x",
        words(100, 3),
        words(100, 3, 7) + "00",
        words(100, 3, 7, 0),
    ],
    ids=["reverted", "no state", "no contract", "two words", "a byte more", "four words"],
)
def test_what_is_no_answer_of_a_registry_says_nothing(said: Any) -> None:
    answers = {**state(), ANCHORED: said, "eth_blockNumber": {"code": -32601, "message": "the method does not exist"}}
    with serve(node(answers)) as endpoint:
        (view,) = gather([endpoint.url], [*wanted(7), stored(latest=True)])
    assert (view.problem, view.recorded, view.latest) == (None, {}, None)
    assert (view.final_height, set(view.hashes), set(view.codehashes)) == (9, {7}, {REGISTRY})


def test_of_two_heads_each_gets_its_own_answer() -> None:
    other = AnchoredHead(REGISTRY, HEAD.log_id, 5, HEAD.root)
    of_other = ANCHORED.replace("00" * 31 + "04", "00" * 31 + "05")
    answers = {**state(), ANCHORED: {"code": 3, "message": "execution reverted"}, of_other: words(200, 4, 8)}
    with serve(node({**answers, "eth_blockNumber": "0xd"})) as endpoint:
        (view,) = gather([endpoint.url], [stored(), stored(other, latest=True)])
    assert view.recorded == {other: Recorded(block=8, time=200)}
    assert view.latest == 13


def test_an_address_without_code_is_an_observation() -> None:
    with serve(node({**state(), "eth_getCode 0x" + REGISTRY.hex(): "0x"})) as endpoint:
        (view,) = gather([endpoint.url], wanted(7))
    assert view.problem is None
    assert view.codehashes == {REGISTRY: keccak256(b"")}


def test_heights_on_another_chain_are_not_observed() -> None:
    with serve(node(state())) as endpoint:
        (view,) = gather([endpoint.url], [*wanted(7), *wanted(8, chain_id=5)])
    assert view.hashes == {7: bytes([7]) * 32}


@pytest.mark.parametrize("finalized", [None, {"code": -39001, "message": "unknown block"}])
def test_a_chain_without_finality(finalized: Any) -> None:
    with serve(node({**state(), "eth_getBlockByNumber finalized": finalized})) as endpoint:
        (view,) = gather([endpoint.url], wanted(7))
    assert view.problem is None
    assert view.final_height is None
    assert view.hashes == {7: bytes([7]) * 32}


def test_a_pruned_block_is_not_known() -> None:
    pruned = {"code": 4444, "message": "pruned history unavailable"}
    with serve(node({**state(), "eth_getBlockByNumber 0x7": pruned})) as endpoint:
        (view,) = gather([endpoint.url], wanted(7, 8))
    assert view.problem is None
    assert set(view.hashes) == {8}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("eth_chainId", None),
        ("eth_chainId", "one"),
        ("eth_chainId", {"code": -32601, "message": "the method does not exist"}),
        ("eth_getBlockByNumber 0x0", None),
        ("eth_getBlockByNumber 0x0", {"code": 4444, "message": "pruned history unavailable"}),
        ("eth_getBlockByNumber 0x0", block(1)),
        ("eth_getBlockByNumber 0x7", block(8)),
        ("eth_getBlockByNumber 0x7", {"number": "0x7", "hash": "0x00"}),
        ("eth_getBlockByNumber 0x7", {"number": "0x7"}),
        ("eth_getBlockByNumber 0x7", "0x7"),
        ("eth_getBlockByNumber finalized", {"number": "nine", "hash": block(9)["hash"]}),
        ("eth_getCode 0x" + REGISTRY.hex(), None),
        ("eth_getCode 0x" + REGISTRY.hex(), "code"),
        ("eth_getCode 0x" + REGISTRY.hex(), {"code": -32000, "message": "missing trie node"}),
        (ANCHORED, None),
        (ANCHORED, 7),
        (ANCHORED, words(100, 3, 7)[:-1]),
        (ANCHORED, words(100, 3, 7)[2:]),
        (ANCHORED, "0x" + "zz" * 96),
        (ANCHORED, [words(100, 3, 7)]),
        ("eth_blockNumber", None),
        ("eth_blockNumber", 12),
        ("eth_blockNumber", "12"),
        ("eth_blockNumber", "0x"),
        ("eth_blockNumber", "0x-1"),
        ("eth_blockNumber", {"number": "0xc"}),
    ],
)
def test_nothing_is_concluded_from_an_endpoint_that_answers_wrongly(key: str, value: Any) -> None:
    answers = {**state(), ANCHORED: words(100, 3, 7), "eth_blockNumber": "0xc"}
    with serve(node({**answers, key: value})) as endpoint:
        (view,) = gather([endpoint.url], [*wanted(7), stored(latest=True)])
    assert view.problem is not None
    assert view.problem.endswith(".")
    assert (view.chain_id, view.genesis, view.final_height) == (None, None, None)
    assert (view.codehashes, view.hashes) == ({}, {})
    assert (view.recorded, view.latest) == ({}, None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SSH-2.0\r\n",
        answer(b"<html>"),
        answer(b"[]"),
        answer(b"{}"),
        answer(b"null"),
        answer(b"[[[[[[", status="500 Oops"),
        answer(b"{}", status="429 Too Many Requests"),
        answer(b"", status="301 Moved", headers={"Location": "http://127.0.0.1:1/"}),
        answer(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    ],
)
def test_what_is_no_endpoint_is_a_sentence(data: bytes) -> None:
    with serve(always(data)) as endpoint:
        (view,) = gather([endpoint.url], wanted(7))
    assert view.problem is not None
    assert endpoint.url in view.problem


@pytest.mark.parametrize("url", ["", "node.example", "ftp://node.example", "http://user:secret@node.example", "\n"])
def test_what_is_no_address_is_a_sentence(url: str) -> None:
    (view,) = gather([url], wanted(7))
    assert view.problem is not None
    assert "secret" not in view.problem + view.url


def test_a_dead_and_a_hanging_endpoint_do_not_stop_the_others() -> None:
    def hang(connection: socket.socket, _request: Request) -> None:
        connection.recv(1)

    started = time.monotonic()
    with serve(hang) as hanging, serve(node(state())) as good:
        views = gather(["http://127.0.0.1:1", hanging.url, good.url], wanted(7), timeout=0.4)
    assert [view.problem is None for view in views] == [False, False, True]
    assert time.monotonic() - started < 4


def test_an_endpoint_that_drips_one_by_one_gets_no_more_time() -> None:
    def slow(connection: socket.socket, request: Request) -> None:
        if isinstance(request.json, list):
            connection.sendall(answer(b"{}", status="400 No Batches"))
        else:
            time.sleep(0.15)
            node(state())(connection, request)

    started = time.monotonic()
    with serve(slow) as endpoint:
        (view,) = gather([endpoint.url], wanted(*range(1, 40)), timeout=0.5)
    assert view.problem is not None
    assert time.monotonic() - started < 3


def test_importing_costs_nothing_that_offline_verification_need_not_pay() -> None:
    code = "import sys, notary.ethereum.evidence; print(*sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, cwd="/")
    heavy = {"http.client", "ssl", "email", "web3", "eth_account", "urllib.request", "importlib.metadata", "logging"}
    assert not heavy & set(modules.stdout.split())
