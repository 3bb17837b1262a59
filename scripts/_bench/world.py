"""A log with one checkpoint, anchored in one block, and bundles of it: made in memory from the formats."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from notary.core import tiles
from notary.core.bundle import Anchor, Bundle
from notary.core.chain import ChainEvidence, TrustedChain
from notary.core.checkpoint import Checkpoint
from notary.core.entry import Entry
from notary.core.evm import ANCHORED_TOPIC, parse_header
from notary.core.note import sign_note, verifier_key
from notary.core.record import Publisher, Record, Status, TextDigest
from notary.core.rlp import Rlp, encode, encode_integer
from notary.core.text import canonical_plain
from notary.core.tilecache import TileCache
from notary.core.tlogproof import TlogProof
from notary.core.trie import ReceiptTrie
from notary.core.trust import Trust, TrustedKey
from scripts._bench import words

if TYPE_CHECKING:
    from collections.abc import Sequence

ORIGIN = "bench.example/log"
NOW = 1_790_000_000_000
REGISTRY = bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3")
LOG_ID, GENESIS, CODEHASH = bytes([0x11]) * 32, bytes([0x22]) * 32, bytes([0x33]) * 32
CHAIN_ID = 31337
RECEIPTS = 200


@dataclass(frozen=True)
class World:
    """Bundles that share a checkpoint and an anchor, and what a reader needs to verify them."""

    bundles: tuple[Bundle, ...]
    trust: Trust
    evidence: ChainEvidence


class _Tiles(dict[tuple[int, int], bytes]):
    def read_tile(self, level: int, number: int, width: int) -> bytes:
        return self[level, number][: 32 * width]


def make(*, bundles: int, size: int, text_bytes: int) -> World:
    """Return a world of a log of ``size`` entries, of which some have bundles with a text of so many bytes."""
    texts = [canonical_plain(words.article(text_bytes, seed=i + 1).encode()) for i in range(bundles)]
    entries = [
        Entry(
            record=Record(
                origin=ORIGIN,
                publisher=Publisher("roads-office"),
                status=Status.ORIGINAL,
                content=TextDigest(sha256=text.sha256, lines=len(text.lines), lines_root=text.lines_root),
            ),
            time=NOW - 3_600_000 + i,
        )
        for i, text in enumerate(texts)
    ]
    leaves = [one.leaf_hash() for one in entries]
    leaves += [sha256(b"%d" % i).digest() for i in range(bundles, size)]
    grown = tiles.append(_Tiles(), size=0, leaves=leaves)
    private = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
    public = private.public_key().public_bytes_raw()
    head = Checkpoint(ORIGIN, size, grown.root)
    note = sign_note(head.encode(), name=ORIGIN, sign=private.sign, public=public)
    header, nodes = _block(head)
    reader, cache = _Tiles(grown.tiles), TileCache()

    def anchor(index: int) -> Anchor:
        hashes = tuple(tiles.inclusion_proof(reader, index=index, size=size, cache=cache))
        return Anchor(
            chain_id=CHAIN_ID,
            registry=REGISTRY,
            log_id=LOG_ID,
            proof=TlogProof(index=index, hashes=hashes, checkpoint=note),
            header=header,
            tx_index=RECEIPTS // 2,
            log_position=0,
            nodes=nodes,
        )

    made = (
        Bundle(entry=entry, anchors=(anchor(i),), text=text.data.decode())
        for i, (entry, text) in enumerate(zip(entries, texts, strict=True))
    )
    trust = Trust(
        origin=ORIGIN,
        keys=(TrustedKey(verifier_key(ORIGIN, public), 0, None),),
        chains=(TrustedChain(CHAIN_ID, GENESIS, REGISTRY, CODEHASH, LOG_ID),),
        development=True,
    )
    return World(tuple(made), trust, ChainEvidence(pinned=frozenset({parse_header(header).hash})))


def receipt_proofs(head: Checkpoint) -> tuple[bytes, list[list[bytes]]]:
    """Return a header, and the proofs of all the receipts of its block, each of which anchors ``head``."""
    trie = ReceiptTrie([_receipt(i, [_event(head)]) for i in range(RECEIPTS)])
    return _header(trie.root), [trie.prove(i) for i in range(RECEIPTS)]


def _block(head: Checkpoint) -> tuple[bytes, tuple[bytes, ...]]:
    ours = RECEIPTS // 2
    trie = ReceiptTrie([_receipt(i, [_event(head)] if i == ours else []) for i in range(RECEIPTS)])
    return _header(trie.root), tuple(trie.prove(ours))


def _event(head: Checkpoint) -> Rlp:
    return [REGISTRY, [ANCHORED_TOPIC, LOG_ID], head.size.to_bytes(32, "big") + head.root + bytes(32)]


def _receipt(number: int, logs: Sequence[Rlp]) -> bytes:
    return b"\x02" + encode([b"\x01", encode_integer(52_700 * (number + 1)), bytes(256), list(logs)])


def _header(receipts: bytes) -> bytes:
    fields: list[Rlp] = [bytes(32), bytes(32), bytes(20), bytes(32), bytes(32), receipts, bytes(256), b""]
    fields += [encode_integer(value) for value in (17, 30_000_000, 500_000, NOW // 1000 - 600)]
    fields += [b"", bytes(32), bytes(8), encode_integer(7)]
    return encode(fields)
