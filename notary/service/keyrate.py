"""How many submissions one API key may make: a bucket for each key, filled at a steady rate, in memory."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from notary.errors import RateLimited

BURST_SECONDS: Final = 10.0


class KeyRate:
    """Lets each key have ``rate`` submissions a second, and what ten seconds bring at once; a rate of 0 lets all pass.

    A bucket that has one gives as much as is asked of it, and is in debt then: a batch is never too large to be
    taken, but what comes after it waits. Keys are those of known publishers, so that there are not many.
    """

    def __init__(self, rate: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = max(1.0, rate * BURST_SECONDS)
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key_id: str, count: int = 1) -> None:
        """Take ``count`` submissions from a key's bucket.

        Raises :class:`RateLimited` (``key-rate``), with the seconds after which there is one in it again.
        """
        if self._rate <= 0:
            return
        with self._lock:
            now = self._now()
            level, since = self._buckets.get(key_id, (self._burst, now))
            level = min(self._burst, level + (now - since) * self._rate)
            if level >= 1:
                self._buckets[key_id] = level - count, now
                return
        error = RateLimited(
            f"This key may make {self._rate:g} submissions a second, and made more; send this one again later.",
            code="key-rate",
        )
        error.retry_after = max(1, math.ceil((1 - level) / self._rate))
        raise error
