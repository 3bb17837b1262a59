"""RFC 6962 §2.1 written straight from its recursive definitions: slow, and shares no code with the program."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def split(n: int) -> int:
    """Return k, the largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


class Tree:
    def __init__(self, data: Sequence[bytes]) -> None:
        self.data = list(data)
        self._known: dict[tuple[int, int], bytes] = {}

    def mth(self, start: int, end: int) -> bytes:
        """MTH(D[start:end])."""
        key = (start, end)
        if key not in self._known:
            n = end - start
            if n == 0:
                self._known[key] = hashlib.sha256().digest()
            elif n == 1:
                self._known[key] = hashlib.sha256(b"\x00" + self.data[start]).digest()
            else:
                middle = start + split(n)
                content = b"\x01" + self.mth(start, middle) + self.mth(middle, end)
                self._known[key] = hashlib.sha256(content).digest()
        return self._known[key]

    def path(self, m: int, start: int, end: int) -> list[bytes]:
        """PATH(m, D[start:end])."""
        n = end - start
        if n == 1:
            return []
        k = split(n)
        if m < k:
            return [*self.path(m, start, start + k), self.mth(start + k, end)]
        return [*self.path(m - k, start + k, end), self.mth(start, start + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        """PROOF(m, D[0:n])."""
        return self._subproof(m, 0, n, whole=True)

    def _subproof(self, m: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        n = end - start
        if m == n:
            return [] if whole else [self.mth(start, end)]
        k = split(n)
        if m <= k:
            return [*self._subproof(m, start, start + k, whole=whole), self.mth(start + k, end)]
        return [*self._subproof(m - k, start + k, end, whole=False), self.mth(start, start + k)]


@cache
def sides(m: int, n: int) -> str:
    """Return on which side (l or r) each sibling stands on the way up from leaf m of n, by the definition of PATH."""
    if n == 1:
        return ""
    k = split(n)
    return sides(m, k) + "r" if m < k else sides(m - k, n - k) + "l"


@cache
def consistency_sides(m: int, n: int, *, whole: bool = True) -> str:
    """Return the shape of PROOF(m, D[n]): s for a start node that is in the proof, then the sides of the siblings."""
    if m == n:
        return "" if whole else "s"
    k = split(n)
    if m <= k:
        return consistency_sides(m, k, whole=whole) + "r"
    return consistency_sides(m - k, n - k, whole=False) + "l"
