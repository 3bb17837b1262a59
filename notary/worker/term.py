"""One term of leadership: the loops that integrate and anchor, and the one that keeps the lease; they end together.

What the loops hold in memory was read during their term and is thrown away with it: the next term checks the store anew
before it signs, since another worker may have led in between.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from notary.errors import NotLeader, Overloaded
from notary.model.operating import Lease
from notary.ports import Chain
from notary.service.health import ANCHOR, INTEGRATE
from notary.service.integrate import Integrator
from notary.service.lookup import LineIndexer
from notary.service.manifests import first_manifest
from notary.service.services import Services
from notary.telemetry import metrics
from notary.worker.anchor import Anchorer
from notary.worker.fence import FencedChain, FencedStore
from notary.worker.lease import Candidate
from notary.worker.problem import Problem
from notary.worker.pulse import Pulse
from notary.worker.report import Reporter
from notary.worker.startcheck import StartCheck, await_admission

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.1
REGISTRY_SECONDS: Final = 3.0
SIGNAL_SECONDS: Final = 0.2
INTEGRATIONS_IN_A_ROW: Final = 16
STOP_SECONDS: Final = 5.0


class Term:
    """Runs the loops until told to stop, until another worker leads, or until one of them fails."""

    def __init__(self, services: Services, chain: Chain | None, candidate: Candidate, lease: Lease) -> None:
        """Work for one log as its leader; without ``chain`` nothing is anchored."""
        self._services = services
        self._candidate = candidate
        self._lease = lease
        self.store = FencedStore(services.store, lease)
        self._integrator = Integrator(self.store, services.signer, services.clock, mark=services.mark)
        self._indexer = LineIndexer(self.store)
        self._anchorer: Anchorer | None = None
        if chain is not None and services.settings.chain is not None:
            fenced = FencedChain(chain, services.store, lease)
            self._reporter = Reporter(self.store, fenced, services.clock)
            self._anchorer = Anchorer(
                self.store,
                fenced,
                services.signer,
                services.clock,
                settings=services.settings.anchor,
                chain_settings=services.settings.chain,
            )
        self._start_check = StartCheck(self.store, services.signer, services.clock, public=services.public, chain=chain)
        self._failures: list[BaseException] = []
        self._admitted = threading.Event()
        self._asked = threading.Event()
        self._over = threading.Event()
        self._lost = False

    def serve(self, stop: threading.Event) -> None:
        """Lead until ``stop`` is set, then end within seconds; or until the term is over, then with all its loops.

        Raises what ended a loop, if one did not end by itself: :class:`notary.errors.IntegrityError` or a defect.
        """
        threads = [self._start("worker.lease", self._keep), self._start(INTEGRATE, self._integrating)]
        if self._anchorer is not None:
            threads.append(self._start(ANCHOR, self._anchoring))
        while not self._over.is_set() and not stop.is_set():
            # Not by waiting for the event: a signal handler may set it in this very thread.
            threads[0].join(SIGNAL_SECONDS)
        self._over.set()
        self._await(threads, stop)
        if self._lost:
            log.warning("stepping down: term %d is over", self._lease.token)
        else:
            self._candidate.release(self._lease)
        if self._failures:
            raise self._failures[0]

    def _await(self, threads: list[threading.Thread], stop: threading.Event) -> None:
        """Wait for the loops to end: for a short while at the end of the process, else as long as it takes.

        A thread that still waits for an endpoint when the process ends is left behind: nothing it might do then is lost
        or repeated. But two terms of one process never run side by side.
        """
        for thread in threads:
            while thread.is_alive() and not (stop.is_set() or self._failures):
                thread.join(SIGNAL_SECONDS)
        until = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _anchor(self) -> Problem | None:
        if self._anchorer is None:
            return None
        problem = self._anchorer.tick()
        self._asked.set()
        self._reporter.step()
        return problem

    def integrate(self) -> Problem | None:
        """Integrate what waits, much of it at most; raises :class:`NotLeader` where the term is over."""
        for _ in range(INTEGRATIONS_IN_A_ROW):
            if self._over.is_set() or self._integrator.step() == 0:
                break
        # In lulls, and now and then where there is none: nobody waits for it.
        self._indexer.step()
        return None

    def _begin(self) -> Problem | None:
        services = self._services
        first_manifest(self.store, signer=services.signer, clock=services.clock, chain=services.settings.chain)
        return None

    def _keep(self) -> None:
        """Prolong the lease at a third of its time; where the store cannot be written, try again soon."""
        pause = self._candidate.renewal
        while not self._over.wait(pause):
            pause = self._candidate.renewal
            try:
                if not self._candidate.renew(self._lease):
                    raise NotLeader("Another worker leads.", code="not-leader")
            except Overloaded as error:
                log.warning("the lease was not prolonged: %s", error.message)
                pause = self._candidate.poll

    def _integrating(self) -> None:
        """Wait until the log may sign at all; then integrate, again and again."""
        pulse = Pulse(self.store, self._services.clock, INTEGRATE)
        # Before the first sign of life: who sees that may submit.
        while (problem := _patiently(self._begin)) is not None and not self._over.wait(POLL_SECONDS):
            pulse.beat(problem)
        await_admission(self._start_check, pulse.beat, self._over)
        self._admitted.set()
        if self._anchorer is not None:
            # Its first tick holds the log against the registry, and what does not fit must not be signed. But a chain
            # that cannot be asked does not hold up the log.
            self._asked.wait(REGISTRY_SECONDS)
        self._repeat(pulse, self.integrate, POLL_SECONDS)

    def _anchoring(self) -> None:
        pulse = Pulse(self.store, self._services.clock, ANCHOR)
        # A sign of life before the first step too, which may wait long for an endpoint.
        pulse.beat(None)
        while not self._admitted.wait(SIGNAL_SECONDS) and not self._over.is_set():
            pulse.beat(None)
        self._repeat(pulse, self._anchor, self._services.settings.anchor.poll)

    def _repeat(self, pulse: Pulse, step: Callable[[], Problem | None], pause: float) -> None:
        while not self._over.is_set():
            problem = _patiently(step)
            metrics.count_step(pulse.name, None if problem is None else problem.code)
            pulse.beat(problem)
            self._over.wait(pause)

    def _start(self, name: str, loop: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                loop()
            except NotLeader as error:
                log.warning("%s: %s", name, error.message)
                self._lost = True
            except BaseException as error:  # handed to the main thread, which raises it
                log.critical("%s ended", name, exc_info=error, extra={"event": "loop-ended"})
                self._failures.append(error)
            finally:
                self._over.set()
                self._admitted.set()
                self._asked.set()

        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        return thread


def _patiently(step: Callable[[], Problem | None]) -> Problem | None:
    """Do a step; a store that cannot be written now is no defect, but a problem to report."""
    try:
        return step()
    except Overloaded as error:
        return Problem(error.code, error.message)
