"""When an anchor is due."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notary.model.anchors import Anchor, AnchorState, Target
from notary.worker.schedule import Schedule, Standing, is_due, retry_ms

NOW = 100_000_000
SCHEDULE = Schedule(interval_ms=60_000, min_new=10, max_delay_ms=3_600_000)
LAST = Anchor(
    id=1,
    target=Target(1, b"r" * 20, b"l" * 32),
    size=100,
    root=b"R" * 32,
    state=AnchorState.PROVEN,
    created=NOW - 60_000,
    moved=NOW - 60_000,
)
READY = Standing(size=110, covered=100, waiting_since=NOW, last=LAST, failures=0)
FAILED = replace(LAST, state=AnchorState.REVERTED)
LONG_AGO = replace(FAILED, moved=NOW - 120_000, created=0)


@pytest.mark.parametrize(
    ("standing", "due"),
    [
        (READY, True),
        (replace(READY, last=replace(LAST, created=NOW - 59_999)), False),
        (replace(READY, last=replace(LAST, created=NOW + 1)), True),
        (replace(READY, size=109), False),
        (replace(READY, size=101, waiting_since=NOW - 3_599_999), False),
        (replace(READY, size=101, waiting_since=NOW - 3_600_000), True),
        (replace(READY, size=100, waiting_since=0), False),
        (replace(READY, size=99, waiting_since=0), False),
        (Standing(size=10, covered=0, waiting_since=NOW, last=None, failures=0), True),
        (Standing(size=9, covered=0, waiting_since=NOW, last=None, failures=0), False),
        (Standing(size=9, covered=0, waiting_since=0, last=None, failures=0), True),
        (Standing(size=0, covered=0, waiting_since=NOW, last=None, failures=0), False),
        (replace(READY, size=100, covered=50, last=FAILED, failures=1), True),
        (replace(READY, size=100, covered=50, last=replace(FAILED, moved=NOW - 59_999), failures=1), False),
        (replace(READY, size=100, covered=50, last=replace(FAILED, created=NOW), failures=1), False),
        (replace(READY, covered=50, last=LONG_AGO, failures=2), True),
        (replace(READY, covered=50, last=LONG_AGO, failures=3), False),
        (replace(READY, size=99, covered=50, last=LONG_AGO, failures=1), False),
    ],
)
def test_when_an_anchor_is_due(standing: Standing, due: bool) -> None:
    assert is_due(standing, SCHEDULE, now=NOW) is due


def test_the_pauses_after_failures_double_up_to_an_hour() -> None:
    assert [retry_ms(count) // 60_000 for count in (0, 1, 2, 3, 6, 7, 1000)] == [1, 1, 2, 4, 32, 60, 60]
