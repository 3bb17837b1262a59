"""Aligning: as much as can be equal is, where that is cheap; elsewhere what is said to be equal still is."""

from __future__ import annotations

from itertools import combinations, pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.diff.align import CELLS, Aligner, Match, Names
from notary.diff.pairs import Pairing

texts = st.text(st.sampled_from("abc"), max_size=12)
long_texts = st.lists(st.text(st.sampled_from("abcdefgh"), min_size=8, max_size=12), max_size=8).map("".join)


def longest(a: str, b: str) -> int:
    """Return the length of the longest common subsequence, by the book."""
    row = [0] * (len(b) + 1)
    for one in a:
        before = list(row)
        for at, two in enumerate(b, 1):
            row[at] = before[at - 1] + 1 if one == two else max(row[at - 1], before[at])
    return row[-1]


def check(a: str, b: str, matches: list[Match]) -> None:
    i = j = -1
    for at, other, size in matches:
        assert size > 0
        assert at >= max(i, 0)
        assert other >= max(j, 0)
        assert (at, other) != (i, j), "two that follow each other are one"
        assert a[at : at + size] == b[other : other + size]
        i, j = at + size, other + size


@given(texts, texts)
def test_as_much_as_can_be_is_equal(a: str, b: str) -> None:
    matches = Aligner(CELLS)(a, b)
    check(a, b, matches)
    assert sum(size for _, _, size in matches) == longest(a, b)


@given(texts | long_texts, texts | long_texts, st.integers(0, 200))
def test_with_a_small_budget_what_is_equal_is_still_so(a: str, b: str, cells: int) -> None:
    align = Aligner(cells)
    matches = align(a, b)
    check(a, b, matches)
    if not align.coarse and not matches:
        assert longest(a, b) == 0


@given(long_texts, long_texts, long_texts)
def test_the_start_and_the_end_cost_nothing(start: str, middle: str, end: str) -> None:
    align = Aligner(0)
    assert sum(size for _, _, size in align(start + end, start + middle + end)) == len(start + end)
    assert not align.coarse


def test_what_occurs_once_holds_the_two_together() -> None:
    a, b = "..A..B..C..", ".,A,.B,,C.,"
    align = Aligner(24)
    matches = align(a, b)
    check(a, b, matches)
    assert set("ABC") <= set("".join(a[at : at + size] for at, _, size in matches))


@pytest.mark.parametrize(("a", "b"), [("ABCD", "BCDA"), ("ABCDEFGH", "HABCDEFG"), ("XAYBZC", "CXAYBZ")])
def test_a_row_that_moved_does_not_cross_the_others(a: str, b: str) -> None:
    align = Aligner(0)
    matches = align(a, b)
    check(a, b, matches)
    assert sum(size for _, _, size in matches) == len(a) - 1


def test_the_budget_is_shared_by_all_calls() -> None:
    align = Aligner(100)
    align("xyxy.xyxyx", "yxyx,yxyxy")
    assert not align.coarse
    align("xyxy.xyxyx", "yxyx,yxyxy")
    assert align.coarse


def test_names_are_distinct() -> None:
    names = Names()
    parts = [f"{number}" for number in range(70_000)]
    assert len(set(names.of(parts))) == 70_000
    assert names.of(parts[::-1]) == names.of(parts)[::-1]


# -------------------------------------------------------------------------------------------------------------- pairs


def score(a: list[str], b: list[str], chosen: tuple[tuple[int, int], ...]) -> float:
    total = 0.0
    for x, y in chosen:
        words, common = len(a[x]) + len(b[y]), longest(a[x], b[y])
        if common < 0.2 * words - 1e-9:
            return -1
        total += (1 + 2 * common**2) / (1 + words)
    return total


few_lines = st.lists(st.text(st.sampled_from("abcd"), max_size=5), max_size=4)


@given(few_lines, few_lines)
def test_the_pairs_have_the_most_in_common(a: list[str], b: list[str]) -> None:
    if len(a) == len(b) == 1:
        assert Pairing()(a, b) == [(0, 0)]
        return
    found = tuple(Pairing()(a, b))
    assert all(x < z and y < w for (x, y), (z, w) in pairwise(found))
    sizes = range(min(len(a), len(b)) + 1)
    chains = (
        tuple(zip(xs, ys, strict=True))
        for size in sizes
        for xs, ys in product(combinations(range(len(a)), size), combinations(range(len(b)), size))
    )
    assert score(a, b, found) == pytest.approx(max(score(a, b, chain) for chain in chains))


def test_in_a_large_block_a_line_is_looked_for_near_its_place() -> None:
    names = Names()
    a = [names.of(f"{number} {number * 7} {number * 11}".split()) for number in range(1000)]
    b = [*a[:100], "zzz", *a[100:500], *a[505:]]
    found = dict(Pairing()(a, b))
    assert [found[x] for x in (0, 99, 100, 499, 505, 999)] == [0, 99, 101, 500, 501, 995]
    assert 502 not in found


def test_where_that_costs_too_much_lines_are_paired_one_by_one() -> None:
    pair = Pairing()
    assert pair(["a" * 30_000] * 3, ["b" * 30_000] * 4) == [(0, 0), (1, 1), (2, 2)]
    assert pair.coarse


@pytest.mark.parametrize("budget", [{"pairs": 12}, {"cells": 300}], ids=str)
def test_what_pairing_costs_is_shared_by_all_blocks(budget: dict[str, int]) -> None:
    pair = Pairing(**budget)
    a, b = ["abcd", "efgh", "ijkl"], ["efgh", "ijkl", "mnop"]
    assert pair(a, b) == [(1, 0), (2, 1)]
    assert not pair.coarse
    assert [pair(a, b) for _ in range(3)][-1] == [(0, 0), (1, 1), (2, 2)]
    assert pair.coarse


def test_one_line_and_one_line_cost_nothing() -> None:
    pair = Pairing(pairs=0, cells=0)
    assert pair(["abcd"], ["wxyz"]) == [(0, 0)]
    assert not pair.coarse
