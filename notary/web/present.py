"""From what the service knows about entries to what the templates print. Pure functions of values."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from notary.core.bundle import Anchor, StorageAnchor
from notary.core.checks import is_superseded
from notary.core.logchecks import claimed_block
from notary.core.outcome import CheckStatus, unchecked
from notary.core.record import Record, Status
from notary.core.verify import Report
from notary.service.read import Details, PublicState, Summary
from notary.web import words
from notary.web.explain import CHECKS
from notary.web.facts import AnchorBlock, Fact, anchor_blocks, meta_string, record_facts
from notary.web.language import N_, _
from notary.web.markup import Article, article, plain

UNTITLED = N_("Text not disclosed")
MAX_TITLE = 140
NOT_ASKED = unchecked("not-asked", "Whether the anchor's block is on the chain was not asked.")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in a list. ``flag`` is what a reader must not miss: a correction, an update, a retraction."""

    leaf_hash: str
    title: str
    language: str | None
    publisher: str
    time: words.Moment
    state: str
    flag: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about another revision, and the way there."""

    words: str
    leaf_hash: str
    link: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of an entry's way, and whether it has been reached."""

    name: str
    done: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Revision:
    """One line of the history."""

    leaf_hash: str
    what: str
    time: words.Moment
    here: bool
    head: bool


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check of the verification, as this server made it."""

    name: str
    kind: str
    words: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """Everything that ``entry.html`` prints."""

    leaf_hash: str
    title: str
    language: str | None
    kicker: str
    headline: str
    publisher: str
    then: str
    time: words.Moment
    notice: Notice | None
    follows: Notice | None
    stages: tuple[Stage, ...]
    shows: tuple[str, ...]
    shows_not: tuple[str, ...]
    article: Article | None
    note: str | None
    bundle_words: str
    has_proof: bool
    history: tuple[Revision, ...]
    document_address: str | None
    facts: tuple[Fact, ...]
    checks: tuple[CheckLine, ...]
    anchors: tuple[AnchorBlock, ...]
    record_json: str


def rows(newest_first: Sequence[Summary]) -> tuple[Row, ...]:
    """Return entries as lines of a list.

    Whatever supersedes an entry was logged after it, so in a list that starts with the newest entry it stands above it.
    """
    latest: dict[tuple[str, str], Status] = {}
    lines: list[Row] = []
    for summary in newest_first:
        since = latest.get((summary.publisher, summary.document)) if summary.document is not None else None
        lines.append(row(summary, since=since))
        if summary.document is not None:
            latest.setdefault((summary.publisher, summary.document), Status(summary.status))
    return tuple(lines)


def row(summary: Summary, *, since: Status | None = None) -> Row:
    """Return one entry as a line of a list; ``since`` is the status of the document's latest revision, if later."""
    title = _title(summary)
    status = Status(summary.status)
    flag = None if status is Status.ORIGINAL else _(words.REVISION_WORDS[status])
    return Row(
        leaf_hash=summary.leaf_hash.hex(),
        title=title,
        language=_script_language(title),
        publisher=summary.publisher,
        time=words.moment(summary.time),
        state=_(words.STATE_WORDS[summary.state.value]),
        flag=flag if since is None else _(words.SINCE_WORDS[since]),
    )


def entry_page(details: Details, *, successor_note: str | None, development: bool) -> EntryPage:
    """Return the page of one entry.

    ``successor_note`` is the publisher's note to the latest revision, where this is an earlier one.
    """
    summary, record = details.summary, details.entry.record
    state, logged = summary.state.value, words.moment(summary.time)
    block = _first_block(details.bundle.anchors)
    shown = None if details.text is None else article(details.text)
    status = _(words.REVISION_WORDS[record.status])
    return EntryPage(
        leaf_hash=summary.leaf_hash.hex(),
        title=_title(summary),
        language=record.language,
        kicker=_("Entry %(number)s", number=summary.index) + f" · {status} · {_(words.STATE_WORDS[state])}",
        headline=words.headline(record, state=state, logged=logged, block=block, development=development),
        publisher=meta_string(details, "publisher") or record.publisher.id,
        then=words.then(state=state, block=block),
        time=logged,
        notice=_notice(details, successor_note),
        follows=_follows(record),
        stages=_stages(state),
        shows=tuple(words.shows(record, state=state, block=block, development=development)),
        shows_not=tuple(words.shows_not(record)),
        article=shown,
        note=meta_string(details, "note"),
        bundle_words=_bundle_words(details.bundle.anchors),
        has_proof=summary.state is not PublicState.PENDING,
        history=_history(details),
        document_address=None if record.document is None else document_address(record.document, record.publisher.id),
        facts=tuple(record_facts(details)),
        checks=tuple(_checks(details.report)),
        anchors=tuple(anchor_blocks(details)),
        record_json=json.dumps(record.to_json(), ensure_ascii=False, indent=2, sort_keys=True),
    )


