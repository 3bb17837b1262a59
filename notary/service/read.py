"""Reading the log: entries with their public state, searches, revisions, the checkpoint, the trust file, health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from notary.core import jcs
from notary.core.bundle import Bundle
from notary.core.entry import Entry
from notary.core.verify import Report
from notary.errors import NotFound
from notary.model.anchors import Anchor, AnchorEvent, AnchorState
from notary.model.log import StoredEntry
from notary.ports import LogStore, ReadView
from notary.service.bundles import Bundles, stored_entry
from notary.service.evidence import parse_entry
from notary.service.held import Hold


class PublicState(StrEnum):
    """How far an entry has come, never more than is proven: ``final`` means that its bundle verifies offline."""

    PENDING = "pending"
    INTEGRATED = "integrated"
    SUBMITTED = "submitted"
    INCLUDED = "included"
    FINAL = "final"


MAX_NAMED = 100

_PUBLIC = {
    AnchorState.QUEUED: PublicState.INTEGRATED,
    AnchorState.PREPARED: PublicState.INTEGRATED,
    AnchorState.NONCE_TAKEN: PublicState.INTEGRATED,
    AnchorState.MAYBE_SENT: PublicState.SUBMITTED,
    AnchorState.INCLUDED: PublicState.INCLUDED,
    AnchorState.FINAL: PublicState.INCLUDED,
    AnchorState.PROVEN: PublicState.FINAL,
}
_ORDER = list(PublicState)


@dataclass(frozen=True, slots=True)
class Summary:
    """One line about an entry. ``title`` is None where there is none or it was erased."""

    leaf_hash: bytes
    index: int
    time: int
    state: PublicState
    title: str | None
    publisher: str
    document: str | None
    status: str
    text_sha256: bytes | None


@dataclass(frozen=True, slots=True)
class AnchorSummary:
    """An anchor that covers an entry, and how it got where it is."""

    anchor: Anchor
    events: tuple[AnchorEvent, ...]


@dataclass(frozen=True, slots=True)
class Details:
    """Everything to show about one entry.

    ``text`` and ``meta`` are None where they were erased. ``revisions`` are all entries of the document in order, this
    one among them, empty without a document. ``superseded_by`` is the latest of them, where that is a later one.
    ``bundle`` and ``report`` are what ``/bundle`` would give now and how it verifies, its blocks taken as canonical.
    """

    summary: Summary
    entry: Entry
    text: str | None
    meta: dict[str, jcs.Json] | None
    revisions: tuple[Summary, ...]
    superseded_by: Summary | None
    anchors: tuple[AnchorSummary, ...]
    bundle: Bundle
    report: Report


class Reader:
    """What everybody may read."""

    def __init__(self, store: LogStore, bundles: Bundles, hold: Hold) -> None:
        self._store = store
        self._hold = hold
        self._bundles = bundles

    def summary(self, leaf_hash: bytes) -> Summary:
        """Return one line about an entry. Raises :class:`NotFound` (``no-such-entry``)."""
        with self._store.read() as view:
            [summary] = summaries(view, [stored_entry(view, leaf_hash)])
        return summary

    def details(self, leaf_hash: bytes) -> Details:
        """Return everything about an entry. Raises :class:`NotFound`, :class:`notary.errors.IntegrityError`."""
        with self._store.read() as view:
            stored = stored_entry(view, leaf_hash)
            bundle = self._bundles.build(view, stored)
            report = self._bundles.check(bundle, self._bundles.trust(view), proven=bool(bundle.anchors))
            revisions = _revisions(view, stored)
            anchors = tuple(
                AnchorSummary(anchor, tuple(view.anchor_events(anchor.id)))
                for anchor in view.covering_anchors(index=stored.index)
            )
            [summary] = summaries(view, [stored])
        return Details(
            summary=summary,
            entry=bundle.entry,
            text=bundle.text,
            meta=None if bundle.meta is None else bundle.meta.value,
            revisions=revisions,
            superseded_by=revisions[-1] if revisions and revisions[-1].index > stored.index else None,
            anchors=anchors,
            bundle=bundle,
            report=report,
        )

    def recent(self, *, limit: int, before: int | None = None) -> list[Summary]:
        """Return entries, newest first; page on with the last one's index as ``before``."""
        with self._store.read() as view:
            return summaries(view, view.recent(limit=limit, before=before))

    def by_text(self, text_sha256: bytes, *, limit: int) -> list[Summary]:
        """Return the entries about the text with this SHA-256, oldest first."""
        with self._store.read() as view:
            return summaries(view, view.by_text(text_sha256, limit=limit))

    def by_document(self, document: str) -> list[Summary]:
        """Return the latest revision of every publisher's document of this name, oldest first, at most a hundred."""
        with self._store.read() as view:
            return summaries(view, view.named(document, limit=MAX_NAMED))

    def checkpoint(self) -> bytes:
        """Return the newest checkpoint, a signed note.

        Raises :class:`NotFound` (``no-checkpoint``), and :class:`Overloaded` (``restored-unchecked``): an older copy
        must not take back what was published.
        """
        self._hold.check()
        with self._store.read() as view:
            head = view.checkpoint()
        if head is None:
            raise NotFound("The log has not published a checkpoint yet; try again.", code="no-checkpoint")
        return head.note

    def size(self) -> int:
        """Return the size of the newest checkpoint."""
        with self._store.read() as view:
            head = view.checkpoint()
        return 0 if head is None else head.size

    def trust_file(self) -> bytes:
        """Return the trust file that the log suggests, canonical bytes."""
        with self._store.read() as view:
            return self._bundles.trust(view).encode()


def summaries(view: ReadView, stored: Sequence[StoredEntry]) -> list[Summary]:
    """Return one line about each of these entries."""
    head = view.checkpoint()
    size = 0 if head is None else head.size
    frontier = view.frontier()
    titles = view.titles([one.index for one in stored])
    one_of_each = {one.tenant_id: one for one in stored}
    publishers = {tenant_id: _publisher(view, one) for tenant_id, one in one_of_each.items()}
    return [
        Summary(
            leaf_hash=one.leaf_hash,
            index=one.index,
            time=one.time,
            state=_state(one.index, size=size, frontier=frontier),
            title=titles.get(one.index),
            publisher=publishers[one.tenant_id],
            document=one.document,
            status=one.status or "",
            text_sha256=one.text_sha256,
        )
        for one in stored
    ]


def _publisher(view: ReadView, stored: StoredEntry) -> str:
    """Return the publisher's id, which is the same in all of a tenant's records."""
    tenant = None if stored.tenant_id is None else view.tenant(stored.tenant_id)
    return parse_entry(stored).record.publisher.id if tenant is None else tenant.publisher


def _revisions(view: ReadView, stored: StoredEntry) -> tuple[Summary, ...]:
    if stored.tenant_id is None or stored.document is None:
        return ()
    return tuple(summaries(view, view.revisions(tenant_id=stored.tenant_id, document=stored.document)))


def _state(index: int, *, size: int, frontier: Sequence[Anchor]) -> PublicState:
    if index >= size:
        return PublicState.PENDING
    found = [_PUBLIC[anchor.state] for anchor in frontier if index < anchor.size]
    return max(found, key=_ORDER.index, default=PublicState.INTEGRATED)
