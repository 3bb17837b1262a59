"""When a later entry counts as a revision of an earlier one: the rules that keep others from rewriting history.

Anyone may log an entry that names another as its previous one. It counts only if it comes from the same publisher with
the same key. Whether both entries are in the log, and in this order, is for the caller to prove; two entries that both
count as revisions of one are a fork, and both are shown. See ``docs/spec/record.md`` §8.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from notary.core.eip712 import verify_signature
from notary.core.entry import Entry
from notary.core.record import Publisher, Status
from notary.errors import ProofFailed


class NotARevision(StrEnum):
    """Why a later entry does not count as a revision of an earlier one."""

    ORIGINAL = "original"
    OTHER_LOG = "other-log"
    OTHER_PUBLISHER = "other-publisher"
    OTHER_DOCUMENT = "other-document"
    OTHER_PREVIOUS = "other-previous"
    UNSIGNED = "unsigned"
    OTHER_KEY = "other-key"
    BAD_SIGNATURE = "bad-signature"


@dataclass(frozen=True, slots=True)
class Earlier:
    """What of an entry decides whether another counts as its revision."""

    leaf: bytes
    origin: str
    publisher: Publisher
    document: str | None


def as_earlier(entry: Entry, *, leaf: bytes) -> Earlier:
    """Return the part of ``entry``, whose leaf hash is ``leaf``, that its revisions are held against."""
    record = entry.record
    return Earlier(leaf=leaf, origin=record.origin, publisher=record.publisher, document=record.document)


def why_not_a_revision(*, earlier: Entry, later: Entry) -> NotARevision | None:
    """Return None when ``later`` counts as a revision of ``earlier``, else the first reason why it does not.

    The signature of ``later`` is checked; that of ``earlier`` is the business of who relies on that entry.
    """
    return why_not_a_revision_of(as_earlier(earlier, leaf=earlier.leaf_hash()), later)


def why_not_a_revision_of(old: Earlier, later: Entry) -> NotARevision | None:
    """Do as :func:`why_not_a_revision`, knowing no more of the earlier entry than is needed."""
    new = later.record
    if new.status is Status.ORIGINAL or new.previous is None:
        return NotARevision.ORIGINAL
    if not old.origin == new.origin == new.previous.origin:
        return NotARevision.OTHER_LOG
    if new.publisher.id != old.publisher.id:
        return NotARevision.OTHER_PUBLISHER
    if new.document is None or new.document != old.document:
        return NotARevision.OTHER_DOCUMENT
    if new.previous.leaf != old.leaf:
        return NotARevision.OTHER_PREVIOUS
    return _why_not_the_same_key(old.publisher.key, later)


def _why_not_the_same_key(old: bytes | None, later: Entry) -> NotARevision | None:
    new = later.record.publisher.key
    if old is not None and (new is None or later.signature is None):
        # Without a signature it is only the operator who says that the publisher revised this.
        return NotARevision.UNSIGNED
    if new != old:
        return NotARevision.OTHER_KEY
    if later.signature is not None:
        try:
            verify_signature(later.record, later.signature)
        except ProofFailed:
            return NotARevision.BAD_SIGNATURE
    return None
