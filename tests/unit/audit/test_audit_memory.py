"""What an audit remembers: it goes on where it stopped, and a log that shrinks or forks is caught with evidence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notary.audit import run as runs
from notary.audit.progress import Progress, parse_progress
from notary.core.findings import Finding, Findings
from notary.core.jcs import dumps
from notary.core.treestream import TreeStream
from notary.errors import CannotCheck, EndpointFailed, UsageError
from notary.ports.audit import SeenHead
from notary.storage.auditmemory import AuditMemory
from tests.auditing import BookChain, BookLog, audit, plain
from tests.worlds import NOW, ORIGIN, entry, revision


@contextmanager
def memory(path: Path) -> Iterator[AuditMemory]:
    opened = AuditMemory(path, origin=ORIGIN)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "log.audit"


def chain_of(log: BookLog, *sizes: int) -> BookChain:
    chain = BookChain()
    for i, size in enumerate(sizes):
        chain.anchor(size, log.root(size), 10 + i)
    return chain


def test_a_second_run_reads_only_what_is_new(state: Path) -> None:
    log = BookLog().fill(600)
    with memory(state) as kept:
        assert audit(log, chain_of(log, 600), memory=kept).exit == 0
    log.fill(700).asked.clear()
    with memory(state) as kept:
        report = audit(log, chain_of(log, 600, 700), memory=kept)
    assert (report.exit, report.checks["consistency"].code) == (0, "consistent")
    assert "tile/entries/002.p/188" in log.asked
    assert not {"tile/entries/000", "tile/entries/001"} & {*log.asked}
    assert (report.counts["entries"], report.counts["anchors"]) == (699, 2)
    assert any("512" in sentence for sentence in report.unexamined)


def test_the_same_log_twice_is_clean_twice(state: Path) -> None:
    for size in (1, 255, 256, 300):
        log = BookLog().fill(size)
        for _ in range(2):
            with memory(state.with_name(f"{size}")) as kept:
                report = audit(log, chain_of(log, size), memory=kept)
            assert (report.exit, report.findings, report.counts["entries"]) == (0, (), size - 1)


def test_a_run_that_stops_goes_on(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "SAVE_EVERY", 1)
    log = BookLog().fill(1100)
    log.changes["tile/entries/003"] = EndpointFailed("it went away", code="endpoint-unreachable")
    with memory(state) as kept:
        assert audit(log, chain_of(log, 1100), memory=kept).exit == 3
    log.changes.clear()
    log.asked.clear()
    with memory(state) as kept:
        report = audit(log, chain_of(log, 1100), memory=kept)
    assert (report.exit, report.counts["entries"]) == (0, 1099)
    assert "tile/entries/003" in log.asked
    assert "tile/entries/002" not in log.asked


def test_revisions_are_followed_over_runs(state: Path) -> None:
    first = entry(time=NOW - 10**8)
    log = BookLog().add(first).fill(300)
    with memory(state) as kept:
        assert audit(log, chain_of(log, 300), memory=kept).exit == 0
    log.add(revision(first), revision(first, language="de"))
    with memory(state) as kept:
        report = audit(log, chain_of(log, 300, 302), memory=kept)
    assert [(one.code, one.index) for one in report.findings] == [("fork", 301)]


def test_findings_of_earlier_runs_are_told_again(state: Path) -> None:
    log = BookLog().add(revision(entry(), time=NOW - 10**8)).fill(300)
    for sizes in ((300,), (300, 301)):
        log.fill(sizes[-1])
        with memory(state) as kept:
            report = audit(log, chain_of(log, *sizes), memory=kept)
        assert report.exit == 0
        assert [(one.code, one.index) for one in report.findings] == [("gap", 1)]


# --------------------------------------------------------------------------------------------------- rollback and fork


def evidence(state: Path) -> dict[str, bytes]:
    folder = state.with_name(state.name + ".evidence")
    return {file.name: file.read_bytes() for file in folder.iterdir()} if folder.exists() else {}


def seen(log: BookLog, state: Path) -> None:
    """Audit an honest log, which must be clean."""
    with memory(state) as kept:
        assert audit(log, chain_of(log, len(log.leaves)), memory=kept).exit == 0
    assert evidence(state) == {}


def test_an_older_checkpoint_is_refuted_and_both_are_kept(state: Path) -> None:
    log = BookLog().fill(300)
    seen(log, state)
    log.size = 290
    with memory(state) as kept:
        report = audit(log, chain_of(log, 290), memory=kept)
    assert (report.exit, report.checks["consistency"].code) == (1, "rollback")
    assert "290" in report.checks["consistency"].detail
    assert sorted(evidence(state).values()) == sorted([log.note(300), log.note(290)])
    assert all(name in report.checks["consistency"].detail for name in evidence(state))


@pytest.mark.parametrize("size", [300, 301, 600])
@pytest.mark.parametrize("changed", [3, 299])
def test_another_tree_signed_by_the_same_key_is_a_fork(state: Path, size: int, changed: int) -> None:
    log = BookLog().fill(300)
    seen(log, state)
    other = BookLog(key=log.key, leaves=list(log.leaves)).fill(size)
    other.leaves[changed] = plain(10**7).encode()
    with memory(state) as kept:
        report = audit(other, chain_of(other, size), memory=kept)
    assert (report.exit, report.checks["consistency"].code) == (1, "fork")
    assert f"size {size} has another" in report.checks["consistency"].detail or size == 300
    assert ("two different trees of size 300" in report.checks["consistency"].detail) == (size == 300)
    assert sorted(evidence(state).values()) == sorted([log.note(), other.note()])


def test_a_forged_head_over_the_honest_tiles(state: Path) -> None:
    log = BookLog().fill(300)
    seen(log, state)
    log.fill(310).changes["checkpoint"] = log.note(310, root=bytes(32))
    with memory(state) as kept:
        report = audit(log, chain_of(log, 310), memory=kept)
    assert (report.exit, report.checks["consistency"].code) == (1, "consistency-unproven")
    assert len(evidence(state)) == 2


def test_what_was_refuted_is_not_taken_over(state: Path) -> None:
    log = BookLog().fill(300)
    seen(log, state)
    other = BookLog(key=log.key, leaves=list(log.leaves)).fill(310)
    other.leaves[3] = plain(10**7).encode()
    for _ in range(2):
        with memory(state) as kept:
            assert audit(other, chain_of(other, 310), memory=kept).checks["consistency"].code == "fork"
    with memory(state) as kept:
        assert audit(log, chain_of(log, 300), memory=kept).exit == 0


def test_a_false_beginning_is_not_kept(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries and tiles that fit each other but not the signed root must not be where the next run goes on from."""
    monkeypatch.setattr(runs, "SAVE_EVERY", 1)
    log = BookLog().fill(600)
    false = BookLog(leaves=list(log.leaves))
    false.leaves[7] = plain(10**7).encode()
    false.changes["checkpoint"] = log.note()
    with memory(state) as kept:
        assert audit(false, chain_of(log, 600), memory=kept).checks["tree"].code == "root-mismatch"
    with memory(state) as kept:
        assert audit(log, chain_of(log, 600), memory=kept).exit == 0


