"""A database server that is killed, and workers that take over from each other on it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from notary.compose import init_log, open_services
from notary.errors import InvalidConfig, Overloaded
from notary.model.anchors import AnchorState
from notary.service.submit import Submission
from tests import backends
from tests.backends import BACKENDS
from tests.faults import invariants
from tests.faults.conftest import Faults
from tests.faults.house import House, house
from tests.leaders import await_said, await_stopped, await_term, leading
from tests.node import logs
from tests.node.anvil import Anvil
from tests.served import await_that

pytestmark = pytest.mark.node
TEXTS = 60


@pytest.fixture(autouse=True)
def _postgresql() -> Iterator[None]:
    with backends.chosen(backends.POSTGRESQL_NAME), backends.databases_dropped():
        yield


@pytest.fixture(scope="module", autouse=True)
def _server_ended() -> Iterator[None]:
    yield
    BACKENDS.close()


def _submit(made: House, number: int, stop: threading.Event) -> bytes:
    """Submit as a client does that tries again after every 503."""
    while True:
        try:
            submission = Submission(text=logs.text(number))
            key = f"key-{number}"
            return made.services.submissions.submit(made.tenant, submission, idempotency_key=key).leaf_hash
        except Overloaded:
            assert not stop.wait(0.05)


@pytest.mark.scenario(9)
def test_a_server_killed_in_the_middle_of_commits(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        stop = threading.Event()
        threads = [
            threading.Thread(
                target=lambda part=part: made.told.extend(
                    _submit(made, number, stop) for number in range(part, TEXTS, 4)
                )
            )
            for part in range(4)
        ]
        for thread in threads:
            thread.start()
        for wanted in (5, 20, 35):
            await_that(lambda wanted=wanted: len(made.told) >= wanted, seconds=60, what=f"{wanted} entries")  # type: ignore[misc]
            BACKENDS.server.restart(signal.SIGKILL)
            faults.count("kill -9 of the server")
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
        assert len(set(made.told)) == len(made.told) == TEXTS
        with made.services.store.read() as view:
            entries = view.entries(start=0, limit=1000)
        assert len([entry for entry in entries if entry.record_digest is not None]) == TEXTS, "none lost, none twice"
        made.told = made.told[:10]
        made.settle()
        invariants.check(made)


@pytest.mark.scenario(9)
def test_a_server_that_does_not_wait_for_its_disk_is_refused(tmp_path: Path, faults: Faults) -> None:
    unsafe = backends.storage()
    safe = type(unsafe)(**{name: getattr(unsafe, name) for name in unsafe.__slots__} | {"allow_unsafe": False})
    with pytest.raises(InvalidConfig) as caught:
        init_log(tmp_path / "log", origin="notary.example/log/unsafe", storage=safe)
    assert caught.value.code == "not-durable"
    faults.count("fsync off")


@pytest.mark.scenario(3)
@pytest.mark.parametrize("at", ["head", "anchor", "send"])
def test_a_leader_that_stood_still_past_its_lease_is_fenced(
    tmp_path: Path, node: Anvil, faults: Faults, at: str
) -> None:
    with house(tmp_path / "log", node) as made:
        made.told.append(logs.submit(made.services, made.tenant, 1))
        root, store = made.directory.root, made.services.store
        with leading(root, "a", at=at) as first:
            await_stopped(first)
            with leading(root, "b") as second:
                await_term(store, second, after=1)
                await_that(lambda: _proven(made), seconds=60, what="the anchor")
                first.process.send_signal(signal.SIGCONT)
                faults.count(f"stopped at {at}")
                await_said(first, "stepping down: term 1 is over")
                assert second.stop() == 0
            await_term(store, first, after=2)
            made.told.append(logs.submit(made.services, made.tenant, 2))
            await_that(lambda: _proven(made), seconds=60, what="the anchor")
            assert first.stop() == 0
        assert len(made.on_chain()) == len({one["data"] for one in made.on_chain()})
        made.settle()
        invariants.check(made)


def _proven(made: House) -> bool:
    """Mine, and say whether the newest head is proven."""
    made.node.mine()
    with made.services.store.read() as view:
        head, anchor, stands = view.checkpoint(), view.newest_anchor(made.chain.target), view.acceptance()
    return (
        head is not None
        and anchor is not None
        and head.size == stands.next_index
        and (anchor.size, anchor.state) == (head.size, AnchorState.PROVEN)
    )


@pytest.mark.scenario(9)
def test_a_server_that_is_away_is_an_answer_and_not_a_crash(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        BACKENDS.server.stop(signal.SIGKILL)
        faults.count("server away")
        with pytest.raises(Overloaded):
            logs.submit(made.services, made.tenant, 1)
        with pytest.raises(Overloaded):
            made.tick()
        BACKENDS.server.start()
        with closing(open_services(logs.settings(made.directory))) as again:
            made.told.append(logs.submit(again, made.tenant, 1))
        made.settle()
        invariants.check(made)
