"""What to do next with an anchor: a pure function of what is stored, what the chain shows, the clock and the policy.

::

    queued ──▶ prepared ──▶ maybe-sent ──▶ included ──▶ final ──▶ proven
                  │  ▲           │  ▲          │          │          │
                  │  └─ nonce- ──┤  └── reorg ─┘          ├──────────┴──▶ finality-violation
                  │     taken    │  └── false receipt ────┘
                  └──────────────┴──────────────────────▶ reverted

Signed bytes are durable before they are sent, and are sent again as they are. Until a receipt is seen nobody knows
whether a transaction was sent: ``prepared`` and ``maybe-sent`` differ only in what we may say to others. ``blocked`` is
no state that is kept: it is a step's answer to why nothing moves (``hindrance``), found anew at every step, so that
nothing has to be undone when the hindrance goes away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from notary.fees import FeeCaps, first_fees, raised_fees
from notary.model.anchors import Anchor, AnchorState, Attempt, Fees, Obstacle, Place
from notary.model.chain import Market, Observation, Sighting
from notary.model.log import TreeState


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator decided: when to send and to replace, in milliseconds, and how much to offer."""

    resend_ms: int
    replace_after_ms: int
    caps: FeeCaps


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked only when something is to be signed.

    ``left`` is what is left of the day's budget, in wei. For a first transaction, ``head`` is the newest tree head,
    ``nonce`` the next one that no reorganisation can lower, and ``lost`` what we signed earlier with this nonce or
    higher ones: there is something only if the chain lost blocks that were final.
    """

    market: Market
    left: int
    head: TreeState | None = None
    nonce: int = 0
    lost: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """Find out the terms (``first``: of a first transaction, else of a replacement), and decide again with them."""

    first: bool


@dataclass(frozen=True, slots=True)
class Prepare:
    """Sign a transaction for this tree head with a fresh nonce, and store it: ``prepared``."""

    head: TreeState
    nonce: int
    fees: Fees


@dataclass(frozen=True, slots=True)
class Replace:
    """Sign the same once more, for higher fees, and store it: nonce and calldata stay."""

    old: Attempt
    fees: Fees


@dataclass(frozen=True, slots=True)
class Send:
    """Hand bytes to the endpoints, for the first time or again: the first of these attempts, if refused the next.

    Unless all are refused the anchor is ``maybe-sent`` then.
    """

    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Change the state; ``reason`` is kept with the event."""

    state: AnchorState
    reason: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """Fetch and check the proof for the place where the anchor became final: ``proven``."""

    place: Place


Action: TypeAlias = Ask | Prepare | Replace | Send | Move | Capture


@dataclass(frozen=True, slots=True)
class Step:
    """What to do now, None where there is only waiting; and what is in the way, None where that is a matter of time."""

    action: Action | None = None
    hindrance: Obstacle | None = None


def decide(
    anchor: Anchor,
    attempts: Sequence[Attempt],
    seen: Observation,
    *,
    now: int,
    policy: Policy,
    terms: Terms | Obstacle | None = None,
) -> Step:
    """Return the next step for an anchor in flight or a proven one.

    ``attempts`` are all of the anchor's, oldest first; ``seen`` was observed for them and for the anchor's place.
    ``terms`` are what the last :class:`Ask` found, or why it found nothing; None where it was not asked yet.
    """
    state = anchor.state
    if state in {AnchorState.QUEUED, AnchorState.NONCE_TAKEN}:
        # After a nonce was taken, a receipt of an old attempt may yet turn up; a new attempt is made only without one.
        return _found(seen) or _prepare(anchor, attempts, now=now, policy=policy, terms=terms)
    if state in {AnchorState.PREPARED, AnchorState.MAYBE_SENT}:
        return _found(seen) or _while_sending(anchor, attempts, seen, now=now, policy=policy, terms=terms)
    if anchor.place is None:
        return Step(Move(AnchorState.MAYBE_SENT, "The place of the transaction was not kept."))
    if state is AnchorState.INCLUDED:
        return _while_included(anchor.place, seen)
    if state is AnchorState.FINAL and _was_never_there(anchor.place, attempts, seen):
        reason = f"Block {anchor.place.block_number} is final without the transaction: the receipt was a false one."
        return Step(Move(AnchorState.MAYBE_SENT, reason))
    return _when_final(anchor.place, seen, capture=state is AnchorState.FINAL)


def _found(seen: Observation) -> Step | None:
    """Adopt a receipt of any attempt, if its block is the canonical one."""
    for sighting in seen.sightings:
        if sighting.canonical and sighting.anchored:
            return Step(_included(sighting))
    for sighting in seen.sightings:
        if sighting.canonical and _is_final(sighting.place, seen):
            return Step(
                Move(AnchorState.REVERTED, f"The transaction failed in block {sighting.place.block_number}, for good.")
            )
    return None


def _included(sighting: Sighting, why: str = "") -> Move:
    place = sighting.place
    reason = f"{why}In block {place.block_number}, 0x{place.block_hash.hex()}."
    return Move(AnchorState.INCLUDED, reason, place)


