"""From what the service knows about entries to what the templates print. Pure functions of values."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from notary.core.bundle import Anchor
from notary.core.checkpoint import parse_checkpoint
from notary.core.evm import Header, parse_header
from notary.core.note import parse_note
from notary.core.outcome import CheckStatus
from notary.core.record import FileDigest, Record, Status, TextDigest
from notary.core.verify import Report
from notary.service.read import Details, Summary
from notary.web import words
from notary.web.markup import Article, article, plain

UNTITLED = "Text not disclosed"
MAX_TITLE = 140


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
class Fact:
    """One named value (or several) of the record or of an anchor; ``hash`` sets it in a fixed-width face."""

    name: str
    values: tuple[str, ...]
    hash: bool = False
    href: str | None = None


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check of the verification, as this server made it."""

    name: str
    kind: str
    words: str
    detail: str


@dataclass(frozen=True, slots=True)
class AnchorBlock:
    """What is known of one anchor."""

    heading: str
    facts: tuple[Fact, ...]


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
    history: tuple[Revision, ...]
    facts: tuple[Fact, ...]
    checks: tuple[CheckLine, ...]
    anchors: tuple[AnchorBlock, ...]
    record_json: str


def row(summary: Summary) -> Row:
    """Return one entry as a line of a list."""
    title = _title(summary)
    status = Status(summary.status)
    return Row(
        leaf_hash=summary.leaf_hash.hex(),
        title=title,
        language=_script_language(title),
        publisher=summary.publisher,
        time=words.moment(summary.time),
        state=words.STATE_WORDS[summary.state.value],
        flag=None if status is Status.ORIGINAL else words.REVISION_WORDS[status],
    )


def entry_page(details: Details, report: Report, *, successor_note: str | None, development: bool) -> EntryPage:
    """Return the page of one entry.

    ``report`` must be of a verification that asked no chain; ``successor_note`` is the publisher's note to the latest
    revision, where this is an earlier one.
    """
    summary, record = details.summary, details.entry.record
    state, logged = summary.state.value, words.moment(summary.time)
    block = _first_block(details.bundle.anchors)
    shown = None if details.text is None else article(details.text)
    status = words.REVISION_WORDS[record.status]
    return EntryPage(
        leaf_hash=summary.leaf_hash.hex(),
        title=_title(summary),
        language=record.language,
        kicker=f"Entry {summary.index} · {status} · {words.STATE_WORDS[state]}",
        headline=words.headline(record, state=state, logged=logged, block=block, development=development),
        publisher=_meta_string(details, "publisher") or record.publisher.id,
        then=words.then(state=state, block=block),
        time=logged,
        notice=_notice(details, successor_note),
        follows=_follows(record),
        stages=_stages(state),
        shows=tuple(words.shows(record, state=state, block=block, development=development)),
        shows_not=tuple(words.shows_not(record)),
        article=shown,
        note=_meta_string(details, "note"),
        bundle_words=_bundle_words(details.bundle.anchors),
        history=_history(details),
        facts=tuple(_facts(details)),
        checks=tuple(_checks(report)),
        anchors=tuple(_anchors(details)),
        record_json=json.dumps(record.to_json(), ensure_ascii=False, indent=2, sort_keys=True),
    )


def _title(summary: Summary) -> str:
    title = UNTITLED if summary.title is None else plain(summary.title)
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].rstrip() + "…"


def _notice(details: Details, note: str | None) -> Notice | None:
    latest = details.superseded_by
    if latest is None:
        return None
    status, when, leaf_hash = Status(latest.status), words.moment(latest.time).words, latest.leaf_hash.hex()
    if status is Status.RETRACTION:
        sentence = f"This {words.subject(details.entry.record)} was retracted on {when}."
        return Notice(sentence, leaf_hash, "Read the retraction.", note)
    kind = "corrected" if status is Status.CORRECTION else "updated"
    sentence = f"This is an older version: it was {kind} on {when}."
    return Notice(sentence, leaf_hash, "Read the current version.", note)


def _follows(record: Record) -> Notice | None:
    if record.previous is None:
        return None
    sentence = {
        Status.CORRECTION: "This corrects an earlier version.",
        Status.UPDATE: "This updates an earlier version.",
        Status.RETRACTION: "This retracts an earlier version.",
    }[record.status]
    return Notice(sentence, record.previous.leaf.hex(), "See the earlier version.")


def _stages(state: str) -> tuple[Stage, ...]:
    names = list(words.STAGES)
    reached = names.index(state)
    return tuple(Stage(words.STAGES[name], i <= reached, i == reached) for i, name in enumerate(names))


