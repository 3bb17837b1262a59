"""Readiness: whether submissions can be accepted now, each thing that it takes by name, in bounded time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from notary.errors import IntegrityError, Overloaded
from notary.model.operating import Heartbeat
from notary.ports import Clock, LogStore
from notary.service.acceptance import next_place
from notary.service.bounded import Bounded

PROBE: Final = "web.probe"
OK: Final = "ok"
UNKNOWN: Final = "unknown"
CHECKS: Final = ("database", "schema", "clock", "backlog", "writable")
SECONDS: Final = 2.0
# Who asks in a loop, and anybody may, makes no more than one write a second of it.
KEEP_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Ready:
    """What was found, by check: ``ok``, a stable code, or ``unknown`` where an earlier one failed."""

    checks: Mapping[str, str]

    @property
    def ready(self) -> bool:
        """Whether all is well."""
        return all(found == OK for found in self.checks.values())


class Readiness:
    """Looks, and writes: that a database can be written is only known when something was written to it."""

    def __init__(self, store: LogStore, clock: Clock, *, max_pending: int) -> None:
        self._store = store
        self._clock = clock
        self._max_pending = max_pending
        self._found: Bounded[Ready] = Bounded(self._look, seconds=SECONDS, keep=KEEP_SECONDS)

    def ready(self) -> Ready:
        """Return what was found within the last second; never raises, and returns in about two seconds at most."""
        try:
            return self._found.ask()
        except (Overloaded, IntegrityError) as error:
            return _found(database=error.code)

    def _look(self) -> Ready:
        try:
            with self._store.read() as view:
                schema = OK if view.schema_is_ours() else "other-format"
                stands = view.acceptance()
                pending = stands.next_index - view.tree().size
        except (Overloaded, IntegrityError) as error:
            return _found(database=error.code)
        try:
            next_place(stands, self._clock)
            clock = OK
        except Overloaded as error:
            clock = error.code
        backlog = OK if pending < self._max_pending else "backlog"
        # Into a database of another format nothing is written.
        writable = self._write() if schema == OK else UNKNOWN
        return _found(database=OK, schema=schema, clock=clock, backlog=backlog, writable=writable)

    def _write(self) -> str:
        try:
            with self._store.write() as view:
                view.beat(Heartbeat(PROBE, self._clock.now_ms()))
        except (Overloaded, IntegrityError) as error:
            return error.code
        return OK


def _found(**found: str) -> Ready:
    return Ready({name: found.get(name, UNKNOWN) for name in CHECKS})
