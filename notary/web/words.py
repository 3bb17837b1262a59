"""What pages say, as pure functions: dates, states, the one sentence of the result, what it shows and does not.

The claims are worded here and only here. An anchor shows that a text was in this log no later than a block's time; it
shows neither truth nor authorship, and on a development chain nothing to others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from notary.core.outcome import CheckStatus, Outcome
from notary.core.record import Commitment, FileDigest, Record, Status

TEST_CHAIN = "Local test chain: proves nothing to others."

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

STAGES = {
    "pending": "Accepted",
    "integrated": "Logged",
    "submitted": "Anchor sent",
    "included": "In a block",
    "final": "Final",
}
"""The states of an entry, in the order in which it goes through them, for people."""

STATE_WORDS = {
    "pending": "accepted, not yet logged",
    "integrated": "logged, not yet anchored",
    "submitted": "logged, anchor sent",
    "included": "logged, anchor in a block that is not final",
    "final": "logged and anchored",
}

REVISION_WORDS = {
    Status.ORIGINAL: "Original",
    Status.CORRECTION: "Correction",
    Status.UPDATE: "Update",
    Status.RETRACTION: "Retraction",
}

SINCE_WORDS = {
    Status.CORRECTION: "Corrected since",
    Status.UPDATE: "Updated since",
    Status.RETRACTION: "Retracted since",
}

CHECK_NAMES = {
    "record": "Record",
    "text": "Text",
    "copy": "Your copy",
    "publisher": "Publisher",
    "inclusion": "In the log",
    "checkpoint": "Signed by the log",
    "anchor": "Anchored",
    "chain": "On the chain",
    "current": "Latest revision",
}

_STATUS_WORDS = {
    CheckStatus.PASS: "Holds",
    CheckStatus.FAIL: "Does not hold",
    CheckStatus.UNCHECKED: "Not checked here",
    CheckStatus.NOT_APPLICABLE: "Does not apply",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time for machines (``iso``, with Z) and for people (``words``, with UTC)."""

    iso: str
    words: str


def moment(milliseconds: int) -> Moment:
    """Return the moment ``milliseconds`` after 1970-01-01T00:00:00Z, to the second."""
    at = datetime.fromtimestamp(milliseconds // 1000, tz=UTC)
    # No-break spaces keep the day with its month, and UTC with its time.
    words = f"{at.day}\u00a0{_MONTHS[at.month - 1]} {at.year}, {at:%H:%M:%S}\u00a0UTC"
    return Moment(at.strftime("%Y-%m-%dT%H:%M:%SZ"), words)


@dataclass(frozen=True, slots=True)
class Block:
    """The block that the earliest final anchor is in."""

    chain_id: int
    number: int
    time: Moment


def subject(record: Record) -> str:
    """Return what the record is about, in a word or two."""
    if isinstance(record.content, FileDigest):
        return "file"
    return "undisclosed text" if isinstance(record.content, Commitment) else "text"


def headline(record: Record, *, state: str, logged: Moment, block: Block | None, development: bool) -> str:
    """Return the result in one sentence, never claiming more than ``state`` does."""
    this = f"This {subject(record)}"
    if state == "final" and block is not None:
        if development:
            return f"{this} was logged, and anchored on {block.time.words} on a {TEST_CHAIN[0].lower()}{TEST_CHAIN[1:]}"
        return f"{this} was in this log no later than {block.time.words}."
    return {
        "pending": f"{this} was accepted on {logged.words} and is not in the log yet.",
        "integrated": f"{this} was logged on {logged.words} and is not anchored yet.",
        "submitted": f"{this} was logged on {logged.words}; its anchor was sent and is not in a block yet.",
    }.get(state, f"{this} was logged on {logged.words}; its anchor is in a block that is not final yet.")


def then(*, state: str, block: Block | None) -> str:
    """Return how the sentence below the headline goes on after *Submitted by …*: by what, or what to wait for."""
    if state == "final" and block is not None:
        return f"; anchored in block {block.number} of chain {block.chain_id}, which is final."
    if state == "pending":
        return ". The log takes it in within seconds; come back for the proof."
    return ". The proof is complete when the anchor is final on the chain; come back later."


def shows(record: Record, *, state: str, block: Block | None, development: bool) -> list[str]:
    """Return what the entry shows at this state, in sentences."""
    where = f"the log {record.origin}"
    if state == "final" and block is not None:
        claim = f"the {subject(record)} recorded here was in {where} no later than {block.time.words}, the time of "
        claim += f"block {block.number} on chain {block.chain_id}."
        audit = "Rewriting, backdating or dropping this entry is detectable by anyone who audits this log."
        if development:
            return [
                TEST_CHAIN + " Whoever runs that chain can write it anew.",
                f"On a chain that the log’s operator does not control, it would show that {claim}",
            ]
        return [claim[0].upper() + claim[1:], audit]
    if state == "pending":
        return ["So far nothing that would hold without this server’s word: it accepted the text and stored it."]
    waits = "So far nothing about time that would hold without this log’s word: no anchor of it is final."
    holds = f"The bundle holds a statement, signed by {where}, that this entry is in its tree. If the log broke that "
    return [waits, holds + "statement, it could be shown."]


def shows_not(record: Record) -> list[str]:
    """Return what no entry shows, in sentences."""
    publisher = record.publisher
    if publisher.key is None:
        author = "Who wrote it. That it came from the publisher named here is this log’s word: the entry has no "
        author += "signature of the publisher."
    else:
        author = f"Who wrote it. It is signed with the key 0x{publisher.key.hex()}; whose key that is, only the "
        author += "publisher’s own site can say."
    return [
        "Whether what it says is so. The log keeps texts; it does not judge them.",
        author,
        "That nothing else was published: other texts, or other versions of this one, may exist outside this log.",
    ]


def check_words(outcome: Outcome, *, superseded: bool) -> tuple[str, str, str]:
    """Return how one check ended: its words, the style it is shown in, and its detail."""
    if superseded:
        return "Superseded", "fail", outcome.detail
    return _STATUS_WORDS[outcome.status], outcome.status.value, outcome.detail
