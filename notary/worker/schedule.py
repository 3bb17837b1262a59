"""When the next anchor is due: a pure function of what is anchored, what waits, the clock and the policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from notary.model.anchors import Anchor, AnchorState

FIRST_RETRY_MS: Final = 60_000
LONGEST_RETRY_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the operator decided; milliseconds."""

    interval_ms: int
    min_new: int
    max_delay_ms: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far anchoring has come.

    ``size`` is the newest checkpoint's, ``covered`` the newest proven anchor's; ``waiting_since`` is the time of the
    oldest leaf that no proven anchor covers. ``last`` is the anchor made last, which has ended, and ``failures`` how
    many have ended without proof since the last one that is proven.
    """

    size: int
    covered: int
    waiting_since: int
    last: Anchor | None
    failures: int


def is_due(standing: Standing, schedule: Schedule, *, now: int) -> bool:
    """Say whether to queue an anchor of the newest checkpoint now.

    Not before ``interval`` has passed since the last one was queued; not for fewer than ``min_new`` leaves, unless one
    of them has waited for ``max_delay``. After failures it waits longer each time, to an hour, and then asks no more
    how many leaves are new. A clock that went back never holds anything up.
    """
    last = standing.last
    if last is not None and standing.size < last.size:
        return False
    if last is not None and not _over(last.created, schedule.interval_ms, now):
        return False
    if last is not None and last.state is not AnchorState.PROVEN:
        return _over(last.moved, retry_ms(standing.failures), now)
    new = standing.size - standing.covered
    if new < 1:
        return False
    return new >= schedule.min_new or _over(standing.waiting_since, schedule.max_delay_ms, now)


def retry_ms(failures: int) -> int:
    """Return how long to wait after so many failures in a row."""
    return min(FIRST_RETRY_MS << min(max(failures - 1, 0), 16), LONGEST_RETRY_MS)


def _over(since: int, wait_ms: int, now: int) -> bool:
    return not 0 <= now - since < wait_ms
