"""The checks about what was published: ``record``, ``text``, ``publisher``, ``current``; ``copy`` is in :mod:`copies`.

Each is a function of values to an :class:`Outcome`; :mod:`notary.core.verify` puts them in order and draws the verdict.
See ``docs/spec/verify.md``.
"""

from __future__ import annotations

import hashlib

from notary.core.bundle import Bundle, Later
from notary.core.copies import Reading
from notary.core.current import CurrentStatement, verify_current
from notary.core.entry import Entry
from notary.core.jcs import dumps
from notary.core.logchecks import check_proof, known_size, older_trust
from notary.core.meta import meta_digest
from notary.core.outcome import CheckStatus, Outcome, failed, not_applicable, passed, unchecked
from notary.core.record import FileDigest, Status, TextDigest
from notary.core.text import canonical_document
from notary.core.trust import Trust
from notary.errors import InvalidNote, InvalidText, NotaryError, ProofFailed

FRESH_MS = 24 * 3600 * 1000
CLOCK_SKEW_MS = 5 * 60 * 1000


def check_record(bundle: Bundle) -> Outcome:
    """Hold the disclosed meta and profile against the digests in the record."""
    record = bundle.entry.record
    if bundle.meta is not None:
        if record.meta_sha256 is None:
            return failed("meta-not-in-record", "The bundle discloses meta data that the record does not speak of.")
        if meta_digest(bundle.meta.value, bundle.meta.salt) != record.meta_sha256:
            return failed("meta-mismatch", "The disclosed meta data are not the ones in the record.")
    profile = record.content.profile_sha256 if isinstance(record.content, TextDigest) else None
    if bundle.profile is not None:
        if profile is None:
            return failed("profile-not-in-record", "The bundle discloses a profile that the record does not speak of.")
        if hashlib.sha256(dumps(bundle.profile)).digest() != profile:
            return failed("profile-mismatch", "The disclosed profile is not the one in the record.")
    about = "" if record.previous is None else f" It is a {record.status} of entry {record.previous.leaf.hex()}."
    if record.meta_sha256 is not None and bundle.meta is None:
        return passed("record", f"The record is well-formed. Its meta data (address, notes) are not disclosed.{about}")
    return passed("record", f"The record is well-formed, and what it discloses has the recorded digests.{about}")


def check_text(bundle: Bundle, reading: Reading) -> Outcome:
    """Hold the bundle's text, or a copy that has the recorded digest, against all the digests of the record."""
    content = bundle.entry.record.content
    if not isinstance(content, TextDigest):
        if bundle.text is not None:
            return failed("text-not-in-record", "The bundle discloses a text, but the record is not about a text.")
        if isinstance(content, FileDigest):
            return not_applicable("no-text", "The record is about a file, not about a text.")
        return unchecked("not-revealed", "The text is committed to but has not been revealed.")
    if bundle.text is not None:
        return _text_outcome(bundle.text.encode(), content, source="The text in the bundle")
    text = reading.text
    if text is None:
        if reading.error is not None:
            why = f"and the copy cannot be read: {reading.error.message}"
        else:
            why = "and there is no copy to hold against the record."
        return unchecked("not-disclosed", f"The text is not disclosed, {why}")
    if text.sha256 != content.sha256:
        return unchecked("not-disclosed", "The text is not disclosed, and the copy in hand is another text.")
    return _text_outcome(text.data, content, source="The copy")


def _text_outcome(data: bytes, content: TextDigest, *, source: str) -> Outcome:
    try:
        text = canonical_document(data)
    except InvalidText as error:
        return failed("text-not-canonical", f"{source} is not a canonical text: {error.message}")
    if text.sha256 != content.sha256:
        return failed("text-mismatch", f"{source} does not have the recorded SHA-256.")
    if len(text.lines) != content.lines or text.lines_root != content.lines_root:
        return failed("lines-mismatch", f"{source} does not have the recorded lines.")
    return passed("text", f"{source} has the recorded digests.")