def _prepare(
    anchor: Anchor, attempts: Sequence[Attempt], *, now: int, policy: Policy, terms: Terms | Obstacle | None
) -> Step:
    if terms is None:
        return Step(Ask(first=True))
    if isinstance(terms, Obstacle):
        if attempts and terms.code == "would-revert":
            # Its transactions can never be mined any more, and another one would fail: the next anchor is due.
            return Step(Move(AnchorState.REVERTED, terms.message))
        return Step(hindrance=terms)
    if terms.lost:
        return _send_lost(terms, now=now, policy=policy)
    fees = first_fees(terms.market, policy.caps, left=terms.left)
    if isinstance(fees, Obstacle):
        return Step(hindrance=fees)
    head = TreeState(anchor.size, anchor.root)
    if not attempts and terms.head is not None and terms.head.size > head.size:
        head = terms.head
    return Step(Prepare(head, terms.nonce, fees))


def _send_lost(terms: Terms, *, now: int, policy: Policy) -> Step:
    """Fill a nonce that is free again with the very bytes that had it: it must never carry anything else."""
    hindrance = Obstacle(
        "chain-behind",
        f"The chain knows {terms.nonce} transactions of our account, fewer than we have seen final: it lost blocks, or "
        "the endpoint is behind. What was signed before is sent again.",
    )
    nonce = min(attempt.nonce for attempt in terms.lost)
    group = tuple(attempt for attempt in reversed(terms.lost) if attempt.nonce == nonce)
    return Step(Send(group) if _due(group[0].last_sent, policy.resend_ms, now) else None, hindrance)


def _while_sending(
    anchor: Anchor,
    attempts: Sequence[Attempt],
    seen: Observation,
    *,
    now: int,
    policy: Policy,
    terms: Terms | Obstacle | None,
) -> Step:
    if not attempts:
        return Step(Move(AnchorState.QUEUED, "There is no signed transaction."))
    latest = attempts[-1]
    if any(sighting.canonical for sighting in seen.sightings):
        return Step()  # it failed, but that is not final yet
    if seen.final_nonce is not None and seen.final_nonce > latest.nonce:
        if seen.sightings:
            return Step(hindrance=Obstacle("stale-receipt", "An endpoint shows a receipt from a block that is gone."))
        # The chain has, finally, another transaction under this nonce: ours can never be mined any more.
        return Step(Move(AnchorState.NONCE_TAKEN, f"Nonce {latest.nonce} was taken by another transaction."))
    same_nonce = tuple(one for one in reversed(attempts) if one.nonce == latest.nonce)
    send = Send(same_nonce) if _due(latest.last_sent, policy.resend_ms, now) else None
    # Not since it was signed, if a reorganisation has taken it out of a block: it gets its time again.
    since = max(latest.created, anchor.moved)
    if latest.last_sent is None or not _due(since, policy.replace_after_ms, now):
        return Step(send)
    if terms is None:
        return Step(Ask(first=False))
    if isinstance(terms, Obstacle):
        return Step(send, terms)
    fees = raised_fees(latest.fees, terms.market, policy.caps, left=terms.left)
    return Step(send, fees) if isinstance(fees, Obstacle) else Step(Replace(latest, fees))


def _while_included(place: Place, seen: Observation) -> Step:
    if seen.hash_at_place is None:
        return Step()  # unavailable is not absent
    if seen.hash_at_place != place.block_hash:
        gone = f"Block {place.block_number} is 0x{seen.hash_at_place.hex()} now. "
        for sighting in seen.sightings:
            if sighting.canonical and sighting.anchored:
                return Step(_included(sighting, gone))
        return Step(Move(AnchorState.MAYBE_SENT, gone + "The transaction is in no block."))
    if _is_final(place, seen):
        return Step(Move(AnchorState.FINAL, f"Block {place.block_number} is final.", place))
    return Step()


def _was_never_there(place: Place, attempts: Sequence[Attempt], seen: Observation) -> bool:
    """Say whether an endpoint told a lie: what has been mined finally does not reach the nonce that was shown in it.

    That no receipt is to be had now says nothing: nodes forget them.
    """
    if seen.final_nonce is None or seen.hash_at_place != place.block_hash or not _is_final(place, seen):
        return False
    nonces = [attempt.nonce for attempt in attempts if attempt.tx_hash == place.tx_hash]
    return bool(nonces) and seen.final_nonce <= nonces[0]


def _when_final(place: Place, seen: Observation, *, capture: bool) -> Step:
    if seen.hash_at_place is None or not _is_final(place, seen):
        return Step()
    if seen.hash_at_place != place.block_hash:
        reason = f"Block {place.block_number} was final and is 0x{seen.hash_at_place.hex()} now."
        return Step(Move(AnchorState.FINALITY_VIOLATION, reason, place))
    return Step(Capture(place)) if capture else Step()


def _is_final(place: Place, seen: Observation) -> bool:
    return seen.final_height is not None and place.block_number <= seen.final_height


def _due(since: int | None, wait_ms: int, now: int) -> bool:
    """Say whether it is time again; a clock that went back must not hold anything up."""
    return since is None or not 0 <= now - since < wait_ms
