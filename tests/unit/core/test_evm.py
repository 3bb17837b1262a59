from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest

from notary.core.evm import (
    ANCHORED_TOPIC,
    HEADER_FIELDS,
    MAX_HEADER_BYTES,
    AnchoredEvent,
    log_id,
    parse_header,
    parse_receipt,
    verify_anchored,
)
from notary.core.keccak import keccak256
from notary.errors import InvalidRlp, NotaryError, ProofFailed
from tests.cases import load

CASES = load("evm")


def names(kind: str, *, bad: bool) -> list[str]:
    found = [name for name, case in CASES.items() if case["kind"] == kind and ("error" in case) == bad]
    assert found
    return found


def unhex(value: str) -> bytes:
    assert value.startswith("0x")
    return bytes.fromhex(value[2:])


def anchored(case: dict[str, Any], **changed: Any) -> AnchoredEvent:
    given: dict[str, Any] = {
        "tx_index": case["index"],
        "log_position": case["log"],
        "nodes": [unhex(node) for node in case["nodes"]],
        "registry": unhex(case["registry"]),
        "log_id": unhex(case["log_id"]),
        **changed,
    }
    header = given.pop("header", unhex(case["header"]))
    return verify_anchored(header=parse_header(header), **given)


@pytest.mark.parametrize("name", names("header", bad=False))
def test_header(name: str) -> None:
    case = CASES[name]
    header = parse_header(unhex(case["header"]))
    assert header.hash == unhex(case["hash"]) == keccak256(unhex(case["header"]))
    assert header.parent_hash == unhex(case["parent_hash"])
    assert header.receipts_root == unhex(case["receipts_root"])
    assert (header.number, header.timestamp) == (int(case["number"]), int(case["timestamp"]))


# Block hashes as everybody knows them: from the public chains, not from this program.
KNOWN = {
    "header-mainnet-0": "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
    "header-mainnet-12965000": "9b83c12c69edb74f6c8dd5d052765c1adf940e320bd1291696e6fa07829eee71",
    "header-mainnet-15537393": "55b11b918355b1ef9c5db810302ebad0bf2544255b530cdce90674d5887bb286",
    "header-mainnet-17034870": "e22c56f211f03baadcc91e4eb9a24344e6848c5df4473988f893b58223f5216c",
    "header-mainnet-19426587": "f8e2f40d98fe5862bc947c8c83d34799c50fb344d7445d020a8a946d891b62ee",
    "header-sepolia-7839744": "bfa14ad39de89b0de89a0d9e78efebae792eae93ee46414ed98ee790ce8ed8b3",
}


@pytest.mark.parametrize("name", KNOWN)
def test_headers_of_public_chains_have_their_known_hashes(name: str) -> None:
    header = parse_header(unhex(CASES[name]["header"]))
    assert header.hash.hex() == KNOWN[name]
    assert header.number == int(name.rsplit("-", 1)[1])


@pytest.mark.parametrize("name", names("receipt", bad=False))
def test_receipt(name: str) -> None:
    case = CASES[name]
    receipt = parse_receipt(unhex(case["receipt"]))
    assert (receipt.type, receipt.status) == (case["type"], case["status"])
    logs = [
        {"address": unhex(log["address"]), "topics": tuple(map(unhex, log["topics"])), "data": unhex(log["data"])}
        for log in case["logs"]
    ]
    assert [{"address": log.address, "topics": log.topics, "data": log.data} for log in receipt.logs] == logs


@pytest.mark.parametrize("name", names("anchored", bad=False))
def test_anchored(name: str) -> None:
    case = CASES[name]
    assert anchored(case) == AnchoredEvent(
        registry=unhex(case["registry"]),
        log_id=unhex(case["log_id"]),
        size=int(case["event"]["size"]),
        root=unhex(case["event"]["root"]),
        prev_size=int(case["event"]["prev_size"]),
    )


