"""Endpoints that fail, rest, come back, are the wrong ones, or go back in time; and what a quorum of them says."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from notary.errors import CannotCheck, EndpointFailed, ProofFailed
from notary.ethereum.endpoints import Endpoint, Endpoints
from notary.ethereum.rpc import Rpc
from notary.model.chain import EndpointState


class Time:
    """Seconds that pass when told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def made(count: int, time: Time | None = None, *, quorum: int = 0) -> Endpoints:
    """Return endpoints that all showed the right chain."""
    clock = time or Time()
    pool = Endpoints([Endpoint(Rpc(f"http://node{i}.example/key"), clock=clock) for i in range(count)], quorum=quorum)
    for one in pool.all:
        one.accept()
    return pool


def failing(*names: str, retry_after: float | None = None) -> Callable[[Rpc], str]:
    """Return a question that these endpoints cannot answer; the others give their name."""

    def ask(rpc: Rpc) -> str:
        if any(name in rpc.name for name in names):
            error = EndpointFailed(f"{rpc.name} is down.", code="endpoint-unreachable")
            error.retry_after = retry_after
            raise error
        return rpc.name

    return ask


@pytest.mark.parametrize(("count", "quorum"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_the_quorum_is_the_only_one_or_a_majority(count: int, quorum: int) -> None:
    assert made(count).quorum == quorum
    assert made(count, quorum=1).quorum == 1


def test_a_failure_is_passed_on_to_the_next() -> None:
    pool = made(3)
    assert "node1" in pool.any(failing("node0"))
    assert [one.state for one in pool.health()] == [EndpointState.FAILING, EndpointState.OK, EndpointState.OK]
    assert pool.health()[0].code == "endpoint-unreachable"
    assert all("key" not in f"{one.name} {one.message}" for one in pool.health())


def test_who_failed_rests_for_longer_each_time() -> None:
    time = Time()
    pool = made(2, time)
    rests = []
    for _ in range(8):
        with pytest.raises(EndpointFailed):
            pool.all[0].ask(failing("node0"))
        rests.append(pool.health()[0].retry_in)
    assert rests == [1, 2, 4, 8, 16, 30, 30, 30]
    assert [one.name for one in pool.usable()] == [pool.all[1].name]
    time.now += 30
    assert len(pool.usable()) == 2
    pool.all[0].ask(failing())
    assert (pool.health()[0].failures, pool.health()[0].code) == (0, None)


def test_where_all_rest_all_are_asked_but_for_those_that_asked_for_peace() -> None:
    time = Time()
    pool = made(2, time)
    pool.each(failing("node"))
    assert len(pool.usable()) == 2
    pool.each(failing("node0", retry_after=120))
    assert [one.name for one in pool.usable()] == [pool.all[1].name]
    time.now += 121
    assert len(pool.usable()) == 2


def test_nobody_is_kept_waiting_for_ever() -> None:
    time = Time()
    pool = made(1, time)
    pool.each(failing("node", retry_after=10**9))
    assert pool.usable() == []
    time.now += 301
    assert len(pool.usable()) == 1


def test_who_is_on_another_chain_is_set_aside_and_named() -> None:
    pool = made(2)
    pool.all[0].refuse(CannotCheck("It is on chain 5.", code="wrong-chain"))
    assert [one.name for one in pool.usable()] == [pool.all[1].name]
    health = pool.health()[0]
    assert (health.state, health.code, health.message) == (EndpointState.SET_ASIDE, "wrong-chain", "It is on chain 5.")
    assert pool.all[0] in pool.to_check()
    with pytest.raises(CannotCheck) as refused:
        pool.agreed(failing(), about="it")
    assert refused.value.code == "endpoints-too-few"
    pool.all[0].accept()
    assert len(pool.usable()) == 2


def test_an_answer_that_is_no_is_an_answer() -> None:
    pool = made(2)

    def no(_rpc: Rpc) -> str:
        raise CannotCheck("The registry would refuse.", code="would-revert")

    with pytest.raises(CannotCheck, match="would refuse"):
        pool.any(no)
    assert {one.failures for one in pool.health()} == {0}


def test_a_proof_that_fails_is_asked_of_the_next() -> None:
    pool = made(2)

    def forged(rpc: Rpc) -> str:
        if "node0" in rpc.name:
            raise ProofFailed("Not there.", code="event-missing")
        return "proof"

    assert pool.any(forged) == "proof"
    with pytest.raises(ProofFailed):
        made(1).any(forged)


def test_what_a_quorum_says_counts_word_for_word() -> None:
    pool = made(3)
    assert pool.agreed(lambda rpc: "node2" in rpc.name, about="it") is False
    with pytest.raises(CannotCheck) as refused:
        pool.agreed(lambda rpc: rpc.name, about="the nonce")
    assert (refused.value.code, refused.value.message) == (
        "endpoints-disagree",
        "The endpoints disagree on the nonce; waiting for them.",
    )


def test_below_a_majority_two_answers_may_win_and_then_none_does() -> None:
    with pytest.raises(CannotCheck) as refused:
        made(2, quorum=1).agreed(lambda rpc: rpc.name, about="it")
    assert refused.value.code == "endpoints-disagree"


def test_too_few_answers_are_no_answer() -> None:
    pool = made(3)
    with pytest.raises(EndpointFailed) as refused:
        pool.agreed(failing("node0", "node1"), about="it")
    assert refused.value.code == "endpoint-unreachable"


def test_the_past_is_told_apart_from_the_present() -> None:
    [endpoint] = made(1).all
    assert not endpoint.saw(head=10, final=5)
    assert not endpoint.saw(head=10, final=None)
    assert endpoint.saw(head=9, final=5)
    assert endpoint.health(best=10).state is EndpointState.BEHIND
    assert endpoint.saw(head=12, final=4)
    assert not endpoint.saw(head=12, final=6)
    assert endpoint.health(best=15).lag == 3


def test_endpoints_are_asked_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=10)

    def meet(_rpc: Rpc) -> bool:
        together.wait()
        return True

    assert [one.value for one in made(3).each(meet)] == [True] * 3


def test_a_defect_in_a_question_is_not_taken_for_a_bad_endpoint() -> None:
    def broken(rpc: Rpc) -> str:
        if "node1" in rpc.name:
            raise ZeroDivisionError
        return rpc.name

    with pytest.raises(ZeroDivisionError):
        made(2).each(broken)


def test_the_furthest_ahead_is_asked_first() -> None:
    pool = made(3)
    for endpoint, head in zip(pool.all, (5, 9, 7), strict=True):
        endpoint.saw(head=head, final=None)
    assert [one.head for one in pool.usable()] == [9, 7, 5]
    assert [one.lag for one in pool.health()] == [4, 0, 2]
