"""Every tree of 1 to 64 leaves, compared with the definition and attacked bit by bit."""

from __future__ import annotations

import gc
import hashlib
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.core import merkle
from notary.errors import InvalidInput, ProofFailed
from tests.unit.core import rfc6962

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

LARGEST = 64
LARGEST_PAIR = 40
DATA = [b"leaf %d" % i for i in range(LARGEST)]
LEAVES = [merkle.leaf_hash(data) for data in DATA]
REFERENCE = rfc6962.Tree(DATA)
OTHER = hashlib.sha256(b"another hash").digest()
FLIPS = [1 << bit for bit in range(256)]

# The leaves and roots of the test of Certificate Transparency's first implementation, which others test with too.
KNOWN_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@cache
def flipped(value: bytes) -> list[bytes]:
    """All 256 values that differ from a hash in one bit."""
    number = int.from_bytes(value, "big")
    return [(number ^ flip).to_bytes(32, "big") for flip in FLIPS]


def accepts_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    try:
        merkle.verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=root)
    except ProofFailed:
        return False
    return True


def accepts_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    try:
        merkle.verify_consistency(old=old, old_root=old_root, new=new, new_root=new_root, proof=proof)
    except ProofFailed:
        return False
    return True


@pytest.mark.parametrize("size", range(len(KNOWN_ROOTS)))
def test_known_roots(size: int) -> None:
    assert merkle.root([merkle.leaf_hash(data) for data in KNOWN_LEAVES[:size]]).hex() == KNOWN_ROOTS[size]


def test_roots_are_those_of_the_definition() -> None:
    for size in range(LARGEST + 1):
        assert merkle.root(LEAVES[:size]) == REFERENCE.mth(0, size)
    assert merkle.root([]) == merkle.EMPTY_ROOT


def test_leaves_and_nodes_are_hashed_with_different_prefixes() -> None:
    left, right = LEAVES[0], LEAVES[1]
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)
    assert merkle.node_hash(left, right) == hashlib.sha256(b"\x01" + left + right).digest()
    assert merkle.leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()


def test_inclusion_proofs_are_those_of_the_definition_and_verify() -> None:
    for size in range(1, LARGEST + 1):
        root = REFERENCE.mth(0, size)
        for index in range(size):
            proof = merkle.inclusion_proof(LEAVES, index=index, size=size)
            assert proof == REFERENCE.path(index, 0, size)
            assert len(proof) <= merkle.MAX_PROOF_LENGTH
            merkle.verify_inclusion(leaf=LEAVES[index], index=index, size=size, proof=proof, root=root)
            assert merkle.root_from_inclusion(leaf=LEAVES[index], index=index, size=size, proof=proof) == root


