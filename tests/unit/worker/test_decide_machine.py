"""The decision core against a chain that reorganises, forgets, freezes and gets dear; and bugs that must be caught."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from notary.model.anchors import Anchor, AnchorState, Attempt, Fees, Obstacle, Place
from notary.model.chain import Observation
from notary.model.log import TreeState
from notary.worker import decide as core
from notary.worker.decide import Move, Prepare, Replace, Step
from tests.unit.worker.anchoring_machine import AnchoringMachine

PROFILE = settings(
    max_examples=200,
    stateful_step_count=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Examples are the same in every run of the same modules; but Hypothesis also draws from the constants of those that are
# loaded, so that the counts differ with what else runs. These are far below the usual ones.
AT_LEAST = {
    "reorganisation": 150,
    "replacement": 100,
    "lost send": 50,
    "key theft": 150,
    "proven": 200,
    "older attempt proven": 10,
    "maybe-sent to nonce-taken": 30,
    "maybe-sent to reverted": 10,
    "included to maybe-sent": 30,
    "included to included": 3,
    "hindered: fee": 20,
    "hindered: budget": 5,
    "hindered: funds": 20,
    "hindered: nonce-unsettled": 20,
    "hindered: stale-receipt": 10,
}


def run() -> None:
    """Run all examples."""
    AnchoringMachine.seen.clear()
    run_state_machine_as_test(AnchoringMachine, settings=PROFILE)


def test_whatever_happens_every_anchor_gets_there_once() -> None:
    run()
    counts = AnchoringMachine.seen
    assert {name: counts[name] for name, least in AT_LEAST.items() if counts[name] < least} == {}, counts


Decide = Callable[..., Step]
TRUE: Decide = core.decide


def small_bump(anchor: Anchor, attempts: Sequence[Attempt], seen: Observation, **rest: Any) -> Step:
    """Offers a tenth more, of one fee only."""
    step = TRUE(anchor, attempts, seen, **rest)
    if isinstance(step.action, Replace):
        old = step.action.old.fees
        return replace(step, action=replace(step.action, fees=Fees(old.max_fee * 11 // 10, old.tip, old.gas)))
    return step


def second_nonce(anchor: Anchor, attempts: Sequence[Attempt], seen: Observation, **rest: Any) -> Step:
    """Takes a new nonce while the old transaction may yet be mined."""
    step = TRUE(anchor, attempts, seen, **rest)
    if isinstance(step.action, Replace):
        nonce, fees = step.action.old.nonce + 1, step.action.fees
        return Step(Prepare(TreeState(anchor.size, anchor.root), nonce, fees))
    return step


def blindly_final(anchor: Anchor, attempts: Sequence[Attempt], seen: Observation, **rest: Any) -> Step:
    """Calls final what is deep enough, without looking whether the block still is there."""
    place = anchor.place
    if anchor.state is AnchorState.INCLUDED and place is not None and _deep(place, seen.final_height):
        return Step(Move(AnchorState.FINAL, "It is deep enough.", place))
    return TRUE(anchor, attempts, seen, **rest)


def forgetful(anchor: Anchor, attempts: Sequence[Attempt], seen: Observation, **rest: Any) -> Step:
    """Looks for the receipt of the last attempt only."""
    latest = {attempt.tx_hash for attempt in attempts[-1:]}
    found = tuple(sighting for sighting in seen.sightings if sighting.place.tx_hash in latest)
    return TRUE(anchor, attempts, replace(seen, sightings=found), **rest)


def impatient(anchor: Anchor, attempts: Sequence[Attempt], seen: Observation, **rest: Any) -> Step:
    """Counts confirmations where finality stands still."""
    assert seen.head_height is not None
    assert seen.final_height is not None
    return TRUE(anchor, attempts, replace(seen, final_height=max(seen.final_height, seen.head_height - 6)), **rest)


def early_nonce(anchor: Anchor, attempts: Sequence[Attempt], seen: Observation, **rest: Any) -> Step:
    """Calls a nonce taken without waiting until that is final."""
    step = TRUE(anchor, attempts, seen, **rest)
    if isinstance(step.action, Replace) and not seen.sightings:
        return Step(Move(AnchorState.NONCE_TAKEN, "It takes too long."))
    return step


def spendthrift(anchor: Anchor, attempts: Sequence[Attempt], seen: Observation, **rest: Any) -> Step:
    """Does not look at the day's budget."""
    terms = rest.pop("terms", None)
    rich = terms if terms is None or isinstance(terms, Obstacle) else replace(terms, left=10**30)
    return TRUE(anchor, attempts, seen, terms=rich, **rest)


def despairing(anchor: Anchor, attempts: Sequence[Attempt], seen: Observation, **rest: Any) -> Step:
    """Never sends anything a second time."""
    step = TRUE(anchor, attempts, seen, **rest)
    return Step() if isinstance(step.action, core.Send) and len(attempts) > 1 else step


def _deep(place: Place, height: int | None) -> bool:
    return height is not None and place.block_number <= height


BUGS: dict[Decide, str] = {
    small_bump: "a replacement that offers too little",
    second_nonce: "maybe-sent to prepared",
    blindly_final: "final in a block that is gone",
    forgetful: "our own transaction has it",
    impatient: "called final what the chain does not",
    early_nonce: "a nonce called taken that is free",
    spendthrift: "a day that costs too much",
    despairing: "stuck",
}


@pytest.mark.parametrize(("bug", "caught_as"), BUGS.items(), ids=[bug.__name__ for bug in BUGS])
def test_a_bug_in_the_core_is_caught(bug: Decide, caught_as: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "decide", bug)
    with pytest.raises(AssertionError, match=caught_as):
        run()
