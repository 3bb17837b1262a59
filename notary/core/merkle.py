"""The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1): roots, inclusion proofs, consistency proofs.

A leaf is hashed as ``SHA-256(0x00 ‖ data)``, an inner node as ``SHA-256(0x01 ‖ left ‖ right)``. Pair the nodes of a
level from the left, let a last node without partner rise unchanged, repeat: the node that remains is the root. All
functions here take leaves that are *already hashed*, so that a tree with another leaf prefix uses the same code.

A proof fixes, for every step upward, on which side the sibling stands, and nothing else: two pairs (index, size) with
the same sequence of sides are one claim to it. For one size those sequences all differ, so **with the size known a
proof binds the index**; but the size itself is bound only as far as it shapes the path (the proof of leaf 0 in a tree
of 4 also verifies as leaf 0 of 3). Take size and root from the same signed checkpoint, never from the prover. See
``docs/spec/log.md``.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from notary.errors import InvalidInput, ProofFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_SIZE = 32
MAX_SIZE = 2**63 - 1
MAX_PROOF_LENGTH = 63
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a log entry's bytes. RFC 6962 §2.1."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node over its two children. RFC 6962 §2.1."""
    return sha256(b"\x01" + left + right).digest()


def parents(level: Sequence[bytes]) -> list[bytes]:
    """Return the next level up: pairs hashed, a last node without partner unchanged."""
    nodes = iter(level)
    # The busiest line of the project: one hash call per pair, no function of ours in between.
    result = [sha256(b"\x01" + left + right).digest() for left, right in zip(nodes, nodes, strict=False)]
    if len(level) % 2:
        result.append(level[-1])
    return result


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; that of no leaves is SHA-256 of nothing. RFC 6962 §2.1.

    Raises :class:`InvalidInput` (``hash-length``) when a leaf hash does not have 32 bytes.
    """
    if len(leaf_hashes) == 0:
        return EMPTY_ROOT
    _require_hashes(leaf_hashes)
    level = leaf_hashes
    while len(level) > 1:
        level = parents(level)
    return level[0]


def inclusion_proof(leaf_hashes: Sequence[bytes], *, index: int, size: int | None = None) -> list[bytes]:
    """Return the proof that leaf ``index`` is in the tree of the first ``size`` leaves, sibling of the leaf first.

    Raises :class:`InvalidInput` (``size-out-of-range``, ``index-out-of-range``, ``hash-length``). RFC 6962 §2.1.1.
    """
    count = len(leaf_hashes) if size is None else size
    _require_size(count, limit=len(leaf_hashes))
    if not 0 <= index < count:
        raise InvalidInput(f"There is no leaf {index} in a tree of {count}.", code="index-out-of-range")
    _require_hashes(leaf_hashes)
    return climb(leaf_hashes[:count], index)


def consistency_proof(leaf_hashes: Sequence[bytes], *, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of ``old`` leaves is a prefix of the tree of ``new`` leaves; empty if trivial.

    Trivial is ``old == new`` and ``old == 0``. Raises :class:`InvalidInput` (``size-out-of-range``, ``hash-length``).
    RFC 6962 §2.1.2.
    """
    _require_size(new, limit=len(leaf_hashes))
    _require_size(old, limit=new)
    _require_hashes(leaf_hashes)
    if old in {0, new}:
        return []
    level = leaf_hashes[:new]
    height, position = consistency_start(old)
    for _ in range(height):
        level = parents(level)
    start = [level[position]] if position else []
    return start + climb(level, position)


def climb(level: Sequence[bytes], position: int) -> list[bytes]:
    """Return the siblings met on the way from node ``position`` of a level to the root above that level."""
    path: list[bytes] = []
    while len(level) > 1:
        sibling = position ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level = parents(level)
        position >>= 1
    return path


def consistency_start(old: int) -> tuple[int, int]:
    """Return height and position of the largest whole subtree at the right edge of a tree of ``old`` > 0 leaves.

    A consistency proof climbs from that node; it is itself in the proof unless it is the whole old tree (position 0).
    """
    height = (old & -old).bit_length() - 1
    return height, (old >> height) - 1


