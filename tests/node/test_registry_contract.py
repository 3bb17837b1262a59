"""The shipped registry bytecode on a real node: the code deployed, what it costs, and that it agrees with Python."""

from __future__ import annotations

import http.client
import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import pytest
from eth_abi.abi import decode, encode

from notary.core import merkle
from notary.core.keccak import keccak256
from notary.errors import ProofFailed
from notary.ethereum import registry
from notary.ethereum.rpc import hex_bytes, hexed
from tests.node import anvil
from tests.unit.contracts import registry_example as example

pytestmark = pytest.mark.node

GAS_LIMIT = 53_000
LARGEST = 2**48 - 1
ERRORS = {
    "root-mismatch": "RootMismatch",
    "proof-length": "InvalidProofLength",
    "index-out-of-range": "IndexOutOfRange",
}


@dataclass(frozen=True)
class Deployed:
    """A deployed registry and two accounts whose transactions the node signs."""

    node: anvil.Anvil
    address: bytes
    admin: bytes
    operator: bytes

    def send(self, sender: bytes, signature: str, *values: Any) -> dict[str, Any]:
        transaction = {"from": hexed(sender), "to": hexed(self.address), "data": hexed(call_data(signature, *values))}
        return send(self.node, transaction)

    def call(self, signature: str, *values: Any) -> bytes:
        return self.node.rpc.eth_call(self.address, call_data(signature, *values))

    def register(self, origin: str) -> bytes:
        receipt = self.send(self.admin, "register(string,address)", origin, self.operator)
        return bytes.fromhex(receipt["logs"][0]["topics"][1][2:])

    def anchor(self, log_id: bytes, size: int, root: bytes) -> dict[str, Any]:
        return self.send(self.operator, "anchor(bytes32,uint256,bytes32)", log_id, size, root)


@dataclass(frozen=True)
class Claim:
    """What verifyInclusion is asked."""

    log_id: bytes
    size: int
    root: bytes
    index: int
    leaf: bytes
    proof: tuple[bytes, ...]

    def data(self) -> bytes:
        signature = "verifyInclusion(bytes32,uint256,bytes32,uint256,bytes32,bytes32[])"
        return call_data(signature, self.log_id, self.size, self.root, self.index, self.leaf, list(self.proof))

    def python_error(self) -> str | None:
        """Name the contract's error that answers to what ``core.merkle`` says; None if it accepts."""
        try:
            merkle.verify_inclusion(leaf=self.leaf, index=self.index, size=self.size, proof=self.proof, root=self.root)
        except ProofFailed as error:
            return ERRORS[error.code]
        return None


def call_data(signature: str, *values: Any) -> bytes:
    types = signature.partition("(")[2].removesuffix(")").split(",")
    return keccak256(signature.encode())[:4] + encode(types, values)


def send(node: anvil.Anvil, transaction: dict[str, Any]) -> dict[str, Any]:
    receipt: dict[str, Any] = node.call("eth_sendTransactionSync", {"gas": hex(2_000_000), **transaction})
    assert receipt["status"] == "0x1", receipt
    return receipt


def deploy(node: anvil.Anvil) -> Deployed:
    admin, operator = (bytes.fromhex(account[2:]) for account in node.call("eth_accounts")[:2])
    receipt = send(node, {"from": hexed(admin), "data": hexed(registry.artifact().bytecode)})
    return Deployed(node, bytes.fromhex(receipt["contractAddress"][2:]), admin, operator)


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    with anvil.running() as node:
        yield deploy(node)


def test_deployed_code_is_the_artifact(deployed: Deployed) -> None:
    code = deployed.node.rpc.code(deployed.address)
    assert code == registry.artifact().deployed_bytecode
    assert keccak256(code) == registry.artifact().codehash


def test_anchor_stays_under_the_gas_limit(deployed: Deployed) -> None:
    log_id = deployed.register("notary.example/gas")
    used: dict[int, list[int]] = {}
    for size in (1, 2, 70_000, 70_000, 2**32 + 77, LARGEST):
        receipt = deployed.anchor(log_id, size, merkle.leaf_hash(b"root %d" % size))
        used.setdefault(size, []).append(int(receipt["gasUsed"], 16))
    print(f"gas of an anchor by size: {used}")
    first = [costs[0] for costs in used.values()]
    assert max(first) <= GAS_LIMIT
    # Sending the same again costs no new slot.
    assert used[70_000][1] < 30_000


