"""What Prometheus is told: true, in its own format, and every name of it in docs/operations.md."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from notary.model.anchors import AnchorState, Fees, SignedTransaction
from notary.model.chain import ChainReport, ChainStanding, EndpointHealth, EndpointState
from notary.model.operating import LEADER, Heartbeat
from notary.net.http import request
from notary.service.health import ANCHOR, INTEGRATE
from notary.telemetry.exporter import Exporter, registry_with
from notary.telemetry.logmetrics import LogMetrics
from tests.weblog import WebLog
from tests.webserver import free_port

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
ROW = re.compile(r"^\| `(notary_[a-z_]+)`(?: by ((?:`[a-z]+`(?:, | and )?)+))? \|", re.MULTILINE)


REPORT = ChainReport(
    time=1_000,
    standing=ChainStanding(
        sender=b"s" * 20, balance=10**22, gas_price=10**9, head=100, head_time=1_200, final=36, final_time=432
    ),
    endpoints=(
        *(
            EndpointHealth(
                name=f"https://{state.value}.example",
                state=state,
                failures=0,
                code=None,
                message=None,
                latency_ms=3,
                head=100,
                lag=0,
                retry_in=0.0,
            )
            for state in EndpointState
        ),
    ),
)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[WebLog]:
    made = WebLog(tmp_path / "data")
    yield made
    made.close()


@contextmanager
def exporting(log: WebLog) -> Iterator[str]:
    listener = f"127.0.0.1:{free_port()}"
    with Exporter(listener, registry_with(LogMetrics(log.services.store, log.services.clock))) as exporter:
        thread = threading.Thread(target=exporter.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://{listener}"
        finally:
            exporter.shutdown()
            thread.join()


def scraped(address: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return what a scrape says, by name and values of the labels."""
    answer = request("GET", f"{address}/metrics", timeout=20, max_bytes=1 << 20)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.body.decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value for sample in samples
    }


def test_it_says_what_the_log_is(log: WebLog) -> None:
    log.submit()
    log.integrate()
    log.anchor(AnchorState.PROVEN)
    log.submit("Another\ntext")
    log.beat(problem=("blocked-funds", "No money."))
    with exporting(log) as address:
        said = scraped(address)
    for name, value in {
        "notary_database_up": 1,
        "notary_log_entries": 3,
        "notary_tree_size": 2,
        "notary_checkpoint_size": 2,
        "notary_backlog_entries": 1,
        "notary_anchor_proven_size": 2,
        "notary_anchor_attempts_total": 0,
    }.items():
        assert said[name, ()] == value, name
    assert said["notary_anchors", ("proven",)] == 1
    assert sum(value for (name, _), value in said.items() if name == "notary_anchors") == 1
    assert said["notary_problem", ("blocked-funds", ANCHOR)] == 1
    assert ("notary_problem", ("blocked-funds", INTEGRATE)) not in said


def test_ages_follow_the_clock(log: WebLog) -> None:
    log.submit()
    log.integrate()
    log.anchor(AnchorState.PROVEN)
    log.submit("Another\ntext")
    log.beat()

    class Later:
        def now_ms(self) -> int:
            return log.services.clock.now_ms() + 3_600_000

    ages = {
        family.name: [sample.value for sample in family.samples]
        for family in LogMetrics(log.services.store, Later()).collect()
        if family.name.endswith("_age_seconds")
    }
    assert set(ages) == {
        "notary_checkpoint_age_seconds",
        "notary_backlog_age_seconds",
        "notary_anchor_proven_age_seconds",
        "notary_heartbeat_age_seconds",
    }
    for values in ages.values():
        assert values
        assert all(3600 <= value < 7200 for value in values)


def test_a_new_log_has_no_ages_and_no_backlog_once_integrated(log: WebLog) -> None:
    with exporting(log) as address:
        before = scraped(address)
        log.integrate()
        after = scraped(address)
    assert ("notary_checkpoint_age_seconds", ()) not in before
    assert (before["notary_backlog_entries", ()], after["notary_backlog_entries", ()]) == (1, 0)
    assert after["notary_backlog_age_seconds", ()] == 0


