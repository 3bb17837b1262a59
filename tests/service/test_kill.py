"""kill −9 at every durable write of submit, integrate and publish: nothing answered is lost, nothing comes twice."""

from __future__ import annotations

import itertools
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from notary.compose import init_log, open_services, open_settings
from notary.core import merkle, tiles
from notary.core.checkpoint import parse_checkpoint
from notary.core.note import parse_note, verifier_key, verify_note
from notary.service.integrate import Integrator, check_consistency
from notary.service.services import Services
from tests.service.locallog import ORIGIN
from tests.service.victim import COUNT, GROUPS, SINGLES, submit_all

REPOSITORY = Path(__file__).parents[2]


def live(root: Path, at: int, when: str) -> tuple[int, list[list[str]]]:
    """Run a victim; return how it ended and what it said."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.service.victim", str(root), str(at), when],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        timeout=60,
        check=False,
    )
    assert not ended.stderr, ended.stderr
    return ended.returncode, [line.split() for line in ended.stdout.splitlines()]


def check_checkpoints(services: Services) -> list[int]:
    """Require that all published checkpoints are ours and heads of one tree, the latest over everything accepted."""
    signer = services.signer
    with services.store.read() as view:
        check_consistency(view, signer)
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


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_at_every_write(tmp_path: Path, when: str) -> None:
    made = tmp_path / "made"
    init_log(made, origin=ORIGIN)
    services = open_services(open_settings(made, environ={}))
    (made / "token").write_text(services.publishers.new_key("Roads office"))
    services.close()
    names: list[str] = []
    for at in range(1, 1000):
        root = tmp_path / f"killed-{at}"
        shutil.copytree(made, root)
        code, said = live(root, at, when)
        acknowledged = {words[1]: bytes.fromhex(words[2]) for words in said if words[0] == "accepted"}
        if code == 0:
            assert said[-1] == ["done"]
            break
        assert code == -signal.SIGKILL
        names.append([words[1] for words in said if words[0] == "point"][-1])
        services = open_services(open_settings(root, environ={}))
        with services.store.read() as view:
            for leaf in acknowledged.values():
                assert view.entry(leaf) is not None, "an answered submission is gone"
        services.ensure_manifest()
        again: dict[str, bytes] = {}
        submit_all(services, again)
        assert len(again) == COUNT
        assert again.items() >= acknowledged.items(), "a repeated submission got another entry"
        while Integrator(services.store, services.signer, services.clock).step():
            pass
        with services.store.read() as view:
            assert view.acceptance().next_index == 1 + COUNT
            assert view.tree().size == 1 + COUNT
        check_checkpoints(services)
        services.close()
    print(f"killed {when} the commit at {len(names)} write points: {names}")
    kinds = Counter(names)
    # The manifest and the groups of the batch have no idempotency keys; one of the threads led itself, three went
    # together; what is integrated was accepted one by one, or at the end.
    assert kinds == {
        "append": 1 + GROUPS,
        "append+add_replays": SINGLES + 2,
        "grow_tree": 4,
        "publish": 4,
    }