@pytest.mark.parametrize("leaf", [0, 7])
def test_what_refutes_a_log_refutes_it_again(state: Path, monkeypatch: pytest.MonkeyPatch, leaf: int) -> None:
    """Entries that are false are not passed over by the next run because it goes on behind them."""
    monkeypatch.setattr(runs, "SAVE_EVERY", 1)
    log = BookLog().fill(600)
    log.leaves[leaf] = b"{}"
    for _ in range(2):
        with memory(state) as kept:
            report = audit(log, chain_of(log, 600), memory=kept)
        assert report.exit == 1
        assert report.checks["entries" if leaf else "manifest"].code == ("entry-malformed" if leaf else "no-manifest")


def test_an_entry_that_was_served_falsely_is_read_again(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "SAVE_EVERY", 1)
    log = BookLog().fill(600)
    honest = log.served("tile/entries/000")
    log.changes["tile/entries/000"] = honest.replace(log.leaves[7], plain(10**7).encode().ljust(len(log.leaves[7])))
    with memory(state) as kept:
        assert audit(log, chain_of(log, 600), memory=kept).checks["tree"].code == "entry-changed"
    log.changes.clear()
    with memory(state) as kept:
        report = audit(log, chain_of(log, 600), memory=kept)
    assert (report.exit, report.counts["entries"]) == (0, 599)


