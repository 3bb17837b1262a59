"""Health: whether submissions are accepted and whether what follows them is alive, from what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from notary.errors import IntegrityError, Overloaded
from notary.model.operating import Heartbeat
from notary.ports import Clock, LogStore, ReadView, Signer
from notary.service.acceptance import next_place
from notary.service.held import Hold
from notary.service.logkeys import log_keys

INTEGRATE: Final = "worker.integrate"
ANCHOR: Final = "worker.anchor"

SILENCE_MS: Final = {INTEGRATE: 10_000, ANCHOR: 120_000}
"""A loop that gave no sign of life for so long is taken for dead. The anchoring loop may wait for slow endpoints.

Another worker takes over when the leader's lease is over, so that a lease's time comes on top."""


class HealthState(StrEnum):
    """``ok``; ``degraded``: submissions are accepted, but something waits; ``failing``: do not send anything here."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the service is not well: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Health:
    """The state and all reasons for it; ``size`` is the newest checkpoint's, ``pending`` what it does not cover."""

    state: HealthState
    reasons: tuple[Reason, ...]
    size: int
    pending: int


class HealthCheck:
    """Looks at the log as a whole."""

    def __init__(
        self,
        store: LogStore,
        clock: Clock,
        *,
        signer: Signer,
        anchoring: bool,
        max_pending: int,
        lease: float,
        hold: Hold,
    ) -> None:
        """Judge ``signer``'s log; ``anchoring``: a chain is configured; ``lease`` is the leader's, in seconds."""
        self._store = store
        self._signer = signer
        self._hold = hold
        self._clock = clock
        self._anchoring = anchoring
        self._max_pending = max_pending
        self._lease_ms = int(lease * 1000)

    def health(self) -> Health:
        """Return the health; never raises for an unwell service."""
        failing: list[Reason] = []
        degraded: list[Reason] = []
        size = pending = 0
        try:
            with self._store.read() as view:
                beats = view.heartbeats()
                head = view.checkpoint()
                size = 0 if head is None else head.size
                stands = view.acceptance()
                pending = stands.next_index - size
                next_place(stands, self._clock)
                degraded += self._replaced(view)
            self._hold.check()
        except (Overloaded, IntegrityError) as error:
            failing.append(Reason(error.code, error.message))
            beats = {}
        else:
            now = self._clock.now_ms()
            failing += self._dead(beats, INTEGRATE, now=now)
            if self._anchoring:
                failing += self._dead(beats, ANCHOR, now=now)
            else:
                degraded.append(Reason("no-chain", "No chain is configured: nothing is anchored."))
            if pending >= self._max_pending:
                failing.append(Reason("backlog", f"{pending} entries wait for integration."))
        degraded += [
            Reason(beat.problem_code or "problem", f"{name}: {beat.problem}")
            for name, beat in beats.items()
            if beat.problem is not None
        ]
        state = HealthState.FAILING if failing else HealthState.DEGRADED if degraded else HealthState.OK
        return Health(state=state, reasons=(*failing, *degraded), size=size, pending=pending)

    def _replaced(self, view: ReadView) -> list[Reason]:
        """Say that this process has an old key: it accepts, but cannot sign what it says about revisions."""
        try:
            log_keys(view, self._signer)
        except IntegrityError as error:
            return [Reason(error.code, error.message)]
        return []

    def _dead(self, beats: Mapping[str, Heartbeat], name: str, *, now: int) -> list[Reason]:
        beat = beats.get(name)
        if beat is None:
            return [Reason("worker-missing", f"{name} has not started.")]
        if now - beat.time > SILENCE_MS[name] + self._lease_ms:
            return [Reason("worker-silent", f"{name} gave no sign of life for {(now - beat.time) // 1000} s.")]
        return []
