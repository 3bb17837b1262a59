"""Integration: every checkpoint is signed, covers what was accepted, and continues every one before it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, update

from notary.core import merkle, tiles
from notary.errors import IntegrityError, NotFound
from notary.model.log import SignedHead, TreeState
from notary.service.integrate import Integrator, check_consistency
from notary.storage import tables
from tests import backends
from tests.service.locallog import LocalLog


def tamper(log: LocalLog, change: Callable[[Connection], object]) -> None:
    """Change the database behind everybody's back."""
    with backends.behind_its_back(log.root) as connection:
        change(connection)


def flip(data: bytes, at: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_before_the_first_step_there_is_no_checkpoint(log: LocalLog) -> None:
    with pytest.raises(NotFound) as caught:
        log.services.reader.checkpoint()
    assert caught.value.code == "no-checkpoint"


def test_a_step_integrates_all_and_publishes(log: LocalLog) -> None:
    for _ in range(5):
        log.submit()
    assert log.integrator.step() == 6
    assert log.head().size == 6
    assert log.integrator.step() == 0
    assert log.head().size == 6


def test_the_first_leaf_is_the_manifest(log: LocalLog) -> None:
    log.submit()
    log.integrate()
    with log.services.store.read() as view:
        [first] = view.entries(start=0, limit=1)
    assert first.kind == "manifest"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9), min_size=1, max_size=8), st.integers(1, 7))
def test_any_batches_give_the_tree_of_rfc_6962(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int], batch: int
) -> None:
    log = LocalLog(tmp_path_factory.mktemp("log") / "log")
    log.integrator = Integrator(log.services.store, log.services.signer, log.clock, batch=batch)
    for count in counts:
        for _ in range(count):
            log.submit()
        log.integrate()
        leaves = log.leaves()
        head = log.head()
        assert head.size == len(leaves)
        with log.services.store.read() as view:
            for index in range(len(leaves)):
                proof = tiles.inclusion_proof(view, index=index, size=head.size)
                merkle.verify_inclusion(leaf=leaves[index], index=index, size=head.size, proof=proof, root=head.root)
    log.services.close()


def test_a_large_batch_crosses_tiles(log: LocalLog) -> None:
    leaves = log.leaves()
    with log.services.store.write() as view:
        grown = tiles.append(view, size=0, leaves=leaves + [merkle.leaf_hash(b"%d" % i) for i in range(600)])
        view.grow_tree(old_size=0, new=TreeState(grown.size, grown.root), tiles=grown.tiles)
    with log.services.store.read() as view:
        assert tiles.tree_root(view, 601) == grown.root
        proof = tiles.inclusion_proof(view, index=0, size=601)
    merkle.verify_inclusion(leaf=leaves[0], index=0, size=601, proof=proof, root=grown.root)


def test_a_stop_between_growing_and_publishing_is_made_good(log: LocalLog) -> None:
    log.submit()
    log.integrator._grow()
    with pytest.raises(NotFound):
        log.services.reader.checkpoint()
    log.reopen()
    assert log.integrator.step() == 0
    assert log.head().size == 2


def test_two_integrators_do_not_disturb_each_other(log: LocalLog) -> None:
    other = Integrator(log.services.store, log.services.signer, log.clock)
    for turn in range(10):
        log.submit()
        (log.integrator if turn % 2 else other).step()
        assert log.head().size == turn + 2


def test_a_head_that_another_process_published_meanwhile_is_not_published_again(log: LocalLog) -> None:
    class Slow:
        """A signer that lets another process publish before it is done."""

        def __getattr__(self, name: str) -> Any:
            return getattr(signer, name)

        def sign(self, data: bytes) -> bytes:
            log.integrator.step()
            return signer.sign(data)

    signer = log.services.signer
    log.submit()
    Integrator(log.services.store, Slow(), log.clock).step()
    assert log.head().size == 2


TAMPERINGS: list[tuple[str, Callable[[Connection], object], str]] = [
    (
        "a tile",
        lambda c: c.execute(
            update(tables.tiles).values(data=flip(c.execute(select(tables.tiles.c.data)).scalars().one(), 40))
        ),
        "tile-changed",
    ),
    (
        "the root",
        lambda c: c.execute(
            update(tables.log).values(tree_root=flip(c.execute(select(tables.log.c.tree_root)).scalar_one()))
        ),
        "tree-root-mismatch",
    ),
    ("a tile is missing", lambda c: c.execute(delete(tables.tiles)), "tile-missing"),
    ("the tree's size", lambda c: c.execute(update(tables.log).values(tree_size=2)), "tree-root-mismatch"),
    ("the number of leaves", lambda c: c.execute(update(tables.log).values(next_index=2)), "leaves-missing"),
    (
        "the checkpoint's note",
        lambda c: c.execute(
            update(tables.checkpoints).values(
                note=c.execute(select(tables.checkpoints.c.note)).scalar_one().replace(b"\n3\n", b"\n4\n")
            )
        ),
        "checkpoint-signature",
    ),
    ("the checkpoint's size", lambda c: c.execute(update(tables.checkpoints).values(size=2)), "checkpoint-signature"),
]


