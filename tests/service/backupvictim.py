"""Processes that save or restore a log and are killed: ``python -m tests.service.backupvictim``.

Forks one for each line ``backup|restore LOG FILE AT WHEN [URL]`` that it reads: it dies at step AT, before or after
it. Steps are whatever changes a file or a database. Prints ``point NAME`` at each, at last ``ended CODE``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from notary.compose import back_up_log, open_settings, restore_log
from notary.config import SQLITE, storage_settings
from notary.service.archive import ArchiveWriter
from notary.storage.dump import SqlLoading
from tests.killing import Killer


def say(line: str) -> None:
    """Print a line in one piece."""
    os.write(1, line.encode() + b"\n")


def watch(killer: Killer, owner: Any, name: str) -> None:
    """Let every call of a function pass the killer."""
    function: Callable[..., Any] = getattr(owner, name)

    def called(*arguments: Any, **named: Any) -> Any:
        if killer.when == "before":
            with killer.point(lambda: name):
                pass
            return function(*arguments, **named)
        with killer.point(lambda: name):
            return function(*arguments, **named)

    setattr(owner, name, called)


def watch_everything(killer: Killer) -> None:
    """Let all that changes something pass the killer."""
    for name in ("open", "fsync", "replace", "mkdir", "unlink"):
        watch(killer, os, name)
    watch(killer, ArchiveWriter, "table")
    watch(killer, ArchiveWriter, "end")
    watch(killer, SqlLoading, "add")
    watch(killer, SqlLoading, "finish")

    @event.listens_for(Engine, "commit")
    def _commit(_connection: object) -> None:
        with killer.point(lambda: "commit"):
            pass


def live(what: str, log: str, file: str, at: str, when: str, url: str = "") -> None:
    """Live until killed."""
    watch_everything(Killer(int(at), when, lambda name: say(f"point {name}")))
    if what == "backup":
        back_up_log(open_settings(Path(log), environ={}), Path(file), with_keys=True)
    else:
        storage = storage_settings(url=url, allow_unsafe=True) if url else SQLITE
        restore_log(Path(file), Path(log), nothing_published=True, storage=storage)


def main() -> None:
    """Fork a process for each line of standard input."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            live(*line.split())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
