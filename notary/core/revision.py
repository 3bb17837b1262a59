"""When a later entry counts as a revision of an earlier one: the rules that keep others from rewriting history.

Anyone may log an entry that names another as its previous one. It counts only if it comes from the same publisher with
the same key. Whether both entries are in the log, and in this order, is for the caller to prove; two entries that both
count as revisions of one are a fork, and both are shown. See ``docs/spec/record.md`` §8.
"""

from __future__ import annotations

from enum import StrEnum

from notary.core.eip712 import verify_signature
from notary.core.entry import Entry
from notary.core.record import Status
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


def why_not_a_revision(*, earlier: Entry, later: Entry) -> NotARevision | None:
    """Return None when ``later`` counts as a revision of ``earlier``, else the first reason why it does not.

    The signature of ``later`` is checked; that of ``earlier`` is the business of who relies on that entry.
    """
    old, new = earlier.record, later.record
    if new.status is Status.ORIGINAL or new.previous is None:
        return NotARevision.ORIGINAL
    if not old.origin == new.origin == new.previous.origin:
        return NotARevision.OTHER_LOG
    if new.publisher.id != old.publisher.id:
        return NotARevision.OTHER_PUBLISHER
    if new.document is None or new.document != old.document:
        return NotARevision.OTHER_DOCUMENT
    if new.previous.leaf != earlier.leaf_hash():
        return NotARevision.OTHER_PREVIOUS
    return _why_not_the_same_key(earlier, later)


def _why_not_the_same_key(earlier: Entry, later: Entry) -> NotARevision | None:
    old, new = earlier.record.publisher.key, later.record.publisher.key
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
