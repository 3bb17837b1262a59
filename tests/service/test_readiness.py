"""`/readyz` tells the truth about every single thing that accepting a submission takes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from notary.ports import LogStore, ReadView, WriteView
from notary.service.readiness import CHECKS, PROBE, Readiness
from notary.web.app import create_app
from tests import backends
from tests.service.locallog import LocalLog

WELL = dict.fromkeys(CHECKS, "ok") | {"serving": "ok"}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalLog]:
    made = LocalLog(tmp_path / "log", flags={"storage.busy_timeout": 0.1, "limits.max_pending": 3})
    yield made
    made.services.close()


@pytest.fixture
def client(log: LocalLog) -> FlaskClient:
    return create_app(log.services, log.services.settings).test_client()


def ready(client: FlaskClient) -> tuple[int, dict[str, str]]:
    answer: Any = client.get("/readyz")
    assert answer.headers["Cache-Control"] == "no-store"
    if answer.status_code == 200:
        assert answer.json["status"] == "ready"
    else:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"] == "5"
        assert answer.json["code"] in set(answer.json["checks"].values()) - {"ok"}
    return answer.status_code, answer.json["checks"]


def database(log: LocalLog) -> sqlite3.Connection:
    return sqlite3.connect(log.root / "notary.db", isolation_level=None)


def test_it_is_ready_and_something_was_written_to_know_it(log: LocalLog, client: FlaskClient) -> None:
    assert ready(client) == (200, WELL)
    with log.services.store.read() as view:
        beat = view.heartbeats()[PROBE]
    assert (beat.time, beat.problem) == (log.clock.now, None)


def test_an_answer_serves_many_who_ask_at_once(log: LocalLog, client: FlaskClient) -> None:
    assert ready(client)[0] == 200
    log.clock.now += 5
    assert ready(client)[0] == 200
    with log.services.store.read() as view:
        assert view.heartbeats()[PROBE].time == log.clock.now - 5


def test_a_database_that_somebody_holds_is_not_writable(log: LocalLog, client: FlaskClient) -> None:
    with backends.held_up(log.root):
        assert ready(client) == (503, WELL | {"writable": "database-busy"})


@pytest.mark.only_on("sqlite")
def test_a_database_that_cannot_be_read(log: LocalLog, client: FlaskClient) -> None:
    log.services.close()
    other = database(log)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    unknown = dict.fromkeys(CHECKS, "unknown")
    assert ready(client) == (503, unknown | {"serving": "ok", "database": "database-busy"})
    other.close()


def test_a_database_that_a_newer_program_has_migrated(log: LocalLog, client: FlaskClient) -> None:
    with backends.behind_its_back(log.root) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'notary_9999'")
    assert ready(client) == (503, WELL | {"schema": "other-format", "writable": "unknown"})
    with log.services.store.read() as view:
        assert PROBE not in view.heartbeats()


def test_a_clock_set_back(log: LocalLog, client: FlaskClient) -> None:
    log.clock.now -= 3_600_000
    assert ready(client) == (503, WELL | {"clock": "clock-went-back"})


def test_too_long_a_backlog(log: LocalLog, client: FlaskClient) -> None:
    log.submit()
    log.submit()
    assert ready(client) == (503, WELL | {"backlog": "backlog"})


def test_it_becomes_ready_again(log: LocalLog) -> None:
    readiness = Readiness(log.services.store, log.clock, max_pending=1)
    assert not readiness.ready().ready
    log.integrate()
    readiness = Readiness(log.services.store, log.clock, max_pending=1)
    assert readiness.ready().ready


class Hanging:
    """A store whose reads or writes never answer until they are let go."""

    def __init__(self, store: LogStore, which: str) -> None:
        self._store = store
        self._which = which
        self.let_go = threading.Event()

    @contextmanager
    def read(self) -> Iterator[ReadView]:
        if self._which == "read":
            self.let_go.wait()
        with self._store.read() as view:
            yield view

    @contextmanager
    def write(self) -> Iterator[WriteView]:
        if self._which == "write":
            self.let_go.wait()
        with self._store.write() as view:
            yield view

    def close(self) -> None:
        self._store.close()


@pytest.mark.parametrize("which", ["read", "write"])
def test_a_database_that_hangs_does_not_hang_the_answer(
    log: LocalLog, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notary.service.readiness.SECONDS", 0.05)
    store = Hanging(log.services.store, which)
    readiness = Readiness(store, log.clock, max_pending=3)
    before = threading.active_count()
    try:
        for _ in range(3):
            found = readiness.ready()
            assert not found.ready
            assert found.checks["database"] == "timeout"
        assert threading.active_count() == before + 1
    finally:
        store.let_go.set()
    run = readiness._found._run
    assert run is not None
    run.thread.join()
    assert readiness.ready().ready


def test_livez_asks_nobody(log: LocalLog, client: FlaskClient) -> None:
    log.services.close()
    backends.lose_database(log.root)
    answer = client.get("/livez")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})
