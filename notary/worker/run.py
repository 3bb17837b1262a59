"""The worker as a process: two loops in two threads that share nothing but the store, and end together.

A slow or hanging endpoint holds up anchoring and never integration. What a loop does not expect ends the process with a
non-zero exit: its supervisor starts it anew, and everything it needs is stored.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from notary.errors import Overloaded
from notary.model import Heartbeat
from notary.ports import Chain, Clock, LogStore
from notary.service.health import ANCHOR, INTEGRATE
from notary.service.integrate import Integrator
from notary.service.services import Services
from notary.telemetry import metrics
from notary.worker.anchor import Anchorer, Problem

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.1
BEAT_SECONDS: Final = 2.0
REGISTRY_SECONDS: Final = 3.0
SIGNAL_SECONDS: Final = 0.2
STOP_SECONDS: Final = 5.0


class Pulse:
    """One loop's signs of life in the database: at once when a problem comes or goes, else every two seconds."""

    def __init__(self, store: LogStore, clock: Clock, name: str) -> None:
        """Speak for the loop ``name``."""
        self._store = store
        self._clock = clock
        self._name = name
        self._last: Problem | None = None
        self._next = 0.0

    def beat(self, problem: Problem | None) -> None:
        """Say that the loop lives, and what hinders it."""
        code = None if problem is None else problem.code
        changed = code != (None if self._last is None else self._last.code)
        if not changed and time.monotonic() < self._next:
            return
        if changed and problem is not None:
            log.warning("%s: %s: %s", self._name, problem.code, problem.message, extra={"event": "problem"})
        elif changed:
            log.info("%s: well again", self._name, extra={"event": "well-again"})
        message = None if problem is None else problem.message
        try:
            with self._store.write() as view:
                view.beat(Heartbeat(self._name, self._clock.now_ms(), code, message))
        except Overloaded as error:
            # Silence in the database says the same.
            log.warning("%s: no heartbeat: %s", self._name, error.message, extra={"event": "no-heartbeat"})
            return
        self._last = problem
        self._next = time.monotonic() + BEAT_SECONDS


class Worker:
    """Runs the loops until told to stop or until one of them fails."""

    def __init__(self, services: Services, chain: Chain | None) -> None:
        """Work for one log; without ``chain`` nothing is anchored."""
        self._services = services
        self._integrator = Integrator(services.store, services.signer, services.clock, mark=services.mark)
        self._anchorer: Anchorer | None = None
        if chain is not None and services.settings.chain is not None:
            self._anchorer = Anchorer(
                services.store,
                chain,
                services.signer,
                services.clock,
                settings=services.settings.anchor,
                chain_settings=services.settings.chain,
            )
        self._failures: list[BaseException] = []
        self._asked = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Run until ``stop`` is set; then end within seconds.

        Raises what ended a loop, if one did not end by itself: :class:`notary.errors.IntegrityError` or a defect.
        """
        self._services.ensure_manifest()
        threads: list[threading.Thread] = []
        if self._anchorer is not None:
            threads.append(self._start(ANCHOR, self._anchor, self._services.settings.anchor.poll, stop))
            # The first tick holds the log against the registry, and what does not fit must not be signed. But a chain
            # that cannot be asked does not hold up the log.
            self._asked.wait(REGISTRY_SECONDS)
        if not stop.is_set():
            threads.append(self._start(INTEGRATE, self._integrate, POLL_SECONDS, stop))
        while not stop.is_set():
            # Not by waiting for the event: a signal handler may set it in this very thread.
            threads[0].join(SIGNAL_SECONDS)
        until = time.monotonic() + STOP_SECONDS
        for thread in threads:
            # A thread that still waits for an endpoint is left behind: nothing it might do then is lost or repeated.
            thread.join(max(0.0, until - time.monotonic()))
        if self._failures:
            raise self._failures[0]

    def _anchor(self) -> Problem | None:
        if self._anchorer is None:
            return None
        problem = self._anchorer.tick()
        self._asked.set()
        return problem

    def _integrate(self) -> Problem | None:
        while self._integrator.step() > 0:
            pass
        return None

    def _start(
        self, name: str, step: Callable[[], Problem | None], pause: float, stop: threading.Event
    ) -> threading.Thread:
        pulse = Pulse(self._services.store, self._services.clock, name)

        def loop() -> None:
            try:
                while not stop.is_set():
                    problem = _patiently(step)
                    metrics.count_step(name, None if problem is None else problem.code)
                    pulse.beat(problem)
                    stop.wait(pause)
            except BaseException as error:  # handed to the main thread, which raises it
                log.critical("%s ended", name, exc_info=error, extra={"event": "loop-ended"})
                self._failures.append(error)
            finally:
                stop.set()
                self._asked.set()

        thread = threading.Thread(target=loop, name=name, daemon=True)
        thread.start()
        return thread


def _patiently(step: Callable[[], Problem | None]) -> Problem | None:
    """Do a step; a store that cannot be written now is no defect, but a problem to report."""
    try:
        return step()
    except Overloaded as error:
        return Problem(error.code, error.message)
