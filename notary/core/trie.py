"""Merkle-Patricia tries: check a proof of one value, and build the trie of a block's receipts.

:func:`verify_trie` is what a verifier needs; :class:`ReceiptTrie` is what the capturing side needs. They share nothing
but the encoding of paths, so that the tests can hold one against the other. See ``docs/spec/anchor.md``, "Receipt
proof".
"""

from __future__ import annotations

from collections.abc import Sequence

from notary.core.keccak import keccak256
from notary.core.rlp import Rlp, decode, encode, encode_integer
from notary.errors import InvalidRlp, ProofFailed

_EMPTY_ROOT = keccak256(encode(b""))


def receipt_key(index: int) -> bytes:
    """Return the key of the receipt of transaction number ``index`` of a block: the RLP of the integer."""
    return encode(encode_integer(index))


def verify_trie(*, root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes:
    """Return the value that the trie with ``root`` holds at ``key``, as ``nodes`` prove.

    ``nodes`` are the encodings from the root to the value, each used once; nodes shorter than 32 bytes are where the
    trie has them, inside their parents.

    Raises :class:`ProofFailed` with codes ``trie-node-mismatch`` (a node does not hash to what refers to it),
    ``trie-node-missing``, ``trie-node-unused``, ``trie-key-absent`` (the proof shows that there is no such key), and
    ``trie-node-shape`` (a node that no trie contains); ``position`` is the number of the node. Raises
    :class:`InvalidRlp` for a node that is not RLP.
    """
    path = _nibbles(key)
    at = 0
    used = 0
    reference: Rlp = root
    while True:
        if isinstance(reference, bytes):
            items = _load(reference, nodes, used)
            used += 1
        else:
            items = reference
        position = used - 1
        if len(items) == 17:
            if at == len(path):
                return _value(items[16], nodes, used)
            reference = items[path[at]]
            at += 1
        elif len(items) == 2:
            is_leaf, part = _unpack(items[0], position)
            if path[at : at + len(part)] != part or (is_leaf and at + len(part) != len(path)):
                raise ProofFailed("The trie has no such key.", code="trie-key-absent", position=position)
            at += len(part)
            if is_leaf:
                return _value(items[1], nodes, used)
            reference = items[1]
        else:
            raise _shape("A trie node must have 2 or 17 items.", position)
        if isinstance(reference, list):
            _check_embedded(reference, position)


def _load(reference: bytes, nodes: Sequence[bytes], number: int) -> list[Rlp]:
    """Return the items of node ``number``, which must be the one that ``reference`` is the hash of."""
    if reference == b"":
        raise ProofFailed("The trie has no such key.", code="trie-key-absent", position=number - 1)
    if len(reference) != 32:
        raise _shape("A reference to a trie node must have 32 bytes.", number - 1)
    if number >= len(nodes):
        raise ProofFailed("A node of the trie proof is missing.", code="trie-node-missing", position=number)
    node = nodes[number]
    if keccak256(node) != reference:
        raise ProofFailed(
            "A node of the trie proof does not hash to what refers to it.", code="trie-node-mismatch", position=number
        )
    if number > 0 and len(node) < 32:
        raise _shape("A trie node shorter than 32 bytes must sit inside its parent.", number)
    items = decode(node)
    if isinstance(items, bytes):
        raise _shape("A trie node must be a list.", number)
    return items


def _check_embedded(node: list[Rlp], position: int) -> None:
    if len(encode(node)) >= 32:
        raise _shape("A trie node inside its parent must be shorter than 32 bytes.", position)


def _value(item: Rlp, nodes: Sequence[bytes], used: int) -> bytes:
    if not isinstance(item, bytes):
        raise _shape("A trie value must be a byte string.", used - 1)
    if item == b"":
        raise ProofFailed("The trie has no such key.", code="trie-key-absent", position=used - 1)
    if used != len(nodes):
        raise ProofFailed("A node of the trie proof is not used.", code="trie-node-unused", position=used)
    return item


def _unpack(packed: Rlp, position: int) -> tuple[bool, bytes]:
    """Read a hex-prefix encoded path: whether it ends in a leaf, and its nibbles."""
    if not isinstance(packed, bytes) or packed == b"":
        raise _shape("A path in a trie node must be a non-empty byte string.", position)
    flag = packed[0] >> 4
    nibbles = _nibbles(packed)
    if flag > 3 or (flag in {0, 2} and nibbles[1] != 0):
        raise _shape("A path in a trie node has a wrong prefix.", position)
    part = nibbles[1:] if flag in {1, 3} else nibbles[2:]
    if flag < 2 and part == b"":
        raise _shape("A trie node extends the path by nothing.", position)
    return flag >= 2, part


def _pack(part: bytes, *, is_leaf: bool) -> bytes:
    flag = 2 if is_leaf else 0
    nibbles = bytes((flag + 1,)) + part if len(part) % 2 else bytes((flag, 0)) + part
    return bytes((high << 4) | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))


