"""The publisher's signature, held against eth_account."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from notary.core import eip712
from notary.core.eip712 import signing_hash, typed_data, verify_signature
from notary.core.jcs import dumps, loads_exact
from notary.core.keccak import keccak256
from notary.core.record import Publisher, Record, Status, parse_record
from notary.errors import InvalidRecord, ProofFailed
from tests import cases
from tests.strategies import records

GOOD = cases.load("eip712", bad=False)
BAD = cases.load("eip712", bad=True)


def by_eth_account(data: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
    """Return domain separator, message hash and signing hash of typed data, computed by eth_account."""
    message = encode_typed_data(full_message=copy.deepcopy(data))
    return message.header, message.body, keccak256(b"\x19" + message.version + message.header + message.body)


def sign(record: Record, secret: bytes) -> bytes:
    return bytes(Account.sign_typed_data(secret, full_message=typed_data(record)).signature)


def with_key(record: Record, secret: bytes) -> Record:
    address = bytes.fromhex(Account.from_key(secret).address[2:])
    return replace(record, publisher=Publisher(record.publisher.id, address))


@pytest.mark.parametrize("name", GOOD)
def test_vector_has_this_message_hash_and_signature(name: str) -> None:
    case = GOOD[name]
    record = parse_record(case["record"])
    assert typed_data(record) == case["typed_data"]
    assert signing_hash(record).hex() == case["signing_hash"]
    verify_signature(record, bytes.fromhex(case["signature"]))
    hashes = by_eth_account(case["typed_data"])
    assert [part.hex() for part in hashes] == [case["domain_separator"], case["message_hash"], case["signing_hash"]]


@pytest.mark.parametrize("name", BAD)
def test_vector_is_refused(name: str) -> None:
    case = BAD[name]
    with pytest.raises(ProofFailed) as caught:
        verify_signature(parse_record(case["record"]), bytes.fromhex(case["signature"]))
    assert caught.value.code == case["error"]


@given(records(signed=True))
def test_the_hash_is_the_one_a_wallet_computes(record: Record) -> None:
    data = typed_data(record)
    assert loads_exact(dumps(data), max_bytes=1 << 16) == data
    assert by_eth_account(data)[2] == signing_hash(record)


@settings(max_examples=30)
@given(records(), st.binary(min_size=32, max_size=32).filter(lambda secret: 0 < int.from_bytes(secret, "big") < 2**255))
def test_what_eth_account_signs_verifies(record: Record, secret: bytes) -> None:
    record = with_key(record, secret)
    verify_signature(record, sign(record, secret))


@settings(max_examples=30)
@given(records(), records())
def test_a_signature_is_good_for_one_record_only(record: Record, other: Record) -> None:
    secret = hashlib.sha256(b"key").digest()
    record, other = with_key(record, secret), with_key(other, secret)
    if record == other:
        return
    with pytest.raises(ProofFailed) as caught:
        verify_signature(other, sign(record, secret))
    assert caught.value.code == "signature-other-key"


def test_the_same_record_in_another_log_has_another_domain() -> None:
    record = parse_record(GOOD["example"]["record"])
    other = replace(record, origin="log.example/2027")
    assert by_eth_account(typed_data(record))[0] != by_eth_account(typed_data(other))[0]


def test_a_record_without_a_key_has_nothing_to_sign() -> None:
    record = replace(parse_record(GOOD["example"]["record"]), publisher=Publisher("harbour-office"))
    for use in (signing_hash, typed_data):
        with pytest.raises(InvalidRecord) as caught:
            use(record)
        assert (caught.value.code, caught.value.field) == ("no-key", "record.publisher.key")


def test_every_status_has_its_own_sentence() -> None:
    assert set(eip712.STATEMENTS) == set(Status)
    assert len(set(eip712.STATEMENTS.values())) == len(Status)
