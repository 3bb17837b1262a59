from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notary.core.keccak import keccak256
from notary.core.rlp import decode, encode
from notary.core.trie import ReceiptTrie, prove_receipt, receipt_key, receipts_root, verify_trie
from notary.errors import InvalidRlp, NotaryError, ProofFailed
from tests.cases import load

GOOD = load("trie", bad=False)
BAD = load("trie", bad=True)

SIZES = [1, 2, 3, 15, 16, 17, 127, 128, 129, 130, 255, 256, 257, 300]


def receipts(count: int, *, longest: int = 200, seed: int = 1) -> list[bytes]:
    chance = random.Random(seed * 1000 + count)
    return [chance.randbytes(chance.randint(1, longest)) for _ in range(count)]


def refused(root: bytes, key: bytes, nodes: Sequence[bytes]) -> str:
    with pytest.raises(NotaryError) as error:
        verify_trie(root=root, key=key, nodes=nodes)
    assert isinstance(error.value, (ProofFailed, InvalidRlp))
    return error.value.code


@pytest.mark.parametrize("name", GOOD)
def test_vector(name: str) -> None:
    case = GOOD[name]
    value = verify_trie(
        root=bytes.fromhex(case["root"][2:]),
        key=bytes.fromhex(case["key"][2:]),
        nodes=[bytes.fromhex(node[2:]) for node in case["nodes"]],
    )
    assert value == bytes.fromhex(case["value"][2:])


@pytest.mark.parametrize("name", BAD)
def test_refused_vector(name: str) -> None:
    case = BAD[name]
    nodes = [bytes.fromhex(node[2:]) for node in case["nodes"]]
    assert refused(bytes.fromhex(case["root"][2:]), bytes.fromhex(case["key"][2:]), nodes) == case["error"]