def test_events_and_views_tell_the_same(deployed: Deployed) -> None:
    log_id = deployed.register("notary.example/views")
    assert log_id == keccak256(encode(["address", "string"], [deployed.admin, "notary.example/views"]))
    root = merkle.leaf_hash(b"root")
    deployed.anchor(log_id, 3, root)
    receipt = deployed.anchor(log_id, 7, root)
    (event,) = receipt["logs"]
    assert event["topics"] == [hexed(keccak256(b"Anchored(bytes32,uint256,bytes32,uint256)")), hexed(log_id)]
    assert decode(["uint256", "bytes32", "uint256"], bytes.fromhex(event["data"][2:])) == (7, root, 3)

    block = deployed.node.rpc.block(int(receipt["blockNumber"], 16))
    assert block is not None
    time = int(str(block["timestamp"]), 16)
    assert decode(["uint256"] * 2, deployed.call("head(bytes32)", log_id)) == (7, time)
    anchored = decode(["uint256"] * 3, deployed.call("anchored(bytes32,uint256,bytes32)", log_id, 7, root))
    assert anchored == (time, 3, int(receipt["blockNumber"], 16))
    assert deployed.call("operatorOf(bytes32)", log_id)[-20:] == deployed.operator


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 2), (3, 3), (4, 9), (10, 60), (61, 300), (301, 1000)])
def test_verify_inclusion_agrees_with_python_on_random_trees(deployed: Deployed, low: int, high: int) -> None:
    # pytest-randomly seeds this, and names the seed.
    size = random.randint(low, high)
    leaves = [merkle.leaf_hash(random.randbytes(20)) for _ in range(size)]
    root = merkle.root(leaves)
    log_id = deployed.register(f"notary.example/tree/{size}/{random.getrandbits(64)}")
    number = int(deployed.anchor(log_id, size, root)["blockNumber"], 16)

    indexes = sorted({0, size - 1, *random.sample(range(size), min(size, 6))})
    good = [
        Claim(log_id, size, root, index, leaves[index], tuple(merkle.inclusion_proof(leaves, index=index)))
        for index in indexes
    ]
    for answer, error in ask(deployed, good):
        assert error is None
        assert decode(["uint256"] * 2, answer)[1] == number

    bad = [changed for claim in good for changed in altered(claim)]
    expected = [claim.python_error() for claim in bad]
    assert None not in expected
    assert [error for _, error in ask(deployed, bad)] == expected


def test_verify_inclusion_reverts_unless_anchored(deployed: Deployed) -> None:
    leaves = [merkle.leaf_hash(b"%d" % number) for number in range(5)]
    root = merkle.root(leaves)
    log_id, other = deployed.register("notary.example/a"), deployed.register("notary.example/b")
    deployed.anchor(log_id, 5, root)
    deployed.anchor(other, 5, merkle.leaf_hash(b"another root"))
    claim = Claim(log_id, 5, root, 3, leaves[3], tuple(merkle.inclusion_proof(leaves, index=3)))
    assert ask(deployed, [claim])[0][1] is None
    # Leaf 0 has the same way in a tree of 6, 7 and 8 as in one of 5: only what was anchored may count.
    wrong = [
        replace(claim, log_id=other),
        replace(claim, log_id=bytes(32)),
        replace(claim, root=merkle.leaf_hash(b"another root")),
        *(replace(claim, size=size) for size in (0, 4, 6, 7, 8, 2**256 - 1)),
    ]
    assert [error for _, error in ask(deployed, wrong)] == ["NotAnchored"] * len(wrong)


def test_an_address_without_code_answers_nothing(deployed: Deployed) -> None:
    claim = Claim(bytes(32), 1, bytes(32), 0, bytes(32), ())
    assert deployed.node.rpc.eth_call(bytes(19) + b"\x77", claim.data()) == b""


