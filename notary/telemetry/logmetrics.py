"""What is true of the log whichever process is asked, read from the database when Prometheus asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from notary.errors import IntegrityError, Overloaded
from notary.model.anchors import AnchorState
from notary.model.chain import ChainReport, EndpointState
from notary.model.operating import LogStatus
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
        yield from _of_account(status)
        if status.report is not None:
            yield from _of_chain(status.report, now)

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


def _of_account(status: LogStatus) -> Iterable[Metric]:
    held = status.leader is not None and status.leader.held
    yield _gauge("notary_leader", "1 while a worker leads, else 0.", int(held))
    terms = CounterMetricFamily("notary_leader_terms", "Terms of leadership that were begun.")
    terms.add_metric([], 0 if status.leader is None else status.leader.token)
    yield terms
    spent = CounterMetricFamily("notary_fees_spent", "What mined transactions did cost, in the chain's own money.")
    spent.add_metric([], status.spent / 10**9)
    yield spent


def _of_chain(report: ChainReport, now: int) -> Iterable[Metric]:
    """Yield what the leader saw last; what it did not see is missing rather than old."""
    yield _gauge("notary_chain_report_age_seconds", "Since the leader looked at the chain.", _age(report.time, now))
    standing = report.standing
    if standing is not None:
        what = "What the account that pays holds, in the chain's own money."
        yield _gauge("notary_account_balance", what, standing.balance / 10**18)
        for name, what, value in (
            ("notary_account_anchors_left", "Anchors that it can pay at today's price of gas.", standing.anchors_left),
            ("notary_finality_lag_blocks", "Blocks from the newest final one to the newest.", standing.lag_blocks),
            ("notary_finality_lag_seconds", "Seconds between the times of the two.", standing.lag_seconds),
        ):
            if value is not None:
                yield _gauge(name, what, value)
    well = GaugeMetricFamily("notary_endpoint_up", "1 for an endpoint that is well, else 0.", labels=["endpoint"])
    for endpoint in report.endpoints:
        well.add_metric([endpoint.name], int(endpoint.state is EndpointState.OK))
    yield well


def _age(then: int, now: int) -> float:
    return max(0, now - then) / 1000


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)
