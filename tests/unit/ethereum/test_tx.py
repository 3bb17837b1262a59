"""What nodes say about transactions, and what is made of it. Signing and sending for real: tests/node."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

import pytest
from eth_account import Account as EthAccount
from eth_account.signers.local import LocalAccount

from notary.errors import CannotCheck, IntegrityError
from notary.ethereum.keys import Account
from notary.ethereum.rpc import Fault, Rpc
from notary.ethereum.tx import Outcome, Sent, SignedTx, build_anchor_tx, classify, send_raw
from notary.fees import GWEI, FeeCaps
from notary.model.anchors import Fees
from tests.endpoint import Request, Script, always, answer, serve


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("already known", Outcome.ALREADY_KNOWN),
        ("AlreadyKnown", Outcome.ALREADY_KNOWN),
        ("Known transaction", Outcome.ALREADY_KNOWN),
        ("transaction already imported", Outcome.ALREADY_KNOWN),
        ("ALREADY_EXISTS: already known", Outcome.ALREADY_KNOWN),
        ("INTERNAL_ERROR: existing tx with same hash", Outcome.ALREADY_KNOWN),
        ("nonce too low", Outcome.NONCE_TOO_LOW),
        ("nonce too low: next nonce 5, tx nonce 4", Outcome.NONCE_TOO_LOW),
        ("Transaction nonce is too low. Try incrementing the nonce.", Outcome.NONCE_TOO_LOW),
        ("OldNonce", Outcome.NONCE_TOO_LOW),
        ("replacement transaction underpriced", Outcome.UNDERPRICED),
        ("transaction underpriced: tip needed 1, tip permitted 0", Outcome.UNDERPRICED),
        ("max fee per gas less than block base fee", Outcome.UNDERPRICED),
        ("FeeTooLow, MaxFeePerGas too low", Outcome.UNDERPRICED),
        ("ReplacementNotAllowed", Outcome.UNDERPRICED),
        ("Gas price below configured minimum gas price", Outcome.UNDERPRICED),
        ("insufficient funds for gas * price + value: balance 0, tx cost 1", Outcome.INSUFFICIENT_FUNDS),
        ("Insufficient funds for gas * price + value", Outcome.INSUFFICIENT_FUNDS),
        ("InsufficientFunds, Balance is 0", Outcome.INSUFFICIENT_FUNDS),
        ("Upfront cost exceeds account balance", Outcome.INSUFFICIENT_FUNDS),
        ("invalid sender", Outcome.REJECTED),
        ("intrinsic gas too low", Outcome.REJECTED),
        ("nonce too high", Outcome.REJECTED),
        ("rate limit", Outcome.REJECTED),
        ("", Outcome.REJECTED),
    ],
)
def test_the_words_of_nodes(message: str, outcome: Outcome) -> None:
    assert classify(Fault(-32000, message)) is outcome


SIGNER: LocalAccount = EthAccount.from_key(b"k" * 32)


class Confused(Account):
    """An account whose signing library does not know the hash of what it signed."""

    def sign_transaction(self, fields: Mapping[str, Any]) -> tuple[bytes, bytes]:
        return super().sign_transaction(fields)[0], bytes(32)


def prepare(account: Account | None = None, **answers: Any) -> SignedTx:
    """Return the anchor made at a node that answers like this."""
    state: dict[str, object] = {
        "eth_getBlockByNumber": {"baseFeePerGas": hex(10 * GWEI)},
        "eth_maxPriorityFeePerGas": hex(GWEI),
        "eth_estimateGas": hex(60_000),
        "eth_getBalance": hex(10**18),
        **answers,
    }

    def one(call: dict[str, Any]) -> dict[str, object]:
        found = state[call["method"]]
        return {"id": call["id"], "error" if isinstance(found, dict) and "code" in found else "result": found}

    def script(connection: socket.socket, request: Request) -> None:
        connection.sendall(reply([one(call) for call in request.json]))

    with serve(script) as endpoint:
        return build_anchor_tx(
            Rpc(endpoint.url),
            account or Account(SIGNER),
            chain_id=1,
            nonce=7,
            registry=b"r" * 20,
            log_id=b"l" * 32,
            size=5,
            root=b"h" * 32,
            caps=FeeCaps(max_fee=100 * GWEI, max_tip=2 * GWEI, max_gas=80_000),
        )


def test_fees_hold_while_the_base_fee_doubles() -> None:
    made = prepare()
    assert made.fees == Fees(max_fee=21 * GWEI, tip=GWEI, gas=75_000)
    assert made.nonce == 7


def test_a_node_that_suggests_a_lot_gets_the_cap() -> None:
    assert prepare(eth_maxPriorityFeePerGas=hex(10**20)).fees == Fees(22 * GWEI, 2 * GWEI, 75_000)
    assert prepare(eth_getBlockByNumber={"baseFeePerGas": hex(60 * GWEI)}).fees == Fees(100 * GWEI, GWEI, 75_000)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"eth_getBlockByNumber": {"baseFeePerGas": hex(100 * GWEI)}}, "fee"),
        ({"eth_getBlockByNumber": {"number": "0x1"}}, "chain-without-base-fee"),
        ({"eth_getBlockByNumber": None}, "rpc-shape"),
        ({"eth_estimateGas": hex(80_001)}, "gas"),
        ({"eth_getBalance": hex(75_000 * 21 * GWEI - 1)}, "funds"),
        ({"eth_estimateGas": {"code": -32000, "message": "insufficient funds for transfer"}}, "funds"),
        ({"eth_estimateGas": {"code": 3, "message": "custom error"}}, "would-revert"),
        ({"eth_estimateGas": {"code": -32000, "message": "execution reverted"}}, "would-revert"),
        ({"eth_estimateGas": {"code": -32603, "message": "internal error"}}, "rpc-error"),
        ({"eth_getBalance": {"code": -32000, "message": "missing trie node"}}, "rpc-error"),
    ],
)
def test_an_anchor_that_could_not_go_through_is_not_made(answers: dict[str, Any], code: str) -> None:
    with pytest.raises(CannotCheck) as refused:
        prepare(**answers)
    assert refused.value.code == code


def test_exactly_enough_money_is_enough() -> None:
    prepare(eth_getBalance=hex(75_000 * 21 * GWEI))
    prepare(eth_estimateGas=hex(80_000))


def test_a_hash_that_is_not_that_of_the_transaction_is_fatal() -> None:
    with pytest.raises(IntegrityError) as refused:
        prepare(Confused(SIGNER))
    assert refused.value.code == "transaction-hash"


def send(script: Script, *, timeout: float = 5) -> tuple[Sent, int]:
    """Return what comes of sending to such an endpoint, and how often it was asked."""
    with serve(script) as endpoint:
        sent = send_raw(Rpc(endpoint.url, timeout=timeout), b"\x02raw")
        return sent, len(endpoint.requests)


def reply(body: object) -> bytes:
    return answer(json.dumps(body).encode())


def test_the_bytes_are_sent_as_they_are() -> None:
    with serve(always(reply({"id": 1, "result": "0x"}))) as endpoint:
        send_raw(Rpc(endpoint.url), b"\x02raw")
    (request,) = endpoint.requests
    assert request.json["method"] == "eth_sendRawTransaction"
    assert request.json["params"] == ["0x02726177"]


@pytest.mark.parametrize("value", ["0x" + "11" * 32, "0x" + "00" * 32, "not a hash", None])
def test_the_hash_that_comes_back_is_not_believed(value: object) -> None:
    assert send(always(reply({"jsonrpc": "2.0", "id": 1, "result": value}))) == (Sent(Outcome.ACCEPTED), 1)


def test_what_the_node_says_is_passed_on() -> None:
    fault = {"code": -32000, "message": "nonce too low"}
    sent, _ = send(always(reply({"jsonrpc": "2.0", "id": 1, "error": fault})))
    assert sent == Sent(Outcome.NONCE_TOO_LOW, "-32000", "nonce too low")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (answer(b"<html>", status="502 Bad Gateway"), "endpoint-http-status"),
        (answer(b"{}", status="429 Too Many Requests"), "endpoint-http-status"),
        (answer(b"<html>"), "endpoint-not-json"),
        (answer(b"{}"), "rpc-shape"),
        (b"", "endpoint-truncated"),
    ],
)
def test_no_answer_is_unknown_and_nothing_is_sent_again(data: bytes, code: str) -> None:
    sent, times = send(always(data))
    assert (sent.outcome, sent.code, times) == (Outcome.UNKNOWN, code, 1)
    assert sent.message


def test_a_stall_is_unknown() -> None:
    def hang(connection: socket.socket, _request: Request) -> None:
        connection.recv(1)

    sent, times = send(hang, timeout=0.3)
    assert (sent.outcome, sent.code, times) == (Outcome.UNKNOWN, "endpoint-timeout", 1)
