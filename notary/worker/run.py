"""The worker as a process: it follows until it is elected, leads for a term, and follows again.

Any number of workers may run on one store; one of them leads. A slow or hanging endpoint holds up anchoring and never
integration. What a loop does not expect ends the process with a non-zero exit: its supervisor starts it anew, and
everything it needs is stored. That another worker leads is nothing unexpected.
"""

from __future__ import annotations

import threading

from notary.ports import Chain
from notary.service.services import Services
from notary.worker.lease import Candidate
from notary.worker.term import Term


class Worker:
    """Stands for leadership, and leads, until told to stop."""

    def __init__(self, services: Services, chain: Chain | None, *, sole: bool = False) -> None:
        """Work for one log; without ``chain`` nothing is anchored. ``sole``: no other worker can be there."""
        self._services = services
        self._chain = chain
        self._candidate = Candidate(services.store, seconds=services.settings.worker.lease, sole=sole)

    def run(self, stop: threading.Event) -> None:
        """Run until ``stop`` is set; then give the lease back and end within seconds.

        Raises what ended a loop, if one did not end by itself: :class:`notary.errors.IntegrityError` or a defect;
        ``stop`` is set then as well.
        """
        try:
            while (lease := self._candidate.campaign(stop)) is not None:
                Term(self._services, self._chain, self._candidate, lease).serve(stop)
        finally:
            stop.set()