def root_from_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the one root for which ``proof`` shows ``leaf`` at ``index`` of a tree of ``size``.

    Raises :class:`ProofFailed` with ``size-out-of-range``, ``index-out-of-range``, ``proof-length`` or ``hash-length``.
    RFC 9162 §2.1.3.2.
    """
    if not 0 < size <= MAX_SIZE:
        raise ProofFailed("The tree size of the proof is out of range.", code="size-out-of-range")
    if not 0 <= index < size:
        raise ProofFailed("The index of the proof is not below the tree size.", code="index-out-of-range")
    # Up to height `inner` the leaf and the right edge are in different subtrees, so every step has a sibling. Above it
    # the path runs along the right edge, where a node has a sibling (a left one) only at the one bits of its position.
    inner = (index ^ (size - 1)).bit_length()
    edge = (index >> inner).bit_count()
    _check_path(proof, inner + edge, leaf)
    result = leaf
    for height in range(inner):
        sibling = proof[height]
        result = node_hash(sibling, result) if index >> height & 1 else node_hash(result, sibling)
    for sibling in proof[inner:]:
        result = node_hash(sibling, result)
    return result


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return only if ``proof`` shows the leaf hash ``leaf`` at ``index`` of the tree of ``size`` that has this root.

    Raises :class:`ProofFailed`: the codes of :func:`root_from_inclusion`, and ``root-mismatch``. RFC 9162 §2.1.3.2.
    """
    if root_from_inclusion(leaf=leaf, index=index, size=size, proof=proof) != root:
        raise ProofFailed("The inclusion proof leads to another root.", code="root-mismatch")


def verify_consistency(*, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return only if the tree (``old``, ``old_root``) is shown to be a prefix of the tree (``new``, ``new_root``).

    Raises :class:`ProofFailed` with ``size-out-of-range``, ``proof-length``, ``hash-length``, ``old-root-mismatch`` or
    ``root-mismatch``. RFC 9162 §2.1.4.2, and for ``old == 0`` (any tree continues the empty one) an empty proof.
    """
    if not 0 <= old <= new <= MAX_SIZE:
        raise ProofFailed("The tree sizes of the consistency proof are out of order.", code="size-out-of-range")
    if old in {0, new}:
        _check_path(proof, 0, old_root, new_root)
        if old_root != (EMPTY_ROOT if old == 0 else new_root):
            raise ProofFailed("The old root is not the root of a tree of that size.", code="old-root-mismatch")
        if new == 0 and new_root != EMPTY_ROOT:
            raise ProofFailed("The new root is not that of the empty tree.", code="root-mismatch")
        return
    height, position = consistency_start(old)
    last = (new - 1) >> height
    inner = (position ^ last).bit_length()
    edge = (position >> inner).bit_count()
    _check_path(proof, inner + edge + (1 if position else 0), old_root, new_root)
    start, path = (proof[0], proof[1:]) if position else (old_root, proof)
    old_result = new_result = start
    for step, sibling in enumerate(path):
        if step >= inner or position >> step & 1:
            old_result = node_hash(sibling, old_result)
            new_result = node_hash(sibling, new_result)
        else:
            new_result = node_hash(new_result, sibling)
    if old_result != old_root:
        raise ProofFailed("The consistency proof leads to another old root.", code="old-root-mismatch")
    if new_result != new_root:
        raise ProofFailed("The consistency proof leads to another new root.", code="root-mismatch")


def _check_path(proof: Sequence[bytes], length: int, *ends: bytes) -> None:
    if len(proof) != length:
        raise ProofFailed(f"The proof has {len(proof)} hashes where {length} are needed.", code="proof-length")
    for item in (*ends, *proof):
        if len(item) != HASH_SIZE:
            raise ProofFailed("A hash does not have 32 bytes.", code="hash-length")


def _require_size(size: int, *, limit: int) -> None:
    if not 0 <= size <= limit:
        raise InvalidInput(f"A tree size of {size} is not within 0 and {limit}.", code="size-out-of-range")


def _require_hashes(hashes: Sequence[bytes]) -> None:
    if set(map(len, hashes)) - {HASH_SIZE}:
        raise InvalidInput("A leaf hash does not have 32 bytes.", code="hash-length")
