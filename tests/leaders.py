"""Workers as processes of their own, for tests in which they take over from each other."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notary.model.operating import LEADER, Lease
from notary.ports import LogStore
from tests.served import Served, await_that, started, stopped

REPOSITORY = Path(__file__).parents[1]
WAIT = 30.0


@contextmanager
def leading(root: Path, name: str, *, lease: float = 2, at: str = "never") -> Iterator[Served]:
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


def await_term(store: LogStore, process: Served, *, after: int = 0) -> Lease:
    """Return the lease once ``process`` leads a term later than ``after``.

    It need not be the next one: a busy machine may let a lease run out in between.
    """
    found: list[Lease] = []

    def leads() -> bool:
        lease = leader(store)
        if lease is not None and lease.token > after and lease.holder.split("/")[1] == str(process.process.pid):
            found.append(lease)
        return bool(found)

    await_that(leads, seconds=WAIT, what=f"a term after {after}: {process.said}")
    return found[0]


def await_said(process: Served, words: str) -> None:
    """Return once the process wrote something."""
    await_that(lambda: words in process.said, seconds=WAIT, what=f"{words!r}: {process.said}")


def await_stopped(process: Served) -> None:
    """Return once the process was stopped by SIGSTOP."""
    await_that(lambda: stopped(process.process.pid), seconds=WAIT, what=f"a stop: {process.said}")
