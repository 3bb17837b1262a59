"""The checks about what was published: record, text, copy, publisher, current."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from notary.core.bundle import Bundle, Current
from notary.core.copies import Copy
from notary.core.eip712 import typed_data
from notary.core.outcome import CheckStatus
from notary.core.record import Commitment, FileDigest, Publisher, Status, TextDigest
from notary.core.text import canonical_plain
from notary.core.verify import Report, Verdict, verify
from notary.errors import InvalidText
from tests import worlds
from tests.worlds import ALTERED, NOW, TEXT, LogKey, World

CANONICAL = canonical_plain(TEXT.encode()).data


def check(world: World, bundle: Bundle | None = None, copy: Copy | None = None, *, now: int = NOW) -> Report:
    made = bundle if bundle is not None else world.bundle()
    return verify(made, trust=world.trust(), evidence=world.evidence(), copy=copy, now=now)


def expect(report: Report, name: str, status: CheckStatus, code: str, verdict: Verdict) -> None:
    outcome = report.outcome(name)
    assert (outcome.status, outcome.code) == (status, code), outcome
    assert report.verdict is verdict


def world_of(**changes: object) -> World:
    return World(entry=worlds.entry(worlds.record(**changes)))


# ------------------------------------------------------------------------------------------------------------- record


def test_meta_must_have_the_recorded_digest() -> None:
    world = World()
    for meta in (replace(world.bundle().meta, salt=bytes(32)), replace(world.bundle().meta, value={"publisher": "X"})):  # type: ignore[type-var]
        expect(check(world, world.bundle(meta=meta)), "record", CheckStatus.FAIL, "meta-mismatch", Verdict.REFUTED)


def test_meta_that_the_record_does_not_speak_of_is_refused() -> None:
    expect(check(world_of(meta_sha256=None)), "record", CheckStatus.FAIL, "meta-not-in-record", Verdict.REFUTED)


def test_erased_meta_is_no_fault() -> None:
    world = World()
    report = check(world, world.bundle(meta=None))
    assert report.verdict is Verdict.MATCH
    assert "not disclosed" in report.outcome("record").detail


def test_a_profile_must_have_the_recorded_digest() -> None:
    profile_sha256 = bytes.fromhex("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")  # of {}
    content = replace(worlds.text_digest(), profile_sha256=profile_sha256)
    world = world_of(content=content)
    assert check(world, world.bundle(profile={})).verdict is Verdict.MATCH
    report = check(world, world.bundle(profile={"title": "h1"}))
    expect(report, "record", CheckStatus.FAIL, "profile-mismatch", Verdict.REFUTED)
    report = check(World(), World().bundle(profile={}))
    expect(report, "record", CheckStatus.FAIL, "profile-not-in-record", Verdict.REFUTED)


# --------------------------------------------------------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (canonical_plain(ALTERED.encode()).data.decode(), "text-mismatch"),
        (TEXT, "text-not-canonical"),
        ("\u202e", "text-not-canonical"),
    ],
)
def test_another_text_in_the_bundle(text: str, code: str) -> None:
    expect(check(World(), World().bundle(text=text)), "text", CheckStatus.FAIL, code, Verdict.REFUTED)


@pytest.mark.parametrize("changes", [{"lines": 3}, {"lines_root": bytes(32)}])
def test_the_lines_must_be_the_recorded_ones(changes: dict[str, object]) -> None:
    content: TextDigest = replace(worlds.text_digest(), **changes)  # type: ignore[arg-type]
    expect(check(world_of(content=content)), "text", CheckStatus.FAIL, "lines-mismatch", Verdict.REFUTED)


def test_an_undisclosed_text_is_matched_by_a_copy_or_not_at_all() -> None:
    world = World()
    bundle = world.bundle(text=None)
    expect(check(world, bundle), "text", CheckStatus.UNCHECKED, "not-disclosed", Verdict.CANNOT_CHECK)
    for copy in (Copy(CANONICAL, "canonical"), Copy(TEXT.encode(), "plain"), Copy(CANONICAL, "plain")):
        expect(check(world, bundle, copy), "text", CheckStatus.PASS, "text", Verdict.MATCH)
    report = check(world, bundle, Copy(ALTERED.encode(), "plain"))
    expect(report, "text", CheckStatus.UNCHECKED, "not-disclosed", Verdict.CHANGED)
    expect(report, "copy", CheckStatus.FAIL, "changed", Verdict.CHANGED)


def test_an_undisclosed_text_with_a_copy_that_has_other_lines_than_recorded() -> None:
    world = world_of(content=replace(worlds.text_digest(), lines_root=bytes(32)))
    report = check(world, world.bundle(text=None), Copy(TEXT.encode(), "plain"))
    expect(report, "text", CheckStatus.FAIL, "lines-mismatch", Verdict.REFUTED)


def test_a_text_beside_a_record_that_is_not_about_a_text() -> None:
    for content in (FileDigest(bytes(32), 3, "text/plain"), Commitment(bytes(32), "2027-01-01T00:00:00Z")):
        report = check(world_of(content=content))
        expect(report, "text", CheckStatus.FAIL, "text-not-in-record", Verdict.REFUTED)


# --------------------------------------------------------------------------------------------------------------- copy


@pytest.mark.parametrize(
    ("copy", "code"),
    [
        (Copy(CANONICAL, "plain"), "identical"),
        (Copy(CANONICAL, "canonical"), "identical"),
        (Copy(TEXT.encode(), "plain"), "same-text"),
        (Copy(TEXT.replace("\n", "\r\n").encode(), "plain"), "same-text"),
    ],
)
def test_a_copy_of_the_same_text(copy: Copy, code: str) -> None:
    expect(check(World(), copy=copy), "copy", CheckStatus.PASS, code, Verdict.MATCH)


def test_a_changed_copy() -> None:
    report = check(World(), copy=Copy(ALTERED.encode(), "plain"))
    expect(report, "copy", CheckStatus.FAIL, "changed", Verdict.CHANGED)


def test_a_copy_that_differs_in_typography_only_is_not_green() -> None:
    spaced = TEXT.replace("it.\nCars", "it. Cars")
    report = check(World(), copy=Copy(spaced.encode(), "plain"))
    expect(report, "copy", CheckStatus.FAIL, "typography-only", Verdict.TYPOGRAPHY_ONLY)


def test_a_recorded_text_that_is_none_is_not_held_against_the_copys_form() -> None:
    data = b"a\r\nb"
    content = TextDigest(sha256=hashlib.sha256(data).digest(), lines=1, lines_root=bytes(32))
    world = world_of(content=content)
    report = check(world, world.bundle(text=data.decode()), Copy(TEXT.encode(), "plain"))
    expect(report, "text", CheckStatus.FAIL, "text-not-canonical", Verdict.REFUTED)
    assert report.outcome("copy").code == "changed"


def test_typography_is_not_compared_with_a_false_text() -> None:
    false = canonical_plain(ALTERED.encode()).data.decode()
    spaced = ALTERED.replace("it.\nCars", "it. Cars").encode()
    report = check(World(), World().bundle(text=false), Copy(spaced, "plain"))
    assert report.outcome("copy").code == "changed"
    assert report.verdict is Verdict.REFUTED


@pytest.mark.parametrize("part", ["Old Mill Bridge closed\n", "\u200e\nVehicles\n"])
def test_a_copy_of_a_part_is_changed(part: str) -> None:
    for bundle in (World().bundle(), World().bundle(text=None)):
        report = check(World(), bundle, Copy(part.encode(), "plain"))
        expect(report, "copy", CheckStatus.FAIL, "changed", Verdict.CHANGED)


def test_the_record_says_what_it_revises() -> None:
    world = World()
    revision = World(entry=worlds.revision(world.entry, status=Status.RETRACTION, content=worlds.text_digest()))
    detail = check(revision, revision.bundle(meta=None)).outcome("record").detail
    assert f"retraction of entry {world.entry.leaf_hash().hex()}" in detail


def test_a_copy_that_cannot_be_read_says_nothing() -> None:
    with pytest.raises(InvalidText):
        check(World(), copy=Copy(b"\xff\xfe\x00", "plain"))
    with pytest.raises(InvalidText):
        check(World(), World().bundle(text=None), Copy(TEXT.encode(), "canonical"))


def test_a_file_needs_its_copy() -> None:
    data = b"%PDF"
    digest = hashlib.sha256(data).digest()
    world = world_of(content=FileDigest(digest, 4, "application/pdf"))
    bundle = world.bundle(text=None)
    expect(check(world, bundle), "text", CheckStatus.NOT_APPLICABLE, "no-text", Verdict.CANNOT_CHECK)
    report = check(world, bundle, Copy(b"%PDX", "plain"))
    expect(report, "copy", CheckStatus.FAIL, "changed", Verdict.CHANGED)
    report = check(world, bundle, Copy(data, "plain"))
    expect(report, "copy", CheckStatus.PASS, "identical-file", Verdict.MATCH)
    world = world_of(content=FileDigest(digest, 5, "application/pdf"))
    report = check(world, world.bundle(text=None), Copy(data, "plain"))
    expect(report, "copy", CheckStatus.FAIL, "changed", Verdict.CHANGED)


def test_a_commitment_is_not_a_text() -> None:
    world = world_of(content=Commitment(bytes(32), "2027-01-01T00:00:00Z"))
    bundle = world.bundle(text=None)
    expect(check(world, bundle), "text", CheckStatus.UNCHECKED, "not-revealed", Verdict.CANNOT_CHECK)
    report = check(world, bundle, Copy(TEXT.encode(), "plain"))
    expect(report, "copy", CheckStatus.UNCHECKED, "not-revealed", Verdict.CANNOT_CHECK)


def test_media_that_were_not_compared_cap_the_verdict() -> None:
    report = check(world_of(media=(bytes(32),)))
    assert report.verdict is Verdict.MATCH_WITH_UNCHECKED
    assert report.exit == 3


# ---------------------------------------------------------------------------------------------------------- publisher


def test_the_publishers_signature() -> None:
    account = Account.from_key(bytes([7]) * 32)
    record = worlds.record(publisher=Publisher("roads-office", bytes.fromhex(account.address[2:])))
    signature = bytes(account.sign_message(encode_typed_data(full_message=typed_data(record))).signature)
    entry = replace(worlds.entry(record), signature=signature)
    world = World(entry=entry)
    expect(check(world), "publisher", CheckStatus.PASS, "signed", Verdict.MATCH)
    other = Account.from_key(bytes([8]) * 32).sign_message(encode_typed_data(full_message=typed_data(record)))
    report = check(World(entry=replace(entry, signature=bytes(other.signature))))
    assert report.outcome("publisher").status is CheckStatus.FAIL
    assert report.verdict is Verdict.REFUTED


# ------------------------------------------------------------------------------------------------------------ current


def test_a_fresh_statement_says_that_it_is_the_latest() -> None:
    world = World()
    report = check(world, world.bundle(current=world.current()))
    expect(report, "current", CheckStatus.PASS, "current", Verdict.MATCH)


@pytest.mark.parametrize("time", [NOW - 24 * 3600 * 1000, NOW + 5 * 60 * 1000 + 1])
def test_a_statement_from_another_day_leaves_it_open(time: int) -> None:
    world = World()
    report = check(world, world.bundle(current=world.current(time=time)))
    expect(report, "current", CheckStatus.UNCHECKED, "statement-stale", Verdict.MATCH)


def test_a_later_revision_and_a_retraction() -> None:
    world = World()
    second = worlds.revision(world.entry)
    third = worlds.revision(second, status=Status.RETRACTION)
    report = check(world, world.bundle(current=world.current(second)))
    expect(report, "current", CheckStatus.FAIL, "older-revision", Verdict.OLDER_REVISION)
    assert report.exit == 4
    report = check(world, world.bundle(current=world.current(second, third)))
    expect(report, "current", CheckStatus.FAIL, "retracted", Verdict.RETRACTED)
    report = check(world, world.bundle(current=world.current(second, third, time=0)))
    assert report.verdict is Verdict.RETRACTED, "a later entry does not grow old"


def test_superseded_does_not_outweigh_what_was_not_checked() -> None:
    world = World()
    bundle = world.bundle(current=world.current(worlds.revision(world.entry)))
    report = verify(bundle, trust=world.trust(), evidence=world.evidence(world.view(final_height=1)), now=NOW)
    assert report.verdict is Verdict.CANNOT_CHECK
    report = check(world, replace(bundle, text="x"))
    assert report.verdict is Verdict.REFUTED


def test_a_statement_signed_by_another_key() -> None:
    world = World()
    forged = replace(world, key=LogKey(2)).current()
    report = check(world, world.bundle(current=forged))
    expect(report, "current", CheckStatus.FAIL, "current-statement-invalid", Verdict.REFUTED)


@pytest.mark.parametrize("changes", [{"publisher": "another"}, {"document": "notice-18"}])
def test_a_statement_about_another_document(changes: dict[str, object]) -> None:
    world = World()
    report = check(world, world.bundle(current=world.current(**changes)))  # type: ignore[arg-type]
    expect(report, "current", CheckStatus.FAIL, "current-of-another", Verdict.REFUTED)


def test_a_statement_that_names_a_revision_that_is_not_shown() -> None:
    world = World()
    current = world.current(worlds.revision(world.entry))
    report = check(world, world.bundle(current=Current(current.statement, ())))
    expect(report, "current", CheckStatus.FAIL, "later-incomplete", Verdict.REFUTED)


def test_a_later_entry_that_does_not_follow() -> None:
    world = World()
    stray = worlds.revision(worlds.entry(time=5))
    report = check(world, world.bundle(current=world.current(stray)))
    expect(report, "current", CheckStatus.FAIL, "later-not-a-revision", Verdict.REFUTED)
    second = worlds.revision(world.entry)
    skipping = worlds.revision(world.entry, time=NOW - 50_000)
    report = check(world, world.bundle(current=world.current(second, skipping)))
    expect(report, "current", CheckStatus.FAIL, "later-not-a-revision", Verdict.REFUTED)


def test_a_later_entry_that_is_not_in_the_log() -> None:
    world = World()
    second = worlds.revision(world.entry)
    current = world.current(second)
    wrong = replace(current.later[0], proof=replace(current.later[0].proof, index=0))
    report = check(world, world.bundle(current=replace(current, later=(wrong,))))
    expect(report, "current", CheckStatus.FAIL, "later-not-proven", Verdict.REFUTED)
    stranger = replace(world, key=LogKey(2)).current(second).later
    report = check(world, world.bundle(current=replace(current, later=stranger)))
    expect(report, "current", CheckStatus.FAIL, "later-not-proven", Verdict.REFUTED)


def test_a_record_without_document_has_no_revisions() -> None:
    world = world_of(document=None)
    expect(check(world), "current", CheckStatus.NOT_APPLICABLE, "no-document", Verdict.MATCH)
    report = check(world, world.bundle(current=world.current()))
    expect(report, "current", CheckStatus.FAIL, "current-without-document", Verdict.REFUTED)


def test_revisions_cannot_be_judged_without_the_logs_key() -> None:
    world = World()
    bundle = world.bundle(current=world.current())
    report = verify(bundle, trust=None, evidence=world.evidence(), now=NOW)
    expect(report, "current", CheckStatus.UNCHECKED, "no-trust", Verdict.CANNOT_CHECK)
    other = LogKey(1, "other.example/log")
    trust = replace(World().trust(), origin="other.example/log")
    report = verify(bundle, trust=trust, evidence=world.evidence(), now=NOW)
    expect(report, "current", CheckStatus.UNCHECKED, "log-not-trusted", Verdict.CANNOT_CHECK)
    assert other.public == world.key.public


def test_without_a_statement_it_says_as_of_which_size() -> None:
    report = check(World())
    expect(report, "current", CheckStatus.UNCHECKED, "no-statement", Verdict.MATCH)
    assert "size 4" in report.outcome("current").detail


def test_an_older_trust_file_is_named_where_the_key_is_not_known() -> None:
    """A log's key is replaced: for a file from before, what the new one signs is none; a reader is told why."""
    world = World()
    key = replace(world.trust().keys[0], last=1)
    report = verify(
        world.bundle(current=world.current()), trust=world.trust(keys=(key,)), evidence=world.evidence(), now=NOW
    )
    for name in ("checkpoint", "current"):
        assert "newest trust file" in report.outcome(name).detail
