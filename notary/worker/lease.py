"""Leadership from the side of one worker: to stand for it, to keep it, to give it up.

A lease is a row in the store with a token. Who takes it gets the next token and leads until it expires by the
database's clock; the leader prolongs it at a third of that. ``docs/adr/0012-…`` tells why it is not a lock.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from typing import Final

from notary.errors import Overloaded
from notary.model.operating import LEADER, Lease
from notary.ports import LogStore

log = logging.getLogger(__name__)

_MAX_POLL_SECONDS: Final = 1.0


def holder_name() -> str:
    """Return a name for this process that people can find it by and that no other process ever has."""
    return f"{socket.gethostname()[:150]}/{os.getpid()}/{secrets.token_hex(4)}"


class Candidate:
    """One worker, as the store knows it among its like."""

    def __init__(self, store: LogStore, *, seconds: float, sole: bool = False, holder: str | None = None) -> None:
        """Stand for leadership of terms of ``seconds``.

        ``sole`` is for a worker that knows to be the only one (it holds the lock of the data directory): it does not
        wait for the lease of a predecessor that was killed.
        """
        self._store = store
        self._seconds = seconds
        self._sole = sole
        self.holder = holder_name() if holder is None else holder

    @property
    def renewal(self) -> float:
        """The seconds between two renewals."""
        return self._seconds / 3

    @property
    def poll(self) -> float:
        """The seconds between two looks at the lease of another, or between two tries to prolong one's own."""
        return min(_MAX_POLL_SECONDS, self._seconds / 10)

    def stand(self) -> Lease | None:
        """Take the lease if it is free; raises :class:`Overloaded` where the store cannot say."""
        with self._store.read() as view:
            found = view.lease(LEADER)
        if found is not None and found.held and not self._sole:
            # The common answer for a follower, without the write lock.
            return None
        with self._store.write() as view:
            return view.take_lease(LEADER, holder=self.holder, seconds=self._seconds, sole=self._sole)

    def renew(self, lease: Lease) -> bool:
        """Prolong a term; say whether it goes on. Raises :class:`Overloaded` where the store cannot say."""
        with self._store.write() as view:
            return view.renew_lease(lease, seconds=self._seconds) is not None

    def release(self, lease: Lease) -> None:
        """End a term, so that another worker begins at once and not when the lease expires."""
        try:
            with self._store.write() as view:
                view.release_lease(lease)
        except Overloaded as error:
            log.warning("The lease was not given back, so that it has to expire: %s", error.message)

    def campaign(self, stop: threading.Event) -> Lease | None:
        """Wait until this worker leads, or until ``stop`` is set: then None."""
        said: str | None = None
        while not stop.is_set():
            try:
                lease = self.stand()
            except Overloaded as error:
                lease, why = None, f"waiting for the store: {error.message}"
            else:
                why = "another worker leads"
            if lease is not None:
                log.info("leading: term %d, as %s", lease.token, self.holder)
                return lease
            if said != why:
                log.info("following: %s", why)
                said = why
            stop.wait(self.poll)
        return None
