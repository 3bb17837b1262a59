"""Submitting: what is accepted is durable and idempotent; what is refused leaves nothing behind."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from notary.core import jcs
from notary.core.entry import Entry, parse_leaf
from notary.core.meta import meta_digest
from notary.core.record import Status, TextDigest
from notary.core.text import canonical_plain
from notary.errors import Conflict, InvalidInput, InvalidRecord, InvalidText, NotaryError, Overloaded, PolicyRefused
from notary.service.acceptance import CLOCK_TOLERANCE_MS
from notary.service.submit import Submission
from tests.service.locallog import START, LocalLog, text


def stored_entry(log: LocalLog, leaf: bytes) -> Entry:
    with log.services.store.read() as view:
        stored = view.entry(leaf)
    assert stored is not None
    parsed = parse_leaf(stored.data)
    assert isinstance(parsed, Entry)
    return parsed


def test_the_entry_says_what_was_submitted_and_no_free_text(log: LocalLog) -> None:
    accepted = log.submit(
        number=7,
        document="notices/7",
        language="en",
        published="2026-03-05T09:30:00+08:00",
        url="https://roads.example/7",
        note="First notice",
        author="J. Doe",
    )
    entry = stored_entry(log, accepted.leaf_hash)
    canonical = canonical_plain(text(7))
    assert entry.time == START
    assert entry.record.publisher.id == "roads-office"
    assert entry.record.content == TextDigest(canonical.sha256, len(canonical.lines), canonical.lines_root)
    assert (entry.record.document, entry.record.language) == ("notices/7", "en")
    for word in (b"Roads office", b"roads.example", b"First notice", b"J. Doe", b"bridge"):
        assert word not in entry.encode()


def test_a_language_tag_may_be_written_in_any_case(log: LocalLog) -> None:
    assert stored_entry(log, log.submit(language="ZH-cn").leaf_hash).record.language == "zh-CN"


def test_a_text_of_very_many_lines_is_refused(log: LocalLog) -> None:
    tenant = log.tenant
    longest = b"Title\n" + b"x\n" * 19_998
    with pytest.raises(InvalidText) as caught:
        log.services.submissions.submit(tenant, Submission(text=longest + b"x\n"))
    assert caught.value.code == "too-many-lines"
    log.services.submissions.submit(tenant, Submission(text=longest))


def test_what_is_disclosed_has_the_digests_of_the_record(log: LocalLog) -> None:
    accepted = log.submit(number=8, note="A note")
    entry = stored_entry(log, accepted.leaf_hash)
    with log.services.store.read() as view:
        disclosure = view.disclosure(accepted.index)
    assert disclosure is not None
    assert disclosure.meta is not None
    assert disclosure.salt is not None
    meta = jcs.loads_exact(disclosure.meta, max_bytes=1 << 16)
    assert meta == {"publisher": "Roads office", "note": "A note"}
    assert meta_digest(meta, disclosure.salt) == entry.record.meta_sha256
    assert disclosure.text == canonical_plain(text(8)).data
    assert disclosure.title == "Notice 8"


def test_the_salt_depends_on_the_publishers_secret(log: LocalLog) -> None:
    other = log.publisher("Water board")
    mine, theirs = log.submit(number=9), log.submit(number=9, tenant=other)
    with log.services.store.read() as view:
        salts = [view.disclosure(accepted.index) for accepted in (mine, theirs)]
    assert salts[0] is not None
    assert salts[1] is not None
    assert salts[0].salt != salts[1].salt


def test_the_same_file_twice_is_the_same_leaf(log: LocalLog) -> None:
    first, second = log.submit(number=1), log.submit(number=1)
    assert (second.leaf_hash, second.index, second.replayed) == (first.leaf_hash, first.index, True)
    assert len(log.leaves()) == 2


def test_the_same_text_of_another_publisher_is_another_leaf(log: LocalLog) -> None:
    first = log.submit(number=1)
    second = log.submit(number=1, tenant=log.publisher("Water board"))
    assert not second.replayed
    assert second.leaf_hash != first.leaf_hash


def test_an_idempotency_key_gets_the_same_answer_again(log: LocalLog) -> None:
    first = log.submit(number=1, key="k")
    log.clock.now += 1000
    again = log.submit(number=1, key="k")
    assert (again.leaf_hash, again.index, again.replayed) == (first.leaf_hash, first.index, True)
    assert len(log.leaves()) == 2


def test_an_idempotency_key_is_not_for_another_request(log: LocalLog) -> None:
    log.submit(number=1, key="k")
    with pytest.raises(PolicyRefused) as caught:
        log.submit(number=2, key="k")
    assert caught.value.code == "idempotency-key-reused"
    assert len(log.leaves()) == 2


def test_idempotency_keys_of_publishers_are_apart(log: LocalLog) -> None:
    log.submit(number=1, key="k")
    assert not log.submit(number=2, key="k", tenant=log.publisher("Water board")).replayed


def test_a_key_stands_for_the_request_not_for_the_record(log: LocalLog) -> None:
    submissions = log.services.submissions
    submission = Submission(text=text(1))
    submissions.submit(log.tenant, submission, idempotency_key="k", request_digest=b"a" * 32)
    assert submissions.submit(log.tenant, submission, idempotency_key="k", request_digest=b"a" * 32).replayed
    with pytest.raises(PolicyRefused):
        submissions.submit(log.tenant, submission, idempotency_key="k", request_digest=b"b" * 32)


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_an_idempotency_key_has_a_length(log: LocalLog, key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        log.submit(key=key)
    assert caught.value.code == "bad-idempotency-key"


BAD: list[tuple[dict[str, Any], type[NotaryError], str]] = [
    ({"text": b"\xff\xfe\xfd"}, InvalidText, ""),
    ({"text": b""}, InvalidText, "empty-text"),
    ({"text": b"only a title"}, InvalidText, "empty-body"),
    ({"text": "Title\nhid\u202eden".encode()}, InvalidText, "forbidden-code-point"),
    ({"text": b"Title\n\nTitle & more", "kind": "canonical"}, InvalidText, "not-canonical"),
    ({"text": b"Title\n" + b"x" * (2 << 20)}, InvalidText, "text-too-large"),
    ({"document": "no spaces allowed"}, InvalidRecord, "wrong-form"),
    ({"language": "English"}, InvalidRecord, "wrong-form"),
    ({"published": "2026-02-30T00:00:00Z"}, InvalidRecord, "not-a-date"),
    ({"url": "javascript:alert(1)"}, InvalidRecord, "wrong-form"),
    ({"note": "two\nlines"}, InvalidRecord, "forbidden-code-point"),
    ({"status": Status.CORRECTION, "previous": bytes(32)}, InvalidRecord, "document-required"),
    ({"previous": bytes(32), "document": "d"}, InvalidRecord, "unexpected-previous"),
    ({"status": Status.CORRECTION, "document": "d"}, PolicyRefused, "unknown-document"),
    ({"status": Status.CORRECTION, "document": "d", "previous": bytes(32)}, PolicyRefused, "unknown-document"),
]


@pytest.mark.parametrize(("fields", "error", "code"), BAD)
def test_what_is_refused_leaves_nothing(
    log: LocalLog, fields: dict[str, Any], error: type[NotaryError], code: str
) -> None:
    before = log.leaves()
    with pytest.raises(error) as caught:
        log.submit(key="k", **fields)
    assert caught.value.code == code or not code
    assert log.leaves() == before
    with log.services.store.read() as view:
        assert view.replays(tenant_id=log.tenant.id, keys=["k"]) == {}
        assert view.disclosure(len(before)) is None


def test_a_document_has_one_original(log: LocalLog) -> None:
    first = log.submit(document="d")
    with pytest.raises(Conflict) as caught:
        log.submit(document="d")
    assert caught.value.code == "document-exists"
    assert first.leaf_hash.hex() in caught.value.message


def test_a_revision_follows_the_head(log: LocalLog) -> None:
    first = log.submit(document="d")
    second = log.revise("d", first.leaf_hash)
    with pytest.raises(Conflict) as caught:
        log.revise("d", first.leaf_hash, Status.UPDATE)
    assert caught.value.code == "previous-not-head"
    assert second.leaf_hash.hex() in caught.value.message
    third = log.revise("d", second.leaf_hash, Status.RETRACTION)
    with log.services.store.read() as view:
        head = view.heads(tenant_id=log.tenant.id, documents=["d"]).get("d")
        revisions = view.revisions(tenant_id=log.tenant.id, document="d")
    assert head is not None
    assert head.leaf_hash == third.leaf_hash
    assert [one.leaf_hash for one in revisions] == [first.leaf_hash, second.leaf_hash, third.leaf_hash]


def test_a_revision_without_previous_is_told_the_head(log: LocalLog) -> None:
    first = log.submit(document="d")
    with pytest.raises(PolicyRefused) as caught:
        log.submit(document="d", status=Status.CORRECTION)
    assert caught.value.code == "previous-required"
    assert first.leaf_hash.hex() in caught.value.message


def test_the_same_revision_twice_is_the_same_leaf_even_when_it_is_no_longer_the_head(log: LocalLog) -> None:
    first = log.submit(document="d")
    second = log.submit(number=50_000, document="d", previous=first.leaf_hash, status=Status.UPDATE)
    log.revise("d", second.leaf_hash)
    again = log.submit(number=50_000, document="d", previous=first.leaf_hash, status=Status.UPDATE)
    assert (again.leaf_hash, again.replayed) == (second.leaf_hash, True)


def test_documents_of_publishers_are_apart(log: LocalLog) -> None:
    first = log.submit(document="d")
    other = log.publisher("Water board")
    with pytest.raises(PolicyRefused) as caught:
        log.submit(document="d", tenant=other, previous=first.leaf_hash, status=Status.RETRACTION)
    assert caught.value.code == "unknown-document"
    log.submit(document="d", tenant=other)


def test_times_never_decrease_and_a_clock_set_back_stops_acceptance(log: LocalLog) -> None:
    log.clock.now = START + 10_000
    latest = stored_entry(log, log.submit().leaf_hash).time
    log.clock.now = latest - CLOCK_TOLERANCE_MS
    assert stored_entry(log, log.submit().leaf_hash).time == latest
    log.clock.now -= 1
    before = log.leaves()
    with pytest.raises(Overloaded) as caught:
        log.submit()
    assert caught.value.code == "clock-went-back"
    assert log.leaves() == before
    log.clock.now = latest + 1
    assert stored_entry(log, log.submit().leaf_hash).time == latest + 1


def test_too_long_a_backlog_is_refused(tmp_path: Any) -> None:
    log = LocalLog(tmp_path / "log", flags={"limits.max_pending": 3})
    log.submit()
    log.submit()
    with pytest.raises(Overloaded) as caught:
        log.submit()
    assert caught.value.code == "backlog"
    log.integrate()
    log.submit()
    log.services.close()


def test_the_digest_of_the_text_is_that_of_the_canonical_file(log: LocalLog) -> None:
    accepted = log.submit(number=3)
    [found] = log.services.reader.by_text(hashlib.sha256(canonical_plain(text(3)).data).digest(), limit=10)
    assert found.leaf_hash == accepted.leaf_hash
