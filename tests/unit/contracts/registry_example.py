"""The worked example of docs/spec/registry.md, computed by the rules of that document."""

from __future__ import annotations

from notary.core import merkle
from notary.core.keccak import keccak256

ORIGIN = "notary.example/log/2026"
ADMIN = bytes.fromhex("11" * 20)
OPERATOR = bytes.fromhex("22" * 20)
TIME = 1_767_225_600
BLOCK = 1000
LEAVES = [merkle.leaf_hash(b"entry %d" % number) for number in range(3)]
ROOT = merkle.root(LEAVES)
PROOF = merkle.node_hash(LEAVES[0], LEAVES[1])


def word(value: int | bytes) -> bytes:
    number = value if isinstance(value, int) else int.from_bytes(value, "big")
    return number.to_bytes(32, "big")


def log_id() -> bytes:
    name = ORIGIN.encode("ascii")
    return keccak256(word(ADMIN) + word(64) + word(len(name)) + name.ljust(32, b"\0"))


LOG_ID = log_id()


def calldata() -> bytes:
    return keccak256(b"anchor(bytes32,uint256,bytes32)")[:4] + LOG_ID + word(3) + ROOT


def event_data() -> bytes:
    return word(3) + ROOT + word(0)


def storage() -> dict[bytes, bytes]:
    """Return slot and value of the log and of the anchor."""
    log = keccak256(LOG_ID + word(0))
    point = keccak256(ROOT + keccak256(word(3) + keccak256(LOG_ID + word(2))))
    return {
        log: word(TIME << 208 | 3 << 160 | int.from_bytes(OPERATOR, "big")),
        point: word(BLOCK << 96 | 0 << 48 | TIME),
    }
