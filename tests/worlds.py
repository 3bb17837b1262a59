"""A small world for tests of the verification: a log with keys, a chain of one block, a bundle that verifies.

Everything is made by hand from the formats (header and receipts are encoded here, not by a node), so that tests can
forge any part of it: change the world's parts, then ask for the bundle again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from notary.core import merkle
from notary.core.bundle import Anchor, Bundle, Current, Later, Meta, StorageAnchor
from notary.core.chain import AnchoredHead, ChainEvidence, EndpointView, Recorded, TrustedChain
from notary.core.checkpoint import Checkpoint
from notary.core.current import CurrentStatement
from notary.core.eip712 import typed_data
from notary.core.entry import Entry
from notary.core.evm import ANCHORED_TOPIC, parse_header
from notary.core.jcs import Json
from notary.core.meta import meta_digest
from notary.core.note import sign_note, verifier_key
from notary.core.record import Previous, Publisher, Record, Status, TextDigest
from notary.core.rlp import Rlp, encode, encode_integer
from notary.core.text import canonical_plain
from notary.core.tlogproof import TlogProof
from notary.core.trie import prove_receipt, receipts_root
from notary.core.trust import Trust, TrustedKey

ORIGIN = "notary.example/log/test"
NOW = 1_790_000_000_000
TEXT = "Old Mill Bridge closed\n\nVehicles over 7.5 tonnes may not cross it.\nCars are not affected.\n"
ALTERED = TEXT.replace("may not", "may")
META: dict[str, Json] = {"publisher": "Roads office", "url": "https://roads.example/17"}
SALT = bytes(range(32))
REGISTRY = bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3")
LOG_ID = bytes.fromhex("11" * 32)
GENESIS = bytes.fromhex("22" * 32)
CODEHASH = bytes.fromhex("33" * 32)
CHAIN_ID = 31337
URL = "http://endpoint.example"


class LogKey:
    """A log's signing key; ``seed`` tells several apart."""

    def __init__(self, seed: int = 1, name: str = ORIGIN) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = self._private.public_key().public_bytes_raw()
        self.name = name

    def note(self, text: bytes) -> bytes:
        """Return ``text`` as a signed note."""
        return sign_note(text, name=self.name, sign=self._private.sign, public=self.public)


def text_digest(text: str = TEXT) -> TextDigest:
    """Return what a record says about a plain text."""
    made = canonical_plain(text.encode())
    return TextDigest(sha256=made.sha256, lines=len(made.lines), lines_root=made.lines_root)


