"""The rate of each key: what is let through, what is not, and after which time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.errors import RateLimited
from notary.service.keyrate import BURST_SECONDS, KeyRate


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def taken(rate: KeyRate, key: str = "k", count: int = 1) -> bool:
    try:
        rate.take(key, count)
    except RateLimited:
        return False
    return True


def test_without_a_rate_all_pass() -> None:
    rate = KeyRate(0)
    assert all(taken(rate, count=1000) for _ in range(100))


def test_a_burst_passes_and_then_the_rate() -> None:
    time = Time()
    rate = KeyRate(2, now=time)
    assert [taken(rate) for _ in range(21)] == [True] * 20 + [False]
    time.now += 0.5
    assert [taken(rate) for _ in range(2)] == [True, False]
    time.now += 3600
    assert [taken(rate) for _ in range(21)] == [True] * 20 + [False]


def test_one_key_does_not_concern_another() -> None:
    rate = KeyRate(0.1, now=Time())
    assert taken(rate, "a")
    assert not taken(rate, "a")
    assert taken(rate, "b")


def test_a_batch_is_taken_whole_and_paid_for_after() -> None:
    time = Time()
    rate = KeyRate(1, now=time)
    assert taken(rate, count=256)
    with pytest.raises(RateLimited) as caught:
        rate.take("k")
    assert (caught.value.code, caught.value.retry_after) == ("key-rate", 247)
    time.now += 246.9
    assert not taken(rate)
    time.now += 0.2
    assert taken(rate)


@given(
    per_second=st.floats(0.1, 100),
    steps=st.lists(st.tuples(st.floats(0, 5), st.integers(1, 300)), min_size=1, max_size=60),
)
def test_in_the_long_run_no_more_than_the_rate(per_second: float, steps: list[tuple[float, int]]) -> None:
    time = Time()
    rate = KeyRate(per_second, now=time)
    passed = [0]
    for pause, count in steps:
        time.now += pause
        if taken(rate, count=count):
            passed.append(count)
    # What was in the bucket, what came since, and the one batch that overdrew it.
    most = max(1.0, per_second * BURST_SECONDS) + (time.now - Time.now) * per_second + max(passed)
    assert sum(passed) <= most + 1e-6
