"""Aligning two sequences of names: what is equal in both, in order; exactly where that is cheap, else about.

Names are characters that stand for lines or words. The budget makes sure that no pair of texts, whatever it is, takes
long: what cannot be aligned within it counts as different.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from rapidfuzz.distance import LCSseq

if TYPE_CHECKING:
    from collections.abc import Iterable

# Comparisons of one name with another; 64 of them are one step, so that this is about 20 ms and 12 MB.
CELLS = 100_000_000
# Where exact alignment costs too much, rows of this many that occur once on each side hold the two together.
_GRAMS = (8, 1)

Match = tuple[int, int, int]
"""Offsets in both, and how many are equal from there on."""


class Names(dict[str, str]):
    """Gives each distinct string a character: rapidfuzz compares characters exactly, and all else by hash only."""

    def __missing__(self, key: str) -> str:
        # Two documents of 2 MiB have fewer distinct lines or tokens than there are code points.
        name = self[key] = chr(len(self))
        return name

    def of(self, parts: Iterable[str]) -> str:
        """Return the names of ``parts`` as one string."""
        return "".join(map(self.__getitem__, parts))


class Aligner:
    """Aligns two strings of names within a budget that all its calls share."""

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self.coarse = False

    def __call__(self, a: str, b: str) -> list[Match]:
        """Return what is equal, ascending in both."""
        return list(joined(self._align(a, b, 0, 0, _GRAMS)))

    def _align(self, a: str, b: str, i: int, j: int, grams: tuple[int, ...]) -> Iterable[Match]:
        start = _common_start(a, b)
        a, b, i, j = a[start:], b[start:], i + start, j + start
        end = _common_start(a[::-1], b[::-1])
        yield i - start, j - start, start
        if len(a) > end and len(b) > end:
            yield from self._inner(a[: len(a) - end], b[: len(b) - end], i, j, grams)
        yield i + len(a) - end, j + len(b) - end, end

    def _inner(self, a: str, b: str, i: int, j: int, grams: tuple[int, ...]) -> Iterable[Match]:
        cells = len(a) * len(b)
        if cells <= self._cells:
            self._cells -= cells
            for block in LCSseq.opcodes(a, b).as_matching_blocks():
                yield i + block.a, j + block.b, block.size
        elif grams:
            yield from self._between(a, b, i, j, grams)
        else:
            self.coarse = True

    def _between(self, a: str, b: str, i: int, j: int, grams: tuple[int, ...]) -> Iterable[Match]:
        at = other = 0
        for x, y, size in (*_anchors(a, b, grams[0]), (len(a), len(b), 0)):
            if x < at or y < other:  # overlaps the one before on another diagonal
                continue
            yield from self._align(a[at:x], b[other:y], i + at, j + other, grams[1:])
            yield i + x, j + y, size
            at, other = x + size, y + size


def joined(matches: Iterable[Match]) -> Iterable[Match]:
    """Join matches that follow each other in both, and drop empty ones."""
    i = j = size = 0
    for at, other, more in matches:
        if not more:
            continue
        if (at, other) == (i + size, j + size):
            size += more
            continue
        if size:
            yield i, j, size
        i, j, size = at, other, more
    if size:
        yield i, j, size


def _common_start(a: str, b: str) -> int:
    """Return how many characters at the start are equal; halving, since slices compare fast."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _anchors(a: str, b: str, size: int) -> list[Match]:
    """Return rows of ``size`` that occur once in each, as many as keep their order, joined where they overlap."""
    ours, theirs = _once(a, size), _once(b, size)
    chain = _rising([(i, theirs[gram]) for gram, i in ours.items() if gram in theirs])
    rows: list[Match] = []
    for i, j in chain:
        if rows and i - rows[-1][0] == j - rows[-1][1] and i <= rows[-1][0] + rows[-1][2]:
            rows[-1] = (rows[-1][0], rows[-1][1], i + size - rows[-1][0])
        else:
            rows.append((i, j, size))
    return rows


def _once(text: str, size: int) -> dict[str, int]:
    """Return where each row of ``size`` characters stands that occurs once, ascending."""
    found: dict[str, int] = {}
    again: set[str] = set()
    for at in range(len(text) - size + 1):
        gram = text[at : at + size]
        if found.setdefault(gram, at) != at:
            again.add(gram)
    return {gram: at for gram, at in found.items() if gram not in again}


def _rising(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of ``points`` (ascending in the first, all different) that ascends in the second too."""
    seconds = [j for _, j in points]
    if seconds == sorted(seconds):
        return points
    ends: list[int] = []  # the smallest second of a chain of each length
    last: list[int] = []  # which point that is
    before = [-1] * len(points)
    for number, j in enumerate(seconds):
        length = bisect_left(ends, j)
        before[number] = last[length - 1] if length else -1
        ends[length : length + 1] = [j]
        last[length : length + 1] = [number]
    chain: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append(points[number])
        number = before[number]
    return chain[::-1]
