"""`notary fsck` and the check before the first signature: any change of what is stored is found and named."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, Connection, delete, select, update

from notary.core import merkle, tiles
from notary.core.findings import LogReport
from notary.errors import IntegrityError
from notary.model.anchors import AnchorState
from notary.model.log import TreeState
from notary.service import fsck as fscks
from notary.service import rederive
from notary.service.fsck import Fsck
from notary.service.integrate import Integrator
from notary.service.logkeys import log_keys
from notary.storage import tables
from tests import backends
from tests.anchoring import anchor_head, chain_flags
from tests.growing import grow as grow_large
from tests.program import call
from tests.service.locallog import LocalLog

entries, heads, stored = tables.entries, tables.checkpoints, tables.tiles


def tamper(log: LocalLog, change: Callable[[Connection], object]) -> None:
    """Change the database behind everybody's back; nothing but the bytes is looked at then."""
    with backends.behind_its_back(log.root) as connection:
        change(connection)


def flip(data: bytes, at: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def fsck(log: LocalLog) -> LogReport:
    return Fsck(log.services.store, log.services.signer).run()


def codes(report: LogReport) -> set[str]:
    return {finding.code for finding in report.findings}


def set_entry(index: int, **values: object) -> Callable[[Connection], object]:
    return lambda c: c.execute(update(entries).where(entries.c.leaf_index == index).values(**values))


def set_head(of_size: int, **values: object) -> Callable[[Connection], object]:
    return lambda c: c.execute(update(heads).where(heads.c.size == of_size).values(**values))


def flipped_entry(index: int, column: str = "data", at: int = 40) -> Callable[[Connection], object]:
    def change(connection: Connection) -> None:
        held = connection.execute(select(entries.c[column]).where(entries.c.leaf_index == index)).scalar_one()
        connection.execute(update(entries).where(entries.c.leaf_index == index).values({column: flip(held, at)}))

    return change


def flipped_tile(at: int) -> Callable[[Connection], object]:
    def change(connection: Connection) -> None:
        held = connection.execute(select(stored.c.data)).scalar_one()
        connection.execute(update(stored).values(data=flip(held, at)))

    return change


@pytest.fixture
def full(log: LocalLog) -> LocalLog:
    """A log of six leaves and three checkpoints, with one document of two revisions."""
    first = log.submit(document="notice-1")
    log.integrate()
    log.submit()
    log.revise("notice-1", first.leaf_hash)
    log.integrate()
    log.submit()
    log.submit()
    log.integrate()
    return log


def test_a_whole_log_is_clean(full: LocalLog) -> None:
    report = fsck(full)
    assert (report.verdict, report.exit, report.findings) == ("clean", 0, ())
    assert report.counts == {"entries": 6, "checkpoints": 3, "anchors": 0}
    assert report.checks["anchors"].code == "no-anchors"
    assert report.head is not None
    assert report.head.root == full.head().root


def test_an_empty_log_and_one_that_is_not_integrated_are_clean(log: LocalLog) -> None:
    assert fsck(log).verdict == "clean"
    log.submit()
    report = fsck(log)
    assert (report.verdict, report.counts["entries"]) == ("clean", 2)


CHANGES: list[tuple[str, Callable[[Connection], object], str, int | None]] = [
    ("a byte of an entry", flipped_entry(2), "leaf-changed", 2),
    ("the hash of an entry", flipped_entry(3, "leaf_hash", 0), "leaf-hash-changed", 3),
    ("an entry is gone", lambda c: c.execute(delete(entries).where(entries.c.leaf_index == 5)), "leaf-missing", 5),
    ("a hash in a tile", flipped_tile(4 * 32 + 7), "tile-changed", 4),
    ("the tile is gone", lambda c: c.execute(delete(stored)), "tile-missing", None),
    ("the tile is cut", lambda c: c.execute(update(stored).values(data=bytes(64))), "tile-missing", None),
    ("the root", lambda c: c.execute(update(tables.log).values(tree_root=bytes(32))), "tree-root-mismatch", None),
    ("the tree's size", lambda c: c.execute(update(tables.log).values(tree_size=5)), "tree-root-mismatch", None),
    ("the number of leaves", lambda c: c.execute(update(tables.log).values(next_index=3)), "leaves-missing", None),
    ("an old checkpoint's root", set_head(2, root=bytes(32)), "checkpoint-mismatch", None),
    ("an old checkpoint's note", set_head(4, note=b"x\n\ny\n"), "checkpoint-signature", None),
    ("an old checkpoint's size", set_head(2, size=3), "checkpoint-signature", None),
    ("a newer checkpoint", set_head(6, size=9), "checkpoint-ahead", None),
    ("the document of an entry", set_entry(4, document="other"), "row-changed", 4),
    ("the status of an entry", set_entry(3, status="original"), "row-changed", 3),
    ("the time of an entry", set_entry(3, time=5), "time-went-back", 3),
    ("the kind of an entry", set_entry(3, kind="manifest"), "row-changed", 3),
    ("the kind of the manifest", set_entry(0, kind="entry"), "row-changed", 0),
    ("the digest of a text", set_entry(3, text_sha256=bytes(32)), "row-changed", 3),
    ("the digest of a record", set_entry(3, record_digest=bytes(32)), "row-changed", 3),
    ("the head of a document", lambda c: c.execute(update(tables.documents).values(head=1)), "document-head", None),
    ("a document's head is gone", lambda c: c.execute(delete(tables.documents)), "document-head", None),
    ("the revised entry is another", flipped_entry(1, "leaf_hash", 0), "previous-missing", 3),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "index"), [one[1:] for one in CHANGES], ids=[one[0] for one in CHANGES])
