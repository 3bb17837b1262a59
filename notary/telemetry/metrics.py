"""What processes count while they work. All names are here, and a test holds them against docs/operations.md.

Labels have few values, all of our own making: route templates and never paths, codes of :mod:`notary.errors` and never
messages. Where `PROMETHEUS_MULTIPROC_DIR` is set before this is imported, the numbers of all processes of an instance
are kept in files there, and :mod:`notary.telemetry.exporter` adds them up. That suits counters and histograms. A gauge
needs a ``multiprocess_mode``; one about the log or the chain is better read from the database, as
:mod:`notary.telemetry.logmetrics` does.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Histogram

from notary.errors import InvalidInput, NotaryError, Overloaded, Refused

REQUESTS: Final = Counter(
    "notary_http_requests", "Requests answered, by route template, method and status.", ("route", "method", "status")
)
DURATION: Final = Histogram(
    "notary_http_request_duration_seconds",
    "Seconds from a request's arrival to the end of its answer.",
    ("route", "method"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
SUBMISSIONS: Final = Counter(
    "notary_submissions",
    "Submissions, lines of batches among them, by outcome; code says why one was not accepted.",
    ("outcome", "code"),
)
SHED: Final = Counter(
    "notary_writes_shed", "Requests and lines of batches turned away because of load, with 503 or 429.", ("code",)
)
STEPS: Final = Counter("notary_worker_steps", "Steps of the worker's loops.", ("loop", "outcome"))

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
NO_ROUTE: Final = "none"


def count_request(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count a request that was answered; a client may send any word as the method."""
    known = method if method in METHODS else "other"
    REQUESTS.labels(route, known, str(status)).inc()
    DURATION.labels(route, known).observe(seconds)


def count_accepted(*, replayed: bool) -> None:
    """Count a submission that is durable."""
    SUBMISSIONS.labels("replayed" if replayed else "accepted", "").inc()


def count_not_accepted(error: NotaryError) -> None:
    """Count a submission that was not accepted: ``refused`` for good, ``shed`` for now, or ``failed`` by our fault."""
    if isinstance(error, Overloaded):
        SHED.labels(error.code).inc()
    outcome = "shed" if isinstance(error, Overloaded) else "failed"
    if outcome == "failed" and isinstance(error, Refused | InvalidInput):
        outcome = "refused"
    SUBMISSIONS.labels(outcome, error.code).inc()


def count_step(loop: str, problem_code: str | None) -> None:
    """Count a step of a loop of the worker."""
    STEPS.labels(loop, "ok" if problem_code is None else "problem").inc()
