"""Waiting for the lock of a data directory while a killed predecessor's processes go away.

With PostgreSQL there is none: several processes of each role may serve one log, from one directory or from copies.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from notary.config import Settings
from notary.datadir import DataDir
from notary.errors import InvalidConfig

# Processes of an instance that was killed need a moment to follow it and to let go of lock and port.
PREDECESSOR_SECONDS = 10.0
POLL_SECONDS = 0.2


@contextmanager
def locked(settings: Settings, role: str, *, stopped: Callable[[], bool]) -> Iterator[None]:
    """Hold the directory's lock for ``role``; raises :class:`InvalidConfig` (``locked``) where it stays taken."""
    if settings.storage.url:
        yield
        return
    directory = DataDir(settings.data_dir)
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
