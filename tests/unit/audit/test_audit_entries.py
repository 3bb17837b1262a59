"""What the audit says of entries, manifests and revisions; what refutes a log, and what is only shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account

from notary.core.eip712 import signing_hash
from notary.core.entry import Entry
from notary.core.findings import MAX_KEPT, Finding, Findings, LogReport
from notary.core.manifest import ChainId, KeyRange
from notary.core.note import verifier_key
from notary.core.record import Commitment, Previous, Publisher, Status
from notary.core.trust import TrustedKey
from notary.errors import EndpointFailed
from tests.auditing import CHAIN, PLACE, BookChain, BookLog, audit, manifest, plain
from tests.worlds import NOW, ORIGIN, LogKey, entry, record, revision

SECRET = Account.from_key((7).to_bytes(32, "big"))
OTHER = Account.from_key((8).to_bytes(32, "big"))


def look(log: BookLog, **trust: object) -> LogReport:
    """Audit a log that is anchored as a whole."""
    chain = BookChain().anchor(len(log.leaves), log.root(), 10)
    return audit(log, chain, trust=log.trust(**trust))


def found(report: LogReport) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.index) for finding in report.findings]


def signed(one: Entry, by: object = SECRET) -> Entry:
    """Return an entry signed with a publisher's key."""
    publisher = replace(one.record.publisher, key=bytes.fromhex(by.address[2:]))  # type: ignore[attr-defined]
    made = replace(one.record, publisher=publisher)
    signature = by.unsafe_sign_hash(signing_hash(made))  # type: ignore[attr-defined]
    return replace(one, record=made, signature=bytes(signature.signature))


# ------------------------------------------------------------------------------------------------ what refutes the log


def test_an_entry_dated_before_the_one_in_front_of_it() -> None:
    log = BookLog().add(plain(5), plain(4))
    report = look(log)
    assert (report.exit, report.checks["entries"].code) == (1, "time-went-back")
    assert "Entry 2 " in report.checks["entries"].detail


@pytest.mark.parametrize(
    "data", [b"{}", b"not json", b'{"spec": "notary-entry/1"}', plain(3).encode() + b"\n", plain(3).encode()[:-1]]
)
def test_a_leaf_that_is_no_entry(data: bytes) -> None:
    report = look(BookLog().add(plain(1), data))
    assert (report.exit, report.checks["entries"].code) == (1, "entry-malformed")
    assert "Entry 2 " in report.checks["entries"].detail
    assert report.checks["tree"].status == "pass"


@pytest.mark.parametrize("shown", ["gone", "false"])
def test_what_nobody_proved_to_be_in_the_tree_is_not_held_against_the_log(shown: str) -> None:
    """A server could make up entries and tiles that fit each other; only the signed root makes them the log's."""
    first = entry(time=NOW - 10**8)
    log = BookLog().add(first, revision(first, time=NOW - 10**8), revision(first, time=NOW - 10**8), b"{}").fill(600)
    log.leaves[0] = b"{}"
    if shown == "gone":
        log.changes["tile/entries/001"] = EndpointFailed("gone", code="endpoint-unreachable")
    else:
        log.changes["checkpoint"] = log.note(root=bytes(32))
    report = look(log)
    assert report.exit == (3 if shown == "gone" else 1)
    assert [report.checks[name].code for name in ("entries", "manifest")] == ["not-reached"] * 2
    assert (report.findings, report.counts["entries"], report.counts["revisions"]) == ((), 0, 0)


def test_a_leaf_of_a_later_format_is_not_checked() -> None:
    report = look(BookLog().add(plain(1).encode().replace(b"notary-entry/1", b"notary-entry/2")))
    assert (report.exit, report.checks["entries"].code) == (3, "unknown-version")


def test_a_failure_counts_before_what_is_not_known() -> None:
    report = look(BookLog().add(plain(1).encode().replace(b"notary-entry/1", b"notary-entry/2"), b"{}"))
    assert (report.exit, report.checks["entries"].code) == (1, "entry-malformed")