def document_address(document: str, publisher: str) -> str:
    """Return where the current version of a publisher's document is always to be found."""
    # Browsers take the dots out of `/./` and `/../`, and would go elsewhere; behind `%2F` they leave them.
    has_dots = any(part in {".", ".."} for part in document.split("/"))
    return f"/d/{quote(document, safe='' if has_dots else '/')}?" + urlencode({"publisher": publisher})


def _title(summary: Summary) -> str:
    title = _(UNTITLED) if summary.title is None else plain(summary.title)
    return title if len(title) <= MAX_TITLE else _closed(title[: MAX_TITLE - 1].rstrip() + "…")


def _closed(cut: str) -> str:
    """Return the start of a title with every isolate in it closed, so that it leaves alone what stands behind it."""
    opened = sum(cut.count(isolate) for isolate in "\u2066\u2067\u2068")
    return cut + "\u2069" * (opened - cut.count("\u2069"))


def _notice(details: Details, note: str | None) -> Notice | None:
    latest = details.superseded_by
    if latest is None:
        return None
    status, when, leaf_hash = Status(latest.status), words.moment(latest.time).words, latest.leaf_hash.hex()
    if status is Status.RETRACTION:
        subject = words.subject(details.entry.record)
        sentence = _("This %(subject)s was retracted on %(time)s.", subject=subject, time=when)
        return Notice(sentence, leaf_hash, _("Read the retraction."), note)
    if status is Status.CORRECTION:
        sentence = _("This is an older version: it was corrected on %(time)s.", time=when)
    else:
        sentence = _("This is an older version: it was updated on %(time)s.", time=when)
    return Notice(sentence, leaf_hash, _("Read the current version."), note)


def _follows(record: Record) -> Notice | None:
    if record.previous is None:
        return None
    sentence = {
        Status.CORRECTION: _("This corrects an earlier version."),
        Status.UPDATE: _("This updates an earlier version."),
        Status.RETRACTION: _("This retracts an earlier version."),
    }[record.status]
    return Notice(sentence, record.previous.leaf.hex(), _("See the earlier version."))


def _stages(state: str) -> tuple[Stage, ...]:
    names = list(words.STAGES)
    reached = names.index(state)
    return tuple(Stage(_(words.STAGES[name]), i <= reached, i == reached) for i, name in enumerate(names))


def _history(details: Details) -> tuple[Revision, ...]:
    if len(details.revisions) < 2:
        return ()
    here, last = details.summary.leaf_hash, details.revisions[-1].leaf_hash
    return tuple(
        Revision(
            leaf_hash=one.leaf_hash.hex(),
            what=_(words.REVISION_WORDS[Status(one.status)]),
            time=words.moment(one.time),
            here=one.leaf_hash == here,
            head=one.leaf_hash == last,
        )
        for one in details.revisions
    )


def _checks(report: Report) -> list[CheckLine]:
    lines: list[CheckLine] = []
    for check in report.checks:
        outcome = check.outcome
        # The service takes the blocks of its own bundles as canonical: shown here, that were a pass nobody checked.
        if outcome.status is CheckStatus.PASS and (check.name == "chain" or outcome.code == "anchored-in-storage"):
            outcome = NOT_ASKED
        superseded = check.name == "current" and is_superseded(outcome)
        text, kind, detail = words.check_words(check.name, outcome, superseded=superseded)
        # A reader has no copy on this page, so there is no line about one.
        if not (check.name == "copy" and outcome.status is CheckStatus.NOT_APPLICABLE):
            lines.append(CheckLine(_(CHECKS[check.name]), kind, text, detail))
    return lines


def _first_block(anchors: Sequence[Anchor | StorageAnchor]) -> words.Block | None:
    blocks = [(claimed_block(anchor), anchor.chain_id) for anchor in anchors]
    if not blocks:
        return None
    block, chain_id = min(blocks, key=lambda item: item[0].time)
    return words.Block(chain_id, block.number, words.moment(block.time * 1000))


def _bundle_words(anchors: Sequence[Anchor | StorageAnchor]) -> str:
    if any(isinstance(anchor, StorageAnchor) for anchor in anchors):
        return _(
            "One file with the text, the record and every step up to the anchor, of which the registry on the chain "
            "must be asked. It works without this server."
        )
    if anchors:
        return _("One file with the text, the record and every step of the proof. It works without this server.")
    return _("One file with the text and the record. Not anchored yet: fetch it again when this page says so.")


_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff\u3400-\u4dbf]")),
)


def _script_language(title: str) -> str | None:
    """Return the language that a title's script suggests, so that a browser takes a fitting font and voice."""
    return next((language for language, script in _SCRIPTS if script.search(title)), None)