def test_every_change_is_found_and_named(
    full: LocalLog, change: Callable[[Connection], object], code: str, index: int | None
) -> None:
    tamper(full, change)
    report = fsck(full)
    assert (report.verdict, report.exit) == ("damaged", 1)
    [found] = [finding for finding in report.findings if finding.code == code][:1]
    assert found.index == index
    if index is not None:
        assert str(index) in found.detail


def test_a_tree_that_was_grown_and_not_signed_yet_is_whole(full: LocalLog) -> None:
    full.submit()
    full.integrator._grow()
    report = fsck(full)
    assert (report.verdict, report.counts["entries"], report.counts["checkpoints"]) == ("clean", 7, 3)
    tamper(full, flipped_tile(6 * 32))
    assert codes(fsck(full)) == {"tile-changed"}


def test_checkpoints_come_in_parts(full: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rederive, "_HEADS", 1)
    assert fsck(full).counts["checkpoints"] == 3
    tamper(full, set_head(6, root=bytes(32)))
    assert codes(fsck(full)) == {"checkpoint-mismatch", "checkpoint-signature"}


# What a flipped byte of the file can do beneath the contents, made by SQL.
BROKEN: dict[str, tuple[str, str]] = {
    "a number that is bytes": ("UPDATE entries SET time = x'00' WHERE leaf_index = 3", "1 rows of entries"),
    "bytes that are text": ("UPDATE tiles SET data = 'no bytes'", "1 rows of tiles"),
}


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("name", BROKEN)
def test_a_database_that_is_broken_itself(full: LocalLog, name: str) -> None:
    statement, says = BROKEN[name]
    full.services.close()
    tamper(full, lambda c: c.exec_driver_sql(statement))
    full.reopen()
    report = fsck(full)
    assert (report.verdict, report.exit, codes(report)) == ("damaged", 1, {"storage-broken"})
    assert says in report.findings[0].detail
    assert [report.checks[one].code for one in ("database", "tree")] == ["storage-broken", "database-first"]
    assert full.services.mark.read() != TreeState(6, full.head().root)


@pytest.mark.only_on("sqlite")
def test_every_place_that_holds_a_leaf_hash(full: LocalLog) -> None:
    """Table, index and tile: an index that has another hash hides the entry from whoever asks for it."""
    leaf = full.leaves()[2]
    full.services.close()
    file = full.root / "notary.db"
    whole = file.read_bytes()
    places = [found.start() for found in re.finditer(re.escape(leaf), whole)]
    assert len(places) == 3
    told = []
    for at in places:
        file.write_bytes(flip(whole, at))
        done = call("fsck", "--data", full.root, "--json")
        assert (done.code, done.json["verdict"]) == (1, "damaged")
        told.append(done.json["findings"][0]["detail"])
    assert any("missing from index sqlite_autoindex_entries" in one for one in told)


