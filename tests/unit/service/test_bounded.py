"""Asking what may hang: nobody waits for ever, and it is asked once at a time."""

from __future__ import annotations

import threading

import pytest

from notary.errors import IntegrityError, NotaryError, Overloaded
from notary.service.bounded import Bounded


class Work:
    """Counts its runs, and hangs while it is held."""

    def __init__(self) -> None:
        self.runs = 0
        self.free = threading.Event()
        self.free.set()
        self.error: NotaryError | None = None

    def __call__(self) -> int:
        self.runs += 1
        self.free.wait()
        if self.error is not None:
            raise self.error
        return self.runs


def test_an_answer_is_kept_for_a_while() -> None:
    work = Work()
    kept, fresh = Bounded(work, seconds=60, keep=3600), Bounded(work, seconds=60)
    assert [kept.ask(), kept.ask()] == [1, 1]
    assert [fresh.ask(), fresh.ask()] == [2, 3]


def test_what_hangs_is_asked_once_and_waited_for_no_longer_than_said() -> None:
    work = Work()
    work.free.clear()
    bounded = Bounded(work, seconds=0.05)
    try:
        for _ in range(3):
            with pytest.raises(Overloaded) as caught:
                bounded.ask()
            assert caught.value.code == "timeout"
        assert work.runs == 1
    finally:
        work.free.set()
    run = bounded._run
    assert run is not None
    run.thread.join()
    assert Bounded(work, seconds=60).ask() == 2


def test_many_share_one_answer() -> None:
    work = Work()
    work.free.clear()
    bounded = Bounded(work, seconds=60)
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(bounded.ask())) for _ in range(8)]
    for thread in threads:
        thread.start()
    work.free.set()
    for thread in threads:
        thread.join()
    # Those that came while it ran share it; who came after its end asked again.
    assert len(answers) == 8
    assert work.runs <= 8
    assert answers.count(1) >= 1


def test_errors_are_raised_to_each_anew() -> None:
    work = Work()
    work.error = IntegrityError("The disk is gone.", code="storage-broken")
    bounded = Bounded(work, seconds=60, keep=3600)
    seen: list[NotaryError] = []
    for _ in range(2):
        with pytest.raises(IntegrityError, match="The disk is gone") as caught:
            bounded.ask()
        assert caught.value.code == "storage-broken"
        seen.append(caught.value)
    assert seen[0] is not seen[1]
    assert work.error not in seen
    assert work.runs == 1
