"""Several workers on one log: one leads, the others follow, and whoever slept through its lease does no harm."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from notary.compose import open_services, open_settings
from notary.errors import NotLeader, Overloaded
from notary.model.operating import LEADER, Lease
from notary.service.fsck import Fsck
from notary.service.health import INTEGRATE, HealthState
from notary.service.integrate import check_consistency
from notary.service.services import Services
from notary.worker.lease import Candidate
from notary.worker.pulse import Pulse
from notary.worker.run import Worker
from notary.worker.term import Term
from tests.leaders import await_said, await_stopped, await_term, leader, leading
from tests.served import await_that
from tests.service.locallog import LocalLog


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[LocalLog]:
    """A log whose leases are short."""
    made = LocalLog(tmp_path / "log", flags={"worker.lease": 1})
    yield made
    made.services.close()


def other_services(log: LocalLog) -> Services:
    return open_services(open_settings(log.root, flags=log.flags, environ={}), clock=log.clock)


@contextmanager
def working(services: Services) -> Iterator[threading.Event]:
    """Run a worker in a thread until the block ends, or the event is set."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            Worker(services, None).run(stop)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join()
    assert not failures, failures


def term_of(log: LocalLog) -> int:
    found = leader(log.services.store)
    return 0 if found is None else found.token


def integrated(log: LocalLog) -> bool:
    with log.services.store.read() as view:
        head = view.checkpoint()
        return head is not None and head.size == view.acceptance().next_index


def checkpoints(log: LocalLog) -> list[int]:
    with log.services.store.read() as view:
        return [head.size for head in view.checkpoints(above=0, limit=1000)]


def begun(log: LocalLog, *, seconds: float = 1) -> Term:
    """Return the first term, which has not done anything yet."""
    mine = Candidate(log.services.store, seconds=seconds, holder="a")
    lease = mine.stand()
    assert lease is not None
    return Term(log.services, None, mine, lease)


def taken_over(log: LocalLog) -> None:
    with log.services.store.write() as view:
        assert view.take_lease(LEADER, holder="b", seconds=60, sole=True) is not None


# ------------------------------------------------------------------------------------------------------ in one process


def test_one_leads_and_the_other_takes_over_at_once(quick: LocalLog) -> None:
    others = [other_services(quick) for _ in range(2)]
    with working(others[0]) as first:
        await_that(lambda: term_of(quick) == 1, seconds=30, what="the first leader")
        with working(others[1]):
            quick.submit()
            await_that(lambda: integrated(quick), seconds=30, what="integration")
            assert term_of(quick) == 1
            first.set()
            await_that(lambda: term_of(quick) == 2, seconds=30, what="the second leader")
            quick.submit()
            await_that(lambda: integrated(quick), seconds=30, what="integration")
    assert leader(quick.services.store) is None, "the last one gave its lease back too"
    for one in others:
        one.close()


def test_every_write_of_a_term_stands_behind_the_fence(quick: LocalLog) -> None:
    """Integration, publication and signs of life of a term that is over are refused, and store nothing."""
    quick.integrate()
    quick.submit()
    term = begun(quick)
    pulse = Pulse(term.store, quick.clock, INTEGRATE)
    taken_over(quick)
    before = checkpoints(quick), quick.services.reader.size()
    with pytest.raises(NotLeader):
        term.integrate()
    with pytest.raises(NotLeader):
        pulse.beat(None)
    with quick.services.store.read() as view:
        assert view.tree().size == before[1]
        assert view.heartbeats() == {}
    assert checkpoints(quick) == before[0]


def test_a_head_that_was_signed_in_an_earlier_term_is_not_published(quick: LocalLog) -> None:
    class Late:
        """A signer that takes so long that another worker leads."""

        def __getattr__(self, name: str) -> object:
            return getattr(quick.services.signer, name)

        def sign(self, data: bytes) -> bytes:
            taken_over(quick)
            return quick.services.signer.sign(data)

    quick.submit()
    mine = Candidate(quick.services.store, seconds=1, holder="a")
    lease = mine.stand()
    assert lease is not None
    term = Term(replace(quick.services, signer=Late()), None, mine, lease)  # type: ignore[arg-type]
    with pytest.raises(NotLeader):
        term.integrate()
    assert checkpoints(quick) == []