@pytest.mark.only_on("sqlite")
def test_a_database_that_cannot_be_read_is_told_and_the_rest_as_well(log: WebLog) -> None:
    log.client.get("/livez", buffered=True)
    log.services.close()
    other = sqlite3.connect(log.root / "notary.db", isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with exporting(log) as address:
        said = scraped(address)
    other.close()
    assert said["notary_database_up", ()] == 0
    assert ("notary_tree_size", ()) not in said
    assert said["notary_http_requests_total", ("GET", "/livez", "200")] >= 1


def test_it_says_what_the_leader_saw_and_what_was_spent(log: WebLog) -> None:
    log.submit()
    log.integrate()
    log.anchor(AnchorState.PROVEN)
    fees = Fees(max_fee=10**12, tip=1, gas=60_000)
    with log.services.store.write() as view:
        assert view.chain_report() is None
        view.store_chain_report(REPORT)
        view.store_chain_report(REPORT)
        assert view.chain_report() == REPORT
        for number, (gas_used, price) in enumerate([(52_700, 300 * 10**9 + 7), (50_000, 999), (2**62, 2**62)]):
            tx_hash = bytes([number]) * 32
            view.add_attempt(
                anchor_id=1,
                signed=SignedTransaction(
                    sender=b"s" * 20, nonce=number, tx_hash=tx_hash, raw=b"", calldata=b"", fees=fees
                ),
                time=number,
            )
            # The last one is a lie, and must not end the sum.
            view.mark_spent(tx_hash, gas_used=gas_used, gas_price=price)
        assert (view.spent(), view.spent(since=1)) == (52_700 * 300, 0)
        assert view.take_lease(LEADER, holder="a", seconds=60) is not None
    with exporting(log) as address:
        said = scraped(address)
    for name, value in {
        "notary_leader": 1,
        "notary_leader_terms_total": 1,
        "notary_fees_spent_total": 0.01581,
        "notary_account_balance": 10_000,
        "notary_account_anchors_left": 10**22 // (53_000 * 10**9),
        "notary_finality_lag_blocks": 64,
        "notary_finality_lag_seconds": 768,
    }.items():
        assert said[name, ()] == value, name
    endpoints = {name[1][0]: value for name, value in said.items() if name[0] == "notary_endpoint_up"}
    assert endpoints.pop("https://ok.example") == 1
    assert set(endpoints.values()) == {0}


def test_only_one_path_is_answered(log: WebLog) -> None:
    with exporting(log) as address:
        for path in ("/", "/metrics/x", "/healthz"):
            assert request("GET", address + path, timeout=20, max_bytes=1 << 20).status == 404
    assert log.client.get("/metrics").status_code == 404


def test_every_metric_is_in_the_operators_table_with_its_labels_and_none_besides(log: WebLog) -> None:
    log.submit()
    log.integrate()
    log.anchor(AnchorState.PROVEN)
    log.beat(problem=("blocked-funds", "No money."))
    with log.services.store.write() as view:
        view.beat(Heartbeat(ANCHOR, log.services.clock.now_ms(), "blocked-funds", "No money."))
        view.store_chain_report(REPORT)
    own = [family for family in REGISTRY.collect() if family.name.startswith("notary_")]
    exported: dict[str, set[str]] = {}
    for family in [*own, *LogMetrics(log.services.store, log.services.clock).collect()]:
        name = family.name + ("_total" if family.type == "counter" else "")
        exported[name] = {label for sample in family.samples for label in sample.labels} - {"le"}
    table = {
        name: set(re.findall(r"`([a-z]+)`", labels)) for name, labels in ROW.findall(OPERATIONS.read_text("utf-8"))
    }
    assert set(table) == set(exported)
    # Of what nothing was counted yet in this process, the labels do not show.
    assert {name: labels for name, labels in table.items() if exported[name]} == {
        name: labels for name, labels in exported.items() if labels
    }