@pytest.mark.only_on("sqlite")
def test_any_byte_of_the_file_changed_is_answered_without_a_traceback(full: LocalLog) -> None:
    full.services.close()
    file = full.root / "notary.db"
    whole = file.read_bytes()
    chance = random.Random(4)
    # The schema is at the beginning; in its text anything may become a name that nobody knows.
    places = [chance.randrange(min(len(whole), 16384)) for _ in range(30)]
    places += [chance.randrange(len(whole)) for _ in range(60)]
    for at in places:
        file.write_bytes(flip(whole, at))
        for suffix in ("-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        done = call("fsck", "--data", full.root, "--json")
        assert done.code in {0, 1, 2}, (at, done)
        assert done.code or done.json["verdict"] == "clean"


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("index", ["uq_entries_leaf_hash", "pk_entries", "ix_entries_text_sha256"])
def test_a_row_that_an_index_hides(full: LocalLog, index: str) -> None:
    def hide(connection: Connection) -> None:
        # While an index is not ready, PostgreSQL does not write what it changes into it.
        ready = "UPDATE pg_index SET indisready = {} WHERE indexrelid = '{}'::regclass"
        connection.exec_driver_sql(ready.format("false", index))
        connection.exec_driver_sql("CREATE TABLE moved AS SELECT * FROM entries WHERE leaf_index = 3")
        connection.exec_driver_sql("DELETE FROM entries WHERE leaf_index = 3")
        connection.exec_driver_sql("INSERT INTO entries SELECT * FROM moved")
        connection.exec_driver_sql(ready.format("true", index))

    tamper(full, hide)
    report = fsck(full)
    assert (report.verdict, codes(report)) == ("damaged", {"storage-broken"})
    assert report.findings[0].detail.endswith(f"1 rows of entries are missing from index {index}.")


@pytest.mark.slow
def test_tiles_above_others(log: LocalLog) -> None:
    grow_large(log.services, sizes=[65_800])
    above = ((1, 0), (1, 1), (2, 0))
    for level, number in above:
        here = (stored.c.level == level, stored.c.number == number)

        def change(connection: Connection, here: tuple[ColumnElement[bool], ...] = here) -> None:
            held = connection.execute(select(stored.c.data).where(*here)).scalar_one()
            connection.execute(update(stored).where(*here).values(data=flip(held)))

        tamper(log, change)
    faults: list[rederive.Fault] = []
    with log.services.store.read() as view:
        walk = rederive.Walk(
            view,
            start=rederive.empty_head(),
            end=view.tree(),
            keys=log_keys(view, log.services.signer),
            report=faults.append,
        )
        while not walk.done:
            walk.step(view)
        walk.finish(view)
    assert [fault.code for fault in faults] == ["tile-changed"] * 3
    assert sorted(fault.message.split(" ")[1] for fault in faults) == [f"{level}/{number}" for level, number in above]


def test_two_of_three_tell_which_is_damaged(full: LocalLog) -> None:
    """Bytes, stored hash and tile hold the same leaf three times: only the one that was changed is named."""
    for change, code in (
        (flipped_entry(2), {"leaf-changed"}),
        (flipped_entry(2, "leaf_hash", 0), {"leaf-hash-changed"}),
        (flipped_tile(2 * 32), {"tile-changed"}),
    ):
        tamper(full, change)
        assert codes(fsck(full)) == code
        tamper(full, change)
    assert fsck(full).verdict == "clean"


def test_a_change_in_what_waits_for_integration_is_found(full: LocalLog) -> None:
    waiting = full.submit()
    tamper(full, flipped_entry(waiting.index))
    assert codes(fsck(full)) == {"leaf-changed"}


def test_anchors_are_held_against_checkpoints_and_their_proofs(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log", flags=chain_flags())
    log.submit()
    log.integrate()
    anchor_head(log.services, AnchorState.PROVEN)
    assert fsck(log).checks["anchors"].code == "anchors-whole"
    tamper(log, lambda c: c.execute(update(tables.anchors).values(root=bytes(32))))
    assert codes(fsck(log)) == {"anchor-mismatch", "anchor-proof"}
    tamper(log, lambda c: c.execute(update(tables.anchors).values(root=log.head().root)))
    tamper(log, lambda c: c.execute(update(tables.anchor_proofs).values(header=b"\x01")))
    assert codes(fsck(log)) == {"anchor-proof"}
    for nodes in ('["zz"]', "[1]", "["):
        broken = update(tables.anchor_proofs).values(nodes=nodes)
        tamper(log, partial(Connection.execute, statement=broken))
        assert codes(fsck(log)) == {"anchor-proof"}
    tamper(log, lambda c: c.execute(update(tables.anchors).values(state="provem")))
    with pytest.raises(IntegrityError, match="no state that there is"):
        fsck(log)
    tamper(log, lambda c: c.execute(update(tables.anchors).values(state="proven")))
    tamper(log, lambda c: c.execute(delete(tables.anchor_proofs)))
    assert codes(fsck(log)) == {"anchor-proof"}
    log.services.close()


# -------------------------------------------------------------------------------------------------- before signing


def grow(log: LocalLog, count: int) -> None:
    """Put leaves into the tree without the cost of submitting; their rows are made up, and whole."""
    for _ in range(count):
        log.submit()
    log.integrate()


def test_what_was_verified_is_remembered_and_what_is_new_is_checked(full: LocalLog) -> None:
    full.reopen()
    assert full.integrator.step() == 0
    assert full.services.mark.read() == TreeState(6, full.head().root)
    grow(full, 2)
    # Changes of the new part and of the old part; only a check of everything goes over the old part again.
    for change, code in ((flipped_entry(7), "leaf-changed"), (flipped_tile(6 * 32), "tile-changed")):
        tamper(full, change)
        full.reopen()
        with pytest.raises(IntegrityError) as caught:
            full.integrator.step()
        assert caught.value.code == code
        tamper(full, change)
    tamper(full, flipped_entry(2))
    full.reopen()
    assert full.integrator.step() == 0
    assert codes(fsck(full)) >= {"leaf-changed"}


def test_without_a_memory_everything_is_checked_before_a_signature(full: LocalLog) -> None:
    tamper(full, flipped_entry(2))
    full.submit()
    services = full.services
    with pytest.raises(IntegrityError) as caught:
        Integrator(services.store, services.signer, services.clock).step()
    assert caught.value.code == "leaf-changed"
    assert "Leaf 2" in caught.value.message
    assert full.services.reader.checkpoint().count(b"\n6\n") == 1


def test_a_tree_smaller_than_what_was_verified_is_an_older_copy(full: LocalLog) -> None:
    root = full.head().root
    full.services.mark.write(TreeState(7, root))
    full.reopen()
    with pytest.raises(IntegrityError) as caught:
        full.integrator.step()
    assert caught.value.code == "verified-ahead"
    assert codes(Fsck(full.services.store, full.services.signer, full.services.mark).run()) == {"verified-ahead"}


def test_another_tree_than_the_verified_one_is_noticed(full: LocalLog) -> None:
    full.services.mark.write(TreeState(5, bytes(32)))
    full.reopen()
    with pytest.raises(IntegrityError) as caught:
        full.integrator.step()
    assert caught.value.code == "verified-mismatch"


@pytest.mark.parametrize("content", [b"", b"6\n", b"x" * 100, b"\xff\xfe", b"6 " + b"0" * 64])
def test_a_memory_that_cannot_be_read_is_none(full: LocalLog, content: bytes) -> None:
    (full.root / "verified").write_bytes(content)
    full.reopen()
    assert full.services.mark.read() is None
    assert full.integrator.step() == 0
    assert full.services.mark.read() == TreeState(6, full.head().root)


def test_a_memory_that_cannot_be_written_holds_nothing_up(full: LocalLog) -> None:
    (full.root / "verified").unlink(missing_ok=True)
    (full.root / "verified").mkdir()
    full.reopen()
    full.submit()
    full.integrate()
    assert full.head().size == 7


def test_a_long_check_is_made_in_parts(full: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fscks, "STEP_LEAVES", 1)
    leaves = full.leaves()
    with full.services.store.write() as view:
        more = [merkle.leaf_hash(b"%d" % number) for number in range(600)]
        grown = tiles.append(view, size=6, leaves=more)
        view.grow_tree(old_size=6, new=TreeState(grown.size, grown.root), tiles=grown.tiles)
    assert len(leaves) == 6
    full.reopen()
    check = fscks.StartCheck(full.services.store, full.services.signer, None)
    with pytest.raises(IntegrityError) as caught:
        check.advance()
    assert caught.value.code == "leaf-missing"  # rows of the made-up leaves do not exist


def test_a_log_over_several_tiles_in_parts(log: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fscks, "STEP_LEAVES", 256)
    grow(log, 299)
    (log.root / "verified").unlink()
    log.reopen()
    assert (log.integrator.step(), log.services.mark.read()) == (0, None)
    assert (log.integrator.step(), log.services.mark.read()) == (0, TreeState(300, log.head().root))
    assert fsck(log).verdict == "clean"
    tamper(log, lambda c: c.execute(update(stored).where(stored.c.level == 1).values(data=bytes(32))))
    assert codes(fsck(log)) == {"tile-changed"}
    assert fsck(log).findings[0].detail.startswith("Tile 1/0 ")


# ------------------------------------------------------------------------------------------------------ the command


def test_the_command(full: LocalLog) -> None:
    done = call("fsck", "--data", full.root, "--json")
    assert (done.code, done.json["verdict"], done.json["exit"]) == (0, "clean", 0)
    assert done.json["log"]["size"] == 6
    assert [check["name"] for check in done.json["checks"]] == [
        "database",
        "entries",
        "tree",
        "checkpoints",
        "documents",
        "anchors",
    ]
    assert full.services.mark.read() == TreeState(6, full.head().root)
    tamper(full, flipped_entry(2))
    done = call("fsck", "--data", full.root)
    assert done.code == 1
    assert done.out.startswith(b"damaged: ")
    assert b"Leaf 2 is not what was accepted." in done.out


def test_the_command_without_a_log(tmp_path: Path) -> None:
    done = call("fsck", "--data", tmp_path / "nothing")
    assert (done.code, done.out) == (2, b"")
    assert "(no-data-directory)" in done.err