@pytest.mark.parametrize("name", names("log-id", bad=False))
def test_log_id(name: str) -> None:
    case = CASES[name]
    assert log_id(unhex(case["sender"]), case["origin"]) == unhex(case["log_id"])


def check(case: dict[str, Any]) -> None:
    if case["kind"] == "header":
        parse_header(unhex(case["header"]))
    elif case["kind"] == "receipt":
        parse_receipt(unhex(case["receipt"]))
    else:
        anchored(case)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "error" in case])
def test_refused(name: str) -> None:
    with pytest.raises((InvalidRlp, ProofFailed)) as refused:
        check(CASES[name])
    assert refused.value.code == CASES[name]["error"]


def test_topic_is_the_hash_of_the_events_signature() -> None:
    assert ANCHORED_TOPIC.hex() == "caa0084f8d9da3b7262a03bacdd2470ee8b9bad83f9b13f2e876090a09562e75"


def test_every_known_header_field_has_a_vector_that_breaks_it() -> None:
    broken = {name.split("-")[1] for name in names("header", bad=True)}
    assert {name.removeprefix("header.").lower() for name, _ in HEADER_FIELDS} <= broken


CAPTURED = ["anchored-captured", "anchored-captured-of-five"]


@pytest.mark.parametrize("name", CAPTURED)
def test_every_changed_byte_of_a_captured_header_is_seen_or_changes_its_hash(name: str) -> None:
    case = CASES[name]
    genuine = unhex(case["header"])
    hashes = {parse_header(genuine).hash}
    for at in range(len(genuine)):
        for bit in (1, 0x80):
            changed = bytearray(genuine)
            changed[at] ^= bit
            try:
                anchored(case, header=bytes(changed))
            except NotaryError:
                continue
            # Nothing but its hash ties most of a header to the anchor: then the block is another one.
            digest = parse_header(bytes(changed)).hash
            assert digest not in hashes
            hashes.add(digest)


@pytest.mark.parametrize("name", CAPTURED)
def test_every_changed_byte_of_a_captured_proof_fails(name: str) -> None:
    case = CASES[name]
    nodes = [unhex(node) for node in case["nodes"]]
    for number, node in enumerate(nodes):
        for at in range(len(node)):
            changed = bytearray(node)
            changed[at] ^= 1 + at % 255
            with pytest.raises(ProofFailed):
                anchored(case, nodes=[*nodes[:number], bytes(changed), *nodes[number + 1 :]])


@pytest.mark.parametrize("name", CAPTURED)
def test_every_changed_byte_of_what_was_claimed_fails(name: str) -> None:
    case = CASES[name]
    for member in ("registry", "log_id"):
        genuine = unhex(case[member])
        for at in range(len(genuine)):
            changed = bytearray(genuine)
            changed[at] ^= 1 << at % 8
            with pytest.raises(ProofFailed):
                anchored(case, **{member: bytes(changed)})
        for wrong in (genuine[:-1], genuine + b"\0", b""):
            with pytest.raises(ProofFailed):
                anchored(case, **{member: wrong})
    for index in {0, 1, 2, 3, 4, 5, 128} - {case["index"]}:
        with pytest.raises(ProofFailed):
            anchored(case, tx_index=index)
    for position in (-1, 1, 2**40):
        with pytest.raises(ProofFailed):
            anchored(case, log_position=position)


def test_a_huge_header_is_refused_unread() -> None:
    with pytest.raises(InvalidRlp) as refused:
        parse_header(b"\xff" * (MAX_HEADER_BYTES + 1))
    assert refused.value.code == "header-too-large"


def test_random_bytes_never_raise_anything_else() -> None:
    chance = random.Random(7)
    genuine = unhex(CASES["anchored-captured"]["header"])
    for _ in range(3000):
        data = bytearray(genuine if chance.random() < 0.7 else chance.randbytes(chance.randint(0, 100)))
        for _ in range(chance.randint(1, 4)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        for parse in (parse_header, parse_receipt):
            with contextlib.suppress(InvalidRlp):
                parse(bytes(data))
