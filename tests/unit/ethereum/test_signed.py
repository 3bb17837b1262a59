"""A signed transaction is exactly the one that was asked for, down to its sender; a signer that lies is refused."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account as EthAccount
from hypothesis import given
from hypothesis import strategies as st

from notary.core.keccak import keccak256
from notary.core.rlp import decode, encode, encode_integer
from notary.core.secp256k1 import N
from notary.errors import CannotCheck
from notary.ethereum.keys import Account, checksum_address
from notary.ethereum.signed import check_signed

ACCOUNT = Account(EthAccount.from_key(b"k" * 32))
COMMON: dict[str, Any] = {
    "chainId": 31337,
    "nonce": 0,
    "to": b"\x11" * 20,
    "value": 0,
    "data": b"calldata",
    "gas": 80_000,
}
DYNAMIC = {**COMMON, "type": 2, "maxFeePerGas": 20 * 10**9, "maxPriorityFeePerGas": 10**9}
LEGACY = {**COMMON, "type": 0, "gasPrice": 3 * 10**9}
CHANGES: dict[str, Any] = {
    "chainId": 1,
    "nonce": 1,
    "to": b"\x12" * 20,
    "value": 1,
    "data": b"other",
    "gas": 80_001,
    "gasPrice": 1,
    "maxFeePerGas": 1 + 10**9,
    "maxPriorityFeePerGas": 1,
}


@pytest.mark.parametrize("fields", [DYNAMIC, LEGACY], ids=["dynamic", "legacy"])
def test_what_was_asked_for_is_accepted(fields: dict[str, Any]) -> None:
    raw, digest = ACCOUNT.sign_transaction(fields)
    assert check_signed(raw, fields, sender=ACCOUNT.address) == digest == keccak256(raw)


@pytest.mark.parametrize(
    ("fields", "name"),
    [(fields, name) for fields in (DYNAMIC, LEGACY) for name in CHANGES if name in fields],
)
def test_every_field_must_be_as_asked_for(fields: dict[str, Any], name: str) -> None:
    raw, _ = ACCOUNT.sign_transaction({**fields, name: CHANGES[name]})
    with pytest.raises(CannotCheck, match=f"{name} is another than asked for") as refused:
        check_signed(raw, fields, sender=ACCOUNT.address)
    assert refused.value.code == "signer-lies"


def test_an_access_list_was_not_asked_for() -> None:
    raw, _ = ACCOUNT.sign_transaction({**DYNAMIC, "accessList": [{"address": "0x" + "11" * 20, "storageKeys": []}]})
    with pytest.raises(CannotCheck, match="accessList"):
        check_signed(raw, DYNAMIC, sender=ACCOUNT.address)


@pytest.mark.parametrize("fields", [DYNAMIC, LEGACY], ids=["dynamic", "legacy"])
def test_another_account_did_not_sign_for_ours(fields: dict[str, Any]) -> None:
    raw, _ = Account(EthAccount.from_key(b"o" * 32)).sign_transaction(fields)
    with pytest.raises(CannotCheck, match="it is signed by 0x"):
        check_signed(raw, fields, sender=ACCOUNT.address)


def test_one_type_is_not_the_other() -> None:
    for asked, given_ in ((DYNAMIC, LEGACY), (LEGACY, DYNAMIC)):
        raw, _ = ACCOUNT.sign_transaction(given_)
        with pytest.raises(CannotCheck):
            check_signed(raw, asked, sender=ACCOUNT.address)


def test_the_twin_of_a_signature_is_refused() -> None:
    raw, _ = ACCOUNT.sign_transaction(DYNAMIC)
    items = decode(raw[1:])
    assert isinstance(items, list)
    odd, _r, s = (int.from_bytes(bytes(one), "big") for one in items[-3:] if isinstance(one, bytes))
    items[-3], items[-1] = encode_integer(1 - odd), encode_integer(N - s)
    with pytest.raises(CannotCheck, match="high s"):
        check_signed(b"\x02" + encode(items), DYNAMIC, sender=ACCOUNT.address)


RAW = ACCOUNT.sign_transaction(DYNAMIC)[0]


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_no_changed_byte_is_accepted(position: int, mask: int) -> None:
    changed = bytearray(RAW)
    changed[position] ^= mask
    with pytest.raises(CannotCheck):
        check_signed(bytes(changed), DYNAMIC, sender=ACCOUNT.address)


@given(st.binary(max_size=200))
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(CannotCheck):
        check_signed(data, DYNAMIC, sender=ACCOUNT.address)
    with pytest.raises(CannotCheck):
        check_signed(data, LEGACY, sender=ACCOUNT.address)


@pytest.mark.parametrize(
    "address",
    [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    ],
)
def test_addresses_as_people_read_them(address: str) -> None:
    assert checksum_address(bytes.fromhex(address[2:])) == address
