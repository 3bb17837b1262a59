"""The registry contract as seen from outside: its ABI and code, and the calls that Notary makes to it.

Calls are encoded here, by the few rules of the Solidity ABI that they need, so that the worker can make one without
loading a contract library; a test holds the encodings against such a library and against the compiled contract.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from notary.core.keccak import keccak256
from notary.errors import EndpointFailed
from notary.ethereum.rpc import Rpc

MAX_SIZE = 2**48 - 1
ANCHORED_BYTES = 96
"""How much ``anchored`` returns."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """The compiled registry."""

    abi: list[dict[str, Any]]
    bytecode: bytes
    deployed_bytecode: bytes

    @property
    def codehash(self) -> bytes:
        """The Keccak-256 of the code that a deployed registry has."""
        return keccak256(self.deployed_bytecode)


@cache
def artifact() -> Artifact:
    """Return the registry that ships with this version."""
    data = json.loads(Path(__file__).with_name("registry.json").read_bytes())
    return Artifact(
        abi=data["abi"],
        bytecode=bytes.fromhex(data["bytecode"].removeprefix("0x")),
        deployed_bytecode=bytes.fromhex(data["deployed_bytecode"].removeprefix("0x")),
    )


@dataclass(frozen=True, slots=True)
class Head:
    """The latest anchor of a log: its size and the time of its block; both 0 where there is none."""

    size: int
    time: int


def encode_anchor(*, log_id: bytes, size: int, root: bytes) -> bytes:
    """Return the calldata of ``anchor(logId, size, root)``."""
    return _selector("anchor(bytes32,uint256,bytes32)") + _word(log_id) + size.to_bytes(32, "big") + _word(root)


def encode_register(*, origin: str, operator: bytes) -> bytes:
    """Return the calldata of ``register(origin, operator)``."""
    name = origin.encode("utf-8")
    head = (64).to_bytes(32, "big") + _address(operator)
    return _selector("register(string,address)") + head + len(name).to_bytes(32, "big") + name + bytes(-len(name) % 32)


def head(rpc: Rpc, *, registry: bytes, log_id: bytes, which: int | str = "latest") -> Head:
    """Return the latest anchor of a log as of a block.

    Raises :class:`EndpointFailed`, with ``rpc-shape`` also where there is no registry at that address.
    """
    size, time = _returned(rpc.eth_call(registry, _selector("head(bytes32)") + _word(log_id), which), 2)
    return Head(size=size, time=time)


def anchored(
    rpc: Rpc, *, registry: bytes, log_id: bytes, size: int, root: bytes, which: int | str = "latest"
) -> int | None:
    """Return the number of the block that first anchored ``(size, root)``, or None if none did as of ``which``."""
    _, _, number = point(rpc, registry=registry, log_id=log_id, size=size, root=root, which=which)
    # The time can be 0 on a chain that begins with it; a block that anchors cannot be block 0.
    return number or None


def point(
    rpc: Rpc, *, registry: bytes, log_id: bytes, size: int, root: bytes, which: int | str = "latest"
) -> tuple[int, int, int]:
    """Return what ``anchored`` says of ``(size, root)``: time, previous size, block number; zeros if nothing."""
    return decode_anchored(rpc.eth_call(registry, encode_anchored(log_id=log_id, size=size, root=root), which))


def encode_anchored(*, log_id: bytes, size: int, root: bytes) -> bytes:
    """Return the calldata of ``anchored(logId, size, root)``."""
    return _selector("anchored(bytes32,uint256,bytes32)") + _word(log_id) + size.to_bytes(32, "big") + _word(root)


def decode_anchored(data: bytes) -> tuple[int, int, int]:
    """Return time, previous size and block number from what ``anchored`` returned. Raises :class:`EndpointFailed`."""
    time, prev_size, number = _returned(data, 3)
    return time, prev_size, number


def operator_of(rpc: Rpc, *, registry: bytes, log_id: bytes, which: int | str = "latest") -> bytes:
    """Return the account that may anchor for a log; twenty zero bytes where nobody may."""
    (operator,) = _returned(rpc.eth_call(registry, _selector("operatorOf(bytes32)") + _word(log_id), which), 1)
    return (operator % 2**160).to_bytes(20, "big")


def error_name(data: bytes) -> str | None:
    """Return the name of the registry's error that a call failed with, from what it returned; None for any other."""
    for item in artifact().abi:
        if item["type"] == "error":
            signature = f"{item['name']}({','.join(argument['type'] for argument in item['inputs'])})"
            if data[:4] == _selector(signature):
                return str(item["name"])
    return None


def _selector(signature: str) -> bytes:
    return keccak256(signature.encode("ascii"))[:4]


def _word(value: bytes) -> bytes:
    if len(value) != 32:
        raise ValueError("a bytes32 must have 32 bytes")
    return value


def _address(value: bytes) -> bytes:
    if len(value) != 20:
        raise ValueError("an address must have 20 bytes")
    return bytes(12) + value


def _returned(data: bytes, words: int) -> list[int]:
    if len(data) != 32 * words:
        raise EndpointFailed("The address does not answer as the registry does.", code="rpc-shape")
    return [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]
