"""Anchors on their way to the chain: their states, transactions, proofs, events. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


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
class AnchorRequest:
    """That an operator wants the checkpoint of ``size`` anchored at once, since ``time``."""

    time: int
    size: int