def check_publisher(bundle: Bundle) -> Outcome:
    """Check the publisher's own signature, where the record names a key."""
    entry = bundle.entry
    if entry.signature is None:
        return unchecked("unsigned", "The publisher did not sign: that it is theirs is the operator's claim.")
    # Needed by few bundles, and slow to load; so is what _later imports.
    from notary.core.eip712 import verify_signature

    try:
        verify_signature(entry.record, entry.signature)
    except ProofFailed as error:
        return failed(error.code, f"The publisher's signature is not valid: {error.message}")
    return passed("signed", "The publisher's key signed this record. Whose key it is, is not checked here.")


def check_current(bundle: Bundle, trust: Trust | None, *, now: int) -> Outcome:
    """Say whether a later revision or retraction exists, from the log's signed statement in the bundle.

    Fails with ``older-revision`` or ``retracted`` where the bundle proves a later entry; any other failure is false
    evidence. Passes only with a statement younger than a day, by ``now`` (milliseconds since the epoch).
    """
    record = bundle.entry.record
    if bundle.current is None:
        if record.document is None:
            return not_applicable("no-document", "The record belongs to no document that could be revised.")
        size = known_size(bundle)
        known = f" The bundle knows the log as of size {size}." if size is not None else ""
        return unchecked("no-statement", f"Whether there is a later revision was not checked.{known}")
    if record.document is None:
        return failed("current-without-document", "The bundle speaks of revisions of a record without a document.")
    if trust is None:
        return unchecked("no-trust", "Without a trust file the log's statement about revisions cannot be checked.")
    if trust.origin != record.origin:
        return unchecked("log-not-trusted", f"The trust file does not name the log {record.origin}.")
    try:
        statement = verify_current(bundle.current.statement, keys_for=trust.keys_for)
    except (InvalidNote, ProofFailed) as error:
        what = f"The log's statement about revisions is not valid: {error.message}{older_trust(error.code)}"
        return failed("current-statement-invalid", what)
    about = (statement.origin, statement.publisher, statement.document)
    if about != (record.origin, record.publisher.id, record.document):
        return failed("current-of-another", "The log's statement about revisions is about another document.")
    return _judge_current(bundle, statement, bundle.current.later, trust, now)


def _judge_current(
    bundle: Bundle, statement: CurrentStatement, later: tuple[Later, ...], trust: Trust, now: int
) -> Outcome:
    previous = bundle.entry
    for step in later:
        problem = _later(previous, step, trust)
        if problem is not None:
            return problem
        previous = step.entry
    if previous.leaf_hash() != statement.latest:
        return failed("later-incomplete", "The later revisions in the bundle do not lead to the one the log names.")
    if later:
        if previous.record.status is Status.RETRACTION:
            return failed("retracted", f"The publisher retracted this: entry {statement.latest.hex()}.")
        return failed("older-revision", f"There is a later revision: entry {statement.latest.hex()}.")
    if not now - FRESH_MS < statement.time <= now + CLOCK_SKEW_MS:
        return unchecked("statement-stale", f"The log named this the latest at size {statement.size}, not lately.")
    return passed("current", f"The log states that this was the latest revision at size {statement.size}.")


def _later(previous: Entry, step: Later, trust: Trust) -> Outcome | None:
    """Return what is wrong with a later entry as a proven revision of ``previous``, or None."""
    from notary.core.revision import why_not_a_revision

    reason = why_not_a_revision(earlier=previous, later=step.entry)
    if reason is not None:
        return failed("later-not-a-revision", f"An entry given as a later revision is none: {reason}.")
    try:
        check_proof(step.proof, leaf=step.entry.leaf_hash(), origin=previous.record.origin, trust=trust)
    except NotaryError as error:
        return failed("later-not-proven", f"An entry given as a later revision is not proven: {error.message}")
    return None


SUPERSEDED = ("older-revision", "retracted")


def is_superseded(outcome: Outcome) -> bool:
    """Say whether ``outcome`` of ``current`` is the proven existence of a later entry, not false evidence."""
    return outcome.status is CheckStatus.FAIL and outcome.code in SUPERSEDED
