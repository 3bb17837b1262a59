"""Submitting: a text becomes a record, the record an entry, and the entry durable; only then is there an answer.

Submitting is idempotent per publisher, by record (the same file twice is the same entry) and by the caller's own key. A
document has one head: a revision must name it. All of that is decided under the store's write lock, for the submissions
of many threads in one transaction (:mod:`notary.service.groupcommit`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notary.config import LimitSettings
from notary.core import jcs
from notary.core.html import Page
from notary.core.jcs import Json
from notary.core.language import recommended_case
from notary.core.meta import seal_meta
from notary.core.record import Previous, Publisher, Record, Status, TextDigest, record_digest
from notary.core.text import CanonicalText, Notice
from notary.errors import InvalidInput, NotaryError, PolicyRefused
from notary.model.log import Disclosure
from notary.model.tenants import Tenant
from notary.ports import Clock, LogStore
from notary.service.acceptance import Place, Wish, accept, unknown_document
from notary.service.content import Content, Kind, PageInput, read_content
from notary.service.groupcommit import GroupCommit
from notary.service.held import Hold

MAX_IDEMPOTENCY_KEY = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a publisher hands in. ``previous`` is the leaf hash of the revision that this one follows.

    ``text`` is the bytes of the text, or only its digest, where the publisher keeps the text; ``kind`` is for bytes.
    """

    text: bytes | TextDigest
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
    """All that a submission comes to without a look at the log."""

    record: Record
    data: bytes
    digest: bytes
    disclosure: Disclosure
    content: Content


class Submissions:
    """The way into the log."""

    def __init__(self, store: LogStore, clock: Clock, *, origin: str, limits: LimitSettings, hold: Hold) -> None:
        self._store = store
        self._hold = hold
        self._clock = clock
        self._origin = origin
        self._limits = limits
        self._commits = GroupCommit(self._accept, max_waiting=limits.max_waiting)

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
        :class:`notary.errors.Conflict` (``document-exists``, ``previous-not-head``, whose messages name the head) and
        :class:`notary.errors.Overloaded`.
        """
        if idempotency_key is not None and not (0 < len(idempotency_key) <= MAX_IDEMPOTENCY_KEY):
            raise InvalidInput(
                f"An idempotency key has 1 to {MAX_IDEMPOTENCY_KEY} characters.", code="bad-idempotency-key"
            )
        prepared = self._prepare(tenant, submission)
        digest = prepared.digest if request_digest is None else request_digest
        [place] = self._commits.run([_wish(tenant, prepared, key=idempotency_key, request_digest=digest)])
        answer = _answer(prepared, place)
        if isinstance(answer, NotaryError):
            raise answer
        return answer

    def submit_all(self, tenant: Tenant, submissions: Sequence[Submission]) -> list[Accepted | NotaryError]:
        """Accept what can be accepted of ``submissions``, in their order and in one transaction; durable at the return.

        For each there is what :meth:`submit` returns or raises. Raises what fails the transaction as a whole:
        :class:`notary.errors.Overloaded` and :class:`notary.errors.IntegrityError`; then nothing of it was answered.
        """
        prepared: list[_Prepared | NotaryError] = [self._try_to_prepare(tenant, one) for one in submissions]
        wishes = [
            _wish(tenant, one, key=None, request_digest=one.digest) for one in prepared if isinstance(one, _Prepared)
        ]
        places = iter(self._commits.run(wishes) if wishes else ())
        return [one if isinstance(one, NotaryError) else _answer(one, next(places)) for one in prepared]

    def _accept(self, wishes: Sequence[Wish]) -> list[Place | NotaryError]:
        self._hold.check()
        with self._store.write() as view:
            return accept(view, self._clock, wishes, max_pending=self._limits.max_pending)

    def _try_to_prepare(self, tenant: Tenant, submission: Submission) -> _Prepared | NotaryError:
        try:
            return self._prepare(tenant, submission)
        except NotaryError as error:
            return error

    def _prepare(self, tenant: Tenant, submission: Submission) -> _Prepared:
        self._require_previous(tenant, submission)
        content = read_content(submission.text, submission.kind, submission.page, self._limits)
        meta = seal_meta(_meta(tenant, submission), tenant.secret)
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
            meta_sha256=meta.digest,
        )
        data = record.encode()
        text, profile = content.text, content.profile
        disclosure = Disclosure(
            text=None if text is None else text.data,
            title=None if text is None else _title(text),
            meta=meta.data,
            salt=meta.salt,
            profile=None if profile is None else jcs.dumps(profile.to_json()),
        )
        return _Prepared(record, data, record_digest(data), disclosure, content)

    def _require_previous(self, tenant: Tenant, submission: Submission) -> None:
        """Answer a revision that names no previous entry with the one it should name."""
        if submission.status is Status.ORIGINAL or submission.previous is not None or submission.document is None:
            return
        with self._store.read() as view:
            head = view.heads(tenant_id=tenant.id, documents=[submission.document]).get(submission.document)
        if head is None:
            raise unknown_document(submission.document)
        raise PolicyRefused(
            f"A {submission.status} names the entry it follows; the latest one is {head.leaf_hash.hex()}.",
            code="previous-required",
            field="previous",
        )


def _wish(tenant: Tenant, prepared: _Prepared, *, key: str | None, request_digest: bytes) -> Wish:
    return Wish(tenant, prepared.record, prepared.data, prepared.digest, prepared.disclosure, key, request_digest)


def _answer(prepared: _Prepared, place: Place | NotaryError) -> Accepted | NotaryError:
    if isinstance(place, NotaryError):
        return place
    text, page = prepared.content.text, prepared.content.page
    notices = () if text is None else text.notices
    return Accepted(place.leaf_hash, place.index, replayed=place.replayed, notices=notices, page=page)


def _meta(tenant: Tenant, submission: Submission) -> dict[str, Json]:
    given = {"url": submission.url, "note": submission.note, "author": submission.author}
    meta: dict[str, Json] = {"publisher": tenant.name}
    meta.update({name: value for name, value in given.items() if value is not None})
    return meta


def _title(text: CanonicalText) -> str | None:
    return None if text.title is None else text.title[:500]
