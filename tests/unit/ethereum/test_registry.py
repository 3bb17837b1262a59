"""Our encoding of calls against an independent one, and against the compiled contract's own description."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode as abi_encode
from hypothesis import given
from hypothesis import strategies as st

from notary.core.evm import ANCHORED_SIGNATURE, log_id
from notary.core.keccak import keccak256
from notary.ethereum.registry import MAX_SIZE, artifact, encode_anchor, encode_register, error_name

hashes = st.binary(min_size=32, max_size=32)
addresses = st.binary(min_size=20, max_size=20)


def signatures(kind: str) -> dict[str, str]:
    """Return name → signature of the functions, events or errors of the compiled contract."""
    return {
        item["name"]: f"{item['name']}({','.join(argument['type'] for argument in item['inputs'])})"
        for item in artifact().abi
        if item["type"] == kind
    }


@given(hashes, st.integers(0, MAX_SIZE), hashes)
def test_anchor(log: bytes, size: int, root: bytes) -> None:
    selector = keccak256(signatures("function")["anchor"].encode())[:4]
    assert encode_anchor(log_id=log, size=size, root=root) == selector + abi_encode(
        ["bytes32", "uint256", "bytes32"], [log, size, root]
    )


@given(st.text(max_size=100), addresses)
def test_register(origin: str, operator: bytes) -> None:
    selector = keccak256(signatures("function")["register"].encode())[:4]
    assert encode_register(origin=origin, operator=operator) == selector + abi_encode(
        ["string", "address"], [origin, operator]
    )


@given(addresses, st.text(max_size=100))
def test_log_id(sender: bytes, origin: str) -> None:
    assert log_id(sender, origin) == keccak256(abi_encode(["address", "string"], [sender, origin]))


def test_the_event_is_the_compiled_contracts() -> None:
    assert signatures("event")["Anchored"] == ANCHORED_SIGNATURE
    (event,) = [item for item in artifact().abi if item.get("name") == "Anchored"]
    assert [argument["indexed"] for argument in event["inputs"]] == [True, False, False, False]


def test_the_functions_that_are_called_exist_and_return_what_is_read() -> None:
    outputs = {
        item["name"]: [output["type"] for output in item["outputs"]]
        for item in artifact().abi
        if item["type"] == "function"
    }
    assert outputs["head"] == ["uint256", "uint256"]
    assert outputs["anchored"] == ["uint256", "uint256", "uint256"]
    assert outputs["operatorOf"] == ["address"]


def test_errors_are_named() -> None:
    for name, signature in signatures("error").items():
        assert error_name(keccak256(signature.encode())[:4] + bytes(64)) == name
    for data in (b"", b"\x08\xc3\x79\xa0", bytes(4)):
        assert error_name(data) is None


@pytest.mark.parametrize(("log", "root"), [(bytes(31), bytes(32)), (bytes(32), bytes(33))])
def test_hashes_of_another_length_are_refused(log: bytes, root: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        encode_anchor(log_id=log, size=1, root=root)


def test_an_address_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="20 bytes"):
        encode_register(origin="a", operator=bytes(19))


def test_the_bytecode_deploys_the_deployed_bytecode() -> None:
    assert artifact().deployed_bytecode in artifact().bytecode
    assert len(artifact().codehash) == 32
