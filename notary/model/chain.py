"""What a chain and its endpoints show: fees, receipts, what is final, how well they are. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from notary.model.anchors import Place

ANCHOR_GAS: Final = 53_000
"""About what one anchor takes."""


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