def record(**changes: object) -> Record:
    """Return the record of :data:`TEXT` with some fields changed."""
    base = Record(
        origin=ORIGIN,
        publisher=Publisher("roads-office"),
        status=Status.ORIGINAL,
        content=text_digest(),
        document="notice-17",
        meta_sha256=meta_digest(META, SALT),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def entry(made: Record | None = None, *, time: int = NOW - 3_600_000) -> Entry:
    """Return an unsigned entry."""
    return Entry(record=made if made is not None else record(), time=time)


SECRET = b"\x01" * 32
"""The publisher's private key, where a test needs one."""


def signed(made: Record, secret: bytes = SECRET) -> Entry:
    """Return an entry whose record names the publisher's key, signed with it or with another."""
    # Slow to load, and needed by few tests.
    from eth_account import Account

    named = replace(made, publisher=Publisher(made.publisher.id, bytes.fromhex(Account.from_key(SECRET).address[2:])))
    signature = bytes(Account.sign_typed_data(secret, full_message=typed_data(named)).signature)
    return replace(entry(named), signature=signature)


def revision(of: Entry, *, status: Status = Status.CORRECTION, time: int = NOW - 60_000, **changes: object) -> Entry:
    """Return an entry that revises another one."""
    changes = {"content": text_digest(ALTERED), "meta_sha256": None, "status": status, **changes}
    return entry(record(previous=Previous(ORIGIN, of.leaf_hash()), **changes), time=time)


@dataclass
class World:
    """A log of some leaves with one of them ours, and a block that anchors it."""

    key: LogKey = field(default_factory=LogKey)
    entry: Entry = field(default_factory=entry)
    before: int = 3
    after: Sequence[bytes] = ()
    origin: str = ORIGIN
    number: int = 17
    timestamp: int = NOW // 1000 - 600
    chain_id: int = CHAIN_ID
    registry: bytes = REGISTRY
    log_id: bytes = LOG_ID
    receipts: int = 5
    tx_index: int = 2
    event_size: int | None = None
    event_root: bytes | None = None

    @property
    def leaves(self) -> list[bytes]:
        """The leaf hashes of the tree, ours at index ``before``."""
        others = [merkle.leaf_hash(b"leaf %d" % i) for i in range(self.before)]
        return [*others, self.entry.leaf_hash(), *self.after]

    def checkpoint(self) -> Checkpoint:
        """Return the tree head."""
        return Checkpoint(self.origin, len(self.leaves), merkle.root(self.leaves))

    def proof(self, index: int | None = None) -> TlogProof:
        """Return the inclusion proof of our leaf (or of another), with the signed checkpoint."""
        at = self.before if index is None else index
        hashes = tuple(merkle.inclusion_proof(self.leaves, index=at))
        return TlogProof(index=at, hashes=hashes, checkpoint=self.key.note(self.checkpoint().encode()), extra=None)

    def receipt(self) -> bytes:
        """Return the receipt that holds the event, as the second of its logs."""
        head = self.checkpoint()
        size = head.size if self.event_size is None else self.event_size
        root = head.root if self.event_root is None else self.event_root
        data = size.to_bytes(32, "big") + root + bytes(32)
        other: list[Rlp] = [bytes(20), [], b""]
        event: list[Rlp] = [self.registry, [ANCHORED_TOPIC, self.log_id], data]
        return b"\x02" + encode([b"\x01", encode_integer(52_700), bytes(256), [other, event]])

    def anchor(self) -> Anchor:
        """Return the anchor: header, receipt proof, inclusion proof."""
        others = [b"\x02" + encode([b"\x01", encode_integer(21_000 * (i + 1)), bytes(256), []]) for i in range(9)]
        receipts = [*others[: self.tx_index], self.receipt(), *others[self.tx_index : self.receipts - 1]]
        return Anchor(
            chain_id=self.chain_id,
            registry=self.registry,
            log_id=self.log_id,
            proof=self.proof(),
            header=header(receipts_root(receipts), number=self.number, timestamp=self.timestamp),
            tx_index=self.tx_index,
            log_position=1,
            nodes=tuple(prove_receipt(receipts, self.tx_index)),
        )

    def storage_anchor(self, **changes: object) -> StorageAnchor:
        """Return the anchor as a chain without header hashes has it: what only the registry's storage shows."""
        made = StorageAnchor(
            chain_id=self.chain_id,
            registry=self.registry,
            log_id=self.log_id,
            proof=self.proof(),
            block=self.number,
            time=self.timestamp,
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def bundle(self, **changes: object) -> Bundle:
        """Return the bundle, with parts replaced."""
        text = canonical_plain(TEXT.encode()).data.decode()
        made = Bundle(entry=self.entry, anchors=(self.anchor(),), text=text, meta=Meta(SALT, META))
        return replace(made, **changes)  # type: ignore[arg-type]

    def current(self, *later: Entry, time: int = NOW - 1000, **changes: object) -> Current:
        """Return the log's statement that the last of ``later`` (or our entry) is the latest revision."""
        grown = replace(self, after=[*self.after, *(one.leaf_hash() for one in later)])
        head, start = grown.checkpoint(), self.before + 1 + len(self.after)
        statement = CurrentStatement(
            origin=self.origin,
            publisher="roads-office",
            document="notice-17",
            latest=(later[-1] if later else self.entry).leaf_hash(),
            size=head.size,
            root=head.root,
            time=time,
        )
        statement = replace(statement, **changes)  # type: ignore[arg-type]
        return Current(
            statement=self.key.note(statement.encode()),
            later=tuple(Later(one, grown.proof(start + i)) for i, one in enumerate(later)),
        )

    def trust(self, **changes: object) -> Trust:
        """Return the trust file that names this world."""
        chain = TrustedChain(CHAIN_ID, GENESIS, REGISTRY, CODEHASH, LOG_ID)
        key = TrustedKey(verifier_key(ORIGIN, self.key.public), 0, None)
        return replace(Trust(origin=ORIGIN, keys=(key,), chains=(chain,), development=True), **changes)  # type: ignore[arg-type]

    def view(self, **changes: object) -> EndpointView:
        """Return what an honest endpoint answers."""
        made = EndpointView(
            url=URL,
            chain_id=CHAIN_ID,
            genesis=GENESIS,
            codehashes={REGISTRY: CODEHASH},
            final_height=self.number + 2,
            hashes={self.number: parse_header(self.anchor().header).hash},
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def storage_view(self, **changes: object) -> EndpointView:
        """Return what an honest endpoint of a chain without header hashes answers."""
        return replace(self.view(hashes={}, recorded={self.head(): Recorded(self.number, self.timestamp)}), **changes)  # type: ignore[arg-type]

    def head(self) -> AnchoredHead:
        """Return the tree head as the registry is asked about it."""
        head = self.checkpoint()
        return AnchoredHead(self.registry, self.log_id, head.size, head.root)

    def evidence(self, *views: EndpointView) -> ChainEvidence:
        """Return the evidence of one honest endpoint, or of ``views``."""
        return ChainEvidence(views=views or (self.view(),))


def header(receipts: bytes, *, number: int, timestamp: int) -> bytes:
    """Return the RLP of a block header with the fields up to London."""
    fields: list[Rlp] = [bytes(32), bytes(32), bytes(20), bytes(32), bytes(32), receipts, bytes(256), b""]
    fields += [encode_integer(value) for value in (number, 30_000_000, 500_000, timestamp)]
    fields += [b"", bytes(32), bytes(8), encode_integer(7)]
    return encode(fields)
