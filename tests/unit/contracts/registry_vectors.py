"""Makes tests/vectors/registry: inclusion proofs on which the contract and ``notary.core.merkle`` must agree.

They are made by ``notary.core.merkle`` and read by contracts/test/Vectors.t.sol. To write them anew::

    .venv/bin/python -m tests.unit.contracts.registry_vectors
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from notary.core import merkle
from tests.cases import VECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOLDER = VECTORS / "registry"
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 11, 16, 17, 33, 64, 100, 257)
LARGEST = 2**48 - 1
LEAVES = [merkle.leaf_hash(b"entry %d" % number) for number in range(max(SIZES))]


def files() -> dict[str, bytes]:
    """Return the content of every file of the folder by its name."""
    return {f"{name}.json": (json.dumps(case, indent=2) + "\n").encode("ascii") for name, case in _cases()}


def _cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for size in SIZES:
        for index in sorted({0, size // 2, size - 1}):
            yield f"good-{size:03}-{index:03}", _real(f"leaf {index} of a tree of {size}", size, index)
    for exponent in (20, 32, 40, 47):
        size, index = 2**exponent + 5, 2**exponent - 2
        yield f"good-large-{exponent}", _made_up(f"leaf 2^{exponent} - 2 of a tree of 2^{exponent} + 5", size, index)
    yield "good-largest-first", _made_up("the first leaf of the largest tree: 48 siblings", LARGEST, 0)
    yield "good-largest-last", _made_up("the last leaf of the largest tree: its left neighbours", LARGEST, LARGEST - 1)
    yield from _bad_cases()


def _bad_cases() -> Iterator[tuple[str, dict[str, Any]]]:
    good = _real("leaf 5 of a tree of 11", 11, 5)
    proof = good["proof"]

    def bad(name: str, desc: str, error: str, **changes: object) -> tuple[str, dict[str, Any]]:
        return f"bad-{name}", {**good, "desc": f"{good['desc']}, but {desc}", **changes, "error": error}

    yield bad("leaf", "one bit of the leaf hash is flipped", "RootMismatch", leaf_hash=_flipped(good["leaf_hash"]))
    for step, sibling in enumerate(proof):
        changed = [*proof[:step], _flipped(sibling), *proof[step + 1 :]]
        yield bad(f"sibling-{step}", f"one bit of sibling {step} is flipped", "RootMismatch", proof=changed)
    yield bad("swapped", "two siblings are swapped", "RootMismatch", proof=[proof[1], proof[0], *proof[2:]])
    yield bad("reversed", "the proof is upside down", "RootMismatch", proof=proof[::-1])
    yield bad("neighbour", "the index is that of its neighbour", "RootMismatch", index=4)
    yield bad("far-index", "the index is that of a leaf with a shorter way", "InvalidProofLength", index=10)
    yield bad("short", "the last sibling is missing", "InvalidProofLength", proof=proof[:-1])
    yield bad("headless", "the first sibling is missing", "InvalidProofLength", proof=proof[1:])
    yield bad("empty", "the proof is empty", "InvalidProofLength", proof=[])
    yield bad("long", "the root is added to the proof", "InvalidProofLength", proof=[*proof, good["root"]])
    yield bad("doubled", "the last sibling is there twice", "InvalidProofLength", proof=[*proof, proof[-1]])
    yield bad("index-is-size", "the index is the size", "IndexOutOfRange", index=11)
    yield bad("index-beyond", "the index is far beyond the size", "IndexOutOfRange", index=2**48)

    inner = _hex(merkle.node_hash(LEAVES[4], LEAVES[5]))
    yield bad("inner", "an inner node stands for the leaf", "InvalidProofLength", leaf_hash=inner, proof=proof[1:])
    # The last leaf of 11 rises a level without a sibling, so its way is as long as that of the node beside it.
    yield (
        "bad-inner-at-depth",
        {
            **good,
            "desc": "the node over leaves 8 and 9, with its own way to the root, stands for leaf 10",
            "index": 10,
            "leaf_hash": _hex(merkle.node_hash(LEAVES[8], LEAVES[9])),
            "proof": _real("", 11, 8)["proof"][1:],
            "error": "RootMismatch",
        },
    )

    single = _real("the only leaf of a tree of 1", 1, 0)
    yield (
        "bad-single-leaf",
        {**single, "desc": "another leaf than the only one", "leaf_hash": _hex(LEAVES[1]), "error": "RootMismatch"},
    )
    yield (
        "bad-single-long",
        {
            **single,
            "desc": "a proof with a sibling, for the only leaf of a tree of 1",
            "proof": [_hex(LEAVES[1])],
            "error": "InvalidProofLength",
        },
    )


def _real(desc: str, size: int, index: int) -> dict[str, Any]:
    leaves = LEAVES[:size]
    proof = merkle.inclusion_proof(leaves, index=index)
    return _case(desc, size, merkle.root(leaves), index, LEAVES[index], proof)


def _made_up(desc: str, size: int, index: int) -> dict[str, Any]:
    """Return a case of a tree too large to build: the siblings are chosen, and the root is what they lead to."""
    inner = (index ^ (size - 1)).bit_length()
    length = inner + (index >> inner).bit_count()
    proof = [sha256(b"sibling %d of %d" % (step, index)).digest() for step in range(length)]
    leaf = merkle.leaf_hash(b"entry %d" % index)
    root = merkle.root_from_inclusion(leaf=leaf, index=index, size=size, proof=proof)
    return _case(desc, size, root, index, leaf, proof)


def _case(desc: str, size: int, root: bytes, index: int, leaf: bytes, proof: Sequence[bytes]) -> dict[str, Any]:
    return {
        "desc": desc,
        "size": size,
        "root": _hex(root),
        "index": index,
        "leaf_hash": _hex(leaf),
        "proof": [_hex(sibling) for sibling in proof],
    }


def _flipped(hash_hex: str) -> str:
    return f"0x{int(hash_hex, 16) ^ 1 << 77:064x}"


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
