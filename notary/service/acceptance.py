"""Accepting a leaf: it gets its place and its time, for ever, and is durable before anybody is told.

The index is given here and not when the tree grows: acceptance is serialized by the store's write lock, has no gaps,
and integration keeps its order. The time is part of the logged bytes, so it too is fixed before the leaf hash is told.
"""

from __future__ import annotations

from typing import Final

from notary.errors import Overloaded
from notary.ports import Clock, LogView

CLOCK_TOLERANCE_MS: Final = 2000
"""A clock that is set back by no more than this keeps the last time; one set back further stops acceptance."""


def next_place(view: LogView, clock: Clock) -> tuple[int, int]:
    """Return the index and the time of the next leaf; times never decrease.

    Raises :class:`Overloaded` (``clock-went-back``) rather than log a time that the clock is clearly behind of.
    """
    stands = view.acceptance()
    now = clock.now_ms()
    if now < stands.last_time - CLOCK_TOLERANCE_MS:
        raise Overloaded(
            f"The clock is {(stands.last_time - now) / 1000:.0f} s behind the last entry of the log; nothing is "
            "accepted until it has caught up.",
            code="clock-went-back",
        )
    return stands.next_index, max(now, stands.last_time)
