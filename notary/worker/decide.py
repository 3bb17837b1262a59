"""What to do next with the anchor in flight: a pure function of what is stored and what the chain shows.

::

    queued ──▶ prepared ──▶ maybe-sent ──▶ included ──▶ final ──▶ proven
       ▲           │             │  ▲          │          │
       └───────────┴─ nonce taken┘  └── reorg ─┘          └──▶ finality-violation
                   └─────────────┴──────────────────────▶ reverted

Signed bytes are durable before they are sent, and are sent again as they are. Until a receipt is seen nobody knows
whether a transaction was sent: ``prepared`` and ``maybe-sent`` differ only in what we may say to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from notary.model import Anchor, AnchorState, Attempt, Observation, Place, Sighting


@dataclass(frozen=True, slots=True)
class Prepare:
    """Sign a transaction with a fresh nonce and store it."""


@dataclass(frozen=True, slots=True)
class Send:
    """Hand an attempt's bytes to the endpoints, for the first time or again."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Move:
    """Change the state; ``reason`` is kept with the event."""

    state: AnchorState
    reason: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """Fetch and check the proof for the place where the anchor became final."""

    place: Place


Action: TypeAlias = Prepare | Send | Move | Capture


def decide(
    anchor: Anchor, attempts: Sequence[Attempt], seen: Observation, *, now: int, resend_ms: int
) -> Action | None:
    """Return the next step for the anchor in flight, or None where there is nothing to do but wait.

    ``attempts`` are all of the anchor's, oldest first; ``seen`` was observed for them and for the anchor's place.
    """
    if anchor.state is AnchorState.QUEUED:
        # After a nonce was taken, a receipt of an old attempt may yet turn up; a new attempt is made only without one.
        return _found(seen) or Prepare()
    if anchor.state in {AnchorState.PREPARED, AnchorState.MAYBE_SENT}:
        return _found(seen) or _look_or_send(attempts, seen, now=now, resend_ms=resend_ms)
    if anchor.place is None:
        return Move(AnchorState.MAYBE_SENT, "The place of the transaction was not kept.")
    if anchor.state is AnchorState.INCLUDED:
        return _while_included(anchor.place, seen)
    return _when_final(anchor.place, seen)


def _found(seen: Observation) -> Move | None:
    """Adopt a receipt of any attempt, if its block is the canonical one."""
    for sighting in seen.sightings:
        if sighting.canonical and sighting.anchored:
            return _included(sighting)
    for sighting in seen.sightings:
        if sighting.canonical and _is_final(sighting.place, seen):
            return Move(AnchorState.REVERTED, f"The transaction failed in block {sighting.place.block_number}.")
    return None


def _included(sighting: Sighting, why: str = "") -> Move:
    place = sighting.place
    reason = f"{why}In block {place.block_number}, 0x{place.block_hash.hex()}."
    return Move(AnchorState.INCLUDED, reason, place)


def _look_or_send(attempts: Sequence[Attempt], seen: Observation, *, now: int, resend_ms: int) -> Action | None:
    if not attempts:
        return Move(AnchorState.QUEUED, "There is no signed transaction.")
    latest = attempts[-1]
    if any(sighting.canonical for sighting in seen.sightings):
        return None  # it failed, but that is not final yet
    if seen.final_nonce is not None and seen.final_nonce > latest.nonce:
        # The chain has, finally, another transaction under this nonce: ours can never be mined any more.
        return Move(AnchorState.QUEUED, f"Nonce {latest.nonce} was taken by another transaction.")
    if latest.last_sent is None or not 0 <= now - latest.last_sent < resend_ms:
        return Send(latest)
    return None


def _while_included(place: Place, seen: Observation) -> Action | None:
    if seen.hash_at_place is None:
        return None  # unavailable is not absent
    if seen.hash_at_place != place.block_hash:
        gone = f"Block {place.block_number} is 0x{seen.hash_at_place.hex()} now. "
        for sighting in seen.sightings:
            if sighting.canonical and sighting.anchored:
                return _included(sighting, gone)
        return Move(AnchorState.MAYBE_SENT, gone + "The transaction is in no block.")
    if _is_final(place, seen):
        return Move(AnchorState.FINAL, f"Block {place.block_number} is final.", place)
    return None


def _when_final(place: Place, seen: Observation) -> Action | None:
    if seen.hash_at_place is None or not _is_final(place, seen):
        return None
    if seen.hash_at_place != place.block_hash:
        reason = f"Block {place.block_number} was final and is 0x{seen.hash_at_place.hex()} now."
        return Move(AnchorState.FINALITY_VIOLATION, reason, place)
    return Capture(place)


def _is_final(place: Place, seen: Observation) -> bool:
    return seen.final_height is not None and place.block_number <= seen.final_height
