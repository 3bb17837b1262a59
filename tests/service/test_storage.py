"""The store: durable, one writer at a time, snapshots, and honest about what went wrong."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, text

from notary.errors import IntegrityError, InvalidConfig, NotaryError, Overloaded
from notary.model.anchors import AnchorState, Fees, Place, SignedTransaction, Target
from notary.model.log import Disclosure, LeafKind, SignedHead, StoredEntry, TreeState
from notary.model.operating import Heartbeat
from notary.model.tenants import ApiKey
from notary.storage.engine import open_engine
from notary.storage.migrations import create_schema, migrate
from notary.storage.store import SqlStore
from tests import backends
from tests.service.locallog import ORIGIN, LocalLog

TARGET = Target(chain_id=31337, registry=b"r" * 20, log_id=b"l" * 32)
PLACE = Place(tx_hash=b"t" * 32, block_number=5, block_hash=b"b" * 32)


def leaf(index: int, **changes: object) -> StoredEntry:
    entry = StoredEntry(index=index, leaf_hash=bytes([index]) * 32, data=b"{}", kind=LeafKind.ENTRY, time=1000 + index)
    return replace(entry, **changes)  # type: ignore[arg-type]


def signed(nonce: int, calldata: bytes = b"c") -> SignedTransaction:
    raw = b"%d %s" % (nonce, calldata)
    fees = Fees(max_fee=7, tip=2, gas=100)
    return SignedTransaction(b"s" * 20, nonce, tx_hash=raw.ljust(32), raw=raw, calldata=calldata, fees=fees)


@pytest.fixture
def store(backend: str, tmp_path: Path) -> Iterator[SqlStore]:
    engine = backends.new_engine(tmp_path, busy_timeout=0.2)
    create_schema(engine, origin=ORIGIN, public_key=b"k" * 32, time=0)
    made = SqlStore(engine, busy_timeout=0.2)
    yield made
    made.close()


@pytest.mark.only_on("sqlite")
def test_every_connection_is_durable(store: SqlStore) -> None:
    with store._engine.begin() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


@pytest.mark.only_on("sqlite")
def test_a_database_that_cannot_be_durable_is_refused() -> None:
    engine = open_engine(Path(":memory:"), create=True)
    with pytest.raises(InvalidConfig) as caught:
        migrate(engine)
    assert caught.value.code == "not-durable"
    engine.dispose()


@pytest.mark.only_on("sqlite")
def test_no_database_is_made_in_passing(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig) as caught:
        open_engine(tmp_path / "missing.db")
    assert caught.value.code == "no-database"
    assert not (tmp_path / "missing.db").exists()


@pytest.mark.only_on("sqlite")
def test_an_existing_database_is_not_made_anew(store: SqlStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig) as caught:
        open_engine(tmp_path / "n.db", create=True)
    assert caught.value.code == "database-exists"


def test_another_logs_database_is_refused(store: SqlStore) -> None:
    store.check_identity(origin=ORIGIN, public_key=b"k" * 32)
    for origin, key, code in ((f"{ORIGIN}x", b"k" * 32, "other-origin"), (ORIGIN, b"K" * 32, "other-key")):
        with pytest.raises(InvalidConfig) as caught:
            store.check_identity(origin=origin, public_key=key)
        assert caught.value.code == code


def test_what_is_committed_is_there_for_another_connection(store: SqlStore) -> None:
    with store._engine.connect() as other:
        with store.write() as view:
            view.append([(leaf(0), None)])
        assert other.execute(text("SELECT count(*) FROM entries")).scalar_one() == 1


def test_what_raises_is_undone(store: SqlStore) -> None:
    def fail() -> None:
        with store.write() as view:
            view.append([(leaf(0), None)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as view:
        assert view.acceptance().next_index == 0
        assert view.entry(leaf(0).leaf_hash) is None


def test_a_snapshot_does_not_move(store: SqlStore) -> None:
    with store.read() as before:
        assert before.acceptance().next_index == 0
        with store.write() as view:
            view.append([(leaf(0), None)])
        assert before.acceptance().next_index == 0
        assert before.entries(start=0, limit=5) == []
    with store.read() as after:
        assert after.entries(start=0, limit=5) == [leaf(0)]


def test_a_lock_held_by_another_process_is_said(store: SqlStore) -> None:
    # Another process shares nothing with this store but the database.
    other = SqlStore(store._engine, busy_timeout=0.2)
    with other.write():
        with pytest.raises(Overloaded) as caught, store.write() as view:
            view.append([(leaf(0), None)])
        assert caught.value.code == "database-busy"
        with store.read() as view:
            assert view.acceptance().next_index == 0
    with store.write() as view:
        view.append([(leaf(0), None)])


def test_a_writer_sees_what_was_committed_while_it_waited(store: SqlStore) -> None:
    other, begun = SqlStore(store._engine, busy_timeout=10), threading.Event()
    patient = SqlStore(store._engine, busy_timeout=10)

    def accept() -> int:
        begun.set()
        with patient.write() as view:
            index = view.acceptance().next_index
            view.append([(leaf(index), None)])
            return index

    with ThreadPoolExecutor(1) as pool:
        with other.write() as view:
            waiting = pool.submit(accept)
            begun.wait()
            view.append([(leaf(0), None)])
        assert waiting.result() == 1


def test_a_writer_in_the_same_process_is_waited_for_and_no_longer(store: SqlStore) -> None:
    with store.write() as first:
        first.append([(leaf(0), None)])
        with pytest.raises(Overloaded) as caught, store.write():
            pass
    assert caught.value.code == "database-busy"


@pytest.mark.only_on("sqlite")
def test_a_full_disk_is_said_and_nothing_is_stored(store: SqlStore) -> None:
    @event.listens_for(store._engine, "checkout")
    def _small(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA max_page_count=60")

    def fill() -> None:
        for index in range(100):
            with store.write() as view:
                view.append([(leaf(index), Disclosure(text=b"x" * 60_000, title=None, meta=None, salt=None))])

    with pytest.raises(Overloaded) as caught:
        fill()
    assert caught.value.code == "storage-full"
    event.remove(store._engine, "checkout", _small)
    with store.read() as reading:
        count = reading.acceptance().next_index
        assert len(reading.entries(start=0, limit=1000)) == count
    with store._engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    with store.write() as view:
        view.append([(leaf(count), None)])


@pytest.mark.only_on("sqlite")
def test_a_broken_file_is_said(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log")
    log.services.close()
    database = log.root / "notary.db"
    data = bytearray(database.read_bytes())
    data[4096 : 4096 * 8] = b"\xa5" * (4096 * 7)
    database.write_bytes(data)

    def use() -> None:
        log.reopen()
        log.submit()

    with pytest.raises(NotaryError) as caught:
        use()
    assert isinstance(caught.value, IntegrityError)
    assert caught.value.code == "storage-broken"


def test_a_leaf_takes_the_next_place_and_no_earlier_time(store: SqlStore) -> None:
    with store.write() as view:
        view.append([(leaf(0), None)])
    for wrong in (leaf(0), leaf(2), leaf(1, time=999)):
        with pytest.raises(IntegrityError) as caught, store.write() as view:
            view.append([(wrong, None)])
        assert caught.value.code == "log-moved"


def test_the_tree_grows_only_from_the_size_that_was_seen(store: SqlStore) -> None:
    with store.write() as view:
        view.grow_tree(old_size=0, new=TreeState(2, b"r" * 32), tiles={(0, 0): b"a" * 64})
    with pytest.raises(IntegrityError) as caught, store.write() as view:
        view.grow_tree(old_size=0, new=TreeState(3, b"s" * 32), tiles={(0, 0): b"b" * 96})
    assert caught.value.code == "tree-moved"
    with store.read() as view:
        assert view.tree() == TreeState(2, b"r" * 32)
        assert view.read_tile(0, 0, 2) == b"a" * 64
        assert view.read_tile(0, 0, 1) == b"a" * 32
        for level, number, width in ((0, 0, 3), (0, 1, 1), (1, 0, 1)):
            with pytest.raises(IntegrityError) as caught:
                view.read_tile(level, number, width)
            assert caught.value.code == "tile-missing"


def test_checkpoints_are_found_by_size(store: SqlStore) -> None:
    heads = [SignedHead(size=size, root=b"r", note=b"n%d" % size, time=size) for size in (1, 4, 9)]
    with store.write() as view:
        assert view.checkpoint() is None
        for head in heads:
            view.publish(head)
    with store.read() as view:
        assert view.checkpoint() == heads[2]
        assert view.checkpoint(at_least=9) == heads[2]
        assert view.checkpoint(at_least=10) is None
        assert view.checkpoint_of(4) == heads[1]
        assert view.checkpoint_of(5) is None


def test_only_one_anchor_is_in_flight_for_a_place(store: SqlStore) -> None:
    with store.write() as view:
        first = view.add_anchor(target=TARGET, size=1, root=b"a", time=1, reason="first")
    with pytest.raises(IntegrityError) as caught, store.write() as view:
        view.add_anchor(target=TARGET, size=2, root=b"b", time=2, reason="second")
    assert caught.value.code == "anchor-in-flight"
    with store.write() as view:
        view.move_anchor(first, state=AnchorState.REVERTED, time=3, reason="it failed", place=None)
        second = view.add_anchor(target=TARGET, size=2, root=b"b", time=4, reason="second")
    with store.read() as view:
        assert view.anchor_in_flight(TARGET) == second
        assert view.newest_anchor(TARGET) == second
        assert view.anchor_in_flight(replace(TARGET, chain_id=1)) is None


def test_an_anchor_moves_only_from_the_state_that_was_seen(store: SqlStore) -> None:
    with store.write() as view:
        anchor = view.add_anchor(target=TARGET, size=1, root=b"a", time=1, reason="first")
        moved = view.move_anchor(anchor, state=AnchorState.INCLUDED, time=2, reason="seen", place=PLACE)
    assert (moved.state, moved.place) == (AnchorState.INCLUDED, PLACE)
    with pytest.raises(IntegrityError) as caught, store.write() as view:
        view.move_anchor(anchor, state=AnchorState.PREPARED, time=3, reason="late", place=None)
    assert caught.value.code == "anchor-moved"
    with store.read() as view:
        assert view.anchor_in_flight(TARGET) == moved
        events = view.anchor_events(anchor.id)
    assert [(one.state, one.reason) for one in events] == [("queued", "first"), ("included", "seen")]


def test_a_nonce_carries_one_calldata_for_ever(store: SqlStore) -> None:
    with store.write() as view:
        anchor = view.add_anchor(target=TARGET, size=1, root=b"a", time=1, reason="first")
        view.add_attempt(anchor_id=anchor.id, signed=signed(4), time=1)
        view.move_anchor(anchor, state=AnchorState.REVERTED, time=1, reason="", place=None)
        second = view.add_anchor(target=TARGET, size=2, root=b"b", time=2, reason="second")
    with pytest.raises(IntegrityError) as caught, store.write() as view:
        view.add_attempt(anchor_id=second.id, signed=signed(4, b"other"), time=2)
    assert caught.value.code == "nonce-reused"
    with store.write() as view:
        view.add_attempt(anchor_id=second.id, signed=signed(5, b"other"), time=2)
        assert view.last_nonce(chain_id=31337, sender=b"s" * 20) == 5
        assert view.last_nonce(chain_id=31337, sender=b"S" * 20) is None
        assert view.last_nonce(chain_id=1, sender=b"s" * 20) is None


def test_covering_anchors_are_the_first_proven_and_the_one_in_flight(store: SqlStore) -> None:
    with store.write() as view:
        for size in (2, 4, 6):
            anchor = view.add_anchor(target=TARGET, size=size, root=b"a", time=1, reason="")
            view.move_anchor(anchor, state=AnchorState.PROVEN, time=1, reason="", place=PLACE)
        view.add_anchor(target=TARGET, size=9, root=b"a", time=1, reason="")
    with store.read() as view:
        assert [one.size for one in view.covering_anchors(index=0)] == [2, 9]
        assert [one.size for one in view.covering_anchors(index=2)] == [4, 9]
        assert [one.size for one in view.covering_anchors(index=5)] == [6, 9]
        assert [one.size for one in view.covering_anchors(index=6)] == [9]
        assert view.covering_anchors(index=9) == []


def test_heartbeats_are_one_row_a_name(store: SqlStore) -> None:
    with store.write() as view:
        view.beat(Heartbeat("a", 1))
        view.beat(Heartbeat("a", 2, "blocked-chain", "It is down."))
        view.beat(Heartbeat("b", 3))
    with store.read() as view:
        beats = view.heartbeats()
    assert beats == {"a": Heartbeat("a", 2, "blocked-chain", "It is down."), "b": Heartbeat("b", 3)}


def test_what_an_endpoint_said_can_be_stored(store: SqlStore) -> None:
    with store.write() as view:
        view.beat(Heartbeat("a", 1, "blocked-chain", "It said \x00\ud800ß."))
        anchor = view.add_anchor(target=TARGET, size=1, root=b"a", time=1, reason="\x00\udfff")
    with store.read() as view:
        assert view.heartbeats()["a"].problem == "It said ??ß."
        assert view.anchor_events(anchor.id)[0].reason == "??"


def test_a_key_belongs_to_a_publisher_that_exists(store: SqlStore) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), store.write() as view:
        view.add_api_key(ApiKey(key_id="x", tenant_id=99, secret_sha256=b""), time=0)


def test_a_queued_anchor_can_be_of_a_newer_head_until_something_is_signed(store: SqlStore) -> None:
    with store.write() as view:
        anchor = view.add_anchor(target=TARGET, size=1, root=b"a", time=1, reason="first")
        newer = view.retarget_anchor(anchor, size=3, root=b"c", time=2, reason="newer")
    assert (newer.id, newer.size, newer.root) == (anchor.id, 3, b"c")
    for size in (2, 3):
        with pytest.raises(IntegrityError) as caught, store.write() as view:
            view.retarget_anchor(newer, size=size, root=b"d", time=3, reason="older")
        assert caught.value.code == "anchor-moved"
    with store.write() as view:
        view.add_attempt(anchor_id=anchor.id, signed=signed(4), time=1)
    with pytest.raises(IntegrityError), store.write() as view:
        view.retarget_anchor(newer, size=9, root=b"d", time=3, reason="signed")
    with store.read() as view:
        assert view.anchor_in_flight(TARGET) == newer
        assert [one.reason for one in view.anchor_events(anchor.id)] == ["first", "newer"]


def test_attempts_are_found_by_time_and_nonce_and_have_their_costs(store: SqlStore) -> None:
    with store.write() as view:
        anchor = view.add_anchor(target=TARGET, size=1, root=b"a", time=1, reason="first")
        first = view.add_attempt(anchor_id=anchor.id, signed=signed(4), time=10)
        again = replace(signed(4), raw=b"again", tx_hash=b"again".ljust(32), fees=Fees(max_fee=9, tip=3, gas=100))
        second = view.add_attempt(anchor_id=anchor.id, signed=again, time=20)
        third = view.add_attempt(anchor_id=anchor.id, signed=signed(5), time=30)
        view.mark_spent(second.tx_hash, gas_used=50, gas_price=2**63 - 1)
    assert [first.fees.cost, second.fees.cost] == [700, 900]
    second = replace(second, gas_used=50, gas_price=2**63 - 1)
    assert (first.spent, second.spent) == (None, 50 * (2**63 - 1))
    chain_id, sender = TARGET.chain_id, first.sender
    with store.read() as view:
        assert view.attempts(anchor.id) == [first, second, third]
        assert view.attempts_since(chain_id=chain_id, sender=sender, time=20) == [second, third]
        assert view.attempts_from(chain_id=chain_id, sender=sender, nonce=4) == [first, second, third]
        assert view.attempts_from(chain_id=chain_id, sender=sender, nonce=5) == [third]
        assert view.attempts_since(chain_id=1, sender=sender, time=0) == []
        assert view.attempts_from(chain_id=chain_id, sender=b"S" * 20, nonce=0) == []


def test_failures_are_counted_since_the_last_proven_anchor(store: SqlStore) -> None:
    def end(state: AnchorState) -> None:
        with store.write() as view:
            anchor = view.add_anchor(target=TARGET, size=1, root=b"a", time=1, reason="")
            view.move_anchor(anchor, state=state, time=5, reason="", place=PLACE)

    def told() -> tuple[int, int | None]:
        with store.read() as view:
            proven = view.last_proven(TARGET)
            return view.failed_anchors(TARGET), None if proven is None else proven.id

    assert told() == (0, None)
    end(AnchorState.REVERTED)
    assert told() == (1, None)
    end(AnchorState.PROVEN)
    assert told() == (0, 2)
    end(AnchorState.REVERTED)
    end(AnchorState.FINALITY_VIOLATION)
    with store.write() as view:
        queued = view.add_anchor(target=TARGET, size=1, root=b"a", time=1, reason="")
        assert view.move_anchor(queued, state=AnchorState.PREPARED, time=7, reason="", place=None).moved == 7
    assert told() == (2, 2)