def test_who_learns_at_renewal_that_another_leads_steps_down(
    quick: LocalLog, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    quick.integrate()
    term = begun(quick)
    taken_over(quick)
    # Nothing to integrate, and signs of life that pass: only the lease can tell.
    monkeypatch.setattr(term, "store", quick.services.store)
    term.serve(threading.Event())
    assert "stepping down: term 1 is over" in caplog.text
    assert leader(quick.services.store) == now_led_by(quick, "b")


def test_who_learns_at_a_sign_of_life_that_another_leads_steps_down(
    quick: LocalLog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    quick.integrate()
    # Nothing to integrate, and a lease that need not be prolonged for long.
    term = begun(quick, seconds=600)
    taken_over(quick)
    term.serve(threading.Event())
    assert f"{INTEGRATE}: This worker's term 1 is over" in caplog.text
    assert "stepping down: term 1 is over" in caplog.text


def now_led_by(log: LocalLog, holder: str) -> Lease:
    found = leader(log.services.store)
    assert found is not None
    assert found.holder == holder
    return found


def test_a_worker_waits_for_a_store_that_cannot_be_had(quick: LocalLog, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    real, calls = quick.services.store, iter([True, True, False])

    class Away:
        """A store that cannot be read at first."""

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def read(self) -> object:
            if next(calls, False):
                raise Overloaded("The database is away.", code="database-unreachable")
            return real.read()

    with working(replace(quick.services, store=Away())):  # type: ignore[arg-type]
        await_that(lambda: term_of(quick) == 1, seconds=30, what="a leader")
    assert caplog.text.count("waiting for the store: The database is away.") == 1


def test_followers_do_not_make_health_bad(quick: LocalLog) -> None:
    follower = other_services(quick)
    with working(quick.services), working(follower):
        await_that(lambda: quick.services.health.health().state is not HealthState.FAILING, seconds=30, what="health")
        assert [one.code for one in follower.health.health().reasons] == ["no-chain"]
    follower.close()


# ------------------------------------------------------------------------------------------------------ in processes


def check_whole(log: LocalLog, leaves: set[bytes]) -> None:
    """Require a log that is whole, with these leaves in it once."""
    assert Fsck(log.services.store, log.services.signer).run().exit == 0
    with log.services.store.read() as view:
        check_consistency(view, log.services.signer)
    found = log.leaves()
    assert len(found) == len(set(found))
    assert leaves <= set(found)


def test_a_leader_that_was_killed_is_followed_when_its_lease_is_over(quick: LocalLog) -> None:
    leaves = {quick.submit().leaf_hash}
    with leading(quick.root, "a") as first:
        await_term(quick.services.store, first)
        with leading(quick.root, "b") as second:
            await_said(second, "following: another worker leads")
            first.process.kill()
            first.process.wait()
            died = leader(quick.services.store)
            lease = await_term(quick.services.store, second, after=1)
            assert died is None or lease.since >= died.expires, "a lease is not cut short"
            leaves.add(quick.submit().leaf_hash)
            await_that(lambda: integrated(quick), seconds=30, what="integration")
            assert second.stop() == 0
    check_whole(quick, leaves)


@pytest.mark.only_on("postgresql")
def test_a_leader_that_was_stopped_while_it_wrote_holds_up_nobody_for_long(quick: LocalLog) -> None:
    """Its transaction holds what every writer needs; the server ends it, and with it nothing was stored."""
    leaves = {quick.submit().leaf_hash}
    with leading(quick.root, "a", at="write") as first:
        await_stopped(first)
        assert quick.services.reader.size() == 0
        with leading(quick.root, "b") as second:
            await_term(quick.services.store, second, after=1)
            await_that(lambda: integrated(quick), seconds=30, what="integration")
            first.process.send_signal(signal.SIGCONT)
            await_said(first, "stepping down: term 1 is over")
            assert second.stop() == 0
        await_term(quick.services.store, first, after=2)
        assert first.stop() == 0
    assert "Traceback" not in first.said
    check_whole(quick, leaves)


def test_a_leader_that_was_stopped_past_its_lease_is_fenced_and_steps_down(quick: LocalLog) -> None:
    """It signed a head and slept; what it signed is refused, and it follows; then it leads again."""
    leaves = {quick.submit().leaf_hash}
    with leading(quick.root, "a", at="head") as first:
        await_stopped(first)
        assert checkpoints(quick) == []
        with leading(quick.root, "b") as second:
            await_term(quick.services.store, second, after=1)
            await_that(lambda: integrated(quick), seconds=30, what="integration")
            published = checkpoints(quick)
            first.process.send_signal(signal.SIGCONT)
            await_said(first, "stepping down: term 1 is over")
            await_said(first, "following: another worker leads")
            assert checkpoints(quick) == published
            assert first.process.poll() is None
            assert second.stop() == 0
        await_term(quick.services.store, first, after=2)
        leaves.add(quick.submit().leaf_hash)
        await_that(lambda: integrated(quick), seconds=30, what="integration")
        assert first.stop() == 0
    assert "Traceback" not in first.said
    check_whole(quick, leaves)