@pytest.fixture
def remembered_nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash each pair of nodes once: millions of altered proofs have most of their nodes in common."""
    monkeypatch.setattr(merkle, "node_hash", cache(merkle.node_hash))
    gc.disable()  # nothing here is cyclic, and the cache is large to search
    yield
    gc.enable()


def sizes(last: int, *, quick: set[int]) -> list[ParameterSet]:
    """Every size up to ``last``; together they take a while, so a quick run makes do with some of them."""
    return [pytest.param(n, marks=[] if n in quick else pytest.mark.slow) for n in range(1, last + 1)]


@pytest.mark.usefixtures("remembered_nodes")
@pytest.mark.parametrize("size", sizes(LARGEST, quick={*range(1, 16), 31, 32, 33, 64}))
def test_no_flipped_bit_of_an_inclusion_proof_verifies(size: int) -> None:
    root = REFERENCE.mth(0, size)
    accepted = 0
    for index in range(size):
        leaf = LEAVES[index]
        proof = REFERENCE.path(index, 0, size)
        assert accepts_inclusion(leaf, index, size, proof, root)
        if index in {0, size // 2, size - 1}:
            accepted += sum(accepts_inclusion(leaf, index, size, proof, bad) for bad in flipped(root))
        # The 3 million flips of leaf and proof go to what verify_inclusion compares with the root: raising takes time.
        for bad in flipped(leaf):
            accepted += merkle.root_from_inclusion(leaf=bad, index=index, size=size, proof=proof) == root
        for position, good in enumerate(proof):
            for bad in flipped(good):
                proof[position] = bad
                accepted += merkle.root_from_inclusion(leaf=leaf, index=index, size=size, proof=proof) == root
            assert not accepts_inclusion(leaf, index, size, proof, root)
            proof[position] = good
    assert accepted == 0


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_index_and_size_verify_only_where_the_path_has_the_same_sides(size: int) -> None:
    # With the right size no other index verifies. Another size verifies exactly where the proof cannot tell: where the
    # path to the root has the same sequence of sides. This is why the size is taken from the signed checkpoint.
    root = REFERENCE.mth(0, size)
    for index in range(size):
        leaf, proof, shape = LEAVES[index], REFERENCE.path(index, 0, size), rfc6962.sides(index, size)
        for i in range(size):
            assert accepts_inclusion(leaf, i, size, proof, root) == (i == index)
        pairs = [(index, n) for n in range(index + 1, 2 * LARGEST + 2)]
        if size <= 20:
            pairs += [(i, n) for n in range(1, size + 6) for i in range(n)]
        for i, n in pairs:
            assert accepts_inclusion(leaf, i, n, proof, root) == (rfc6962.sides(i, n) == shape)


def test_some_wrong_sizes_do_verify_and_this_is_one() -> None:
    proof = REFERENCE.path(0, 0, 4)
    assert accepts_inclusion(LEAVES[0], 0, 4, proof, REFERENCE.mth(0, 4))
    assert accepts_inclusion(LEAVES[0], 0, 3, proof, REFERENCE.mth(0, 4))
    assert not accepts_inclusion(LEAVES[0], 0, 5, proof, REFERENCE.mth(0, 4))


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_no_lengthened_shortened_or_swapped_inclusion_proof_verifies(size: int) -> None:
    root = REFERENCE.mth(0, size)
    for index in range(size):
        leaf, proof = LEAVES[index], REFERENCE.path(index, 0, size)
        for place in range(len(proof) + 1):
            for extra in (OTHER, root, leaf, b""):
                assert not accepts_inclusion(leaf, index, size, [*proof[:place], extra, *proof[place:]], root)
        for place, sibling in enumerate(proof):
            assert not accepts_inclusion(leaf, index, size, proof[:place] + proof[place + 1 :], root)
            assert not accepts_inclusion(leaf, index, size, proof[:place], root)
            assert not accepts_inclusion(sibling, index, size, [*proof[:place], leaf, *proof[place + 1 :]], root)
            for wrong in (sibling + b"\0", sibling[:-1], b""):
                assert not accepts_inclusion(leaf, index, size, [*proof[:place], wrong, *proof[place + 1 :]], root)
        for place, (first, second) in enumerate(pairwise(proof)):
            swapped = [*proof[:place], second, first, *proof[place + 2 :]]
            assert not accepts_inclusion(leaf, index, size, swapped, root)
        if len(proof) > 1:
            assert not accepts_inclusion(leaf, index, size, proof[::-1], root)


def test_an_inner_node_is_not_accepted_as_a_leaf_of_the_same_tree() -> None:
    for size in range(3, LARGEST + 1):
        root = REFERENCE.mth(0, size)
        node = REFERENCE.mth(0, 2)
        proof = REFERENCE.path(0, 0, size)[1:]
        assert not any(accepts_inclusion(node, index, size, proof, root) for index in range(size) if size > 4)
        # What a hash over hashes gives is a node; the log hashes entries as leaves, so no entry has this hash.
        assert merkle.leaf_hash(LEAVES[0] + LEAVES[1]) != node


@pytest.mark.parametrize(
    ("index", "size", "code"),
    [
        (0, 0, "size-out-of-range"),
        (0, -1, "size-out-of-range"),
        (0, 2**63, "size-out-of-range"),
        (3, 3, "index-out-of-range"),
        (4, 3, "index-out-of-range"),
        (-1, 3, "index-out-of-range"),
        (2**63 - 1, 2**63 - 1, "index-out-of-range"),
        (2**63 - 2, 2**63 - 1, "proof-length"),
    ],
)
def test_ranges_of_an_inclusion_proof(index: int, size: int, code: str) -> None:
    with pytest.raises(ProofFailed) as caught:
        merkle.verify_inclusion(leaf=LEAVES[0], index=index, size=size, proof=[OTHER, OTHER], root=OTHER)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("leaf", "proof", "root", "code"),
    [
        (LEAVES[0], [], OTHER, "proof-length"),
        (LEAVES[0], [LEAVES[1], OTHER], OTHER, "proof-length"),
        (LEAVES[0], [LEAVES[1] + b"\0"], OTHER, "hash-length"),
        (LEAVES[0][:31], [LEAVES[1]], OTHER, "hash-length"),
        (LEAVES[0], [LEAVES[1]], OTHER, "root-mismatch"),
        (LEAVES[0], [LEAVES[1]], b"", "root-mismatch"),
    ],
)
def test_codes_of_a_bad_inclusion_proof(leaf: bytes, proof: list[bytes], root: bytes, code: str) -> None:
    with pytest.raises(ProofFailed) as caught:
        merkle.verify_inclusion(leaf=leaf, index=0, size=2, proof=proof, root=root)
    assert caught.value.code == code


def test_a_tree_of_the_largest_size_can_be_climbed() -> None:
    size = merkle.MAX_SIZE
    proof = [OTHER] * 63
    root = merkle.root_from_inclusion(leaf=OTHER, index=0, size=size, proof=proof)
    merkle.verify_inclusion(leaf=OTHER, index=0, size=size, proof=proof, root=root)
    # 2^63 − 1 has only one bits, so the last leaf has a sibling at every level but that of the missing leaf.
    root = merkle.root_from_inclusion(leaf=OTHER, index=size - 1, size=size, proof=proof[:62])
    assert root != OTHER


def test_consistency_proofs_are_those_of_the_definition_and_verify() -> None:
    for new in range(LARGEST + 1):
        for old in range(new + 1):
            proof = merkle.consistency_proof(LEAVES, old=old, new=new)
            assert proof == ([] if old == 0 else REFERENCE.proof(old, new))
            merkle.verify_consistency(
                old=old, old_root=REFERENCE.mth(0, old), new=new, new_root=REFERENCE.mth(0, new), proof=proof
            )


@pytest.mark.usefixtures("remembered_nodes")
@pytest.mark.parametrize("new", sizes(LARGEST_PAIR, quick={*range(1, 14), 16, 17, 31, 32, 33}))
def test_no_flipped_bit_of_a_consistency_proof_verifies(new: int) -> None:
    new_root = REFERENCE.mth(0, new)
    accepted = 0
    for old in range(1, new + 1):
        old_root, proof = REFERENCE.mth(0, old), REFERENCE.proof(old, new)
        assert accepts_consistency(old, old_root, new, new_root, proof)
        if old in {1, new // 2, new - 1, new}:
            accepted += sum(accepts_consistency(old, bad, new, new_root, proof) for bad in flipped(old_root))
            accepted += sum(accepts_consistency(old, old_root, new, bad, proof) for bad in flipped(new_root))
        for position, good in enumerate(proof):
            for bad in flipped(good):
                proof[position] = bad
                accepted += accepts_consistency(old, old_root, new, new_root, proof)
            proof[position] = good
    assert accepted == 0


@pytest.mark.parametrize("new", range(1, LARGEST_PAIR + 1))
def test_sizes_are_consistent_only_where_the_proof_has_the_same_shape(new: int) -> None:
    # With the right new size no other old size verifies; other pairs exactly where the proof cannot tell them apart.
    new_root = REFERENCE.mth(0, new)
    for old in range(1, new + 1):
        old_root, proof = REFERENCE.mth(0, old), REFERENCE.proof(old, new)
        shape = rfc6962.consistency_sides(old, new)
        for m in range(1, new + 1):
            assert accepts_consistency(m, old_root, new, new_root, proof) == (m == old)
        pairs = [(old, n) for n in range(old, 2 * LARGEST_PAIR)]
        if new <= 16:
            pairs += [(m, n) for n in range(1, new + 6) for m in range(1, n + 1)]
        for m, n in pairs:
            assert accepts_consistency(m, old_root, n, new_root, proof) == (rfc6962.consistency_sides(m, n) == shape)


@pytest.mark.parametrize("new", range(1, LARGEST_PAIR + 1))
def test_no_lengthened_shortened_or_swapped_consistency_proof_verifies(new: int) -> None:
    new_root = REFERENCE.mth(0, new)
    for old in range(new + 1):
        old_root = REFERENCE.mth(0, old)
        proof = REFERENCE.proof(old, new) if old else []
        for place in range(len(proof) + 1):
            for extra in (OTHER, old_root, new_root, b""):
                longer = [*proof[:place], extra, *proof[place:]]
                assert not accepts_consistency(old, old_root, new, new_root, longer)
        for place, good in enumerate(proof):
            assert not accepts_consistency(old, old_root, new, new_root, proof[:place] + proof[place + 1 :])
            for wrong in (good + b"\0", good[:-1], b""):
                changed = [*proof[:place], wrong, *proof[place + 1 :]]
                assert not accepts_consistency(old, old_root, new, new_root, changed)
        for place, (first, second) in enumerate(pairwise(proof)):
            swapped = [*proof[:place], second, first, *proof[place + 2 :]]
            assert not accepts_consistency(old, old_root, new, new_root, swapped)
        if old not in {0, new}:
            assert not accepts_consistency(old, new_root, new, old_root, proof)
            assert not accepts_consistency(new, new_root, old, old_root, proof)


A, B = REFERENCE.mth(0, 2), REFERENCE.mth(0, 3)


@pytest.mark.parametrize(
    ("old", "old_root", "new", "new_root", "proof", "code"),
    [
        (3, B, 2, A, [LEAVES[2]], "size-out-of-range"),
        (-1, B, 2, A, [LEAVES[2]], "size-out-of-range"),
        (2, A, 2**63, B, [LEAVES[2]], "size-out-of-range"),
        (2, A, 3, B, [], "proof-length"),
        (2, A, 3, B, [LEAVES[2], OTHER], "proof-length"),
        (2, A, 2, A, [OTHER], "proof-length"),
        (0, merkle.EMPTY_ROOT, 2, A, [OTHER], "proof-length"),
        (2, A, 3, B, [LEAVES[2][:31]], "hash-length"),
        (2, A[:31], 2, A[:31], [], "hash-length"),
        (0, merkle.EMPTY_ROOT, 2, A[:31], [], "hash-length"),
        (0, OTHER, 2, A, [], "old-root-mismatch"),
        (0, OTHER, 0, OTHER, [], "old-root-mismatch"),
        (0, merkle.EMPTY_ROOT, 0, OTHER, [], "root-mismatch"),
        (2, A, 2, B, [], "old-root-mismatch"),
        (1, OTHER, 2, A, [LEAVES[1]], "root-mismatch"),
        (2, A, 3, B, [OTHER], "root-mismatch"),
        (3, OTHER, 4, REFERENCE.mth(0, 4), REFERENCE.proof(3, 4), "old-root-mismatch"),
    ],
)
def test_codes_of_a_bad_consistency_proof(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes], code: str
) -> None:
    with pytest.raises(ProofFailed) as caught:
        merkle.verify_consistency(old=old, old_root=old_root, new=new, new_root=new_root, proof=proof)
    assert caught.value.code == code


def test_the_empty_tree_is_consistent_with_every_tree() -> None:
    assert accepts_consistency(0, merkle.EMPTY_ROOT, 0, merkle.EMPTY_ROOT, [])
    assert accepts_consistency(0, merkle.EMPTY_ROOT, 5, OTHER, [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (0, 4), (0, -1)])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        merkle.inclusion_proof(LEAVES[:3], index=index, size=size)
    assert caught.value.code == ("size-out-of-range" if size in {4, -1} else "index-out-of-range")


@pytest.mark.parametrize(("old", "new"), [(3, 2), (-1, 2), (0, 4), (1, -1)])
def test_there_is_no_consistency_proof_between_wrong_sizes(old: int, new: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        merkle.consistency_proof(LEAVES[:3], old=old, new=new)
    assert caught.value.code == "size-out-of-range"


def test_leaf_hashes_must_have_32_bytes() -> None:
    for leaves in ([b"short"], [*LEAVES[:3], b""], [LEAVES[0] + b"\0"]):
        for call in (
            lambda leaves=leaves: merkle.root(leaves),
            lambda leaves=leaves: merkle.inclusion_proof(leaves, index=0),
            lambda leaves=leaves: merkle.consistency_proof(leaves, old=1, new=len(leaves)),
        ):
            with pytest.raises(InvalidInput) as caught:
                call()
            assert caught.value.code == "hash-length"


@given(st.integers(1, merkle.MAX_SIZE), st.data())
def test_path_lengths_of_large_trees_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    shape = rfc6962.sides(index, size)
    leaf = OTHER
    for side in shape:
        leaf = merkle.node_hash(OTHER, leaf) if side == "l" else merkle.node_hash(leaf, OTHER)
    assert merkle.root_from_inclusion(leaf=OTHER, index=index, size=size, proof=[OTHER] * len(shape)) == leaf