def _history(details: Details) -> tuple[Revision, ...]:
    if len(details.revisions) < 2:
        return ()
    here, last = details.summary.leaf_hash, details.revisions[-1].leaf_hash
    return tuple(
        Revision(
            leaf_hash=one.leaf_hash.hex(),
            what=words.REVISION_WORDS[Status(one.status)],
            time=words.moment(one.time),
            here=one.leaf_hash == here,
            head=one.leaf_hash == last,
        )
        for one in details.revisions
    )


def _facts(details: Details) -> list[Fact]:
    summary, record = details.summary, details.entry.record
    name = _meta_string(details, "publisher")
    publisher = record.publisher.id
    facts = [Fact("Publisher", (publisher,) if name is None or name == publisher else (name, publisher))]
    facts += [
        Fact(label, (value,))
        for label, value in (
            ("Author", _meta_string(details, "author")),
            ("Document", record.document),
            ("Language", record.language),
            ("Published, as the publisher states", record.published),
        )
        if value is not None
    ]
    url = _meta_string(details, "url")
    if url is not None:
        facts.append(Fact("Address, as the publisher states", (url,), href=url))
    facts.append(Fact("Logged, by the log’s clock", (words.moment(summary.time).words,)))
    facts.append(Fact("Number in the log", (str(summary.index),)))
    facts.append(Fact("Leaf hash", (summary.leaf_hash.hex(),), hash=True))
    facts += _content_facts(record)
    if record.previous is not None:
        leaf = record.previous.leaf.hex()
        facts.append(Fact("Follows", (leaf,), hash=True, href=f"/e/{leaf}"))
    return facts


def _content_facts(record: Record) -> list[Fact]:
    content = record.content
    digest = Fact("SHA-256", (content.sha256.hex(),), hash=True)
    if isinstance(content, TextDigest):
        return [
            Fact("SHA-256 of the canonical text", digest.values, hash=True),
            Fact("Lines", (str(content.lines),)),
            Fact("Root over the lines", (content.lines_root.hex(),), hash=True),
        ]
    if isinstance(content, FileDigest):
        return [digest, Fact("Size", (f"{content.size} bytes",)), Fact("Media type", (content.type,))]
    return [digest, Fact("To be revealed by", (content.reveal_by,))]


def _checks(report: Report) -> list[CheckLine]:
    lines: list[CheckLine] = []
    for check in report.checks:
        superseded = check.name == "current" and check.outcome.code in {"older-revision", "retracted"}
        text, kind, detail = words.check_words(check.outcome, superseded=superseded)
        # A reader has no copy on this page, so there is no line about one.
        if not (check.name == "copy" and check.outcome.status is CheckStatus.NOT_APPLICABLE):
            lines.append(CheckLine(words.CHECK_NAMES[check.name], kind, text, detail))
    return lines


def _anchors(details: Details) -> list[AnchorBlock]:
    transactions = {
        one.anchor.place.block_hash: one.anchor.place.tx_hash for one in details.anchors if one.anchor.place
    }
    blocks: list[AnchorBlock] = []
    for anchor in details.bundle.anchors:
        header = parse_header(anchor.header)
        facts = [
            Fact("Block time", (words.moment(header.timestamp * 1000).words,)),
            Fact("Block hash", ("0x" + header.hash.hex(),), hash=True),
            Fact("Registry contract", ("0x" + anchor.registry.hex(),), hash=True),
            Fact("Log id", ("0x" + anchor.log_id.hex(),), hash=True),
            Fact("Entries covered", (str(_covered(anchor)),)),
        ]
        if header.hash in transactions:
            facts.insert(2, Fact("Transaction", ("0x" + transactions[header.hash].hex(),), hash=True))
        blocks.append(AnchorBlock(f"Anchored in block {header.number} of chain {anchor.chain_id}", tuple(facts)))
    return blocks


def _covered(anchor: Anchor) -> int:
    return parse_checkpoint(parse_note(anchor.proof.checkpoint).text).size


def _first_block(anchors: Sequence[Anchor]) -> words.Block | None:
    headers: list[tuple[Header, int]] = [(parse_header(anchor.header), anchor.chain_id) for anchor in anchors]
    if not headers:
        return None
    header, chain_id = min(headers, key=lambda item: item[0].timestamp)
    return words.Block(chain_id, header.number, words.moment(header.timestamp * 1000))


def _bundle_words(anchors: Sequence[Anchor]) -> str:
    if anchors:
        return "One file with the text, the record and every step of the proof. It works without this server."
    return "One file with the text and the record. Not anchored yet: fetch it again when this page says so."


def _meta_string(details: Details, name: str) -> str | None:
    value = None if details.meta is None else details.meta.get(name)
    return value if isinstance(value, str) else None


_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff\u3400-\u4dbf]")),
)


def _script_language(title: str) -> str | None:
    """Return the language that a title's script suggests, so that a browser takes a fitting font and voice."""
    return next((language for language, script in _SCRIPTS if script.search(title)), None)