@pytest.mark.parametrize("longest", [1, 4, 200])
@pytest.mark.parametrize("count", SIZES)
def test_every_receipt_of_a_block_is_proven(count: int, longest: int) -> None:
    values = receipts(count, longest=longest)
    trie = ReceiptTrie(values)
    for index, value in enumerate(values):
        assert verify_trie(root=trie.root, key=receipt_key(index), nodes=trie.prove(index)) == value


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=300), st.data())
def test_build_prove_verify(values: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    nodes = prove_receipt(values, index)
    assert verify_trie(root=receipts_root(values), key=receipt_key(index), nodes=nodes) == values[index]


@pytest.mark.parametrize("count", [1, 2, 129, 300])
def test_a_trie_that_is_built_is_the_one_of_the_vectors(count: int) -> None:
    """That this is also what a node builds, extensions included, is shown in tests/node with a block of 131."""
    values = [b"receipt number %d, padded so that no node that holds it is short" % index for index in range(count)]
    for name, case in GOOD.items():
        if name.endswith(f"-of-{count}"):
            index = int(name.split("-")[1])
            assert "0x" + receipts_root(values).hex() == case["root"]
            assert ["0x" + node.hex() for node in prove_receipt(values, index)] == case["nodes"]


def test_the_trie_of_a_real_block() -> None:
    """Five receipts of types 0, 1, 3, 4 and 2, as a node had them in one block."""
    cases = load("evm")
    values = [bytes.fromhex(cases[f"receipt-type-{kind}"]["receipt"][2:]) for kind in (0, 1, 3, 4, 2)]
    header = decode(bytes.fromhex(cases["anchored-captured-of-five"]["header"][2:]))
    assert receipts_root(values) == header[5]
    nodes = ["0x" + node.hex() for node in prove_receipt(values, 4)]
    assert nodes == cases["anchored-captured-of-five"]["nodes"]


def test_keys_are_the_rlp_of_the_index() -> None:
    keys = {0: "80", 1: "01", 127: "7f", 128: "8180", 255: "81ff", 256: "820100"}
    assert {index: receipt_key(index).hex() for index in keys} == keys


def test_root_of_no_receipts() -> None:
    assert receipts_root([]).hex() == "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"


@pytest.mark.parametrize(("count", "index"), [(0, 0), (1, 1), (3, -1), (300, 300)])
def test_no_proof_of_what_is_not_there(count: int, index: int) -> None:
    with pytest.raises(ProofFailed) as error:
        prove_receipt(receipts(count), index)
    assert error.value.code == "trie-key-absent"


def test_an_empty_receipt_is_refused() -> None:
    with pytest.raises(InvalidRlp) as error:
        ReceiptTrie([b"a", b""])
    assert error.value.code == "receipt-empty"


@pytest.mark.parametrize(("count", "index"), [(1, 0), (2, 0), (130, 0), (130, 127), (130, 128), (300, 256), (20, 3)])
def test_every_flipped_bit_of_every_node_fails(count: int, index: int) -> None:
    values = receipts(count, longest=20 if count == 20 else 120)
    trie = ReceiptTrie(values)
    nodes = trie.prove(index)
    for number, node in enumerate(nodes):
        for bit in range(8 * len(node)):
            changed = bytearray(node)
            changed[bit // 8] ^= 1 << bit % 8
            forged = [*nodes[:number], bytes(changed), *nodes[number + 1 :]]
            assert refused(trie.root, receipt_key(index), forged) == "trie-node-mismatch"


@pytest.mark.parametrize(("count", "index"), [(130, 0), (130, 127), (130, 128), (300, 299)])
def test_missing_extra_and_reordered_nodes_fail(count: int, index: int) -> None:
    trie = ReceiptTrie(receipts(count))
    nodes, key = trie.prove(index), receipt_key(index)
    for number in range(len(nodes)):
        assert refused(trie.root, key, nodes[:number] + nodes[number + 1 :]) in {
            "trie-node-missing",
            "trie-node-mismatch",
        }
        for extra in (nodes[0], nodes[-1], encode([b"\x20", b"v"])):
            assert refused(trie.root, key, [*nodes[:number], extra, *nodes[number:]]) in {
                "trie-node-mismatch",
                "trie-node-unused",
            }
        for other in range(number):
            swapped = list(nodes)
            swapped[number], swapped[other] = swapped[other], swapped[number]
            assert refused(trie.root, key, swapped) == "trie-node-mismatch"
    assert refused(trie.root, key, [*nodes, nodes[-1]]) == "trie-node-unused"


@pytest.mark.parametrize("count", [2, 130, 300])
def test_a_proof_is_for_its_key_only(count: int) -> None:
    values = [value + bytes(32) for value in receipts(count)]
    trie = ReceiptTrie(values)
    for index in range(count):
        nodes = trie.prove(index)
        for other in {0, 1, 127, 128, count - 1, index + 1} & set(range(count)) - {index}:
            refused(trie.root, receipt_key(other), nodes)


def test_a_node_that_holds_several_values_proves_each_under_its_own_key() -> None:
    values = [bytes([65 + index]) for index in range(20)]
    trie = ReceiptTrie(values)
    assert trie.prove(3) == trie.prove(4)
    assert verify_trie(root=trie.root, key=receipt_key(4), nodes=trie.prove(3)) == values[4]


def test_a_proof_is_for_its_root_only() -> None:
    first, second = ReceiptTrie(receipts(40, seed=1)), ReceiptTrie(receipts(40, seed=2))
    assert refused(second.root, receipt_key(7), first.prove(7)) == "trie-node-mismatch"


def test_a_leaf_of_another_trie_cannot_be_put_in() -> None:
    values = receipts(40)
    forged = ReceiptTrie([*values[:7], b"forged", *values[8:]])
    genuine = ReceiptTrie(values)
    nodes = [*genuine.prove(7)[:-1], forged.prove(7)[-1]]
    assert refused(genuine.root, receipt_key(7), nodes) == "trie-node-mismatch"


def test_position_names_the_node() -> None:
    trie = ReceiptTrie(receipts(300))
    nodes = trie.prove(200)
    forged = [*nodes[:2], b"x" * 40, *nodes[3:]]
    with pytest.raises(ProofFailed) as error:
        verify_trie(root=trie.root, key=receipt_key(200), nodes=forged)
    assert error.value.position == 2


def test_nodes_inside_others_are_no_nodes_of_the_proof() -> None:
    values = [bytes([65 + index]) for index in range(20)]
    trie = ReceiptTrie(values)
    nodes = trie.prove(3)
    inner = decode(nodes[-1])
    assert isinstance(inner, list)
    assert any(isinstance(item, list) for item in inner)
    assert verify_trie(root=trie.root, key=receipt_key(3), nodes=nodes) == values[3]
    leaf = next(item for item in inner if isinstance(item, list))
    assert refused(trie.root, receipt_key(3), [*nodes, encode(leaf)]) == "trie-node-unused"


def test_keccak_is_ethereums() -> None:
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
