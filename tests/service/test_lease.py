"""The lease: one holder at a time, a token that only grows, and writes that fail once another term began."""

from __future__ import annotations

import threading

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from notary.errors import NotLeader
from notary.model.chain import Sending, SendOutcome
from notary.model.operating import LEADER, Heartbeat, Lease
from notary.ports import LogStore
from notary.storage import leaserows
from notary.worker.fence import FencedChain, FencedStore
from notary.worker.lease import Candidate
from tests.service.locallog import LocalLog

SECONDS = 10.0
MS = 10_000


class DatabaseClock:
    """The clock of a database, set by tests."""

    def __init__(self) -> None:
        self.now = 1_790_000_000_000

    def __call__(self, _connection: object) -> int:
        """Stand where :func:`notary.storage.leaserows.database_ms` stands."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> DatabaseClock:
    made = DatabaseClock()
    monkeypatch.setattr(leaserows, "database_ms", made)
    return made


@pytest.fixture
def store(log: LocalLog) -> LogStore:
    return log.services.store


def candidate(store: LogStore, name: str, *, sole: bool = False) -> Candidate:
    return Candidate(store, seconds=SECONDS, holder=name, sole=sole)


def elected(one: Candidate) -> Lease:
    lease = one.stand()
    assert lease is not None
    return lease


def now(store: LogStore) -> Lease:
    with store.read() as view:
        found = view.lease(LEADER)
    assert found is not None
    return found


def mark(store: LogStore, value: int) -> None:
    with store.write() as view:
        view.beat(Heartbeat("mark", value))


def marked(store: LogStore) -> int:
    with store.read() as view:
        beat = view.heartbeats().get("mark")
    return 0 if beat is None else beat.time


# ------------------------------------------------------------------------------------------------------------ the row


def test_there_is_no_leader_at_first(store: LogStore) -> None:
    with store.read() as view:
        assert view.lease(LEADER) is None


def test_the_first_to_stand_leads_and_everybody_can_read_it(store: LogStore, clock: DatabaseClock) -> None:
    lease = elected(candidate(store, "a"))
    assert lease == Lease(LEADER, "a", token=1, since=clock.now, expires=clock.now + MS)
    assert now(store) == lease
    assert candidate(store, "b").stand() is None


def test_renewing_keeps_the_term(store: LogStore, clock: DatabaseClock) -> None:
    first = candidate(store, "a")
    lease = elected(first)
    for _ in range(5):
        clock.now += MS - 1
        assert first.renew(lease)
        assert candidate(store, "b").stand() is None
    found = now(store)
    assert (found.token, found.since, found.expires) == (1, lease.since, clock.now + MS)


def test_a_lease_that_ran_out_goes_to_whoever_stands(store: LogStore, clock: DatabaseClock) -> None:
    first = candidate(store, "a")
    lease = elected(first)
    clock.now += MS
    assert not now(store).held
    assert elected(candidate(store, "b")) == Lease(LEADER, "b", token=2, since=clock.now, expires=clock.now + MS)
    assert not first.renew(lease)
    first.release(lease)
    assert now(store).holder == "b"


def test_a_lease_that_ran_out_unnoticed_goes_on(store: LogStore, clock: DatabaseClock) -> None:
    first = candidate(store, "a")
    lease = elected(first)
    clock.now += 100 * MS
    mark(FencedStore(store, lease), 1)
    assert first.renew(lease)
    assert now(store).held


def test_a_lease_that_is_given_back_is_free_at_once(store: LogStore) -> None:
    first = candidate(store, "a")
    first.release(elected(first))
    assert not now(store).held
    assert elected(candidate(store, "b")).token == 2


def test_standing_again_begins_another_term(store: LogStore) -> None:
    with store.write() as view:
        first = view.take_lease(LEADER, holder="a", seconds=SECONDS)
        second = view.take_lease(LEADER, holder="a", seconds=SECONDS)
    assert first is not None
    assert second is not None
    assert (first.token, second.token) == (1, 2)
    with pytest.raises(NotLeader):
        mark(FencedStore(store, first), 1)


def test_who_is_alone_does_not_wait_for_a_dead_predecessor(store: LogStore) -> None:
    first = elected(candidate(store, "a"))
    assert elected(candidate(store, "b", sole=True)).token == 2
    with pytest.raises(NotLeader):
        mark(FencedStore(store, first), 1)


def test_a_clock_that_is_put_back_ends_the_lease(store: LogStore, clock: DatabaseClock) -> None:
    """Else a dead leader's lease would run for as long as the clock was put back."""
    elected(candidate(store, "a"))
    clock.now -= 3600_000
    assert not now(store).held
    assert elected(candidate(store, "b")).token == 2


def test_leases_of_other_names_are_others(store: LogStore) -> None:
    elected(candidate(store, "a"))
    with store.write() as view:
        other = view.take_lease("other", holder="b", seconds=SECONDS)
    assert other is not None
    assert other.token == 1


def test_the_database_tells_the_time(store: LogStore) -> None:
    lease = elected(candidate(store, "a"))
    assert lease.expires - lease.since == MS
    assert now(store).held


# ---------------------------------------------------------------------------------------------------------- the fence


def test_a_write_of_an_earlier_term_is_refused_and_stores_nothing(store: LogStore, clock: DatabaseClock) -> None:
    stale = FencedStore(store, elected(candidate(store, "a")))
    mark(stale, 1)
    clock.now += MS
    fresh = FencedStore(store, elected(candidate(store, "b")))
    with pytest.raises(NotLeader) as caught:
        mark(stale, 2)
    assert caught.value.code == "not-leader"
    assert "term 1 is over" in caught.value.message
    assert marked(store) == 1
    mark(fresh, 3)
    assert marked(store) == 3


