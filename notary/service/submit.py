"""Submitting: a text becomes a record, the record an entry, and the entry durable; only then is there an answer.

Submitting is idempotent per publisher, by record (the same file twice is the same entry) and by the caller's own key. A
document has one head: a revision must name it. All of that is decided under the store's write lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from notary.config import LimitSettings
from notary.core import jcs
from notary.core.entry import Entry
from notary.core.html import Page
from notary.core.jcs import Json
from notary.core.language import recommended_case
from notary.core.merkle import leaf_hash
from notary.core.meta import meta_digest, parse_meta, salt_for
from notary.core.record import Previous, Publisher, Record, Status
from notary.core.text import CanonicalText, Notice
from notary.errors import Conflict, IntegrityError, InvalidInput, Overloaded, PolicyRefused
from notary.model import Disclosure, LeafKind, Replay, StoredEntry, Tenant
from notary.ports import Clock, LogStore, LogView, WriteView
from notary.service.acceptance import next_place
from notary.service.content import Content, Kind, PageInput, read_content

MAX_IDEMPOTENCY_KEY = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a publisher hands in. ``previous`` is the leaf hash of the revision that this one follows."""

    text: bytes
    kind: Kind = "plain"
    page: PageInput | None = None
    status: Status = Status.ORIGINAL
    document: str | None = None
    previous: bytes | None = None
    language: str | None = None
    published: str | None = None
    url: str | None = None
    note: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The entry is durable. ``replayed`` says that it was so before; ``notices`` is what the text rules remarked."""

    leaf_hash: bytes
    index: int
    replayed: bool
    notices: tuple[Notice, ...]
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    record: Record
    digest: bytes
    disclosure: Disclosure
    content: Content


class Submissions:
    """The way into the log."""

    def __init__(self, store: LogStore, clock: Clock, *, origin: str, limits: LimitSettings) -> None:
        self._store = store
        self._clock = clock
        self._origin = origin
        self._limits = limits

    def submit(
        self,
        tenant: Tenant,
        submission: Submission,
        *,
        idempotency_key: str | None = None,
        request_digest: bytes | None = None,
    ) -> Accepted:
        """Accept a submission, or return what was accepted for the same one before; durable when this returns.

        ``request_digest`` is the SHA-256 of what the idempotency key stands for, by default the record's digest.
        Raises :class:`notary.errors.InvalidText` and :class:`notary.errors.InvalidRecord` for what was handed in,
        :class:`PolicyRefused` (``idempotency-key-reused``, ``previous-required``, ``unknown-document``),
        :class:`Conflict` (``document-exists``, ``previous-not-head``, whose messages name the head) and
        :class:`Overloaded`.
        """
        if idempotency_key is not None and not (0 < len(idempotency_key) <= MAX_IDEMPOTENCY_KEY):
            raise InvalidInput(
                f"An idempotency key has 1 to {MAX_IDEMPOTENCY_KEY} characters.", code="bad-idempotency-key"
            )
        self._require_previous(tenant, submission)
        prepared = self._prepare(tenant, submission)
        digest = prepared.digest if request_digest is None else request_digest
        with self._store.write() as view:
            if idempotency_key is not None:
                replay = view.replay(tenant_id=tenant.id, key=idempotency_key)
                if replay is not None:
                    return _replayed(view, replay, request_digest=digest, content=prepared.content)
            known = view.by_record(tenant_id=tenant.id, record_digest=prepared.digest)
            accepted = known or self._accept(view, tenant, prepared)
            if idempotency_key is not None:
                replay = Replay(request_digest=digest, leaf_hash=accepted.leaf_hash)
                view.add_replay(tenant_id=tenant.id, key=idempotency_key, replay=replay, time=self._clock.now_ms())
        return _accepted(accepted, prepared.content, replayed=known is not None)

    def _require_previous(self, tenant: Tenant, submission: Submission) -> None:
        """Answer a revision that names no previous entry with the one it should name."""
        if submission.status is Status.ORIGINAL or submission.previous is not None or submission.document is None:
            return
        with self._store.read() as view:
            head = view.head(tenant_id=tenant.id, document=submission.document)
        if head is None:
            raise _unknown_document(submission.document)
        raise PolicyRefused(
            f"A {submission.status} names the entry it follows; the latest one is {head.leaf_hash.hex()}.",
            code="previous-required",
            field="previous",
        )

    def _prepare(self, tenant: Tenant, submission: Submission) -> _Prepared:
        content = read_content(submission.text, submission.kind, submission.page, self._limits)
        meta = _meta(tenant, submission)
        salt = salt_for(tenant.secret, meta)
        previous = submission.previous
        record = Record(
            origin=self._origin,
            publisher=Publisher(id=tenant.publisher),
            status=submission.status,
            content=content.digest,
            media=content.media,
            document=submission.document,
            previous=None if previous is None else Previous(origin=self._origin, leaf=previous),
            language=None if submission.language is None else recommended_case(submission.language),
            published=submission.published,
            meta_sha256=meta_digest(meta, salt),
        )
        disclosure = Disclosure(
            text=content.text.data,
            title=_title(content.text),
            meta=jcs.dumps(meta),
            salt=salt,
            profile=None if content.profile is None else jcs.dumps(content.profile.to_json()),
        )
        return _Prepared(record=record, digest=record.digest(), disclosure=disclosure, content=content)

    def _accept(self, view: WriteView, tenant: Tenant, prepared: _Prepared) -> StoredEntry:
        backlog = view.acceptance().next_index - view.tree().size
        if backlog >= self._limits.max_pending:
            raise Overloaded(f"{backlog} entries wait for integration; try again later.", code="backlog")
        record = prepared.record
        _check_head(view, tenant, record)
        index, time = next_place(view, self._clock)
        data = Entry(record=record, time=time).encode()
        stored = StoredEntry(
            index=index,
            leaf_hash=leaf_hash(data),
            data=data,
            kind=LeafKind.ENTRY,
            time=time,
            tenant_id=tenant.id,
            record_digest=prepared.digest,
            text_sha256=record.content.sha256,
            document=record.document,
            status=record.status.value,
        )
        view.append(stored, prepared.disclosure)
        return stored


def _meta(tenant: Tenant, submission: Submission) -> dict[str, Json]:
    given = {"url": submission.url, "note": submission.note, "author": submission.author}
    meta: dict[str, Json] = {"publisher": tenant.name}
    meta.update({name: value for name, value in given.items() if value is not None})
    return parse_meta(meta)


def _title(text: CanonicalText) -> str | None:
    return None if text.title is None else text.title[:500]


def _check_head(view: LogView, tenant: Tenant, record: Record) -> None:
    """Require that an original starts its document, and that a revision follows its document's head."""
    if record.document is None:
        return
    head = view.head(tenant_id=tenant.id, document=record.document)
    if record.previous is None:
        if head is not None:
            raise Conflict(
                f"The document {record.document} exists; its latest entry is {head.leaf_hash.hex()}.",
                code="document-exists",
                field="document",
            )
        return
    if head is None:
        raise _unknown_document(record.document)
    if record.previous.leaf != head.leaf_hash:
        raise Conflict(
            f"The latest entry of the document {record.document} is {head.leaf_hash.hex()}, not the one named.",
            code="previous-not-head",
            field="previous",
        )


def _unknown_document(document: str) -> PolicyRefused:
    return PolicyRefused(
        f"There is no document {document} of yours: start it with an original.",
        code="unknown-document",
        field="document",
    )


def _replayed(view: LogView, replay: Replay, *, request_digest: bytes, content: Content) -> Accepted:
    if replay.request_digest != request_digest:
        raise PolicyRefused(
            "This idempotency key was used for another request.", code="idempotency-key-reused", field="Idempotency-Key"
        )
    stored = view.entry(replay.leaf_hash)
    if stored is None:
        raise IntegrityError("An idempotency key names an entry that does not exist.", code="leaf-missing")
    return _accepted(stored, content, replayed=True)


def _accepted(stored: StoredEntry, content: Content, *, replayed: bool) -> Accepted:
    return Accepted(
        stored.leaf_hash, stored.index, replayed=replayed, notices=content.text.notices, page=content.page
    )
