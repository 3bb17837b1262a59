"""The decisions one by one: a table of every state and what the chain may show; the clock; what signing takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from notary.fees import GWEI, FeeCaps
from notary.model.anchors import ENDED, Anchor, AnchorState, Attempt, Fees, Obstacle, Place, Target
from notary.model.chain import Market, Observation, Sighting
from notary.model.log import TreeState
from notary.worker.decide import Ask, Capture, Move, Policy, Prepare, Replace, Send, Step, Terms, decide

S = AnchorState
POLICY = Policy(resend_ms=1000, replace_after_ms=5000, caps=FeeCaps(max_fee=100 * GWEI))
NOW = 10_000
PLACE = Place(tx_hash=b"t" * 32, block_number=7, block_hash=b"7" * 32)
OTHER = Place(tx_hash=b"n" * 32, block_number=8, block_hash=b"8" * 32)
ANCHOR = Anchor(id=1, target=Target(1, b"r" * 20, b"l" * 32), size=5, root=b"R" * 32, state=S.QUEUED, created=0)
FEES = Fees(max_fee=10 * GWEI, tip=GWEI, gas=60_000)
ATTEMPT = Attempt(
    id=1,
    anchor_id=1,
    sender=b"s" * 20,
    nonce=3,
    tx_hash=b"t" * 32,
    raw=b"raw",
    calldata=b"c",
    fees=FEES,
    created=NOW,
    last_sent=NOW,
)
UNSENT = replace(ATTEMPT, last_sent=None)
MARKET = Market(base_fee=4 * GWEI, tip=GWEI, gas=48_000, balance=10**18)
TERMS = Terms(MARKET, left=10**18, head=TreeState(5, b"R" * 32), nonce=3)

FOUND = Sighting(PLACE, anchored=True, canonical=True)
FAILED = Sighting(PLACE, anchored=False, canonical=True)
GONE = Sighting(PLACE, anchored=True, canonical=False)
MOVED = Sighting(OTHER, anchored=True, canonical=True)
SAME, CHANGED = PLACE.block_hash, b"x" * 32


def seen(*sightings: Sighting, final: int | None = 6, nonce: int | None = 3, at: bytes | None = None) -> Observation:
    return Observation(final_height=final, final_nonce=nonce, sightings=sightings, hash_at_place=at)


OBSERVATIONS = {
    "nothing": seen(),
    "no answer about finality": seen(final=None, nonce=None),
    "nonce finally used, no receipt": seen(nonce=4),
    "nonce finally used, stale receipt": seen(GONE, nonce=4),
    "receipt": seen(FOUND, at=SAME),
    "receipt, finality unknown": seen(FOUND, final=None, nonce=None, at=SAME),
    "receipt, final": seen(FOUND, final=7, nonce=4, at=SAME),
    "receipt, final, block unavailable": seen(FOUND, final=7, nonce=4),
    "receipt of a gone block": seen(GONE, at=CHANGED),
    "receipt in another block": seen(MOVED, at=CHANGED),
    "no receipt, block changed": seen(at=CHANGED),
    "block changed below final": seen(final=7, at=CHANGED),
    "failed": seen(FAILED, at=SAME),
    "failed, final": seen(FAILED, final=7, nonce=4, at=SAME),
}
ASKS, SENDS, WAITS, HINDERED, CAPTURES = "ask", "send", "wait", "hindered", "capture"
SENDING = [SENDS, SENDS, S.NONCE_TAKEN, HINDERED, *[S.INCLUDED] * 4, SENDS, S.INCLUDED, SENDS, SENDS, WAITS, S.REVERTED]
# In the order of the observations above.
TABLE: dict[AnchorState, list[str | AnchorState]] = {
    S.QUEUED: [ASKS] * 4 + [S.INCLUDED] * 4 + [ASKS, S.INCLUDED, ASKS, ASKS, ASKS, S.REVERTED],
    S.NONCE_TAKEN: [ASKS] * 4 + [S.INCLUDED] * 4 + [ASKS, S.INCLUDED, ASKS, ASKS, ASKS, S.REVERTED],
    S.PREPARED: SENDING,
    S.MAYBE_SENT: SENDING,
    S.INCLUDED: [WAITS] * 6 + [S.FINAL, WAITS, S.MAYBE_SENT, S.INCLUDED, S.MAYBE_SENT, S.MAYBE_SENT, WAITS, S.FINAL],
    S.FINAL: [WAITS] * 6 + [CAPTURES, WAITS, WAITS, WAITS, WAITS, S.FINALITY_VIOLATION, WAITS, CAPTURES],
    S.PROVEN: [WAITS] * 11 + [S.FINALITY_VIOLATION, WAITS, WAITS],
}
CELLS = [
    (state, name, expected)
    for state, row in TABLE.items()
    for name, expected in zip(OBSERVATIONS, row, strict=True)
    if not (state is S.QUEUED and expected is S.REVERTED)
]


def outcome(step: Step) -> str | AnchorState:
    """Return what a step does, in the words of the table."""
    if isinstance(step.action, Move):
        return step.action.state
    if step.hindrance is not None:
        assert step.action is None
        return HINDERED
    named: dict[type, str] = {Ask: ASKS, Send: SENDS, Capture: CAPTURES, type(None): WAITS}
    return named[type(step.action)]


def test_the_table_has_every_state_that_is_decided_upon() -> None:
    assert set(TABLE) == set(S) - ENDED | {S.PROVEN}


@pytest.mark.parametrize(("state", "name", "expected"), CELLS, ids=[f"{s}: {n}" for s, n, _ in CELLS])
def test_every_state_and_what_may_be_seen(state: AnchorState, name: str, expected: object) -> None:
    placed = state in {S.INCLUDED, S.FINAL, S.PROVEN}
    anchor = replace(ANCHOR, state=state, place=PLACE if placed else None)
    step = decide(anchor, [UNSENT], OBSERVATIONS[name], now=NOW, policy=POLICY)
    assert outcome(step) == expected
    if isinstance(step.action, Move):
        assert step.action.reason
        where = {S.INCLUDED: OTHER if name.endswith("another block") else PLACE, S.FINAL: PLACE}
        if step.action.state in where:
            assert step.action.place == where[step.action.state]
        if step.action.state is S.FINALITY_VIOLATION:
            assert step.action.place == PLACE


def choose(state: AnchorState, *attempts: Attempt, of: Observation | None = None, **rest: Any) -> Step:
    now = rest.pop("now", NOW)
    return decide(replace(ANCHOR, state=state), attempts, of or seen(), now=now, policy=POLICY, **rest)


SENDERS = [S.PREPARED, S.MAYBE_SENT]


@pytest.mark.parametrize("state", SENDERS)
@pytest.mark.parametrize(("ago", "again"), [(0, False), (999, False), (1000, True), (-1, True)])
def test_the_same_bytes_are_sent_again_by_schedule(state: AnchorState, ago: int, again: bool) -> None:
    sent = replace(ATTEMPT, last_sent=NOW - ago)
    assert choose(state, sent) == Step(Send((sent,)) if again else None)


def test_all_of_a_nonce_may_be_sent_the_dearest_first_and_none_of_another() -> None:
    gone = replace(ATTEMPT, id=0, nonce=2)
    newer = replace(ATTEMPT, id=2, tx_hash=b"n" * 32, last_sent=None)
    assert choose(S.MAYBE_SENT, gone, ATTEMPT, newer).action == Send((newer, ATTEMPT))


def test_a_receipt_of_an_older_attempt_is_adopted() -> None:
    newer = replace(ATTEMPT, id=2, tx_hash=b"n" * 32)
    move = choose(S.MAYBE_SENT, ATTEMPT, newer, of=seen(FOUND)).action
    assert isinstance(move, Move)
    assert (move.state, move.place) == (S.INCLUDED, PLACE)


@pytest.mark.parametrize("state", SENDERS)
def test_without_a_signed_transaction_it_is_queued_again(state: AnchorState) -> None:
    assert outcome(choose(state)) is S.QUEUED


@pytest.mark.parametrize("state", [S.INCLUDED, S.FINAL])
def test_without_a_place_it_is_looked_for_again(state: AnchorState) -> None:
    assert outcome(choose(state, ATTEMPT)) is S.MAYBE_SENT


# ------------------------------------------------------------------------------------------------------------ replacing


def waiting(ago: int, *, moved: int = 0) -> Step:
    sent = replace(ATTEMPT, created=NOW - ago)
    return decide(replace(ANCHOR, state=S.MAYBE_SENT, moved=moved), [sent], seen(), now=NOW, policy=POLICY)


@pytest.mark.parametrize(("ago", "asks"), [(0, False), (4999, False), (5000, True), (-1, True)])
def test_a_replacement_is_due_by_schedule(ago: int, asks: bool) -> None:
    assert waiting(ago) == Step(Ask(first=False) if asks else None)


def test_after_a_reorganisation_it_gets_its_time_again() -> None:
    assert waiting(9000, moved=NOW - 4999) == Step()
    assert waiting(9000, moved=NOW - 5000) == Step(Ask(first=False))


OLD = replace(ATTEMPT, created=0)


def test_a_replacement_has_the_same_nonce_and_offers_more() -> None:
    step = choose(S.MAYBE_SENT, OLD, terms=TERMS)
    assert step == Step(Replace(OLD, Fees(11_250_000_001, 1_125_000_001, 60_000)))


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (Obstacle("would-revert", "no"), "would-revert"),
        (replace(TERMS, market=replace(MARKET, base_fee=101 * GWEI)), "fee"),
        (replace(TERMS, market=replace(MARKET, balance=11_250_000_001 * 60_000 - 1)), "funds"),
        (replace(TERMS, left=11_250_000_001 * 60_000 - 1), "budget"),
    ],
)
def test_what_is_in_the_way_of_a_replacement(terms: Terms | Obstacle, code: str) -> None:
    step = choose(S.MAYBE_SENT, OLD, terms=terms)
    assert step.action is None
    assert step.hindrance is not None
    assert step.hindrance.code == code


def test_at_the_cap_the_same_bytes_are_still_sent() -> None:
    at_cap = replace(OLD, fees=replace(FEES, max_fee=89 * GWEI), last_sent=NOW)
    step = choose(S.MAYBE_SENT, at_cap, terms=TERMS)
    assert (outcome(step), step.hindrance and step.hindrance.code) == (HINDERED, "fee")
    later = choose(S.MAYBE_SENT, at_cap, terms=TERMS, now=NOW + 1000)
    assert later == Step(Send((at_cap,)), step.hindrance)


def test_what_the_node_may_have_lost_is_sent_before_it_is_replaced() -> None:
    lost = replace(OLD, last_sent=None)
    assert choose(S.MAYBE_SENT, lost) == Step(Send((lost,)))


def test_a_replacement_does_not_wait_for_the_old_bytes_to_be_sent_again() -> None:
    assert choose(S.MAYBE_SENT, replace(OLD, last_sent=0)) == Step(Ask(first=False))


# ------------------------------------------------------------------------------------------------------------ preparing


def test_the_first_transaction_is_of_the_newest_head() -> None:
    newest = TreeState(9, b"N" * 32)
    fees = Fees(9 * GWEI, GWEI, 60_000)
    assert choose(S.QUEUED, terms=replace(TERMS, head=newest)) == Step(Prepare(newest, 3, fees))
    ours = TreeState(ANCHOR.size, ANCHOR.root)
    assert choose(S.QUEUED, terms=replace(TERMS, head=TreeState(4, b"o" * 32))) == Step(Prepare(ours, 3, fees))


def test_after_a_taken_nonce_it_is_the_same_payload() -> None:
    step = choose(S.NONCE_TAKEN, ATTEMPT, terms=replace(TERMS, head=TreeState(9, b"N" * 32), nonce=4))
    assert isinstance(step.action, Prepare)
    assert (step.action.head, step.action.nonce) == (TreeState(ANCHOR.size, ANCHOR.root), 4)


@pytest.mark.parametrize("code", ["funds", "not-operator", "nonce-unsettled", "would-revert", "endpoint-timeout"])
def test_what_is_in_the_way_of_a_first_transaction(code: str) -> None:
    assert choose(S.QUEUED, terms=Obstacle(code, "no")) == Step(hindrance=Obstacle(code, "no"))


def test_a_payload_that_the_registry_refuses_after_a_taken_nonce_is_given_up() -> None:
    assert outcome(choose(S.NONCE_TAKEN, ATTEMPT, terms=Obstacle("would-revert", "no"))) is S.REVERTED
    assert outcome(choose(S.NONCE_TAKEN, ATTEMPT, terms=Obstacle("not-operator", "no"))) == HINDERED


def test_a_nonce_that_is_free_again_gets_its_old_bytes() -> None:
    first, second = replace(ATTEMPT, id=7, last_sent=None), replace(ATTEMPT, id=8, last_sent=None)
    later = replace(ATTEMPT, id=9, nonce=4)
    step = choose(S.QUEUED, terms=replace(TERMS, lost=(first, second, later)))
    assert step.action == Send((second, first))
    assert step.hindrance is not None
    assert step.hindrance.code == "chain-behind"
    again = choose(S.QUEUED, terms=replace(TERMS, lost=(replace(second, last_sent=NOW),)))
    assert (again.action, again.hindrance) == (None, step.hindrance)
