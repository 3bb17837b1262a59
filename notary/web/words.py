"""What pages say, as pure functions: dates, states, the one sentence of the result, what it shows and does not.

The claims are worded here and only here. An anchor shows that a text was in this log no later than a block's time; it
shows neither truth nor authorship, and on a development chain nothing to others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from notary.core.outcome import Outcome
from notary.core.record import Commitment, FileDigest, Record, Status
from notary.web.explain import STATUSES, explanation
from notary.web.language import N_, _, current

TEST_CHAIN = N_("Local test chain: proves nothing to others.")

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

STAGES = {
    "pending": N_("Accepted"),
    "integrated": N_("Logged"),
    "submitted": N_("Anchor sent"),
    "included": N_("In a block"),
    "final": N_("Final"),
}
"""The states of an entry, in the order in which it goes through them, for people."""

STATE_WORDS = {
    "pending": N_("accepted, not yet logged"),
    "integrated": N_("logged, not yet anchored"),
    "submitted": N_("logged, anchor sent"),
    "included": N_("logged, anchor in a block that is not final"),
    "final": N_("logged and anchored"),
}

REVISION_WORDS = {
    Status.ORIGINAL: N_("Original"),
    Status.CORRECTION: N_("Correction"),
    Status.UPDATE: N_("Update"),
    Status.RETRACTION: N_("Retraction"),
}

SINCE_WORDS = {
    Status.CORRECTION: N_("Corrected since"),
    Status.UPDATE: N_("Updated since"),
    Status.RETRACTION: N_("Retracted since"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time for machines (``iso``, with Z) and for people (``words``, with UTC)."""

    iso: str
    words: str


def moment(milliseconds: int) -> Moment:
    """Return the moment ``milliseconds`` after 1970-01-01T00:00:00Z, to the second."""
    try:
        at = datetime.fromtimestamp(milliseconds // 1000, tz=UTC)
    except (OverflowError, ValueError, OSError):
        # A block's time is its chain's, which may count otherwise: what no calendar has is shown as it stands.
        bare = f"1970-01-01 + {milliseconds // 1000} s"
        return Moment(bare, bare)
    # No-break spaces keep the day with its month, and UTC with its time.
    if current().tag == "en":
        words = f"{at.day}\u00a0{_MONTHS[at.month - 1]} {at.year}, {at:%H:%M:%S}\u00a0UTC"
    else:
        words = f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S}（UTC）"
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
        return _("file")
    return _("undisclosed text") if isinstance(record.content, Commitment) else _("text")


def headline(record: Record, *, state: str, logged: Moment, block: Block | None, development: bool) -> str:
    """Return the result in one sentence, never claiming more than ``state`` does."""
    values = {"subject": subject(record), "time": logged.words}
    if state == "final" and block is not None:
        values["time"] = block.time.words
        if development:
            return _(
                "This %(subject)s was logged, and anchored on %(time)s on a local test chain: proves nothing to "
                "others.",
                **values,
            )
        return _("This %(subject)s was in this log no later than %(time)s.", **values)
    return {
        "pending": _("This %(subject)s was accepted on %(time)s and is not in the log yet.", **values),
        "integrated": _("This %(subject)s was logged on %(time)s and is not anchored yet.", **values),
        "submitted": _(
            "This %(subject)s was logged on %(time)s; its anchor was sent and is not in a block yet.", **values
        ),
    }.get(state) or _(
        "This %(subject)s was logged on %(time)s; its anchor is in a block that is not final yet.", **values
    )


def then(*, state: str, block: Block | None) -> str:
    """Return the sentence after the headline: by which block, or what to wait for."""
    if state == "final" and block is not None:
        return _(
            "Anchored in block %(number)s of chain %(chain)s, which is final.",
            number=block.number,
            chain=block.chain_id,
        )
    if state == "pending":
        return _("The log takes it in within seconds; come back for the proof.")
    return _("The proof is complete when the anchor is final on the chain; come back later.")


def shows(record: Record, *, state: str, block: Block | None, development: bool) -> list[str]:
    """Return what the entry shows at this state, in sentences."""
    values = {"origin": record.origin, "subject": subject(record)}
    if state == "final" and block is not None:
        claim = {**values, "time": block.time.words, "number": block.number, "chain": block.chain_id}
        if development:
            return [
                _(TEST_CHAIN) + " " + _("Whoever runs that chain can write it anew."),
                _(
                    "On a chain that the log’s operator does not control, it would show that the %(subject)s "
                    "recorded here was in the log %(origin)s no later than %(time)s, the time of block "
                    "%(number)s on chain %(chain)s.",
                    **claim,
                ),
            ]
        return [
            _(
                "The %(subject)s recorded here was in the log %(origin)s no later than %(time)s, the time of block "
                "%(number)s on chain %(chain)s.",
                **claim,
            ),
            _("Rewriting, backdating or dropping this entry is detectable by anyone who audits this log."),
        ]
    if state == "pending":
        return [
            _("So far nothing that would hold without this server’s word: it accepted the text and stored it."),
        ]
    return [
        _("So far nothing about time that would hold without this log’s word: no anchor of it is final."),
        _(
            "The bundle holds a statement, signed by the log %(origin)s, that this entry is in its tree. If the log "
            "broke that statement, it could be shown.",
            **values,
        ),
    ]


def shows_not(record: Record) -> list[str]:
    """Return what no entry shows, in sentences."""
    publisher = record.publisher
    if publisher.key is None:
        author = _(
            "Who wrote it. That it came from the publisher named here is this log’s word: the entry has no signature "
            "of the publisher."
        )
    else:
        author = _(
            "Who wrote it. It is signed with the key %(key)s; whose key that is, only the publisher’s own site "
            "can say.",
            key="0x" + publisher.key.hex(),
        )
    return [
        _("Whether what it says is so. The log keeps texts; it does not judge them."),
        author,
        _("That nothing else was published: other texts, or other versions of this one, may exist outside this log."),
    ]


def check_words(check: str, outcome: Outcome, *, superseded: bool) -> tuple[str, str, str]:
    """Return how one check ended: its words, the style it is shown in, and what it means."""
    status = outcome.status.value
    sentence = _(explanation(check, status, outcome.code))
    name = "superseded" if superseded else status
    return _(STATUSES[name]), "fail" if superseded else status, sentence
