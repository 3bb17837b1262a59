"""A web worker must not outlive the process that started it, however that one ended."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends (Linux; elsewhere nothing is done).

    SIGKILL, since a worker that waits for its last request would keep the port; nothing is lost by it, because every
    answer is given only after its commit. Ends the process at once if the parent is gone already.
    """
    if sys.platform != "linux":
        return
    # Who started us, even if that one is gone already and we have been given another parent since.
    starter = multiprocessing.parent_process()
    parent = os.getppid() if starter is None else starter.pid
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        sys.exit("The process that started this one has ended.")
