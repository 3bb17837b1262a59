"""The values that cross the ports: what a log's store keeps and what a chain shows. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

LEADER: Final = "worker"
"""The lease that the leading worker holds."""

ANCHOR_GAS: Final = 53_000
"""About what one anchor takes."""


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


@dataclass(frozen=True, slots=True)
class Restore:
    """This database was once loaded from a backup, made at ``made`` with a newest checkpoint of ``size``.

    ``instance`` is the id that the copied database had. ``nothing_published`` says that, by the operator's word,
    nothing of the log was ever public. ``checked`` is when the log was held against what is public; None until then.
    """

    id: int
    time: int
    made: int
    size: int
    instance: bytes
    nothing_published: bool
    checked: int | None


class AnchorState(StrEnum):
    """Where one anchor stands; see :mod:`notary.worker.decide` for the moves between these."""

    QUEUED = "queued"
    PREPARED = "prepared"
    MAYBE_SENT = "maybe-sent"
    INCLUDED = "included"
    FINAL = "final"
    PROVEN = "proven"
    NONCE_TAKEN = "nonce-taken"
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
    """One tree head on its way to the chain, or there. ``place`` is set from ``included`` on.

    ``created`` and ``moved`` are when it was queued and when it came into its state, in milliseconds.
    """

    id: int
    target: Target
    size: int
    root: bytes
    state: AnchorState
    created: int
    place: Place | None = None
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction offers: wei for one unit of gas, of which ``tip`` goes to the proposer, and how much gas.

    On a chain without a base fee ``max_fee`` and ``tip`` both are the gas price.
    """

    max_fee: int
    tip: int
    gas: int

    @property
    def cost(self) -> int:
        """The most that the transaction can cost, in wei."""
        return self.max_fee * self.gas


@dataclass(frozen=True, slots=True)
class Market:
    """What sending an anchor takes at this moment: wei for one unit of gas, gas by estimate, and our balance in wei.

    ``base_fee`` is what the latest block took and ``tip`` what is suggested on top. Of a chain without a base fee
    (``legacy``) ``base_fee`` is the suggested gas price and ``tip`` is 0.
    """

    base_fee: int
    tip: int
    gas: int
    balance: int
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why nothing can be signed now: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A signed transaction that carries an anchor, kept byte for byte; ``last_sent`` is None until it was sent once.

    ``gas_used`` and ``gas_price`` are what its receipt in a final block says, else None.
    """

    id: int
    anchor_id: int
    sender: bytes
    nonce: int
    tx_hash: bytes
    raw: bytes
    calldata: bytes
    fees: Fees
    created: int
    last_sent: int | None
    gas_used: int | None = None
    gas_price: int | None = None

    @property
    def spent(self) -> int | None:
        """What the transaction did cost, in wei; None while that is not final."""
        return None if self.gas_used is None or self.gas_price is None else self.gas_used * self.gas_price


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction that is ready to be sent."""

    sender: bytes
    nonce: int
    tx_hash: bytes
    raw: bytes
    calldata: bytes
    fees: Fees


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
class AnchorRecord:
    """What the registry's storage holds of an anchor, on a chain that no receipt can be proven on.

    ``time`` is that of the block, in the chain's own unit.
    """

    block_number: int
    block_hash: bytes
    time: int


Captured: TypeAlias = AnchorProof | AnchorRecord
"""What is kept of an anchor when it is proven, and what bundles show it by."""


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
class Lease:
    """The right to lead, until ``expires``. All times are milliseconds by the database's clock.

    ``token`` grows by one with every new holder or term and is what writes are fenced with; ``holder`` is empty where
    the lease was given back. ``held`` says whether the lease was running when it was read.
    """

    name: str
    holder: str
    token: int
    since: int
    expires: int
    held: bool = True


@dataclass(frozen=True, slots=True)
class Sighting:
    """A receipt that the chain shows for one of our transactions.

    ``anchored`` says whether it succeeded and carries exactly our event; ``canonical`` whether its block is the one the
    chain has at that height. ``gas_used`` and ``gas_price`` (wei for one unit) are what the receipt says it did cost.
    """

    place: Place
    anchored: bool
    canonical: bool
    gas_used: int | None = None
    gas_price: int | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a quorum of endpoints cannot be had or believed now: a stable code and a sentence.

    ``endpoints-disagree``: they name different blocks at a height that is final. ``endpoints-too-few``: not enough of
    them answer, or of the present.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Observation:
    """What the chain shows at one moment, by what a quorum of endpoints says.

    ``final_height`` is None when they do not say what is final, ``sightings`` are the receipts found for the
    transactions asked about, ``final_nonce`` the sender's nonce at the final block, ``hash_at_place`` the canonical
    block hash at the height that was asked about, ``doubts`` what to tell the operator. ``head_height`` is the latest
    block's: for people, never for a decision.
    """

    final_height: int | None
    final_nonce: int | None
    sightings: tuple[Sighting, ...]
    hash_at_place: bytes | None = None
    head_height: int | None = None
    doubts: tuple[Doubt, ...] = ()


class EndpointState(StrEnum):
    """How well an endpoint is."""

    UNKNOWN = "unknown"
    OK = "ok"
    FAILING = "failing"
    BEHIND = "behind"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointHealth:
    """How well an endpoint is. ``name`` is its address as it may be shown, without path and query.

    ``failures`` are those since its last answer, ``code`` and ``message`` the last problem while it lasts, ``lag`` the
    blocks that its head is behind the best one, ``retry_in`` the seconds for which it is left alone.
    """

    name: str
    state: EndpointState
    failures: int
    code: str | None
    message: str | None
    latency_ms: int | None
    head: int | None
    lag: int | None
    retry_in: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStanding:
    """How the account and the chain stand, by what one endpoint says: for people, never for a decision.

    ``gas_price`` is what a unit of gas costs now; ``final`` and ``final_time`` are None where nothing is final yet. The
    times are those of the blocks, in seconds.
    """

    sender: bytes
    balance: int
    gas_price: int
    head: int
    head_time: int
    final: int | None
    final_time: int | None

    @property
    def anchors_left(self) -> int | None:
        """For how many anchors the balance lasts at today's price; None where gas costs nothing."""
        cost = ANCHOR_GAS * self.gas_price
        return self.balance // cost if cost else None

    @property
    def lag_blocks(self) -> int | None:
        """How many blocks the newest final one is behind the newest."""
        return None if self.final is None else max(0, self.head - self.final)

    @property
    def lag_seconds(self) -> int | None:
        """How much older the newest final block is than the newest."""
        return None if self.final_time is None else max(0, self.head_time - self.final_time)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What the leader saw of the chain at ``time``; ``standing`` is None where it could not be had."""

    time: int
    standing: ChainStanding | None
    endpoints: tuple[EndpointHealth, ...]


@dataclass(frozen=True, slots=True)
class AnchorRequest:
    """That an operator wants the checkpoint of ``size`` anchored at once, since ``time``."""

    time: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """The log as operators watch it, from one snapshot. Times are milliseconds, None where there is nothing to date.

    ``waiting_since`` is when the oldest leaf that no checkpoint covers was accepted; ``anchors`` are counts by state;
    ``proven_size`` and ``proven_time`` are the largest proven anchor's, the time that of its proof; ``spent`` is what
    all mined transactions did cost, in gwei; ``leader`` the lease of the leading worker; ``report`` what it saw last.
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
    spent: int
    leader: Lease | None
    report: ChainReport | None
