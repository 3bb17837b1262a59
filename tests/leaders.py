"""Workers as processes of their own, for tests in which they take over from each other."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notary.model import LEADER, Lease
from notary.ports import LogStore
from tests.served import Served, await_that, started, stopped

REPOSITORY = Path(__file__).parents[1]
WAIT = 30.0


@contextmanager
def leading(root: Path, name: str, *, lease: float = 1, at: str = "never") -> Iterator[Served]:
    """Run a worker until the block ends; it may stop itself, see :mod:`tests.leading`."""
    line = [sys.executable, "-m", "tests.leading", str(root), str(lease), at]
    with started(line, root.parent / f"{name}.log", cwd=REPOSITORY) as running:
        try:
            yield running
        finally:
            # One that still is stopped could not end.
            if running.process.poll() is None:
                running.process.send_signal(signal.SIGCONT)


def leader(store: LogStore) -> Lease | None:
    """Return the running lease."""
    with store.read() as view:
        found = view.lease(LEADER)
    return found if found is not None and found.held else None


def await_term(store: LogStore, token: int, process: Served) -> Lease:
    """Return the lease once ``process`` leads the term ``token``."""

    def leads() -> bool:
        found = leader(store)
        return found is not None and found.token == token

    await_that(leads, seconds=WAIT, what=f"term {token}: {process.said}")
    found = leader(store)
    assert found is not None
    assert found.holder.split("/")[1] == str(process.process.pid)
    return found


def await_said(process: Served, words: str) -> None:
    """Return once the process wrote something."""
    await_that(lambda: words in process.said, seconds=WAIT, what=f"{words!r}: {process.said}")


def await_stopped(process: Served) -> None:
    """Return once the process was stopped by SIGSTOP."""
    await_that(lambda: stopped(process.process.pid), seconds=WAIT, what=f"a stop: {process.said}")
