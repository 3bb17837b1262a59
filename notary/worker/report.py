"""What the leader sees of the chain, left in the store for those who watch: they need not ask the chain themselves."""

from __future__ import annotations

from typing import Final

from notary.errors import CannotCheck
from notary.model.chain import ChainReport
from notary.ports import Chain, Clock, LogStore

EVERY_MS: Final = 10_000


class Reporter:
    """Reports from time to time, in the thread that uses the chain."""

    def __init__(self, store: LogStore, chain: Chain, clock: Clock) -> None:
        self._store = store
        self._chain = chain
        self._clock = clock
        self._last: int | None = None

    def step(self) -> None:
        """Report if it is time. Raises :class:`notary.errors.Overloaded` where the store cannot be written."""
        now = self._clock.now_ms()
        if self._last is not None and 0 <= now - self._last < EVERY_MS:
            return
        try:
            standing = self._chain.standing()
        except CannotCheck:
            standing = None  # the loop says why, as its problem
        report = ChainReport(time=now, standing=standing, endpoints=self._chain.endpoints())
        with self._store.write() as view:
            view.store_chain_report(report)
        self._last = now
