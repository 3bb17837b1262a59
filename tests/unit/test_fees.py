"""What is offered for an anchor: first, in a replacement, at the caps, within a budget."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.fees import GWEI, FeeCaps, budget_left, first_fees, raised, raised_fees
from notary.model.anchors import Attempt, Fees, Obstacle
from notary.model.chain import Market

MARKET = Market(base_fee=10 * GWEI, tip=GWEI, gas=60_000, balance=10**18)
CAPS = FeeCaps(max_fee=100 * GWEI, max_tip=2 * GWEI, max_gas=80_000)
OLD = Fees(max_fee=21 * GWEI, tip=GWEI, gas=75_000)


@pytest.mark.parametrize(
    ("market", "expected"),
    [
        (MARKET, Fees(21 * GWEI, GWEI, 75_000)),
        (replace(MARKET, tip=10**20), Fees(22 * GWEI, 2 * GWEI, 75_000)),
        (replace(MARKET, base_fee=60 * GWEI), Fees(100 * GWEI, GWEI, 75_000)),
        (replace(MARKET, base_fee=99 * GWEI), Fees(100 * GWEI, GWEI, 75_000)),
        (replace(MARKET, base_fee=99 * GWEI + 1), "fee"),
        (replace(MARKET, gas=80_000), Fees(21 * GWEI, GWEI, 80_000)),
        (replace(MARKET, gas=80_001), "gas"),
        (replace(MARKET, balance=75_000 * 21 * GWEI), Fees(21 * GWEI, GWEI, 75_000)),
        (replace(MARKET, balance=75_000 * 21 * GWEI - 1), "funds"),
        (replace(MARKET, tip=0, legacy=True), Fees(10 * GWEI, 10 * GWEI, 75_000)),
        (replace(MARKET, tip=0, base_fee=101 * GWEI, legacy=True), "fee"),
    ],
)
def test_first_fees(market: Market, expected: Fees | str) -> None:
    made = first_fees(market, CAPS)
    assert (made.code if isinstance(made, Obstacle) else made) == expected


def test_a_budget_holds_to_the_last_wei() -> None:
    assert first_fees(MARKET, CAPS, left=75_000 * 21 * GWEI) == Fees(21 * GWEI, GWEI, 75_000)
    refused = first_fees(MARKET, CAPS, left=75_000 * 21 * GWEI - 1)
    assert isinstance(refused, Obstacle)
    assert refused.code == "budget"


@pytest.mark.parametrize(("fee", "more"), [(0, 1), (1, 3), (8, 10), (9, 12), (1000, 1126), (GWEI, 1_125_000_001)])
def test_an_eighth_more_rounded_up_and_one(fee: int, more: int) -> None:
    assert raised(fee) == more


@pytest.mark.parametrize(
    ("old", "market", "expected"),
    [
        (OLD, MARKET, Fees(23_625_000_001, 1_125_000_001, 75_000)),
        (OLD, replace(MARKET, base_fee=30 * GWEI), Fees(61 * GWEI, 1_125_000_001, 75_000)),
        (OLD, replace(MARKET, tip=5 * GWEI), Fees(23_625_000_001, 2 * GWEI, 75_000)),
        (OLD, replace(MARKET, base_fee=101 * GWEI), "fee"),
        (replace(OLD, max_fee=89 * GWEI), MARKET, "fee"),
        (replace(OLD, max_fee=88 * GWEI), MARKET, Fees(99 * GWEI + 1, 1_125_000_001, 75_000)),
        # A tip above what nodes may suggest is offered in the end, but never more than the whole fee.
        (replace(OLD, tip=4 * GWEI), MARKET, Fees(23_625_000_001, 4_500_000_001, 75_000)),
        (replace(OLD, tip=21 * GWEI), MARKET, Fees(23_625_000_001, 23_625_000_001, 75_000)),
        (replace(OLD, tip=21 * GWEI), replace(MARKET, legacy=True), Fees(23_625_000_001, 23_625_000_001, 75_000)),
        (OLD, replace(MARKET, balance=75_000 * 23_625_000_001 - 1), "funds"),
    ],
)
def test_replacements(old: Fees, market: Market, expected: Fees | str) -> None:
    made = raised_fees(old, market, CAPS)
    assert (made.code if isinstance(made, Obstacle) else made) == expected


WEI = st.integers(0, 200 * GWEI)


@given(WEI, WEI, WEI, WEI)
def test_whatever_is_offered_every_node_takes_it_and_no_cap_is_passed(fee: int, tip: int, base: int, more: int) -> None:
    old = Fees(max_fee=fee, tip=min(tip, fee), gas=75_000)
    made = raised_fees(old, replace(MARKET, base_fee=base, tip=more, balance=10**30), CAPS)
    if isinstance(made, Fees):
        assert made.tip <= made.max_fee <= CAPS.max_fee
        assert made.max_fee * 8 > old.max_fee * 9
        assert made.tip * 8 > old.tip * 9
        assert made.max_fee >= base


def attempt(nonce: int, cost: int) -> Attempt:
    fees = Fees(max_fee=cost, tip=0, gas=1)
    return Attempt(nonce * 1000 + cost, 1, b"s" * 20, nonce, b"t" * 32, b"", b"", fees, 0, None)


def test_of_each_nonce_the_dearest_attempt_counts() -> None:
    today = [attempt(1, 10), attempt(1, 30), attempt(1, 20), attempt(2, 5)]
    assert budget_left(100, today, nonce=3) == 65
    assert budget_left(100, today, nonce=1) == 95
    assert budget_left(100, [], nonce=1) == 100