def test_a_checkpoint_is_remembered_although_its_tree_could_not_be_read(state: Path) -> None:
    log = BookLog().fill(300)
    log.changes["tile/entries/000"] = EndpointFailed("gone", code="endpoint-unreachable")
    with memory(state) as kept:
        assert audit(log, memory=kept).exit == 3
    log.changes.clear()
    log.size = 299
    with memory(state) as kept:
        assert audit(log, memory=kept).checks["consistency"].code == "rollback"


# ------------------------------------------------------------------------------------------------------- the state file


@pytest.mark.parametrize("content", [b"", b"hello, world" * 1000, b"SQLite format 3\0" + b"\1" * 5000])
def test_what_is_no_state_file_is_refused_and_left_alone(state: Path, content: bytes) -> None:
    state.write_bytes(content)
    if not content:
        AuditMemory(state, origin=ORIGIN).close()  # an empty file is a new one
        return
    with pytest.raises(UsageError) as caught:
        AuditMemory(state, origin=ORIGIN)
    assert caught.value.code == "not-a-state-file"
    assert state.read_bytes() == content


def test_another_database_is_refused(state: Path) -> None:
    with sqlite3.connect(state) as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    with pytest.raises(UsageError) as caught:
        AuditMemory(state, origin=ORIGIN)
    assert caught.value.code == "not-a-state-file"


def test_the_state_of_another_log_is_refused(state: Path) -> None:
    AuditMemory(state, origin="other.example/log").close()
    with pytest.raises(UsageError) as caught:
        AuditMemory(state, origin=ORIGIN)
    assert caught.value.code == "other-log"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        AuditMemory(tmp_path / "nowhere" / "state", origin=ORIGIN)
    assert caught.value.code == "state-unusable"


def test_two_audits_do_not_share_a_state(state: Path) -> None:
    with memory(state), pytest.raises(CannotCheck) as caught:
        AuditMemory(state, origin=ORIGIN)
    assert caught.value.code == "state-busy"


def test_what_was_not_saved_is_forgotten(state: Path) -> None:
    with memory(state) as kept:
        kept.add_leaf(b"a" * 32, 1, None)
        kept.save(b"{}")
        kept.add_leaf(b"b" * 32, 2, None)
        kept.add_head(SeenHead(2, bytes(32), b"note"))
    with memory(state) as kept:
        assert (kept.leaf_index(b"a" * 32), kept.leaf_index(b"b" * 32)) == (1, None)
        assert (kept.progress(), kept.newest_head()) == (b"{}", None)
        assert kept.add_leaf(b"a" * 32, 5, None) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        dumps({"size": 1, "edge": [], "time": 0, "manifest": "", "counts": {}, "found": {}, "findings": []}),
        dumps({"size": 0, "edge": [], "time": 0, "manifest": "zz", "counts": {}, "found": {}, "findings": []}),
        dumps({"size": 0, "edge": [], "time": 0, "manifest": "", "counts": [], "found": {}, "findings": []}),
        dumps({"size": 0, "edge": [], "time": 0, "manifest": "", "counts": {}, "found": {}, "findings": {}}),
    ],
)
def test_damaged_progress_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        parse_progress(data)
    assert caught.value.code == "not-a-state-file"


def test_progress_comes_back_as_it_was() -> None:
    stream = TreeStream()
    stream.extend([bytes([n % 256]) * 32 for n in range(300)])
    findings = Findings()
    findings.add(Finding("gap", "a gap", 3))
    findings.add(Finding("other", "without a place"))
    data = Progress(stream, 17, b"{}", {"entries": 3}, findings).encode()
    back = parse_progress(data)
    assert back.encode() == data
    assert back.stream.root() == stream.root()
    assert back.findings.kept == findings.kept
