"""The pure decisions about the anchor in flight, one by one, and all together against a chain that reorganises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notary.model import ENDED, Anchor, AnchorState, Attempt, Observation, Place, Sighting, Target
from notary.worker.decide import Action, Capture, Move, Prepare, Send, decide

RESEND = 1000
NOW = 10_000
PLACE = Place(tx_hash=b"t" * 32, block_number=7, block_hash=b"7" * 32)
OTHER = Place(tx_hash=b"t" * 32, block_number=8, block_hash=b"8" * 32)
ANCHOR = Anchor(
    id=1, target=Target(1, b"r" * 20, b"l" * 32), size=5, root=b"R" * 32, state=AnchorState.QUEUED, created=0
)
ATTEMPT = Attempt(
    id=1, anchor_id=1, sender=b"s" * 20, nonce=3, tx_hash=b"t" * 32, raw=b"raw", calldata=b"c", created=0, last_sent=NOW
)
NOTHING = Observation(final_height=5, final_nonce=3, sightings=())


def anchor(state: AnchorState, place: Place | None = None) -> Anchor:
    return replace(ANCHOR, state=state, place=place)


def seen(*sightings: Sighting, **changes: Any) -> Observation:
    return replace(NOTHING, sightings=sightings, **changes)


def sighting(place: Place = PLACE, *, anchored: bool = True, canonical: bool = True) -> Sighting:
    return Sighting(place=place, anchored=anchored, canonical=canonical)


def choose(of: Anchor, observation: Observation, *attempts: Attempt) -> object:
    return decide(of, attempts, observation, now=NOW, resend_ms=RESEND)


SENDING = [AnchorState.PREPARED, AnchorState.MAYBE_SENT]


def test_queued_is_prepared() -> None:
    assert choose(anchor(AnchorState.QUEUED), NOTHING) == Prepare()


@pytest.mark.parametrize("state", SENDING)
def test_what_was_never_sent_is_sent(state: AnchorState) -> None:
    fresh = replace(ATTEMPT, last_sent=None)
    assert choose(anchor(state), NOTHING, fresh) == Send(fresh)


@pytest.mark.parametrize("state", SENDING)
@pytest.mark.parametrize(("ago", "again"), [(0, False), (RESEND - 1, False), (RESEND, True), (-1, True)])
def test_the_same_bytes_are_sent_again_by_schedule(state: AnchorState, ago: int, again: bool) -> None:
    sent = replace(ATTEMPT, last_sent=NOW - ago)
    assert choose(anchor(state), NOTHING, sent) == (Send(sent) if again else None)


@pytest.mark.parametrize("state", [AnchorState.QUEUED, *SENDING])
def test_a_receipt_is_adopted(state: AnchorState) -> None:
    move = choose(anchor(state), seen(sighting()), ATTEMPT)
    assert isinstance(move, Move)
    assert (move.state, move.place) == (AnchorState.INCLUDED, PLACE)


@pytest.mark.parametrize("state", SENDING)
def test_a_receipt_of_a_block_that_is_not_canonical_is_none(state: AnchorState) -> None:
    assert choose(anchor(state), seen(sighting(canonical=False)), ATTEMPT) is None


def test_a_receipt_of_an_older_attempt_is_adopted() -> None:
    newer = replace(ATTEMPT, id=2, nonce=4, tx_hash=b"n" * 32)
    move = choose(anchor(AnchorState.MAYBE_SENT), seen(sighting()), ATTEMPT, newer)
    assert isinstance(move, Move)
    assert move.place == PLACE


@pytest.mark.parametrize("state", SENDING)
def test_a_failed_transaction_counts_when_it_is_final(state: AnchorState) -> None:
    failed = sighting(anchored=False)
    stale = replace(ATTEMPT, last_sent=0)
    assert choose(anchor(state), seen(failed, final_height=6, final_nonce=4), stale) is None
    move = choose(anchor(state), seen(failed, final_height=7, final_nonce=4), stale)
    assert isinstance(move, Move)
    assert move.state is AnchorState.REVERTED


@pytest.mark.parametrize("state", SENDING)
def test_a_nonce_is_taken_only_when_that_is_final_and_nothing_of_ours_is_seen(state: AnchorState) -> None:
    assert choose(anchor(state), seen(final_nonce=3), ATTEMPT) is None
    assert choose(anchor(state), seen(final_nonce=None), ATTEMPT) is None
    move = choose(anchor(state), seen(final_nonce=4), ATTEMPT)
    assert isinstance(move, Move)
    assert move.state is AnchorState.QUEUED
    adopted = choose(anchor(state), seen(sighting(), final_nonce=4), ATTEMPT)
    assert isinstance(adopted, Move)
    assert adopted.state is AnchorState.INCLUDED


def test_without_a_signed_transaction_it_is_queued_again() -> None:
    move = choose(anchor(AnchorState.PREPARED), NOTHING)
    assert isinstance(move, Move)
    assert move.state is AnchorState.QUEUED


@pytest.mark.parametrize(
    ("observation", "state"),
    [
        (seen(hash_at_place=PLACE.block_hash, final_height=6), None),
        (seen(hash_at_place=PLACE.block_hash, final_height=None), None),
        (seen(hash_at_place=None, final_height=9), None),
        (seen(hash_at_place=PLACE.block_hash, final_height=7), AnchorState.FINAL),
        (seen(hash_at_place=b"x" * 32, final_height=9), AnchorState.MAYBE_SENT),
        (seen(sighting(OTHER), hash_at_place=b"x" * 32), AnchorState.INCLUDED),
        (seen(sighting(OTHER, canonical=False), hash_at_place=b"x" * 32), AnchorState.MAYBE_SENT),
    ],
)
def test_included_becomes_final_or_is_withdrawn(observation: Observation, state: AnchorState | None) -> None:
    move = choose(anchor(AnchorState.INCLUDED, PLACE), observation, ATTEMPT)
    assert (move.state if isinstance(move, Move) else move) == state
    if isinstance(move, Move) and move.state is AnchorState.INCLUDED:
        assert move.place == OTHER


@pytest.mark.parametrize(
    ("observation", "expected"),
    [
        (seen(hash_at_place=PLACE.block_hash, final_height=7), Capture(PLACE)),
        (seen(hash_at_place=None, final_height=7), None),
        (seen(hash_at_place=b"x" * 32, final_height=6), None),
    ],
)
def test_what_is_final_is_captured_where_it_still_is(observation: Observation, expected: object) -> None:
    assert choose(anchor(AnchorState.FINAL, PLACE), observation, ATTEMPT) == expected


def test_a_final_block_that_changes_is_an_alarm() -> None:
    move = choose(anchor(AnchorState.FINAL, PLACE), seen(hash_at_place=b"x" * 32, final_height=7), ATTEMPT)
    assert isinstance(move, Move)
    assert (move.state, move.place) == (AnchorState.FINALITY_VIOLATION, PLACE)


class FakeChain:
    """Blocks with at most one of our transactions each; the last ``depth`` may be replaced."""

    def __init__(self) -> None:
        self.blocks: list[tuple[bytes, Attempt | str | None]] = [(b"genesis" + bytes(25), None)]
        self.pool: dict[int, Attempt] = {}
        self.made = 0

    def mine(self, what: Attempt | str | None) -> None:
        self.made += 1
        self.blocks.append((self.made.to_bytes(32, "big"), what))

    @property
    def final_height(self) -> int:
        return max(0, len(self.blocks) - 3)

    def nonce(self, height: int) -> int:
        return sum(what is not None for _, what in self.blocks[: height + 1])

    def next_nonce(self) -> int:
        return self.nonce(len(self.blocks))

    def reorganise(self, depth: int) -> None:
        """Replace the last blocks, none of them final, by empty ones."""
        for _ in range(min(depth, len(self.blocks) - 1 - self.final_height)):
            self.blocks.pop()
        for _ in range(depth):
            self.mine(None)

    def observe(self, attempts: list[Attempt], place: Place | None) -> Observation:
        sightings = [
            sighting(Place(attempt.tx_hash, height, block_hash))
            for height, (block_hash, what) in enumerate(self.blocks)
            for attempt in attempts
            if isinstance(what, Attempt) and what.tx_hash == attempt.tx_hash
        ]
        at_place = None
        if place is not None and place.block_number < len(self.blocks):
            at_place = self.blocks[place.block_number][0]
        return Observation(self.final_height, self.nonce(self.final_height), tuple(sightings), at_place)


EVENTS = st.lists(
    st.sampled_from(["tick", "tick", "mine", "mine-empty", "reorg-1", "reorg-2", "steal", "drop"]), max_size=60
)


class Simulation:
    """One anchor, what is stored about it, and the chain that things happen to."""

    def __init__(self) -> None:
        self.chain = FakeChain()
        self.anchor = ANCHOR
        self.attempts: list[Attempt] = []
        self.now = 0

    def tick(self) -> None:
        for _ in range(5):
            self.now += RESEND
            if self.anchor.state in ENDED:
                return
            observation = self.chain.observe(self.attempts, self.anchor.place)
            action = decide(self.anchor, self.attempts, observation, now=self.now, resend_ms=RESEND)
            if action is None or not self.carry_out(action):
                return

    def carry_out(self, action: Action) -> bool:
        if isinstance(action, Prepare):
            return self.prepare()
        if isinstance(action, Send):
            self.send(action.attempt)
            return False
        if isinstance(action, Capture):
            assert self.chain.blocks[action.place.block_number][0] == action.place.block_hash
            assert action.place.block_number <= self.chain.final_height
            self.anchor = replace(self.anchor, state=AnchorState.PROVEN)
        else:
            self.anchor = replace(self.anchor, state=action.state, place=action.place)
        return True

    def prepare(self) -> bool:
        nonce = self.chain.next_nonce()
        if nonce != self.chain.nonce(self.chain.final_height):
            return False
        assert all(one.nonce < nonce for one in self.attempts), "a nonce was given twice"
        number = len(self.attempts) + 1
        tx_hash = bytes([number]) * 32
        made = replace(ATTEMPT, id=number, nonce=nonce, tx_hash=tx_hash, created=self.now, last_sent=None)
        self.attempts.append(made)
        self.anchor = replace(self.anchor, state=AnchorState.PREPARED)
        return True

    def send(self, attempt: Attempt) -> None:
        assert attempt == self.attempts[-1]
        self.attempts[-1] = replace(attempt, last_sent=self.now)
        if attempt.nonce >= self.chain.next_nonce():
            self.chain.pool[attempt.nonce] = self.attempts[-1]
        if self.anchor.state is AnchorState.PREPARED:
            self.anchor = replace(self.anchor, state=AnchorState.MAYBE_SENT)

    def happen(self, event: str) -> None:
        nonce = self.chain.next_nonce()
        if event == "tick":
            self.tick()
        elif event == "mine":
            self.chain.mine(self.chain.pool.pop(nonce, None))
        elif event == "mine-empty":
            self.chain.mine(None)
        elif event == "steal":
            self.chain.pool.pop(nonce, None)
            self.chain.mine("somebody else's")
        elif event == "drop":
            self.chain.pool.clear()
        else:
            self.chain.reorganise(int(event[-1]))


@settings(max_examples=400, deadline=None)
@given(EVENTS)
def test_whatever_happens_the_anchor_gets_there_once(events: list[str]) -> None:
    simulation = Simulation()
    for event in events:
        simulation.happen(event)
    for _ in range(12):
        simulation.happen("tick")
        simulation.happen("mine")
    assert simulation.anchor.state is AnchorState.PROVEN
    assert simulation.anchor.place is not None
    ours = [what for _, what in simulation.chain.blocks if isinstance(what, Attempt)]
    assert len(ours) == 1, "the anchor is on the chain once"
