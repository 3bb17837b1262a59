"""The decision core with the least around it: what it decides is carried out against a model of a chain.

Everything that must hold is asserted where it could break: at each move, and after each step.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from notary.fees import GWEI, FeeCaps, budget_left
from notary.model.anchors import ENDED, Anchor, AnchorState, Attempt, Fees, Obstacle, Place, Target
from notary.model.chain import SendOutcome
from notary.model.log import TreeState
from notary.worker import decide as core
from notary.worker.decide import Ask, Capture, Move, Policy, Prepare, Replace, Send, Step, Terms
from notary.worker.schedule import Schedule, Standing, is_due
from tests.unit.worker.chainmodel import GAS, RICH, FakeChain, Fate

MINUTE = 60_000
DAY = 1440 * MINUTE
CAP = 100 * GWEI
# Enough for some forty anchors at ordinary fees, or for one at the cap.
BUDGET = 10 * GAS * CAP // 8
POLICY = Policy(resend_ms=MINUTE, replace_after_ms=3 * MINUTE, caps=FeeCaps(max_fee=CAP))
SCHEDULE = Schedule(interval_ms=MINUTE, min_new=1, max_delay_ms=MINUTE)
TARGET = Target(1, b"r" * 20, b"l" * 32)

HEALS = st.sampled_from([True, True, True, False])

S = AnchorState
MOVES = {
    S.QUEUED: {S.PREPARED},
    S.PREPARED: {S.PREPARED, S.MAYBE_SENT, S.INCLUDED, S.NONCE_TAKEN, S.REVERTED},
    S.MAYBE_SENT: {S.MAYBE_SENT, S.INCLUDED, S.NONCE_TAKEN, S.REVERTED},
    S.NONCE_TAKEN: {S.PREPARED, S.INCLUDED, S.REVERTED},
    S.INCLUDED: {S.INCLUDED, S.MAYBE_SENT, S.FINAL},
    S.FINAL: {S.PROVEN},
    S.PROVEN: set(),
    S.REVERTED: set(),
    S.FINALITY_VIOLATION: set(),
}
"""All moves there are while final blocks stay final."""


class AnchoringMachine(RuleBasedStateMachine):
    """A log that grows, its anchors, and a chain that things happen to."""

    seen: ClassVar[Counter[str]] = Counter()
    """What happened, over all examples."""

    def __init__(self) -> None:
        super().__init__()
        self.chain = FakeChain()
        self.now = DAY
        self.size = 1
        self.anchors: list[Anchor] = []
        self.attempts: list[Attempt] = []
        self.events: dict[int, list[tuple[AnchorState, str]]] = defaultdict(list)
        self.sent: set[int] = set()
        self.thefts = 0

    # ------------------------------------------------------------------------------------------------ the executor

    def tick(self) -> None:
        """Do what the worker's tick does."""
        for _ in range(8):
            anchor = self.in_flight() or self.enqueue()
            if anchor is None or not self.step(anchor):
                return

    def in_flight(self) -> Anchor | None:
        flying = [anchor for anchor in self.anchors if anchor.state not in ENDED]
        assert len(flying) <= 1, "two anchors in flight"
        return flying[0] if flying else None

    def enqueue(self) -> Anchor | None:
        proven = [anchor.size for anchor in self.anchors if anchor.state is S.PROVEN]
        failures = 0
        for anchor in reversed(self.anchors):
            if anchor.state is S.PROVEN:
                break
            failures += 1
        last = self.anchors[-1] if self.anchors else None
        standing = Standing(self.size, max(proven, default=0), 0, last, failures)
        if not is_due(standing, SCHEDULE, now=self.now):
            return None
        made = Anchor(len(self.anchors), TARGET, self.size, _root(self.size), S.QUEUED, self.now, moved=self.now)
        self.anchors.append(made)
        self.events[made.id].append((S.QUEUED, "Newest checkpoint."))
        return made

    def step(self, anchor: Anchor) -> bool:
        ours = [self.as_sent(one) for one in self.attempts if one.anchor_id == anchor.id]
        seen = self.chain.observe(ours, anchor.place)
        step = core.decide(anchor, ours, seen, now=self.now, policy=POLICY)
        if isinstance(step.action, Ask):
            terms = self.terms(anchor, ours, first=step.action.first)
            step = core.decide(anchor, ours, seen, now=self.now, policy=POLICY, terms=terms)
            assert not isinstance(step.action, Ask)
        if step.hindrance is not None:
            self.seen[f"hindered: {step.hindrance.code}"] += 1
        return step.action is not None and self.carry_out(anchor, step)

    def as_sent(self, attempt: Attempt) -> Attempt:
        return attempt if attempt.id in self.sent else replace(attempt, last_sent=None)

    def terms(self, anchor: Anchor, ours: list[Attempt], *, first: bool) -> Terms | Obstacle:
        if not self.chain.operator:
            return Obstacle("not-operator", "The right is gone.")
        today = [one for one in self.attempts if one.created >= self.now - self.now % DAY]
        market = self.chain.market()
        if not first:
            return Terms(market, budget_left(BUDGET, today, nonce=ours[-1].nonce))
        nonce = self.chain.nonce(self.chain.head)
        if nonce != self.chain.nonce(self.chain.final):
            return Obstacle("nonce-unsettled", "Somebody's transactions are not final.")
        lost = tuple(self.as_sent(one) for one in self.attempts if one.nonce >= nonce)
        head = TreeState(self.size, _root(self.size))
        return Terms(market, budget_left(BUDGET, today, nonce=nonce), head, nonce, lost)

    def carry_out(self, anchor: Anchor, step: Step) -> bool:
        action = step.action
        if isinstance(action, Prepare):
            head = action.head
            assert head == TreeState(anchor.size, anchor.root) or not self.of(anchor), "signed bytes forgotten"
            anchor = self.put(replace(anchor, size=head.size, root=head.root))
            self.sign(anchor, action.nonce, action.fees)
            self.move(anchor, S.PREPARED, "Signed.")
        elif isinstance(action, Replace):
            self.sign(anchor, action.old.nonce, action.fees)
            self.move(anchor, anchor.state, "Replaced.")
            self.seen["replacement"] += 1
        elif isinstance(action, Send):
            return self.send(anchor, action.attempts)
        elif isinstance(action, Capture):
            self.capture(anchor, action.place)
        else:
            assert isinstance(action, Move)
            if action.state is S.MAYBE_SENT:
                self.sent.clear()
            self.move(anchor, action.state, action.reason, action.place)
        return True

    def sign(self, anchor: Anchor, nonce: int, fees: Fees) -> None:
        number = len(self.attempts)
        tx_hash = b"ours%d" % number
        made = Attempt(
            number, anchor.id, b"s" * 20, nonce, tx_hash, tx_hash, anchor.root, fees, created=self.now, last_sent=None
        )
        self.attempts.append(made)

    def send(self, anchor: Anchor, attempts: tuple[Attempt, ...]) -> bool:
        outcome = SendOutcome.REFUSED
        for attempt in attempts:
            before = self.attempts[attempt.id]
            assert before.raw == attempt.raw, "other bytes than those signed"
            lost = self.chain.lost
            outcome = self.chain.send(attempt)
            self.seen["lost send"] += self.chain.lost - lost
            self.sent.add(attempt.id)
            self.attempts[attempt.id] = replace(before, last_sent=self.now)
            if outcome is not SendOutcome.REFUSED:
                break
        if anchor.state is S.PREPARED and outcome is not SendOutcome.REFUSED:
            self.move(anchor, S.MAYBE_SENT, "Handed to an endpoint.")
        return outcome is SendOutcome.TAKEN

    def capture(self, anchor: Anchor, place: Place) -> None:
        assert self.chain.where(place.tx_hash) == place.block_number, "captured where it is not"
        block = self.chain.blocks[place.block_number]
        assert block.tx is not None
        assert (block.hash, block.tx.payload, block.succeeded) == (place.block_hash, anchor.root, True)
        self.seen["proven"] += 1
        if place.tx_hash != self.of(anchor)[-1].tx_hash:
            self.seen["older attempt proven"] += 1
        self.move(anchor, S.PROVEN, "Captured.", place)

    def move(self, anchor: Anchor, state: AnchorState, reason: str, place: Place | None = None) -> None:
        assert state in MOVES[anchor.state], f"{anchor.state} to {state}: {reason}"
        assert reason, "a move without a reason"
        if state in {S.FINAL, S.PROVEN}:
            assert place is not None
            assert place.block_number <= self.chain.final, "called final what the chain does not"
            assert self.chain.blocks[place.block_number].hash == place.block_hash, "final in a block that is gone"
        if state is S.NONCE_TAKEN:
            nonce = self.of(anchor)[-1].nonce
            assert self.chain.nonce(self.chain.final) > nonce, "a nonce called taken that is free"
            assert all(self.chain.where(one.tx_hash) is None for one in self.of(anchor)), "our own transaction has it"
        self.seen[f"{anchor.state} to {state}"] += 1
        self.events[anchor.id].append((state, reason))
        self.put(replace(anchor, state=state, place=place, moved=self.now))

    def put(self, anchor: Anchor) -> Anchor:
        self.anchors[anchor.id] = anchor
        return anchor

    def of(self, anchor: Anchor) -> list[Attempt]:
        return [one for one in self.attempts if one.anchor_id == anchor.id]

    # ------------------------------------------------------------------------------------------------ what happens

    def then(self, minutes: int) -> None:
        """Let time pass, and the worker look."""
        for _ in range(minutes):
            self.now += MINUTE
            self.tick()

    def then_mining(self, minutes: int) -> None:
        """The same, with a block a minute."""
        for _ in range(minutes):
            self.chain.mine()
            self.then(1)

    @rule(minutes=st.integers(1, 5))
    def wait(self, minutes: int) -> None:
        self.then(minutes)

    @rule(blocks=st.integers(1, 4), minutes=st.integers(0, 2))
    def mine(self, blocks: int, minutes: int) -> None:
        for _ in range(blocks):
            self.chain.mine()
        self.then(minutes)

    @rule(minutes=st.integers(1, 3))
    def mine_and_look(self, minutes: int) -> None:
        self.then_mining(minutes)

    @rule(depth=st.integers(1, 5), keep=st.booleans(), conflict=st.booleans(), minutes=st.integers(0, 2))
    def reorganise(self, depth: int, keep: bool, conflict: bool, minutes: int) -> None:
        self.thefts += 1
        removed = self.chain.reorganise(depth, keep=keep, theft=self.thefts if conflict else None)
        self.seen["reorganisation"] += removed > 0
        self.seen["key theft"] += conflict and removed > 0
        self.then(minutes)

    @rule(depth=st.integers(1, 3), blocks=st.integers(0, 2), keep=st.booleans(), mined=st.booleans())
    def send_include_and_reorganise(self, depth: int, blocks: int, keep: bool, mined: bool) -> None:
        self.size += 1
        self.then(2)
        for _ in range(1 + blocks):
            self.chain.mine()
        self.tick()
        self.seen["reorganisation"] += self.chain.reorganise(depth, keep=keep, theft=None) > 0
        if mined:
            self.chain.mine()
        self.then(1)

    @rule(depth=st.integers(1, 2))
    def reorganise_with_a_conflict_that_one_endpoint_missed(self, depth: int) -> None:
        self.size += 1
        self.then(2)
        self.chain.mine()
        self.tick()
        self.thefts += 1
        removed = self.chain.reorganise(depth, keep=False, theft=self.thefts)
        self.seen["reorganisation"] += removed > 0
        self.seen["key theft"] += removed > 0
        self.chain.stale = True
        self.then_mining(4)
        self.chain.stale = False

    @rule(blocks=st.integers(1, 4))
    def the_replacement_is_swallowed(self, blocks: int) -> None:
        self.size += 1
        self.then(2)
        self.chain.tip_floor, self.chain.swallows_replacements = 4 * GWEI, True
        self.then(4)
        self.chain.tip_floor = 0
        for _ in range(blocks):
            self.chain.mine()
        self.then(1)
        self.chain.swallows_replacements = False

    @rule(minutes=st.integers(0, 1))
    def use_the_key_elsewhere(self, minutes: int) -> None:
        self.thefts += 1
        self.seen["key theft"] += 1
        self.chain.steal(self.thefts)
        self.then(minutes)

    @rule(fate=st.sampled_from(Fate), minutes=st.integers(0, 4))
    def next_send(self, fate: Fate, minutes: int) -> None:
        self.chain.fate = fate
        self.then(minutes)

    @rule()
    def evict(self) -> None:
        self.chain.pool.clear()

    @rule(
        base_fee=st.sampled_from([1, 5, 30, 99, 120]),
        tip=st.sampled_from([0, 1, 3]),
        minutes=st.integers(0, 9),
        back=HEALS,
    )
    def fees_change(self, base_fee: int, tip: int, minutes: int, back: bool) -> None:
        self.chain.base_fee, self.chain.tip_floor = base_fee * GWEI, tip * GWEI
        self.then_mining(minutes)
        if back:
            self.chain.base_fee, self.chain.tip_floor = GWEI, 0

    @rule(balance=st.sampled_from([0, GAS * GWEI]), minutes=st.integers(0, 5), back=HEALS)
    def money_is_gone(self, balance: int, minutes: int, back: bool) -> None:
        self.chain.balance = balance
        self.then_mining(minutes)
        if back:
            self.chain.balance = RICH

    @rule(minutes=st.integers(0, 9), back=HEALS)
    def finality_stops(self, minutes: int, back: bool) -> None:
        self.chain.frozen = True
        self.then_mining(minutes)
        self.chain.frozen = not back

    @rule(minutes=st.integers(0, 5), back=HEALS)
    def the_right_goes(self, minutes: int, back: bool) -> None:
        self.chain.operator = False
        self.then_mining(minutes)
        self.chain.operator = back

    @rule(minutes=st.integers(0, 5), back=HEALS)
    def an_endpoint_is_stale(self, minutes: int, back: bool) -> None:
        self.chain.stale = True
        self.then_mining(minutes)
        self.chain.stale = not back

    @rule(base_fee=st.sampled_from([95, 120]), minutes=st.integers(4, 8))
    def fees_rise_to_the_cap_while_it_is_on_its_way(self, base_fee: int, minutes: int) -> None:
        self.size += 1
        self.then(2)
        self.chain.base_fee = base_fee * GWEI
        self.then(minutes)
        self.chain.base_fee = GWEI

    @rule(blocks=st.integers(1, 4))
    def the_right_goes_while_it_is_on_its_way(self, blocks: int) -> None:
        self.size += 1
        self.then(2)
        self.chain.operator = False
        self.then_mining(blocks)
        self.chain.operator = True

    @rule()
    def all_is_well_for_a_while(self) -> None:
        self.chain.calm()
        self.then_mining(6)

    @rule()
    def restart(self) -> None:
        self.sent.clear()
        self.tick()

    @rule(more=st.integers(1, 3), minutes=st.integers(0, 2))
    def grow(self, more: int, minutes: int) -> None:
        self.size += more
        self.then(minutes)

    @rule(back=st.integers(1, 90))
    def the_clock_jumps_back(self, back: int) -> None:
        self.now = max(DAY, self.now - back * MINUTE)

    # ------------------------------------------------------------------------------------------------ what must hold

    @invariant()
    def a_nonce_has_one_calldata_for_ever(self) -> None:
        calldata: dict[int, bytes] = {}
        for one in self.attempts:
            assert calldata.setdefault(one.nonce, one.calldata) == one.calldata

    @invariant()
    def one_nonce_is_open_at_a_time(self) -> None:
        final = self.chain.nonce(self.chain.final)
        assert len({one.nonce for one in self.attempts if one.nonce >= final}) <= 1, "two may yet be mined"

    @invariant()
    def each_replacement_offers_an_eighth_more_of_both(self) -> None:
        last: dict[int, Fees] = {}
        for one in self.attempts:
            old = last.get(one.nonce)
            assert one.fees.tip <= one.fees.max_fee <= CAP
            if old is not None:
                lower = min(one.fees.max_fee * 8 - old.max_fee * 9, one.fees.tip * 8 - old.tip * 9)
                assert lower > 0, "a replacement that offers too little"
            last[one.nonce] = one.fees

    @invariant()
    def no_day_costs_more_than_its_budget(self) -> None:
        worst: dict[tuple[int, int], int] = defaultdict(int)
        for one in self.attempts:
            day = one.created // DAY
            worst[day, one.nonce] = max(worst[day, one.nonce], one.fees.cost)
        for day in {day for day, _ in worst}:
            cost = sum(cost for (of, _), cost in worst.items() if of == day)
            assert cost <= BUDGET, "a day that costs too much"

    @invariant()
    def every_state_has_its_event(self) -> None:
        for anchor in self.anchors:
            assert self.events[anchor.id][-1][0] is anchor.state

    @invariant()
    def an_anchor_is_on_the_chain_once_and_what_is_proven_stays(self) -> None:
        done = Counter(block.tx.payload for block in self.chain.blocks if block.tx is not None and block.succeeded)
        assert all(count == 1 for payload, count in done.items() if payload is not None)
        for anchor in self.anchors:
            if anchor.state is S.PROVEN:
                assert anchor.place is not None
                assert self.chain.blocks[anchor.place.block_number].hash == anchor.place.block_hash

    def teardown(self) -> None:
        """When the faults stop, everything gets there."""
        self.chain.calm()
        # Days, for a spent budget and for the pauses after failures.
        for _ in range(400):
            if self.anchors and self.anchors[-1].state is S.PROVEN and self.anchors[-1].size == self.size:
                return
            self.then(1)
            self.now += 9 * MINUTE
            self.chain.mine()
        raise AssertionError(f"stuck: {self.events[self.anchors[-1].id][-3:]}")


def _root(size: int) -> bytes:
    return b"root of %d" % size
