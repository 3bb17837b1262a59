"""The signs of life of the worker's loops."""

from __future__ import annotations

import logging
import time
from typing import Final

from notary.errors import Overloaded
from notary.model.operating import Heartbeat
from notary.ports import Clock, LogStore
from notary.worker.problem import Problem

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 2.0


class Pulse:
    """One loop's signs of life in the database: at once when a problem comes or goes, else every two seconds."""

    def __init__(self, store: LogStore, clock: Clock, name: str) -> None:
        """Speak for the loop ``name``."""
        self._store = store
        self._clock = clock
        self.name = name
        self._last: Problem | None = None
        self._next = 0.0

    def beat(self, problem: Problem | None) -> None:
        """Say that the loop lives, and what hinders it."""
        code = None if problem is None else problem.code
        changed = code != (None if self._last is None else self._last.code)
        if not changed and time.monotonic() < self._next:
            return
        kind = self.name.removeprefix("worker.")
        if changed and self._last is not None:
            log.warning("cleared=%s-%s", kind, self._last.code, extra={"event": "problem-over"})
        if changed and problem is not None:
            log.warning("alarm=%s-%s %s", kind, problem.code, problem.message, extra={"event": "problem"})
        message = None if problem is None else problem.message
        try:
            with self._store.write() as view:
                view.beat(Heartbeat(self.name, self._clock.now_ms(), code, message))
        except Overloaded as error:
            # Silence in the database says the same.
            log.warning("%s: no heartbeat: %s", self.name, error.message, extra={"event": "no-heartbeat"})
            return
        self._last = problem
        self._next = time.monotonic() + BEAT_SECONDS
