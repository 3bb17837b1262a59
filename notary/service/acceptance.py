"""Accepting leaves: each gets its place and its time, for ever, and is durable before anybody is told.

The index is given here and not when the tree grows: acceptance is serialized by the store's write lock, has no gaps,
and integration keeps its order. The time is part of the logged bytes, so it too is fixed before the leaf hash is told.

:func:`accept` decides on the submissions of one transaction, one after the other, each as if those before it were
stored already, and writes only when it has decided on all: a refusal has written nothing that others would lose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from notary.core.entry import unsigned_entry
from notary.core.merkle import leaf_hash
from notary.core.record import Record, TextDigest
from notary.errors import Conflict, IntegrityError, NotaryError, Overloaded, PolicyRefused
from notary.model.log import Acceptance, Disclosure, LeafKind, StoredEntry
from notary.model.tenants import Replay, Tenant
from notary.ports import Clock, WriteView

CLOCK_TOLERANCE_MS: Final = 2000
"""A clock that is set back by no more than this keeps the last time; one set back further stops acceptance."""

N = TypeVar("N", str, bytes)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Wish:
    """What one submission asks for: a record in the log, and perhaps an idempotency key that stands for it.

    ``record_data`` are the record's canonical bytes, ``record_digest`` is its digest.
    """

    tenant: Tenant
    record: Record
    record_data: bytes
    record_digest: bytes
    disclosure: Disclosure
    key: str | None
    request_digest: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry is in the log, and whether it was there before."""

    leaf_hash: bytes
    index: int
    replayed: bool


def next_place(stands: Acceptance, clock: Clock) -> tuple[int, int]:
    """Return the index and the time of the next leaf; times never decrease.

    Raises :class:`Overloaded` (``clock-went-back``) rather than log a time that the clock is clearly behind of.
    """
    now = clock.now_ms()
    if now < stands.last_time - CLOCK_TOLERANCE_MS:
        raise Overloaded(
            f"The clock is {(stands.last_time - now) / 1000:.0f} s behind the last entry of the log; nothing is "
            "accepted until it has caught up.",
            code="clock-went-back",
        )
    return stands.next_index, max(now, stands.last_time)


def accept(view: WriteView, clock: Clock, wishes: Sequence[Wish], *, max_pending: int) -> list[Place | NotaryError]:
    """Fulfil or refuse each wish; the places count once the transaction is committed.

    A refusal is :class:`PolicyRefused` (``idempotency-key-reused``, ``unknown-document``), :class:`Conflict`
    (``document-exists``, ``previous-not-head``) or :class:`Overloaded` (``backlog``, ``clock-went-back``).
    """
    group = _Group(view, clock, wishes, max_pending=max_pending)
    outcomes: list[Place | NotaryError] = []
    for wish in wishes:
        try:
            outcomes.append(group.decide(wish))
        except NotaryError as error:
            outcomes.append(error)
    group.write()
    return outcomes


def unknown_document(document: str) -> PolicyRefused:
    """Return the refusal of a revision whose document has no original."""
    return PolicyRefused(
        f"There is no document {document} of yours: start it with an original.",
        code="unknown-document",
        field="document",
    )


