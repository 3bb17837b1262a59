"""kill −9 at every durable write of submit, integrate and publish: nothing answered is lost, nothing comes twice."""

from __future__ import annotations

import itertools
import signal
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from notary.compose import init_log, open_services, open_settings
from notary.core import merkle, tiles
from notary.core.checkpoint import parse_checkpoint
from notary.core.note import parse_note, verifier_key, verify_note
from notary.service.fsck import Fsck
from notary.service.services import Services
from tests import backends
from tests.service.lives import Life, victims
from tests.service.locallog import ORIGIN
from tests.service.victim import COUNT, GROUPS, SINGLES, submit_all


def check_whole(services: Services) -> None:
    report = Fsck(services.store, services.signer, services.mark).run()
    assert (report.verdict, report.findings) == ("clean", ())


def check_checkpoints(services: Services) -> list[int]:
    """Require that all published checkpoints are ours and heads of one tree, the latest over everything accepted."""
    signer = services.signer
    with services.store.read() as view:
        stored = view.entries(start=0, limit=1000)
        leaves = [merkle.leaf_hash(entry.data) for entry in stored]
        assert [entry.index for entry in stored] == list(range(len(stored)))
        sizes = [size for size in range(1, len(leaves) + 1) if view.checkpoint_of(size) is not None]
        for size in sizes:
            signed = view.checkpoint_of(size)
            assert signed is not None
            note = parse_note(signed.note)
            verify_note(note, [verifier_key(signer.name, signer.public)], strict=True)
            assert parse_checkpoint(note.text).root == merkle.root(leaves[:size])
        for old, new in itertools.pairwise(sizes):
            merkle.verify_consistency(
                old=old,
                old_root=merkle.root(leaves[:old]),
                new=new,
                new_root=merkle.root(leaves[:new]),
                proof=tiles.consistency_proof(view, old=old, new=new),
            )
    assert sizes[-1] == len(leaves)
    return sizes


@pytest.fixture(scope="module")
def made(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a publisher, to be copied."""
    made = tmp_path_factory.mktemp("made") / "log"
    init_log(made, origin=ORIGIN, storage=backends.storage())
    with closing(open_services(open_settings(made, environ={}))) as services:
        (made / "token").write_text(services.publishers.new_key("Roads office"))
    return made


def check_aftermath(root: Path, life: Life) -> None:
    """Open what a victim left behind, go on, and require that everything it had told holds."""
    with closing(open_services(open_settings(root, environ={}))) as services:
        check_whole(services)
        with services.store.read() as view:
            for leaf in life.accepted.values():
                assert view.entry(leaf) is not None, "an answered submission is gone"
        services.ensure_manifest()
        again: dict[str, bytes] = {}
        submit_all(services, again, services.mark)
        assert len(again) == COUNT
        assert again.items() >= life.accepted.items(), "a repeated submission got another entry"
        with services.store.read() as view:
            assert view.acceptance().next_index == 1 + COUNT
            for note in life.published:
                kept = view.checkpoint_of(parse_checkpoint(parse_note(note).text).size)
                assert kept is not None, "a checkpoint that was shown is gone"
                assert kept.note == note, "two checkpoints of one size"
        assert check_checkpoints(services)[-1] == 1 + COUNT
        check_whole(services)


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_at_every_write(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], when: str) -> None:
    names: list[tuple[str, str]] = []
    with victims("tests.service.victim", tmp_path / "errors") as live:
        for at in itertools.count(1):
            root = tmp_path / f"killed-{at}"
            backends.copy_log(made, root)
            life = live(root, at, when)
            if life.code == 0:
                assert life.points == names, "it was killed at every write that it makes"
                break
            assert life.code == -signal.SIGKILL
            assert len(life.points) == at
            names.append(life.points[-1])
            check_aftermath(root, life)
            capsys.readouterr()
    with capsys.disabled():
        print(f"\nkilled {when} the commit at each of {len(names)} write points: {' '.join(map(':'.join, names))}")
    # The manifest and the groups of the batch have no idempotency keys; one of the threads led itself, three went
    # together; what is integrated was accepted one by one, or at the end.
    assert Counter(names) == {
        ("start", "append"): 1,
        ("single", "append+add_replays"): SINGLES,
        ("single", "mark"): 1,
        ("single", "grow_tree"): 3,
        ("single", "publish"): 3,
        ("together", "append+add_replays"): 2,
        ("batch", "append"): GROUPS,
        ("end", "mark"): 1,
        ("end", "grow_tree"): 1,
        ("end", "publish"): 1,
    }