def test_an_entry_of_another_log() -> None:
    report = look(BookLog().add(Entry(record=record(origin="other.example/log"), time=NOW)))
    assert (report.exit, report.checks["entries"].code) == (1, "wrong-origin")


@pytest.mark.parametrize("first", [plain(0).encode(), b"{}"])
def test_a_log_that_does_not_begin_with_a_manifest(first: bytes) -> None:
    report = look(BookLog(leaves=[first]))
    assert (report.exit, report.checks["manifest"].code) == (1, "no-manifest")


def test_a_manifest_of_another_log() -> None:
    key = LogKey(1, name="other.example/log")
    vkey = verifier_key("other.example/log", key.public).encode()
    other = manifest(LogKey(), origin="other.example/log", vkeys=(KeyRange(vkey=vkey, first=0),))
    report = look(BookLog().add(other))
    assert (report.exit, report.checks["entries"].code) == (1, "wrong-origin")


def test_a_manifest_that_takes_back_an_earlier_one() -> None:
    log = BookLog()
    log.add(manifest(log.key, chains=(), time=NOW))
    report = look(log)
    assert (report.exit, report.checks["manifest"].code) == (1, "manifest-does-not-follow")
    assert "manifest at 1 " in report.checks["manifest"].detail


# ---------------------------------------------------------------------------------------------- manifest and trust file


def test_a_trust_file_with_another_key_is_refuted() -> None:
    log = BookLog()
    mine, another = (TrustedKey(verifier_key(ORIGIN, LogKey(n).public), 0, None) for n in (1, 2))
    report = look(log, keys=(mine, another))
    assert (report.exit, report.checks["manifest"].code) == (1, "trust-disagrees")


@pytest.mark.parametrize("name", ["genesis", "registry_codehash", "log_id"])
def test_a_trust_file_with_another_chain_is_refuted(name: str) -> None:
    changes: dict[str, Any] = {name: bytes(32)}
    other = replace(CHAIN, chain_id=7, **changes)
    report = look(BookLog(), chains=(CHAIN, other))
    assert (report.exit, report.checks["manifest"].code) == (1, "trust-disagrees")


def keys(log: BookLog, *, logged: int | None, trusted: int | None) -> LogReport:
    """Audit a log whose manifest ends its key at a size, and whose trust file does so elsewhere."""
    vkey = verifier_key(ORIGIN, log.key.public)
    log.leaves = [manifest(log.key, vkeys=(KeyRange(vkey=vkey.encode(), first=0, last=logged),)).encode()]
    return look(log, keys=(TrustedKey(vkey, 0, trusted),))


def test_the_end_of_a_key() -> None:
    assert found(keys(BookLog(), logged=None, trusted=None)) == []
    assert found(keys(BookLog(), logged=50, trusted=50)) == []
    assert found(keys(BookLog(), logged=50, trusted=None)) == [("trust-outdated", None)]
    assert found(keys(BookLog(), logged=None, trusted=50)) == [("key-ended", None)]
    assert found(keys(BookLog(), logged=50, trusted=40)) == [("key-ended", None)]
    report = keys(BookLog(), logged=50, trusted=60)
    assert (report.exit, report.checks["manifest"].code) == (1, "trust-disagrees")


def test_a_log_that_says_more_than_the_trust_file() -> None:
    log = BookLog()
    vkeys = (
        KeyRange(vkey=verifier_key(ORIGIN, log.key.public).encode(), first=0, last=99),
        KeyRange(vkey=verifier_key(ORIGIN, LogKey(2).public).encode(), first=100),
    )
    more = ChainId(**{name: getattr(PLACE, name) for name in PLACE.__slots__} | {"chain_id": 5})
    log.add(manifest(log.key, vkeys=vkeys, chains=(PLACE, more), time=NOW))
    report = look(log)
    assert report.exit == 0
    assert sorted({code for code, _ in found(report)}) == ["chain-not-trusted", "trust-outdated"]


# -------------------------------------------------------------------------------------------------------- what is shown


def test_revisions_in_a_row_are_nothing_to_mention() -> None:
    first = entry()
    second = revision(first)
    third = revision(second, status=Status.UPDATE, time=NOW)
    report = look(BookLog().add(first, second, third))
    assert (report.exit, found(report), report.counts["revisions"]) == (0, [], 2)