class _Group:
    """The state of the log as the wishes of one group change it, read once at the start and written once at the end."""

    def __init__(self, view: WriteView, clock: Clock, wishes: Sequence[Wish], *, max_pending: int) -> None:
        self._view = view
        self._clock = clock
        self._stands = view.acceptance()
        self._room = max_pending - (self._stands.next_index - view.tree().size)
        self._known = _look_up(
            ((wish.tenant.id, wish.record_digest) for wish in wishes),
            lambda tenant_id, digests: view.by_records(tenant_id=tenant_id, record_digests=digests),
        )
        self._heads = _look_up(
            ((wish.tenant.id, wish.record.document) for wish in wishes if wish.record.document is not None),
            lambda tenant_id, documents: view.heads(tenant_id=tenant_id, documents=documents),
        )
        self._replays = _look_up(
            ((wish.tenant.id, wish.key) for wish in wishes if wish.key is not None),
            lambda tenant_id, keys: view.replays(tenant_id=tenant_id, keys=keys),
        )
        self._new: dict[bytes, tuple[StoredEntry, Disclosure]] = {}
        self._new_replays: dict[tuple[int, str], Replay] = {}

    def decide(self, wish: Wish) -> Place:
        """Fulfil a wish, or raise without having changed anything."""
        tenant_id, key = wish.tenant.id, wish.key
        replay = None if key is None else self._replays.get((tenant_id, key))
        if replay is not None:
            return self._replayed(replay, request_digest=wish.request_digest)
        known = self._known.get((tenant_id, wish.record_digest))
        stored = known or self._append(wish)
        if key is not None:
            replay = Replay(request_digest=wish.request_digest, leaf_hash=stored.leaf_hash)
            self._replays[tenant_id, key] = self._new_replays[tenant_id, key] = replay
        return Place(stored.leaf_hash, stored.index, replayed=known is not None)

    def write(self) -> None:
        """Write what was decided."""
        if self._new:
            self._view.append(list(self._new.values()))
        if self._new_replays:
            self._view.add_replays(self._new_replays, time=self._clock.now_ms())

    def _append(self, wish: Wish) -> StoredEntry:
        if self._stands.next_index == 0:
            # Entry 0 is the log's manifest, and can be nothing else.
            raise Overloaded("The log is just beginning; try again.", code="no-manifest")
        if self._room <= 0:
            raise Overloaded("Too many entries wait for integration; try again later.", code="backlog")
        # What cannot be taken now is not refused for good: the reason might be another one that was not taken either.
        index, time = next_place(self._stands, self._clock)
        record, tenant_id = wish.record, wish.tenant.id
        head = None if record.document is None else self._heads.get((tenant_id, record.document))
        _check_head(record, head)
        data = unsigned_entry(wish.record_data, time=time)
        stored = StoredEntry(
            index=index,
            leaf_hash=leaf_hash(data),
            data=data,
            kind=LeafKind.ENTRY,
            time=time,
            tenant_id=tenant_id,
            record_digest=wish.record_digest,
            text_sha256=record.content.sha256 if isinstance(record.content, TextDigest) else None,
            document=record.document,
            status=record.status.value,
        )
        self._room -= 1
        self._stands = Acceptance(next_index=index + 1, last_time=time)
        self._new[stored.leaf_hash] = stored, wish.disclosure
        self._known[tenant_id, wish.record_digest] = stored
        if record.document is not None:
            self._heads[tenant_id, record.document] = stored
        return stored

    def _replayed(self, replay: Replay, *, request_digest: bytes) -> Place:
        if replay.request_digest != request_digest:
            raise PolicyRefused(
                "This idempotency key was used for another request.",
                code="idempotency-key-reused",
                field="Idempotency-Key",
            )
        new = self._new.get(replay.leaf_hash)
        stored = self._view.entry(replay.leaf_hash) if new is None else new[0]
        if stored is None:
            raise IntegrityError("An idempotency key names an entry that does not exist.", code="leaf-missing")
        return Place(stored.leaf_hash, stored.index, replayed=True)


def _look_up(names: Iterable[tuple[int, N]], ask: Callable[[int, list[N]], Mapping[N, V]]) -> dict[tuple[int, N], V]:
    """Return what is stored under these names of tenants, asking once for each tenant."""
    of_tenant: dict[int, set[N]] = {}
    for tenant_id, name in names:
        of_tenant.setdefault(tenant_id, set()).add(name)
    return {
        (tenant_id, name): value
        for tenant_id, wanted in of_tenant.items()
        for name, value in ask(tenant_id, sorted(wanted)).items()
    }


def _check_head(record: Record, head: StoredEntry | None) -> None:
    """Require that an original starts its document, and that a revision follows its document's head."""
    if record.document is None:
        return
    if record.previous is None:
        if head is not None:
            raise Conflict(
                f"The document {record.document} exists; its latest entry is {head.leaf_hash.hex()}.",
                code="document-exists",
                field="document",
            )
        return
    if head is None:
        raise unknown_document(record.document)
    if record.previous.leaf != head.leaf_hash:
        raise Conflict(
            f"The latest entry of the document {record.document} is {head.leaf_hash.hex()}, not the one named.",
            code="previous-not-head",
            field="previous",
        )
