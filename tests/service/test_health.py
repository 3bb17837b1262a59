"""Health tells the truth about the loops, the store and the clock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from notary.model.operating import Heartbeat
from notary.service.health import ANCHOR, INTEGRATE, SILENCE_MS, HealthState
from tests import backends
from tests.anchoring import chain_flags
from tests.service.locallog import LocalLog


@pytest.fixture
def anchored(tmp_path: Path) -> Iterator[LocalLog]:
    made = LocalLog(tmp_path / "log", flags=chain_flags() | {"storage.busy_timeout": 0.1, "limits.max_pending": 3})
    yield made
    made.services.close()


def beat(log: LocalLog, name: str, code: str | None = None) -> None:
    with log.services.store.write() as view:
        view.beat(Heartbeat(name, log.clock.now, code, None if code is None else "It hurts."))


def codes(log: LocalLog) -> tuple[HealthState, list[str]]:
    health = log.services.health.health()
    return health.state, [reason.code for reason in health.reasons]


def test_it_is_well_when_both_loops_live(anchored: LocalLog) -> None:
    beat(anchored, INTEGRATE)
    beat(anchored, ANCHOR)
    assert codes(anchored) == (HealthState.OK, [])


def test_a_loop_that_never_started_is_missed(anchored: LocalLog) -> None:
    assert codes(anchored) == (HealthState.FAILING, ["worker-missing", "worker-missing"])
    beat(anchored, INTEGRATE)
    assert codes(anchored) == (HealthState.FAILING, ["worker-missing"])


@pytest.mark.parametrize("name", [INTEGRATE, ANCHOR])
def test_a_loop_that_fell_silent_is_missed(anchored: LocalLog, name: str) -> None:
    beat(anchored, name)
    # Another worker may still have to wait for the lease of the one that fell silent.
    anchored.clock.now += SILENCE_MS[name] + 10_000
    beat(anchored, INTEGRATE if name == ANCHOR else ANCHOR)
    assert codes(anchored) == (HealthState.OK, [])
    anchored.clock.now += 1
    assert codes(anchored) == (HealthState.FAILING, ["worker-silent"])


def test_a_chain_that_is_down_degrades(anchored: LocalLog) -> None:
    beat(anchored, INTEGRATE)
    beat(anchored, ANCHOR, "blocked-chain")
    assert codes(anchored) == (HealthState.DEGRADED, ["blocked-chain"])
    assert "It hurts." in anchored.services.health.health().reasons[0].message


def test_a_log_without_a_chain_says_so(log: LocalLog) -> None:
    beat(log, INTEGRATE)
    assert codes(log) == (HealthState.DEGRADED, ["no-chain"])


def test_a_clock_set_back_fails(anchored: LocalLog) -> None:
    beat(anchored, INTEGRATE)
    beat(anchored, ANCHOR)
    anchored.clock.now -= 3_600_000
    state, reasons = codes(anchored)
    assert state is HealthState.FAILING
    assert "clock-went-back" in reasons


def test_too_long_a_backlog_fails(anchored: LocalLog) -> None:
    beat(anchored, INTEGRATE)
    beat(anchored, ANCHOR)
    anchored.submit()
    assert codes(anchored)[0] is HealthState.OK
    anchored.submit()
    assert codes(anchored) == (HealthState.FAILING, ["backlog"])
    health = anchored.services.health.health()
    assert (health.size, health.pending) == (0, 3)
    anchored.integrate()
    health = anchored.services.health.health()
    assert (health.state, health.size, health.pending) == (HealthState.OK, 3, 0)


def test_a_database_that_cannot_be_read_fails_without_raising(anchored: LocalLog) -> None:
    beat(anchored, INTEGRATE)
    beat(anchored, ANCHOR)
    anchored.services.close()
    if backends.on_postgresql():
        backends.lose_database(anchored.root)
        assert codes(anchored) == (HealthState.FAILING, ["database-unreachable"])
        return
    other = sqlite3.connect(anchored.root / "notary.db", isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    assert codes(anchored) == (HealthState.FAILING, ["database-busy"])
    other.close()
