"""A large log in little time: leaves go through the store and the integrator, many in one transaction.

They are accepted entries in every respect but one: their bytes are not records, which nothing that reads a log as a log
looks at. What takes the time otherwise (a signature and a transaction an entry) is tested elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from notary.core import merkle
from notary.model.log import LeafKind, StoredEntry
from notary.service.integrate import Integrator
from notary.service.services import Services


def grow(services: Services, *, sizes: Sequence[int]) -> None:
    """Bring the log to each of ``sizes`` in turn, and publish a checkpoint of exactly that size."""
    for size in sizes:
        _accept(services, size)
        integrator = Integrator(services.store, services.signer, services.clock, batch=size)
        # The first steps of an integrator check what an earlier one left unchecked.
        while not _is_published(services, size):
            integrator.step()


def _is_published(services: Services, size: int) -> bool:
    with services.store.read() as view:
        head = view.checkpoint()
    return head is not None and head.size == size


def _accept(services: Services, size: int) -> None:
    with services.store.write() as view:
        accepted = view.acceptance()
        leaves = [
            StoredEntry(
                index=index,
                leaf_hash=merkle.leaf_hash(record(index)),
                data=record(index),
                kind=LeafKind.ENTRY,
                time=max(accepted.last_time, services.clock.now_ms()),
            )
            for index in range(accepted.next_index, size)
        ]
        view.append([(leaf, None) for leaf in leaves])


def record(index: int) -> bytes:
    """Return the made-up bytes of a leaf; their lengths differ, so that a bundle that mixes them up is noticed."""
    return b"leaf %d " % index + bytes(index % 41)
