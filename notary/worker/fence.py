"""What a worker may do only while it leads, behind a fence: writes of its loops, and handing transactions to the chain.

Every write transaction first looks, under the store's write lock, whether the token that its term began with still is
the current one. Terms begin under the same lock, so a worker that was stopped, slept through its lease and goes on
where it was changes nothing any more, whatever it holds in memory. What it signs leaves it only by such a write.

The chain has no such lock. A transaction that is sent was stored behind the fence before, with a nonce of its own, and
may be sent any number of times; so there it is enough to look first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from notary.errors import NotLeader
from notary.model.chain import Sending
from notary.model.operating import Lease
from notary.ports import Chain, LeaseView, LogStore, ReadView, WriteView


class FencedStore:
    """A store that one term of leadership writes to. Implements :class:`notary.ports.LogStore`."""

    def __init__(self, store: LogStore, lease: Lease) -> None:
        """Let writes through as long as nobody led after ``lease`` began."""
        self._store = store
        self._lease = lease

    def read(self) -> AbstractContextManager[ReadView]:
        """Open a snapshot."""
        return self._store.read()

    @contextmanager
    def write(self) -> Iterator[WriteView]:
        """Open a write transaction as the store does. Raises :class:`NotLeader` where the term is over."""
        with self._store.write() as view:
            _require(view, self._lease)
            yield view

    def close(self) -> None:
        """Give back all connections."""
        self._store.close()


class FencedChain:
    """A chain that one term of leadership sends to. Implements :class:`notary.ports.Chain`."""

    def __init__(self, chain: Chain, store: LogStore, lease: Lease) -> None:
        """Send as long as ``lease`` runs in the store."""
        self._chain = chain
        self._store = store
        self._lease = lease

    def __getattr__(self, name: str) -> Any:
        """Look and sign as the chain does: neither changes anything before it is stored, or sent."""
        return getattr(self._chain, name)

    def send(self, raw: bytes) -> Sending:
        """Hand a transaction to every endpoint.

        Raises :class:`NotLeader` where the term is over or its lease ran out, and
        :class:`notary.errors.Overloaded` where the store cannot tell; nothing was sent then.
        """
        with self._store.read() as view:
            _require(view, self._lease, running=True)
        return self._chain.send(raw)


def _require(view: LeaseView, lease: Lease, *, running: bool = False) -> None:
    """Raise :class:`NotLeader` unless the term of ``lease`` is the current one (``running``: and did not run out)."""
    now = view.lease(lease.name)
    if now is None or (now.token, now.holder) != (lease.token, lease.holder):
        raise NotLeader(
            f"This worker's term {lease.token} is over; it does nothing more as the leader until it is elected again.",
            code="not-leader",
        )
    if running and not now.held:
        raise NotLeader(f"The lease of this worker's term {lease.token} ran out; nothing is sent.", code="not-leader")
