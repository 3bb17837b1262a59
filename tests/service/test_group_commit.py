"""Submissions of many threads in one transaction of a real database: each decided by itself, stored together or not."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notary.compose import init_log, open_services, open_settings
from notary.core.record import Status
from notary.errors import IntegrityError, NotaryError, Overloaded
from notary.ports import LogStore
from notary.service.integrate import Integrator, check_consistency
from notary.service.services import Services
from notary.service.submit import Accepted, Submission
from tests import backends
from tests.service.locallog import ORIGIN, LocalLog, text


@dataclass
class FailingStore:
    """A store whose commits fail when told to: with nothing stored, or with everything stored and nobody told."""

    store: LogStore
    failure: NotaryError | None = None
    persisted: bool = False
    commits: int = 0

    def read(self) -> Any:
        """Open a snapshot."""
        return self.store.read()

    @contextmanager
    def write(self) -> Iterator[Any]:
        """Open a transaction."""
        with self.store.write() as view:
            yield view
            self.commits += 1
            if self.failure is not None and not self.persisted:
                raise self.failure
        if self.failure is not None:
            raise self.failure

    def close(self) -> None:
        """Give back all connections."""
        self.store.close()


@dataclass
class Log:
    """A log whose store can fail, and whose groups can be made up."""

    root: Path
    stores: list[FailingStore] = field(default_factory=list)
    services: Services = field(init=False)

    def __post_init__(self) -> None:
        """Make the log and a publisher."""
        init_log(self.root, origin=ORIGIN, storage=backends.storage())
        self.services = open_services(open_settings(self.root, environ={}), wrap=self._wrap)
        self.services.ensure_manifest()
        self.tenant = self.services.publishers.authenticate(self.services.publishers.new_key("Roads office"))

    def _wrap(self, store: LogStore) -> LogStore:
        self.stores.append(FailingStore(store))
        return self.stores[-1]

    @property
    def store(self) -> FailingStore:
        """The store."""
        return self.stores[-1]

    def submit(self, number: int, **fields: Any) -> Accepted:
        """Submit the text of a number, with a key of its own."""
        submission = Submission(text=text(number), **fields)
        return self.services.submissions.submit(self.tenant, submission, idempotency_key=f"key-{number}")

    def together(self, *submissions: dict[str, Any]) -> list[Future[Accepted]]:
        """Submit in a thread each so that all share one transaction, in their order; return what comes of each."""
        commits = self.services.submissions._commits
        carry_out, held, go = commits._carry_out, threading.Event(), threading.Event()

        def hold(wishes: Sequence[Any]) -> Any:
            commits._carry_out = carry_out
            held.set()
            assert go.wait(30)
            return [None] * len(wishes)

        commits._carry_out = hold
        with ThreadPoolExecutor(len(submissions) + 1) as pool:
            leader = pool.submit(commits.run, [])
            assert held.wait(30)
            futures = []
            for waiting, fields in enumerate(submissions, 1):
                futures.append(pool.submit(self.submit, **fields))
                while commits.waiting < waiting:
                    threading.Event().wait(0.001)
            go.set()
            assert leader.result(30) == []
        return futures

    def leaves(self) -> list[bytes]:
        """Return the accepted leaves after the manifest; everything stored must fit together."""
        integrator = Integrator(self.services.store, self.services.signer, self.services.clock)
        while integrator.step():
            pass
        with self.services.store.read() as view:
            check_consistency(view, self.services.signer)
            stored = view.entries(start=0, limit=10_000)
            assert [entry.index for entry in stored] == list(range(len(stored)))
            assert view.tree().size == view.acceptance().next_index == len(stored)
        return [entry.leaf_hash for entry in stored[1:]]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log(tmp_path / "log")
    yield made
    made.services.close()


def outcome(future: Future[Accepted]) -> str:
    error = future.exception(30)
    if error is None:
        return "replayed" if future.result().replayed else "accepted"
    assert isinstance(error, NotaryError), error
    return error.code


def test_many_threads_share_one_transaction(log: Log) -> None:
    before = log.store.commits
    futures = log.together(*({"number": number} for number in range(6)))
    assert [outcome(future) for future in futures] == ["accepted"] * 6
    assert log.store.commits == before + 1
    assert log.leaves() == [future.result().leaf_hash for future in futures]
    assert [future.result().index for future in futures] == list(range(1, 7))


def test_one_that_is_refused_fails_no_other(log: Log) -> None:
    first = log.submit(100, document="d")
    revision = {"document": "d", "previous": first.leaf_hash, "status": Status.UPDATE}
    futures = log.together(
        {"number": 1},
        {"number": 2, "document": "d"},
        {"number": 3, **revision},
        {"number": 4, **revision},
        {"number": 5, "document": "new"},
        {"number": 6, "document": "new"},
        {"number": 7, "document": "none", "previous": bytes(32), "status": Status.RETRACTION},
        {"number": 8},
    )
    assert [outcome(future) for future in futures] == [
        "accepted",
        "document-exists",
        "accepted",
        "previous-not-head",
        "accepted",
        "document-exists",
        "unknown-document",
        "accepted",
    ]
    taken = [future.result().leaf_hash for future in futures if future.exception() is None]
    assert log.leaves() == [first.leaf_hash, *taken]
    # A refusal has used up no key: the same key may be used for something else.
    assert not log.submit(2).replayed
    with log.services.store.read() as view:
        heads = view.heads(tenant_id=log.tenant.id, documents=["d", "new", "none"])
    assert {name: head.leaf_hash for name, head in heads.items()} == {"d": taken[1], "new": taken[2]}


def test_a_later_one_sees_what_an_earlier_one_of_its_group_did(log: Log) -> None:
    # One text three times: once with the same key again, once with another text under the same key.
    futures = log.together({"number": 1}, {"number": 1}, {"number": 1, "language": "en"})
    assert [outcome(future) for future in futures] == ["accepted", "replayed", "idempotency-key-reused"]
    assert futures[0].result().leaf_hash == futures[1].result().leaf_hash
    assert len(log.leaves()) == 1


@pytest.mark.parametrize("persisted", [False, True], ids=["not persisted", "persisted"])
@pytest.mark.parametrize(
    "failure",
    [Overloaded("The disk is full.", code="storage-full"), IntegrityError("I/O error.", code="storage-broken")],
    ids=lambda error: error.code,
)
def test_a_commit_that_fails_fails_all_of_its_group(log: Log, failure: NotaryError, persisted: bool) -> None:
    log.submit(100)
    log.store.failure, log.store.persisted = failure, persisted
    futures = log.together(*({"number": number} for number in range(4)))
    assert [outcome(future) for future in futures] == [failure.code] * 4
    assert {type(future.exception()) for future in futures} == {type(failure)}
    log.store.failure = None
    stored = log.leaves()
    assert len(stored) == (5 if persisted else 1)
    # Whoever asks again with the same key gets the entry that there is, or the one that is made now.
    again = [log.submit(number) for number in range(4)]
    assert [one.replayed for one in again] == [persisted] * 4
    assert log.leaves() == ([*stored] if persisted else [*stored, *(one.leaf_hash for one in again)])


def test_a_batch_fails_as_a_whole_and_only_it(log: Log) -> None:
    submissions = log.services.submissions
    texts = [Submission(text=text(number)) for number in range(3)]
    log.store.failure = Overloaded("The disk is full.", code="storage-full")
    with pytest.raises(Overloaded):
        submissions.submit_all(log.tenant, texts)
    log.store.failure = None
    assert log.leaves() == []
    mixed = [texts[0], Submission(text=b""), texts[1], texts[0]]
    taken = submissions.submit_all(log.tenant, mixed)
    assert [one.code if isinstance(one, NotaryError) else one.replayed for one in taken] == [
        False,
        "empty-text",
        False,
        True,
    ]
    assert submissions.submit_all(log.tenant, []) == []
    assert [
        one.code for one in submissions.submit_all(log.tenant, [Submission(text=b"")]) if isinstance(one, NotaryError)
    ]
    assert len(log.leaves()) == 2


def test_the_backlog_is_counted_within_a_group(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log", flags={"limits.max_pending": 4})
    texts = [Submission(text=text(number)) for number in range(5)]
    outcomes = log.services.submissions.submit_all(log.tenant, texts)
    assert [one.code if isinstance(one, NotaryError) else "" for one in outcomes] == ["", "", "", "backlog", "backlog"]
    log.integrate()
    outcomes = log.services.submissions.submit_all(log.tenant, texts)
    assert [one.replayed for one in outcomes if isinstance(one, Accepted)] == [True] * 3 + [False] * 2
    log.services.close()


def test_who_comes_when_many_wait_is_turned_away(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log", flags={"limits.max_waiting": 2, "storage.busy_timeout": 30})
    commits = log.services.submissions._commits
    with ThreadPoolExecutor(3) as pool:
        with log.services.store.write():  # somebody holds the database
            leader = pool.submit(log.submit, number=1)
            while not commits._led or commits.waiting:
                threading.Event().wait(0.001)
            others = []
            for number in (2, 3):
                others.append(pool.submit(log.submit, number=number))
                while commits.waiting < len(others):
                    threading.Event().wait(0.001)
            with pytest.raises(Overloaded) as caught:
                log.submit(number=4)
            assert caught.value.code == "too-many-waiting"
        assert len({future.result(30).leaf_hash for future in [leader, *others]}) == 3
    log.submit(number=4)
    log.services.close()


STEPS = st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 2), st.booleans()), min_size=1, max_size=12)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(STEPS, min_size=1, max_size=3))
def test_a_group_decides_as_one_by_one_would(tmp_path_factory: pytest.TempPathFactory, groups: list[Any]) -> None:
    """Submit the same steps in groups to one log and one by one to another: the same is accepted and refused."""
    grouped, single = (LocalLog(tmp_path_factory.mktemp("log") / "log") for _ in range(2))

    def submission(log: LocalLog, step: tuple[int, int, bool]) -> Submission:
        number, document, revises = step
        if document < 0:
            return Submission(text=text(number))
        name = f"d{document}"
        with log.services.store.read() as view:
            head = view.heads(tenant_id=log.tenant.id, documents=[name]).get(name)
        if not revises or head is None:
            return Submission(text=text(number), document=name)
        return Submission(text=text(number), document=name, previous=head.leaf_hash, status=Status.UPDATE)

    def told(log: LocalLog, submissions: Sequence[Submission], *, size: int) -> list[Any]:
        result: list[Any] = []
        for start in range(0, len(submissions), size):
            some = submissions[start : start + size]
            result += log.services.submissions.submit_all(log.tenant, some)
        return [one.code if isinstance(one, NotaryError) else (one.index, one.replayed) for one in result]

    for steps in groups:
        # What a revision follows is looked up before the group, as publishers do.
        asked = [[submission(log, step) for step in steps] for log in (grouped, single)]
        assert told(grouped, asked[0], size=len(steps)) == told(single, asked[1], size=1)
    assert len(grouped.leaves()) == len(single.leaves())
    for log in (grouped, single):
        log.services.close()
