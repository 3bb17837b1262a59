"""What is true of the log whichever process is asked, read from the database when Prometheus asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from notary.errors import IntegrityError, Overloaded
from notary.model import AnchorState, LogStatus
from notary.ports import Clock, LogStore
from notary.service.bounded import Bounded

READ_SECONDS: Final = 3.0


class LogMetrics(Collector):
    """Reads one snapshot a scrape. A database that does not answer in time is a number too, and holds up no other."""

    def __init__(self, store: LogStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._status: Bounded[LogStatus] = Bounded(self._read, seconds=READ_SECONDS)

    def describe(self) -> Iterable[Metric]:
        """Return nothing: to be registered must not need the database."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics as they are now."""
        try:
            status = self._status.ask()
        except (Overloaded, IntegrityError):
            yield _gauge("notary_database_up", "1 if the database answered this scrape, else 0.", 0)
            return
        now = self._clock.now_ms()
        yield _gauge("notary_database_up", "1 if the database answered this scrape, else 0.", 1)
        yield from _of_tree(status, now)
        yield from _of_anchors(status, now)
        yield from _of_loops(status, now)

    def _read(self) -> LogStatus:
        with self._store.read() as view:
            return view.status()


def _of_tree(status: LogStatus, now: int) -> Iterable[Metric]:
    yield _gauge("notary_log_entries", "Leaves accepted, the next leaf's index.", status.accepted)
    yield _gauge("notary_tree_size", "Leaves in the integrated tree.", status.tree_size)
    yield _gauge("notary_checkpoint_size", "Size of the newest published checkpoint.", status.checkpoint_size)
    if status.checkpoint_time is not None:
        what = "Seconds since the newest checkpoint was signed."
        yield _gauge("notary_checkpoint_age_seconds", what, _age(status.checkpoint_time, now))
    waiting = status.accepted - status.checkpoint_size
    yield _gauge("notary_backlog_entries", "Leaves accepted that no checkpoint covers yet.", waiting)
    oldest = 0.0 if status.waiting_since is None else _age(status.waiting_since, now)
    yield _gauge("notary_backlog_age_seconds", "Seconds that the oldest of them has waited; 0 without any.", oldest)


def _of_anchors(status: LogStatus, now: int) -> Iterable[Metric]:
    anchors = GaugeMetricFamily("notary_anchors", "Anchors by state.", labels=["state"])
    for state in AnchorState:
        anchors.add_metric([state.value], status.anchors.get(state.value, 0))
    yield anchors
    attempts = CounterMetricFamily("notary_anchor_attempts", "Transactions signed for anchors.")
    attempts.add_metric([], status.attempts)
    yield attempts
    if status.proven_size is not None:
        yield _gauge("notary_anchor_proven_size", "Size of the largest anchored tree head.", status.proven_size)
    if status.proven_time is not None:
        what = "Seconds since an anchor became proven last."
        yield _gauge("notary_anchor_proven_age_seconds", what, _age(status.proven_time, now))


def _of_loops(status: LogStatus, now: int) -> Iterable[Metric]:
    ages = GaugeMetricFamily(
        "notary_heartbeat_age_seconds", "Seconds since a loop's last sign of life.", labels=["loop"]
    )
    problems = GaugeMetricFamily(
        "notary_problem", "1 for what hinders a loop now, by the code of the problem.", labels=["loop", "code"]
    )
    for beat in status.heartbeats:
        ages.add_metric([beat.name], _age(beat.time, now))
        if beat.problem is not None:
            problems.add_metric([beat.name, beat.problem_code or "problem"], 1)
    yield ages
    yield problems


def _age(then: int, now: int) -> float:
    return max(0, now - then) / 1000


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)
