"""The values that cross the ports: what a log's store keeps and what a chain shows. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class LeafKind(StrEnum):
    """What a leaf of the log is."""

    ENTRY = "entry"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One accepted leaf. ``index`` is its place in the log: acceptance has no gaps and integration keeps the order.

    ``data`` are the logged bytes, ``time`` is their time in milliseconds. The members after it repeat what the record
    says, so that it can be searched; manifests have none of them.
    """

    index: int
    leaf_hash: bytes
    data: bytes
    kind: LeafKind
    time: int
    tenant_id: int | None = None
    record_digest: bytes | None = None
    text_sha256: bytes | None = None
    document: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What belongs to an entry and can be erased: its canonical text, its meta object with the salt, its profile."""

    text: bytes | None
    title: str | None
    meta: bytes | None
    salt: bytes | None
    profile: bytes | None = None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Where the log stands: the index that the next accepted leaf gets, and the time of the last one."""

    next_index: int
    last_time: int


@dataclass(frozen=True, slots=True)
class TreeState:
    """The integrated tree: its size and root."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A published checkpoint: the tree head, the signed note that states it, and when it was signed."""

    size: int
    root: bytes
    note: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Tenant:
    """A publisher with an account here. ``publisher`` is the id that records carry, ``name`` is for people."""

    id: int
    publisher: str
    name: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as stored: only the digest of its secret."""

    key_id: str
    tenant_id: int
    secret_sha256: bytes


@dataclass(frozen=True, slots=True)
class Replay:
    """What an idempotency key was used for."""

    request_digest: bytes
    leaf_hash: bytes


class AnchorState(StrEnum):
    """Where one anchor stands; see :mod:`notary.worker.decide` for the moves between these."""

    QUEUED = "queued"
    PREPARED = "prepared"
    MAYBE_SENT = "maybe-sent"
    INCLUDED = "included"
    FINAL = "final"
    PROVEN = "proven"
    REVERTED = "reverted"
    FINALITY_VIOLATION = "finality-violation"


ENDED = frozenset({AnchorState.PROVEN, AnchorState.REVERTED, AnchorState.FINALITY_VIOLATION})
"""States that the worker does not leave any more; every other one is the anchor in flight."""


@dataclass(frozen=True, slots=True)
class Target:
    """The place that anchors go to."""

    chain_id: int
    registry: bytes
    log_id: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """A transaction's place on the chain."""

    tx_hash: bytes
    block_number: int
    block_hash: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """One tree head on its way to the chain, or there. ``place`` is set from ``included`` on."""

    id: int
    target: Target
    size: int
    root: bytes
    state: AnchorState
    created: int
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A signed transaction that carries an anchor, kept byte for byte; ``last_sent`` is None until it was sent once."""

    id: int
    anchor_id: int
    sender: bytes
    nonce: int
    tx_hash: bytes
    raw: bytes
    calldata: bytes
    created: int
    last_sent: int | None


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction that is ready to be sent."""

    sender: bytes
    nonce: int
    tx_hash: bytes
    raw: bytes
    calldata: bytes


class SendOutcome(StrEnum):
    """What is known after handing a transaction to endpoints; only a receipt tells what happened to it."""

    TAKEN = "taken"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sending:
    """The answer to a send: ``taken`` if any endpoint says so, ``unknown`` if any may have it all the same.

    ``code`` and ``message`` say why it was not taken.
    """

    outcome: SendOutcome
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class AnchorProof:
    """The captured proof that the registry's event is in a block: header and receipt-trie path."""

    block_number: int
    block_hash: bytes
    header: bytes
    tx_index: int
    log_position: int
    nodes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AnchorEvent:
    """One move of an anchor and why it was made. Events are only ever appended."""

    anchor_id: int
    time: int
    state: AnchorState
    reason: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of one loop of the worker; ``problem`` is a sentence, None when it is well."""

    name: str
    time: int
    problem_code: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A receipt that the chain shows for one of our transactions.

    ``anchored`` says whether it succeeded and carries exactly our event; ``canonical`` whether its block is the one the
    chain has at that height.
    """

    place: Place
    anchored: bool
    canonical: bool


@dataclass(frozen=True, slots=True)
class Observation:
    """What the chain shows at one moment. ``final_height`` is None when it does not say what is final.

    ``sightings`` are the receipts found for the transactions asked about, ``final_nonce`` the sender's nonce at the
    final block, ``hash_at_place`` the canonical block hash at the height that was asked about.
    """

    final_height: int | None
    final_nonce: int | None
    sightings: tuple[Sighting, ...]
    hash_at_place: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """The log as operators watch it, from one snapshot. Times are milliseconds, None where there is nothing to date.

    ``waiting_since`` is when the oldest leaf that no checkpoint covers was accepted; ``anchors`` are counts by state;
    ``proven_size`` and ``proven_time`` are the largest proven anchor's, the time that of its proof.
    """

    accepted: int
    tree_size: int
    checkpoint_size: int
    checkpoint_time: int | None
    waiting_since: int | None
    anchors: Mapping[str, int]
    attempts: int
    proven_size: int | None
    proven_time: int | None
    heartbeats: tuple[Heartbeat, ...]