def _nibbles(data: bytes) -> bytes:
    """Return the half-bytes of ``data``, one a byte."""
    return bytes.fromhex("0" + "0".join(data.hex())) if data else b""


def _shape(message: str, position: int) -> ProofFailed:
    return ProofFailed(message, code="trie-node-shape", position=position)


class ReceiptTrie:
    """The trie of the receipts of one block, in the order of their transactions."""

    __slots__ = ("_count", "_nodes", "root")

    def __init__(self, receipts: Sequence[bytes]) -> None:
        """Build the trie of encoded receipts, none of which may be empty."""
        if b"" in receipts:
            raise InvalidRlp("A receipt is empty.", code="receipt-empty")
        self._count = len(receipts)
        # The hashed nodes by their place: the nibbles on the way from the root to them.
        self._nodes: dict[bytes, bytes] = {}
        pairs = sorted((_nibbles(receipt_key(index)), receipt) for index, receipt in enumerate(receipts))
        self.root = self._keep(encode(self._node(pairs, 0)), b"") if pairs else _EMPTY_ROOT

    def prove(self, index: int) -> list[bytes]:
        """Return the nodes by which :func:`verify_trie` finds receipt number ``index``.

        Raises :class:`ProofFailed` (``trie-key-absent``) if the block has no such receipt.
        """
        if not 0 <= index < self._count:
            raise ProofFailed(f"The block has no receipt number {index}.", code="trie-key-absent")
        path = _nibbles(receipt_key(index))
        places = (path[:length] for length in range(len(path) + 1))
        return [self._nodes[place] for place in places if place in self._nodes]

    def _node(self, pairs: list[tuple[bytes, bytes]], at: int) -> list[Rlp]:
        """Return the node for ``pairs`` of nibbles and value, sorted, which agree in their first ``at`` nibbles."""
        first, last = pairs[0][0], pairs[-1][0]
        if len(pairs) == 1:
            return [_pack(first[at:], is_leaf=True), pairs[0][1]]
        common = at
        while first[common] == last[common]:
            common += 1
        if common > at:
            return [_pack(first[at:common], is_leaf=False), self._reference(pairs, common)]
        # No receipt key is the beginning of another one, so the seventeenth item, a branch's own value, stays empty.
        branch: list[Rlp] = [b""] * 17
        for nibble in range(16):
            below = [pair for pair in pairs if pair[0][at] == nibble]
            if below:
                branch[nibble] = self._reference(below, at + 1)
        return branch

    def _reference(self, pairs: list[tuple[bytes, bytes]], at: int) -> Rlp:
        node = self._node(pairs, at)
        encoded = encode(node)
        return node if len(encoded) < 32 else self._keep(encoded, pairs[0][0][:at])

    def _keep(self, encoded: bytes, place: bytes) -> bytes:
        self._nodes[place] = encoded
        return keccak256(encoded)


def receipts_root(receipts: Sequence[bytes]) -> bytes:
    """Return the root of the trie of a block's encoded receipts."""
    return ReceiptTrie(receipts).root


def prove_receipt(receipts: Sequence[bytes], index: int) -> list[bytes]:
    """Return the trie nodes that prove receipt number ``index`` of a block under :func:`receipts_root`."""
    return ReceiptTrie(receipts).prove(index)
