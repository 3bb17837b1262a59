"""A served log as its operator meets it: scraped, surged upon, held up, drained; with real processes and sockets."""

from __future__ import annotations

import http.client
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from notary.storage.tables import entries
from tests import backends
from tests.program import call, command, environment
from tests.served import STOP_SECONDS, Served, await_gone, await_that, started
from tests.webserver import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
ENTRIES = "/api/v1/entries"


@dataclass
class Answer:
    """What came of a request: a status, or 0 where the connection was lost."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def ask(port: int, path: str, *, token: str | None = None, text: str | None = None, **headers: str) -> Answer:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = None if text is None else json.dumps({"text": text})
        given = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} if token else {}
        link.request("GET" if body is None else "POST", path, body, given | headers)
        answer = link.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    except OSError:
        return Answer(0)
    finally:
        link.close()


class Log:
    """A data directory with a publisher."""

    def __init__(self, root: Path) -> None:
        self.root = root
        origin = "notary.example/log/operating"
        call("init", root, "--origin", origin, "--development", *backends.init_options())
        self.token = call("apikey", "new", "Roads office", "--data", root).out.decode().strip()

    @contextmanager
    def served(self, *options: str, **settings: object) -> Iterator[Served]:
        port = free_port()
        line = command("serve", "--data", self.root, "--port", str(port), *options)
        env = environment(**{name: str(value) for name, value in settings.items()})
        output = self.root.parent / f"serve-{port}.log"
        with started(line, output, port=port, cwd=self.root.parent, env=env) as served:
            await_that(lambda: ask(port, "/readyz").status == 200, seconds=60, what=f"readiness: {served.said}")
            yield served

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the database's write lock, as somebody else would."""
        with backends.held_up(self.root):
            yield

    def stored(self, answers: list[Answer]) -> None:
        """Require that each accepted entry is in the database, and that no two of them are one."""
        leaves = [bytes.fromhex(json.loads(one.body)["leaf_hash"]) for one in answers if one.status == 201]
        with backends.behind_its_back(self.root) as database:
            found = set(database.execute(select(entries.c.leaf_hash)).scalars())
        assert len(set(leaves)) == len(leaves)
        assert set(leaves) <= found


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log")


class Many:
    """Threads that ask, and what they were answered."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self._threads: list[threading.Thread] = []

    def start(self, count: int, work: Callable[[int], list[Answer]]) -> None:
        def run(number: int) -> None:
            self.answers.extend(work(number))

        threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
        self._threads += threads
        for thread in threads:
            thread.start()

    def join(self) -> list[Answer]:
        for thread in self._threads:
            thread.join()
        return self.answers


def in_order(answers: list[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Return the accepted and the shed; there is nothing else, and who was shed was told when to come back."""
    taken = [one for one in answers if one.status == 201]
    shed = [one for one in answers if one.status in {429, 503}]
    assert len(taken) + len(shed) == len(answers), {one.status for one in answers}
    assert all(int(one.headers["retry-after"]) > 0 for one in shed)
    return taken, shed


def test_metrics_of_all_processes_are_at_a_port_of_their_own(log: Log) -> None:
    port = free_port()
    with log.served("--workers", "2", NOTARY_SERVER_METRICS=f"127.0.0.1:{port}") as served:
        for number in range(20):
            assert ask(served.port, ENTRIES, token=log.token, text=f"T {number}\nb").status == 201

        def scrape() -> str:
            return ask(port, "/metrics").body.decode()

        # Whichever of the two processes answered: the sum is exact. The worker's numbers are there too.
        counted = 'notary_http_requests_total{method="POST",route="/api/v1/entries",status="201"} 20.0'
        await_that(lambda: counted in scrape(), seconds=30, what="the count of both processes")
        await_that(lambda: "notary_checkpoint_size 21.0" in scrape(), seconds=30, what="the checkpoint")
        assert 'notary_worker_steps_total{loop="worker.integrate",outcome="ok"}' in scrape()
        assert ask(served.port, "/metrics").status == 404
        # Its death is no reason for anything else to end; it comes back with the numbers.
        teller = served.child("notary.web.metricserver")
        teller.kill()
        await_gone([teller])
        await_that(lambda: counted in scrape(), seconds=30, what="the numbers after a restart")
        assert served.stop() == 0
    # All that was written to standard error is JSON, and the key is nowhere in it.
    lines = [json.loads(line) for line in served.said.splitlines()]
    assert {"serving", "request", "child-ended", "stopping", "stopped"} <= {line["event"] for line in lines}
    assert all({"time", "level", "logger", "event", "message"} <= set(line) for line in lines)
    assert log.token.rpartition("_")[2] not in served.said