def test_worked_example_of_the_spec(start_anvil: Callable[..., anvil.Anvil]) -> None:
    """docs/spec/registry.md; tests/unit/contracts/test_registry_spec.py holds these values against the text."""
    node = start_anvil(["--timestamp", str(example.TIME - 86_400)])
    admin, operator = hexed(example.ADMIN), hexed(example.OPERATOR)
    there = deploy(node)
    for account in (admin, operator):
        node.call("anvil_impersonateAccount", account)
        node.call("anvil_setBalance", account, hex(10**18))
    register = call_data("register(string,address)", example.ORIGIN, operator)
    send(node, {"from": admin, "to": hexed(there.address), "data": hexed(register)})
    node.mine(example.BLOCK - 1 - int(node.call("eth_blockNumber"), 16))
    node.call("evm_setNextBlockTimestamp", hex(example.TIME))
    receipt = send(node, {"from": operator, "to": hexed(there.address), "data": hexed(example.calldata())})

    assert int(receipt["blockNumber"], 16) == example.BLOCK
    assert receipt["logs"][0]["topics"][1] == hexed(example.LOG_ID)
    assert receipt["logs"][0]["data"] == hexed(example.event_data())
    for slot, value in example.storage().items():
        assert hex_bytes(node.call("eth_getStorageAt", hexed(there.address), hexed(slot), "latest"), "slot") == value
    claim = Claim(example.LOG_ID, 3, example.ROOT, 2, example.LEAVES[2], (example.PROOF,))
    answer, error = ask(there, [claim])[0]
    assert error is None
    assert decode(["uint256"] * 2, answer) == (example.TIME, example.BLOCK)


def altered(claim: Claim) -> Iterator[Claim]:
    """Change one thing of a good claim, in every way that must be refused."""
    proof = claim.proof
    yield replace(claim, leaf=flipped(claim.leaf))
    yield replace(claim, index=claim.size)
    yield replace(claim, index=claim.size + random.getrandbits(60))
    yield replace(claim, proof=(*proof, random.randbytes(32)))
    yield replace(claim, proof=(*proof, claim.root))
    others = [index for index in range(claim.size) if index != claim.index]
    for index in random.sample(others, min(len(others), 5)):
        yield replace(claim, index=index)
    for step, sibling in enumerate(proof):
        yield replace(claim, proof=(*proof[:step], flipped(sibling), *proof[step + 1 :]))
        yield replace(claim, proof=(*proof[:step], *proof[step + 1 :]))
    if len(proof) > 1:
        step = random.randrange(len(proof) - 1)
        yield replace(claim, proof=(*proof[:step], proof[step + 1], proof[step], *proof[step + 2 :]))
        # The node above the leaf passed off as one.
        for node in (merkle.node_hash(claim.leaf, proof[0]), merkle.node_hash(proof[0], claim.leaf)):
            yield replace(claim, leaf=node, proof=proof[1:])


def flipped(value: bytes) -> bytes:
    return (int.from_bytes(value, "big") ^ 1 << random.randrange(256)).to_bytes(32, "big")


def ask(deployed: Deployed, claims: Sequence[Claim]) -> list[tuple[bytes, str | None]]:
    """Call verifyInclusion for each claim; give what it returned and the name of the error it reverted with, if any.

    Read here by Python's own JSON: in its messages anvil spells an error's arguments out as text, NUL bytes and all.
    """
    calls = [
        {
            "jsonrpc": "2.0",
            "id": number,
            "method": "eth_call",
            "params": [{"to": hexed(deployed.address), "data": hexed(claim.data())}, "latest"],
        }
        for number, claim in enumerate(claims)
    ]
    connection = http.client.HTTPConnection(deployed.node.url.removeprefix("http://"), timeout=30)
    with closing(connection):
        connection.request("POST", "/", json.dumps(calls), {"Content-Type": "application/json"})
        answers = json.loads(connection.getresponse().read())
    results: list[tuple[bytes, str | None]] = []
    for answer in sorted(answers, key=lambda answer: int(answer["id"])):
        if "result" in answer:
            results.append((bytes.fromhex(answer["result"][2:]), None))
        else:
            results.append((b"", registry.error_name(bytes.fromhex(answer["error"]["data"][2:]))))
    assert len(results) == len(claims)
    return results
