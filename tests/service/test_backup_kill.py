"""kill −9 at every step of a backup and of a restore: nothing half-made ever passes for whole."""

from __future__ import annotations

import itertools
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from notary.compose import back_up_log, open_services, open_settings, restore_log
from notary.errors import InvalidConfig
from notary.service.backup import check_backup, quiet
from notary.service.fsck import Fsck
from tests import backends
from tests.service.locallog import LocalLog

REPOSITORY = Path(__file__).parents[2]
Live = Callable[..., tuple[int, list[str]]]


@contextmanager
def victims() -> Iterator[Live]:
    """Give what lets one victim after the other live; returns how it ended and the steps that it passed."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.service.backupvictim"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=REPOSITORY,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, said = process.stdin, process.stdout

        def live(*words: object) -> tuple[int, list[str]]:
            asked.write(" ".join(map(str, words)) + "\n")
            asked.flush()
            points: list[str] = []
            for line in said:
                kind, word = line.split()
                if kind == "ended":
                    return int(word), points
                points.append(word)
            raise AssertionError("the process that forks has ended")

        yield live
        asked.close()


def is_whole(root: Path) -> bool:
    """Say whether a directory can be used as a log's; if so, it must be all of it, and held."""
    try:
        services = open_services(open_settings(root, environ={}))
    except InvalidConfig as error:
        if error.code not in {"no-data-directory", "half-made-directory"}:
            raise
        return False
    with closing(services):
        assert Fsck(services.store, services.signer).run().verdict == "clean"
        assert services.hold.held
        assert services.reader.size() == 3
    return True


@pytest.fixture
def filled(log: LocalLog) -> LocalLog:
    log.submit()
    log.submit()
    log.integrate()
    return log


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_at_every_step_of_a_backup(
    filled: LocalLog, tmp_path: Path, capsys: pytest.CaptureFixture[str], when: str
) -> None:
    whole: list[bool] = []
    names: list[str] = []
    with victims() as live:
        for at in itertools.count(1):
            folder = tmp_path / f"to-{at}"
            folder.mkdir()
            path = folder / "b.notary"
            code, points = live("backup", filled.root, path, at, when)
            if code == 0:
                assert [name for name in points if name != "unlink"] == [name for name in names if name != "unlink"]
                break
            assert code == -signal.SIGKILL
            names.append(points[-1])
            whole.append(path.exists())
            if path.exists():
                assert check_backup(path, quiet).header.size == 3
            left = [one.name for one in folder.iterdir() if one != path]
            assert all(name.startswith(".b.notary.") and name.endswith(".part") for name in left)
            if not path.exists():
                back_up_log(filled.services.settings, path, with_keys=True)
    with capsys.disabled():
        print(f"\nkilled {when} each of {len(names)} steps of a backup: {' '.join(names)}")
    place = names.index("replace")
    assert "fsync" in names[:place]
    assert whole == [at > place or (at == place and when == "after") for at in range(len(names))]


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_at_every_step_of_a_restore(
    filled: LocalLog, tmp_path: Path, capsys: pytest.CaptureFixture[str], when: str
) -> None:
    path = tmp_path / "b.notary"
    back_up_log(filled.services.settings, path, with_keys=True)
    whole: list[bool] = []
    names: list[str] = []
    with victims() as live:
        for at in itertools.count(1):
            root = tmp_path / f"new-{at}"
            storage = backends.storage()
            code, points = live("restore", root, path, at, when, storage.url)
            if code == 0:
                assert is_whole(root)
                break
            assert code == -signal.SIGKILL
            names.append(points[-1])
            whole.append(is_whole(root))
            if not whole[-1] and root.exists() and any(root.iterdir()):
                with pytest.raises(InvalidConfig) as caught:
                    restore_log(path, root, nothing_published=True, storage=storage)
                assert caught.value.code == "not-empty"
                shutil.rmtree(root)
            if storage.url and "commit" not in names:
                # What was begun in the database went with the process: it is as empty as before.
                restore_log(path, tmp_path / f"second-{at}", nothing_published=True, storage=storage)
    restore_log(path, tmp_path / "again", nothing_published=True, storage=backends.storage())
    with capsys.disabled():
        print(f"\nkilled {when} each of {len(names)} steps of a restore: {' '.join(names)}")
    # The file that says that the directory is whole comes last.
    place = len(names) - 1 - names[::-1].index("replace")
    assert whole == [at > place or (at == place and when == "after") for at in range(len(names))]
    assert {"commit", "finish", "add"} <= set(names)
