"""One set-up at a time in one work tree, and the programs that a set-up runs."""

from __future__ import annotations

import fcntl
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scripts._dev.paths import LOCK_FILE, ROOT, child_environment
from scripts._dev.say import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_held: list[int] = []


@contextmanager
def set_up_lock() -> Iterator[None]:
    """Hold the set-up lock; the system lets go of it when we and the programs we started have ended, however."""
    with LOCK_FILE.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is at work in this folder: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        _held.append(file.fileno())
        try:
            yield
        finally:
            _held.remove(file.fileno())


def run_tool(command: Sequence[str], environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run one program of the set-up to its end; its output, errors included, is in ``stdout``.

    It shares the lock: should we be killed, the next set-up waits until, say, an orphaned pip has stopped writing.
    """
    return subprocess.run(
        command,
        cwd=ROOT,
        env=dict(environment) if environment is not None else child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=_held,
        check=False,
    )
