"""Which of the new lines is a version of which old line, inside a block of lines that changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from rapidfuzz.distance import LCSseq

if TYPE_CHECKING:
    from collections.abc import Sequence

# Pairs of lines whose likeness is measured, in one block and in all, at about a microsecond each.
_BLOCK_PAIRS = 20_000
PAIRS = 60_000
# Comparisons of one word with another that this takes in all; see notary.diff.align.
PAIRS_CELLS = 200_000_000


def are_versions(common: int, words: int) -> bool:
    """Say whether two lines of so many words together are versions of one, by the words they have in common, in order.

    Two in five of the words must be; of words that have nothing to do with each other, hardly one in five is.
    """
    return 5 * common >= words


@dataclass(frozen=True, slots=True)
class _Chain:
    """Pairs in order, the last one first."""

    pair: tuple[int, int]
    before: _Chain | None


class Pairing:
    """Pairs the lines of blocks within a budget that all its calls share."""

    def __init__(self, *, pairs: int = PAIRS, cells: int = PAIRS_CELLS) -> None:
        self._pairs, self._cells = pairs, cells
        self.coarse = False

    def __call__(self, a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
        """Return which lines are versions of each other, ascending in both: the pairs with the most words in common.

        A line is a string of names, one for each word. Lines are looked for near where they would be if all had moved
        evenly, in small blocks everywhere. Where even that is too much, the pairs are a guess: line by line.
        """
        if len(a) == len(b) == 1:
            return [(0, 0)]
        windows = self._windows(a, b)
        if windows is None:
            self.coarse = True
            return [(number, number) for number in range(min(len(a), len(b)))]
        best = _Best()
        for x, window in enumerate(windows):
            found: list[tuple[int, float, _Chain]] = []
            for y in window:
                words = len(a[x]) + len(b[y])
                common = LCSseq.similarity(a[x], b[y], score_cutoff=-(-words // 5))
                if are_versions(common, words):
                    score, chain = best.below(y)
                    # Much in common counts more than all of little.
                    found.append((y, score + (1 + 2 * common * common) / (1 + words), _Chain((x, y), chain)))
            # Only now: a line has one version.
            for y, score, chain in found:
                best.add(y, score, chain)
        return best.pairs()

    def _windows(self, a: Sequence[str], b: Sequence[str]) -> list[range] | None:
        """Pay for holding each line of ``a`` against lines of ``b``, and return which; None where it costs too much."""
        most = min(self._pairs, _BLOCK_PAIRS)
        reach = len(b) if len(a) * len(b) <= most else most // (2 * len(a))
        before = [0, *accumulate(map(len, b))]
        while reach:
            centres = (x * len(b) // len(a) for x in range(len(a)))
            windows = [range(max(0, at - reach), min(len(b), at + reach + 1)) for at in centres]
            pairs = sum(map(len, windows))
            cells = sum(len(line) * (before[w.stop] - before[w.start]) for line, w in zip(a, windows, strict=True))
            if pairs <= self._pairs and cells <= self._cells:
                self._pairs -= pairs
                self._cells -= cells
                return windows
            reach //= 2
        return None


class _Best:
    """The best chain of pairs for each last line of ``b``; both that line and the score ascend."""

    def __init__(self) -> None:
        self._ends: list[int] = []
        # One more than ends: the first is that of no pairs.
        self._scores: list[float] = [0.0]
        self._chains: list[_Chain | None] = [None]

    def below(self, y: int) -> tuple[float, _Chain | None]:
        """Return the score and the chain to which a pair with line ``y`` may be added."""
        at = bisect_left(self._ends, y)
        return self._scores[at], self._chains[at]

    def add(self, y: int, score: float, chain: _Chain) -> None:
        """Keep ``chain``, which ends at line ``y``, if it is better than those that end there or before."""
        at = bisect_right(self._ends, y)
        if score <= self._scores[at]:
            return
        first = at - 1 if at and self._ends[at - 1] == y else at
        after = bisect_right(self._scores, score, at + 1)
        self._ends[first : after - 1] = [y]
        self._scores[first + 1 : after] = [score]
        self._chains[first + 1 : after] = [chain]

    def pairs(self) -> list[tuple[int, int]]:
        """Return the pairs of the best chain."""
        found: list[tuple[int, int]] = []
        chain = self._chains[-1]
        while chain is not None:
            found.append(chain.pair)
            chain = chain.before
        return found[::-1]