def test_a_fork_is_shown_and_does_not_refute() -> None:
    first = entry()
    report = look(BookLog().add(first, revision(first), revision(first, status=Status.RETRACTION)))
    assert (report.exit, found(report)) == (0, [("fork", 3)])
    assert "Entries 2 and 3 " in report.findings[0].detail


def test_two_originals_of_one_document() -> None:
    report = look(BookLog().add(entry(), entry(record(meta_sha256=bytes(32)))))
    assert (report.exit, found(report)) == (0, [("second-original", 2)])


def test_a_gap() -> None:
    report = look(BookLog().add(revision(entry())))
    assert (report.exit, found(report)) == (0, [("gap", 1)])


def test_a_revision_in_front_of_what_it_revises_is_a_gap() -> None:
    first = entry(time=NOW)
    report = look(BookLog().add(revision(first, time=NOW), first))
    assert found(report) == [("gap", 1)]


def test_a_revision_of_an_entry_in_another_log_is_a_gap() -> None:
    one = revision(entry())
    elsewhere = replace(one.record, previous=Previous("other.example/log", bytes(32)))
    report = look(BookLog().add(replace(one, record=elsewhere)))
    assert found(report) == [("gap", 1)]
    assert "another log" in report.findings[0].detail


def test_an_unsigned_entry_that_says_it_revises_a_signed_one() -> None:
    first = signed(entry())
    claim = revision(first, time=NOW)
    genuine = signed(revision(first, time=NOW))
    report = look(BookLog().add(first, claim, genuine))
    # The claim does not count, so that the genuine one is no fork.
    assert (report.exit, found(report)) == (0, [("unsigned-claim", 2)])
    assert report.counts["signed"] == 2


@pytest.mark.parametrize(
    "change",
    [
        {"publisher": Publisher("somebody-else")},
        {"document": "notice-18"},
    ],
)
def test_claims_that_do_not_count(change: dict[str, Any]) -> None:
    first = entry()
    report = look(BookLog().add(first, revision(first, **change)))
    assert (report.exit, found(report)) == (0, [("claim", 2)])


def test_a_claim_with_another_key() -> None:
    first = signed(entry())
    report = look(BookLog().add(first, signed(revision(first, time=NOW), OTHER)))
    assert found(report) == [("claim", 2)]


def test_a_claim_on_an_entry_without_a_document() -> None:
    first = plain(1)
    report = look(BookLog().add(first, revision(first)))
    assert found(report) == [("claim", 2)]


def test_a_false_signature_is_shown_and_its_entry_starts_nothing() -> None:
    one = signed(entry())
    false = replace(one, signature=signed(entry(), OTHER).signature)
    report = look(BookLog().add(false, replace(one, time=one.time + 1)))
    assert (report.exit, found(report)) == (0, [("bad-signature", 1)])


def test_an_entry_twice() -> None:
    report = look(BookLog().add(plain(1), plain(1)))
    assert (report.exit, found(report)) == (0, [("duplicate", 2)])


def test_commitments_are_counted_and_what_is_overdue() -> None:
    def sealed(number: int, by: str) -> Entry:
        content = Commitment(sha256=number.to_bytes(32, "big"), reveal_by=by)
        return Entry(record=record(content=content, document=None), time=NOW)

    log = BookLog().add(
        sealed(1, "2026-01-01T00:00:00Z"),
        sealed(2, "2026-09-21T09:46:39.123456789+08:00"),
        sealed(3, "2999-01-01T00:00:00Z"),
    )
    report = look(log)
    assert report.exit == 0
    assert (report.counts["commitments"], report.counts["overdue commitments"]) == (3, 2)


def test_many_findings_are_counted_and_some_kept() -> None:
    findings = Findings()
    for number in range(MAX_KEPT + 50):
        findings.add(Finding("gap", "a gap", number))
    findings.add(Finding("fork", "a fork", 1))
    assert len(findings.kept) == MAX_KEPT + 1
    assert findings.counts == {"gap": MAX_KEPT + 50, "fork": 1}