def test_a_worker_apart_tells_its_own(log: Log) -> None:
    port = free_port()
    line = command("worker", "--data", log.root)
    env = environment(NOTARY_WORKER_METRICS=f"127.0.0.1:{port}")
    with started(line, log.root.parent / "worker.log", cwd=log.root.parent, env=env) as worker:

        def told() -> bool:
            said = ask(port, "/metrics").body
            return b'notary_worker_steps_total{loop="worker.integrate",outcome="ok"}' in said and b"notary_tree" in said

        await_that(told, seconds=30, what=f"the worker's metrics: {worker.said}")
        assert worker.stop() == 0


def test_a_surge_of_writers_leaves_readers_alone(log: Log) -> None:
    with log.served(NOTARY_LIMITS_MAX_WAITING=2) as served:
        writers, reader, over = Many(), Many(), threading.Event()

        def write(number: int) -> list[Answer]:
            texts = [f"Text {number}/{n}\nbody" for n in range(15)]
            return [ask(served.port, ENTRIES, token=log.token, text=text) for text in texts]

        def read(_number: int) -> list[Answer]:
            answers: list[Answer] = []
            while not over.is_set() or not answers:
                answers += [ask(served.port, path) for path in ("/", "/log/checkpoint", "/livez")]
            return answers

        reader.start(1, read)
        writers.start(30, write)
        taken, shed = in_order(writers.join())
        over.set()
        statuses = [one.status for one in reader.join()]
        assert statuses == [200] * len(statuses)
        assert taken
        assert shed
        log.stored(taken)
        assert served.stop() == 0


def test_with_the_way_to_the_disk_barred_readers_are_served_and_writers_told(log: Log) -> None:
    with log.served("--web-only", NOTARY_STORAGE_BUSY_TIMEOUT=40) as served:
        # So that there is something to read.
        first = ask(served.port, ENTRIES, token=log.token, text="First\nbody")
        writers = Many()
        with log.locked():
            writers.start(110, lambda number: [ask(served.port, ENTRIES, token=log.token, text=f"Text {number}\nbody")])
            # More than may write at once: those are answered while the others wait.
            await_that(lambda: len(writers.answers) >= 10, seconds=60, what="writers to be turned away")
            for path in ("/", "/livez", first.headers["location"]):
                assert ask(served.port, path).status == 200
            await_that(lambda: ask(served.port, "/readyz").status == 503, seconds=30, what="readiness to be denied")
            assert json.loads(ask(served.port, "/readyz").body)["checks"]["database"] in {"ok", "timeout"}
        taken, shed = in_order(writers.join())
        assert {json.loads(one.body)["code"] for one in shed} <= {"too-many-writes", "too-many-waiting"}
        assert len(taken) >= 60
        log.stored([first, *taken])
        await_that(lambda: ask(served.port, "/readyz").status == 200, seconds=30, what="readiness again")
        assert served.stop() == 0


def test_a_stop_lets_what_was_begun_be_answered(log: Log) -> None:
    with log.served("--web-only", "--workers", "2", NOTARY_STORAGE_BUSY_TIMEOUT=40, NOTARY_SERVER_DRAIN=3) as served:
        inside = Many()
        inside.start(4, lambda n: [ask(served.port, ENTRIES, token=log.token, text=f"Waits {n}\nb", Prefer="wait=10")])
        with log.locked():
            inside.start(20, lambda n: [ask(served.port, ENTRIES, token=log.token, text=f"Text {n}\nbody")])
            # A request that counts as begun has reached the database's lock: from then on this one is not ready.
            await_that(lambda: ask(served.port, "/readyz").status == 503, seconds=30, what="the lock to be felt")
            served.processes()
            served.process.send_signal(signal.SIGTERM)
            await_that(lambda: b'"stopping"' in ask(served.port, "/readyz").body, seconds=10, what="/readyz to tell")
            # Still taken: its sender could not know yet.
            inside.start(1, lambda _: [ask(served.port, ENTRIES, token=log.token, text="Late\nbody")])
            await_that(lambda: ask(served.port, "/livez").status == 0, seconds=10, what="the port to be closed")
            assert len(inside.answers) < 25
        answers = inside.join()
        assert [one.status for one in answers] == [201] * 25
        log.stored(answers)
        assert served.process.wait(STOP_SECONDS) == 0
        await_gone(list(served.seen), seconds=1)


def test_who_asks_twice_does_not_wait(log: Log) -> None:
    """Only the second signal can end this in time: the first asks for a minute of draining."""
    with log.served(NOTARY_SERVER_DRAIN=60) as served:
        below = served.processes()
        served.process.send_signal(signal.SIGTERM)
        await_that(lambda: b'"stopping"' in ask(served.port, "/readyz").body, seconds=10, what="/readyz to tell")
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(STOP_SECONDS) == 0
        await_gone(below)
