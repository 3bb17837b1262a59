"""Group commit with real threads: one leader at a time, nobody forgotten, failures shared, a bounded queue."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from notary.errors import IntegrityError, NotaryError, Overloaded
from notary.service.groupcommit import GroupCommit


class Work:
    """Doubles numbers, and remembers the groups; can be held up, and told to fail."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.go = threading.Event()
        self.go.set()
        self.entered = threading.Semaphore(0)
        self.failure: Callable[[Sequence[int]], BaseException | None] = lambda _: None
        self._busy = threading.Lock()

    def __call__(self, jobs: Sequence[int]) -> list[int]:
        assert self._busy.acquire(blocking=False), "two leaders at once"
        try:
            self.groups.append(list(jobs))
            self.entered.release()
            assert self.go.wait(30)
            failure = self.failure(jobs)
            if failure is not None:
                raise failure
            return [2 * job for job in jobs]
        finally:
            self._busy.release()


def behind_a_leader(
    work: Work, commits: GroupCommit[int, int], pool: ThreadPoolExecutor, jobs: Sequence[Sequence[int]]
) -> list[Future[list[int]]]:
    """Hold a leader up in its work, queue ``jobs`` behind it one by one, and return what will come of all."""
    work.go.clear()
    futures = [pool.submit(commits.run, [0])]
    assert work.entered.acquire(timeout=30)
    for waiting, some in enumerate(jobs, 1):
        futures.append(pool.submit(commits.run, some))
        while commits.waiting < waiting:
            threading.Event().wait(0.001)
    return futures


def test_one_thread_leads_itself() -> None:
    work = Work()
    commits = GroupCommit(work, max_waiting=64)
    assert [commits.run([number]) for number in range(3)] == [[0], [2], [4]]
    assert commits.run([]) == []
    assert work.groups == [[0], [1], [2], []]


def test_who_waits_goes_together_and_gets_its_own() -> None:
    work = Work()
    commits = GroupCommit(work, max_waiting=64)
    with ThreadPoolExecutor(8) as pool:
        futures = behind_a_leader(work, commits, pool, [[1], [2, 3], [4]])
        work.go.set()
        assert [future.result(30) for future in futures] == [[0], [2], [4, 6], [8]]
    assert work.groups == [[0], [1, 2, 3, 4]]
    assert commits.run([5]) == [10]


def test_a_group_is_bounded_and_the_lead_goes_on() -> None:
    work = Work()
    commits = GroupCommit(work, max_waiting=64, max_group=3)
    with ThreadPoolExecutor(8) as pool:
        futures = behind_a_leader(work, commits, pool, [[1], [2], [3], [4], [5, 6, 7, 8], [9]])
        work.go.set()
        assert [sum(future.result(30)) for future in futures] == [0, 2, 4, 6, 8, 52, 18]
    assert work.groups == [[0], [1, 2, 3], [4], [5, 6, 7, 8], [9]]


def test_too_many_are_turned_away_at_once() -> None:
    work = Work()
    commits = GroupCommit(work, max_waiting=2)
    with ThreadPoolExecutor(8) as pool:
        futures = behind_a_leader(work, commits, pool, [[1], [2]])
        with pytest.raises(Overloaded) as caught:
            commits.run([3])
        assert caught.value.code == "too-many-waiting"
        work.go.set()
        assert [future.result(30) for future in futures] == [[0], [2], [4]]
    assert commits.run([3, 4, 5]) == [6, 8, 10]


@pytest.mark.parametrize("failure", [Overloaded("Full.", code="storage-full"), IntegrityError("Bad.", code="bad")])
def test_a_failed_commit_fails_the_group_and_no_other(failure: NotaryError) -> None:
    work = Work()
    commits = GroupCommit(work, max_waiting=64, max_group=2)
    work.failure = lambda jobs: failure if 1 in jobs else None
    with ThreadPoolExecutor(8) as pool:
        futures = behind_a_leader(work, commits, pool, [[1], [2], [3]])
        work.go.set()
        assert futures[0].result(30) == [0]
        errors = [future.exception(30) for future in futures[1:3]]
        assert futures[3].result(30) == [6]
    assert [(type(error), str(error)) for error in errors] == [(type(failure), str(failure))] * 2
    assert errors[0] is not errors[1]
    assert errors[0] is not failure


def test_after_a_surprise_all_are_told_and_work_goes_on() -> None:
    work = Work()
    commits = GroupCommit(work, max_waiting=64, max_group=2)
    work.failure = lambda jobs: ZeroDivisionError("what?") if 1 in jobs else None
    with ThreadPoolExecutor(8) as pool:
        futures = behind_a_leader(work, commits, pool, [[1], [2], [3]])
        work.go.set()
        leader, follower = (future.exception(30) for future in futures[1:3])
        assert futures[3].result(30) == [6]
    assert isinstance(leader, ZeroDivisionError)
    assert isinstance(follower, IntegrityError)
    assert follower.code == "group-failed"
    assert "what?" in "".join(traceback.format_exception(leader))
    assert commits.run([7]) == [14]


def test_many_threads_for_a_while() -> None:
    work = Work()
    commits = GroupCommit(work, max_waiting=64, max_group=7)
    work.failure = lambda jobs: Overloaded("No.", code="no") if any(job % 50 == 49 for job in jobs) else None

    def one(number: int) -> bool:
        try:
            assert commits.run([number]) == [2 * number]
        except Overloaded:
            return False
        return True

    with ThreadPoolExecutor(24) as pool:
        done = list(pool.map(one, range(2000)))
    carried = sorted(job for group in work.groups for job in group)
    assert carried == list(range(2000))
    failed = {job for group in work.groups for job in group if any(other % 50 == 49 for other in group)}
    assert {number for number, well in enumerate(done) if not well} == failed