def test_a_write_after_giving_back_is_refused(store: LogStore) -> None:
    first = candidate(store, "a")
    lease = elected(first)
    first.release(lease)
    with pytest.raises(NotLeader):
        mark(FencedStore(store, lease), 1)


def test_a_token_says_nothing_for_another_holder(store: LogStore) -> None:
    """As after a restored backup: the same token was given twice."""
    lease = elected(candidate(store, "a"))
    other = Lease(LEADER, "b", lease.token, lease.since, lease.expires)
    with pytest.raises(NotLeader):
        mark(FencedStore(store, other), 1)


class CountingChain:
    """A chain that counts what is sent."""

    def __init__(self) -> None:
        self.sent = 0

    def send(self, _raw: bytes) -> Sending:
        """Count."""
        self.sent += 1
        return Sending(SendOutcome.TAKEN)


def test_nothing_is_sent_after_another_term_began(store: LogStore, clock: DatabaseClock) -> None:
    chain = CountingChain()
    fenced = FencedChain(chain, store, elected(candidate(store, "a")))  # type: ignore[arg-type]
    fenced.send(b"")
    clock.now += MS
    elected(candidate(store, "b"))
    with pytest.raises(NotLeader):
        fenced.send(b"")
    assert chain.sent == 1


def test_nothing_is_sent_on_a_lease_that_ran_out(store: LogStore, clock: DatabaseClock) -> None:
    """Another worker may be about to begin: unlike a write, a send cannot be held against its token."""
    chain = CountingChain()
    first = candidate(store, "a")
    lease = elected(first)
    fenced = FencedChain(chain, store, lease)  # type: ignore[arg-type]
    clock.now += MS
    with pytest.raises(NotLeader):
        fenced.send(b"")
    assert chain.sent == 0
    assert first.renew(lease)
    fenced.send(b"")
    assert chain.sent == 1


# ------------------------------------------------------------------------------------------- any order, and all at once


HOLDERS = ("a", "b", "c")


class Leases(RuleBasedStateMachine):
    """Three workers who stand, renew, give back, sleep and go on writing with whatever lease they remember."""

    clock: DatabaseClock
    store: LogStore

    @initialize()
    def begin(self) -> None:
        """Forget earlier terms; tokens go on."""
        self.written: list[tuple[int, str]] = []
        self.remembered: dict[str, Lease] = {}
        self.old: list[Lease] = []
        self.clock.now += 100 * MS

    @rule(ms=st.sampled_from([1, MS // 3, MS - 1, MS, 3 * MS, -1, -MS, -3 * MS]))
    def pass_time(self, ms: int) -> None:
        """Let the database's clock go on, or back."""
        self.clock.now += ms

    @rule(name=st.sampled_from(HOLDERS))
    def stand(self, name: str) -> None:
        """Stand, whatever one remembers."""
        before = now(self.store) if self.old else None
        lease = candidate(self.store, name).stand()
        if lease is None:
            assert before is not None or now(self.store).held
            return
        assert before is None or not before.held
        assert before is None or lease.token == before.token + 1
        self.remembered[name] = lease
        self.old.append(lease)

    @rule(name=st.sampled_from(HOLDERS))
    def renew(self, name: str) -> None:
        """Prolong what one remembers."""
        if name in self.remembered:
            goes_on = candidate(self.store, name).renew(self.remembered[name])
            assert goes_on == ((now(self.store).token, now(self.store).holder) == (self.remembered[name].token, name))

    @rule(name=st.sampled_from(HOLDERS))
    def give_back(self, name: str) -> None:
        """Give back what one remembers."""
        if name in self.remembered:
            candidate(self.store, name).release(self.remembered[name])

    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        """Write with any lease that ever was, as a worker that slept might."""
        if not self.old:
            return
        lease = data.draw(st.sampled_from(self.old))
        try:
            mark(FencedStore(self.store, lease), lease.token)
        except NotLeader:
            return
        self.written.append((lease.token, lease.holder))

    @invariant()
    def tokens_are_in_order(self) -> None:
        """No write of an earlier term follows one of a later term, and no token is two workers'."""
        tokens = [token for token, _ in self.written]
        assert tokens == sorted(tokens)
        assert len(set(self.written)) == len(set(tokens))
        if self.written:
            assert marked(self.store) == tokens[-1]


def test_in_any_order_no_two_terms_write(store: LogStore, clock: DatabaseClock) -> None:
    machine = type("Machine", (Leases,), {"store": store, "clock": clock})
    case = settings(max_examples=50, stateful_step_count=30, suppress_health_check=list(HealthCheck), deadline=None)
    run_state_machine_as_test(machine, settings=case)


def test_all_at_once_no_two_terms_write(log: LocalLog) -> None:
    """Three threads with leases that run out before they are used: tokens are written in order all the same."""
    written: list[int] = []
    guard = threading.Lock()
    until = 60

    def live(name: str) -> None:
        mine = Candidate(log.services.store, seconds=0.002, holder=name)
        while len(written) < until:
            lease = mine.stand()
            for _ in range(2 if lease is not None else 0):
                assert lease is not None
                try:
                    with FencedStore(log.services.store, lease).write() as view:
                        view.beat(Heartbeat("mark", lease.token))
                        with guard:
                            # Under the write lock, so in the order of the commits.
                            written.append(lease.token)
                except NotLeader:
                    break

    threads = [threading.Thread(target=live, args=(name,)) for name in HOLDERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert written == sorted(written)
    assert len(set(written)) > 1
    assert marked(log.services.store) == written[-1]
