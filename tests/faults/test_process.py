"""Processes that die, are told to end, or meet what nobody thought of."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notary.compose import open_chain
from notary.model.anchors import AnchorState
from notary.service.health import HealthState
from notary.service.read import PublicState
from notary.worker.run import Worker
from tests import faultproxy
from tests.faults import invariants
from tests.faults.conftest import Faults
from tests.faults.house import House, house
from tests.node import logs
from tests.node.anvil import Anvil

pytestmark = pytest.mark.node
REPOSITORY = Path(__file__).parents[2]
NEVER = "999999"


@contextmanager
def victim(root: Path, at: str, when: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a web server that dies at its write number ``at``; give it and its port."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.victim", str(root), at, when],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline().split()
        assert said[0] == "listening"
        try:
            yield process, int(said[1])
        finally:
            process.kill()


def post(port: int, token: str, *, key: str, number: int) -> tuple[int, bytes] | None:
    """Submit a text; None where the connection was closed without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = json.dumps({"text": logs.text(number).decode()})
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": f'"{key}"',
    }
    try:
        connection.request("POST", "/api/v1/entries", body=body, headers=headers)
        response = connection.getresponse()
        return response.status, bytes.fromhex(json.loads(response.read())["leaf_hash"])
    except (http.client.RemoteDisconnected, ConnectionError):
        return None
    finally:
        connection.close()


@pytest.mark.scenario(2)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_killed_between_commit_and_reply(tmp_path: Path, node: Anvil, faults: Faults, when: str) -> None:
    with house(tmp_path / "log", node) as made:
        token = made.services.publishers.new_key("Bridges office")
        size = _accepted(made)
        with victim(made.directory.root, "1", when) as (process, port):
            assert post(port, token, key="k", number=5) is None
            assert process.wait(20) == -signal.SIGKILL
            faults.count(f"kill {when} the commit")
        assert _accepted(made) == size + (when == "after")
        with victim(made.directory.root, NEVER, when) as (_, port):
            first = post(port, token, key="k", number=5)
            again = post(port, token, key="k", number=5)
        assert first is not None
        assert again is not None
        assert first[1] == again[1]
        assert _accepted(made) == size + 1
        made.told.append(first[1])
        made.settle()
        invariants.check(made)


def _accepted(made: House) -> int:
    with made.services.store.read() as view:
        return view.acceptance().next_index


@contextmanager
def worker(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `notary worker` as an operator does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NOTARY_")}
    environment |= {"NOTARY_ANCHOR_INTERVAL": "0", "NOTARY_ANCHOR_POLL": "0.05", "NOTARY_ANCHOR_RESEND": "0.5"}
    with subprocess.Popen(
        [sys.executable, "-m", "notary.cli", "worker", "--data", str(root)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=REPOSITORY,
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.scenario(5)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_an_attempt_in_flight_is_still_tracked_after_the_end_of_a_process(
    tmp_path: Path, node: Anvil, faults: Faults, how: signal.Signals
) -> None:
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        with worker(made.directory.root) as process:
            logs.until(lambda: _state(made) is AnchorState.MAYBE_SENT)
            process.send_signal(how)
            assert process.wait(20) in {0, -how}
            faults.count(how.name)
        before = made.attempts()
        with worker(made.directory.root) as process:

            def proven() -> bool:
                node.mine()
                return _state(made) is AnchorState.PROVEN

            logs.until(proven)
            process.terminate()
            assert process.wait(20) == 0
        assert [one.raw for one in made.attempts()] == [one.raw for one in before]
        made.settle()
        invariants.check(made)


def _state(made: House) -> AnchorState | None:
    with made.services.store.read() as view:
        found = view.newest_anchor(made.chain.target)
    return None if found is None else found.state


@pytest.mark.scenario(4)
def test_a_defect_in_a_loop_ends_the_worker_and_shows(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        made.submit(1)

        class Broken:
            """A chain with a defect in our own code."""

            def __getattr__(self, name: str) -> object:
                return getattr(made.chain, name)

            def observe(self, **_: object) -> object:
                faults.count("defect")
                raise ZeroDivisionError

        stop = threading.Event()
        with pytest.raises(ZeroDivisionError):
            Worker(made.services, Broken()).run(stop)  # type: ignore[arg-type]
        assert stop.is_set(), "no loop goes on without the other"
        chain = open_chain(made.services.settings)
        assert chain is not None
        made.settle()
        invariants.check(made)


@pytest.mark.scenario(21)
def test_a_node_that_hangs_holds_up_neither_submissions_nor_the_log(
    tmp_path: Path, node: Anvil, faults: Faults
) -> None:
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        stall = first.add(faultproxy.stall())
        with logs.working(made.services):
            logs.until(lambda: stall.fired > 0)
            asked = len(first.requests)
            for number in range(3):
                leaf = logs.submit(made.services, made.tenant, number)
                made.told.append(leaf)
                logs.until(lambda leaf=leaf: logs.state(made.services, leaf) is PublicState.INTEGRATED)  # type: ignore[misc]
            assert len(first.requests) == asked, "all of this while the first question was still unanswered"
            assert made.services.health.health().state is not HealthState.FAILING
            faults.take(stall)
            first.clear()
        made.settle()
        invariants.check(made)
