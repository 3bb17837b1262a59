"""Waiting for the lock of a data directory while a killed predecessor's processes go away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from notary.datadir import DataDir
from notary.errors import InvalidConfig

# Processes of an instance that was killed need a moment to follow it and to let go of lock and port.
PREDECESSOR_SECONDS = 10.0
POLL_SECONDS = 0.2


@contextmanager
def locked(directory: DataDir, role: str, *, stopped: Callable[[], bool]) -> Iterator[None]:
    """Hold the directory's lock for ``role``; raises :class:`InvalidConfig` (``locked``) where it stays taken."""
    deadline = time.monotonic() + PREDECESSOR_SECONDS
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(directory.lock(role))
                break
            except InvalidConfig as error:
                if error.code != "locked" or time.monotonic() > deadline or stopped():
                    raise
            time.sleep(POLL_SECONDS)
        yield
