"""Child processes of `serve` and `demo`: started in a session of their own, never outliving their parent.

Stopping is TERM to the pid we started, then KILL. Should the parent itself be killed, Linux sends the children TERM.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02


@dataclass(slots=True)
class Child:
    """A running child and the name people know it by."""

    name: str
    process: subprocess.Popen[bytes]

    @property
    def running(self) -> bool:
        """Say whether the process has not ended yet."""
        return self.process.poll() is None


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    keep: Sequence[int] = (),
) -> Child:
    """Start a child in its own session with nothing on standard input.

    Its output goes to the end of the file ``log``, or where ours goes. It inherits the descriptors ``keep``: a lock on
    one of them is held until the child ends, also when we end before it.
    """
    before = _die_with(os.getpid())
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) if log is not None else None
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            start_new_session=True,
            pass_fds=keep,
            preexec_fn=before,  # noqa: PLW1509 - the parent has one thread when it starts children
        )
    finally:
        if output is not None:
            os.close(output)
    return Child(name, process)


def stop(children: Sequence[Child], *, seconds: float = 10.0, hurry: Callable[[], bool] = lambda: False) -> None:
    """End the children: TERM to all, then KILL to those still there after ``seconds``; returns when all are reaped.

    Once ``hurry()`` is true, nobody is waited for any longer.
    """
    for child in children:
        if child.running:
            child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while any(child.running for child in children) and time.monotonic() < deadline and not hurry():
        time.sleep(_POLL_SECONDS)
    for child in children:
        if child.running:
            child.process.kill()
        child.process.wait()


def _die_with(parent: int) -> Callable[[], None] | None:
    """Return what a child runs before its program, so that it gets TERM when ``parent`` dies (Linux only)."""
    if sys.platform != "linux":
        return None
    # Loaded here, not in the child: between fork and exec little is safe.
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def before_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)  # the parent died before it could be watched

    return before_exec