@pytest.mark.parametrize(("change", "code"), [(one[1], one[2]) for one in TAMPERINGS], ids=[t[0] for t in TAMPERINGS])
def test_nothing_is_signed_over_a_contradiction(
    log: LocalLog, change: Callable[[Connection], object], code: str
) -> None:
    log.submit()
    log.submit()
    log.integrate()
    tamper(log, change)
    log.reopen()
    with log.services.store.read() as view:
        before = view.checkpoint()
    with pytest.raises(IntegrityError) as caught:
        log.integrator.step()
    assert caught.value.code == code
    with log.services.store.read() as view:
        assert view.checkpoint() == before


def test_an_older_copy_of_the_tree_beside_a_newer_checkpoint_is_noticed(log: LocalLog) -> None:
    log.submit()
    log.integrate()
    with log.services.store.read() as view:
        old, tile = view.tree(), view.read_tile(0, 0, 2)
    log.submit()
    log.integrate()
    tamper(log, lambda c: c.execute(update(tables.log).values(tree_size=old.size, tree_root=old.root)))
    tamper(log, lambda c: c.execute(update(tables.tiles).values(data=tile)))
    log.reopen()
    with pytest.raises(IntegrityError) as caught:
        log.integrator.step()
    assert caught.value.code == "checkpoint-ahead"


def test_a_checkpoint_that_is_not_of_this_tree_is_noticed(log: LocalLog) -> None:
    log.submit()
    log.integrate()
    other = TreeState(size=1, root=bytes(32))
    signer = log.services.signer
    from notary.core.checkpoint import Checkpoint
    from notary.core.note import sign_note

    note = sign_note(
        Checkpoint(signer.name, other.size, other.root).encode(),
        name=signer.name,
        sign=signer.sign,
        public=signer.public,
    )
    tamper(log, lambda c: c.execute(delete(tables.checkpoints)))
    with log.services.store.write() as view:
        view.publish(SignedHead(size=1, root=other.root, note=note, time=0))
    with log.services.store.read() as view, pytest.raises(IntegrityError) as caught:
        check_consistency(view, signer)
    assert caught.value.code == "checkpoint-mismatch"


def test_a_changed_leaf_is_noticed_before_it_is_integrated(log: LocalLog) -> None:
    accepted = log.submit()
    tamper(
        log,
        lambda c: c.execute(
            update(tables.entries).where(tables.entries.c.leaf_index == accepted.index).values(data=b"{}")
        ),
    )
    with pytest.raises(IntegrityError) as caught:
        log.integrator.step()
    assert caught.value.code == "leaf-changed"
    with pytest.raises(NotFound):
        log.services.reader.checkpoint()


def test_a_missing_leaf_is_noticed(log: LocalLog) -> None:
    accepted = log.submit()
    log.submit()
    tamper(log, lambda c: c.execute(delete(tables.disclosures)))
    tamper(log, lambda c: c.execute(delete(tables.entries).where(tables.entries.c.leaf_index == accepted.index)))
    with pytest.raises(IntegrityError) as caught:
        log.integrator.step()
    assert caught.value.code == "leaf-missing"


def test_a_tile_that_changes_while_the_process_runs_is_noticed(log: LocalLog) -> None:
    log.submit()
    log.integrate()
    tamper(
        log,
        lambda c: c.execute(
            update(tables.tiles).values(data=flip(c.execute(select(tables.tiles.c.data)).scalars().one()))
        ),
    )
    log.submit()
    with pytest.raises(IntegrityError) as caught:
        log.integrator.step()
    assert caught.value.code == "tree-root-mismatch"


def test_an_older_copy_of_the_whole_log_continues(tmp_path: Path) -> None:
    """What SQLite alone cannot show: only the registry knows that a log has been further (see the node tests)."""
    log = LocalLog(tmp_path / "log")
    log.integrate()
    assert log.head().size == 1
    log.services.close()
