"""Headers and receipts rebuilt from JSON, held against hashes that the public chains have. Capturing: tests/node."""

from __future__ import annotations

import pytest

from notary.core.evm import HEADER_FIELDS, parse_header, parse_receipt
from notary.core.jcs import Json
from notary.core.keccak import keccak256
from notary.core.rlp import decode
from notary.errors import EndpointFailed
from notary.ethereum.receipts import encode_header, encode_receipt
from tests.cases import load

CASES = load("evm", bad=False)
LATER = ["blockAccessListHash", "slotNumber"]
NAMES = [name.removeprefix("header.") for name, _ in HEADER_FIELDS] + LATER
INTEGERS = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"}


def block_json(name: str) -> dict[str, Json]:
    """Return a header from the vectors as a node tells it."""
    items = decode(bytes.fromhex(CASES[name]["header"][2:]))
    block: dict[str, Json] = {"hash": CASES[name]["hash"], "transactions": [], "uncles": [], "size": "0x2"}
    for field, item in zip(NAMES, items, strict=False):
        assert isinstance(item, bytes)
        block[field] = hex(int.from_bytes(item, "big")) if field in INTEGERS else "0x" + item.hex()
    return block


PUBLIC = [name for name in CASES if name.startswith(("header-mainnet", "header-sepolia"))]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_header_from_json_has_its_hash(name: str) -> None:
    encoded = encode_header(block_json(name))
    assert "0x" + encoded.hex() == CASES[name]["header"]
    assert "0x" + keccak256(encoded).hex() == CASES[name]["hash"]


def test_null_is_a_field_that_the_fork_does_not_have() -> None:
    block = block_json("header-mainnet-12965000")
    expected = encode_header(block)
    assert encode_header({**block, "withdrawalsRoot": None, "blobGasUsed": None}) == expected


def test_the_fields_of_amsterdam() -> None:
    block = block_json("header-sepolia-7839744")
    encoded = encode_header({**block, "blockAccessListHash": "0x" + "ab" * 32, "slotNumber": "0x1234"})
    items = decode(encoded)
    assert isinstance(items, list)
    assert items[-2:] == [b"\xab" * 32, b"\x12\x34"]
    parse_header(encoded)


@pytest.mark.parametrize("field", NAMES[:15])
def test_a_header_without_a_field_of_all_forks_is_no_answer(field: str) -> None:
    block = block_json("header-sepolia-7839744")
    del block[field]
    with pytest.raises(EndpointFailed) as refused:
        encode_header(block)
    assert refused.value.code == "rpc-shape"


@pytest.mark.parametrize("value", [None, 7, "", "0xz", "7", []])
def test_a_number_that_is_none_is_no_answer(value: Json) -> None:
    with pytest.raises(EndpointFailed):
        encode_header({**block_json("header-sepolia-7839744"), "number": value})


RECEIPTS = [name for name, case in CASES.items() if case["kind"] == "receipt"]


def receipt_json(name: str) -> dict[str, Json]:
    case = CASES[name]
    payload = bytes.fromhex(case["receipt"][2:])
    items = decode(payload if case["type"] == 0 else payload[1:])
    assert isinstance(items, list)
    _, gas, bloom, _ = items
    assert isinstance(gas, bytes)
    assert isinstance(bloom, bytes)
    return {
        "type": hex(case["type"]),
        "status": hex(case["status"]),
        "cumulativeGasUsed": hex(int.from_bytes(gas, "big")),
        "logsBloom": "0x" + bloom.hex(),
        "logs": case["logs"],
        "transactionHash": "0x" + "00" * 32,
    }


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_from_json_is_the_one_in_the_trie(name: str) -> None:
    assert "0x" + encode_receipt(receipt_json(name)).hex() == CASES[name]["receipt"]


def test_a_receipt_without_type_is_of_type_0() -> None:
    receipt = receipt_json("receipt-type-0")
    del receipt["type"]
    assert "0x" + encode_receipt(receipt).hex() == CASES["receipt-type-0"]["receipt"]


def test_a_receipt_from_before_byzantium_has_a_root() -> None:
    receipt = receipt_json("receipt-type-0")
    del receipt["status"]
    items = decode(encode_receipt({**receipt, "root": "0x" + "cd" * 32}))
    assert isinstance(items, list)
    assert items[0] == b"\xcd" * 32


@pytest.mark.parametrize("field", ["status", "cumulativeGasUsed", "logsBloom", "logs"])
def test_a_receipt_without_a_field_is_no_answer(field: str) -> None:
    receipt = receipt_json("receipt-type-2")
    del receipt[field]
    with pytest.raises(EndpointFailed) as refused:
        encode_receipt(receipt)
    assert refused.value.code == "rpc-shape"


@pytest.mark.parametrize(
    "log",
    [
        None,
        {},
        {"address": "0x" + "11" * 19, "topics": [], "data": "0x"},
        {"address": "0x" + "11" * 20, "topics": ["0x11"], "data": "0x"},
        {"address": "0x" + "11" * 20, "topics": None, "data": "0x"},
        {"address": "0x" + "11" * 20, "topics": [], "data": None},
    ],
)
def test_a_log_of_the_wrong_form_is_no_answer(log: Json) -> None:
    with pytest.raises(EndpointFailed):
        encode_receipt({**receipt_json("receipt-type-2"), "logs": [log]})


def test_a_receipt_of_an_unknown_type_is_encoded_and_left_to_the_root_to_judge() -> None:
    encoded = encode_receipt({**receipt_json("receipt-type-2"), "type": "0x64"})
    assert encoded[0] == 0x64
    assert parse_receipt(b"\x02" + encoded[1:]).status == 1


def test_a_deposit_of_the_op_stack() -> None:
    deposit: dict[str, Json] = {**receipt_json("receipt-type-2"), "type": "0x7e", "depositNonce": "0x1f"}
    before = decode(encode_receipt(deposit)[1:])
    after = decode(encode_receipt({**deposit, "depositReceiptVersion": "0x1"})[1:])
    assert isinstance(before, list)
    assert len(before) == 4
    assert after == [*before, b"\x1f", b"\x01"]


def test_other_receipts_have_no_fields_of_deposits() -> None:
    receipt: dict[str, Json] = {**receipt_json("receipt-type-2"), "depositNonce": "0x1", "depositReceiptVersion": "0x1"}
    assert encode_receipt(receipt) == encode_receipt(receipt_json("receipt-type-2"))
