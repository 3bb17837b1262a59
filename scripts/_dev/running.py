"""Runs one command of a stage: no standard input, a time limit, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

from scripts._dev.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GRACE_SECONDS = 10


def run(command: Sequence[str], environment: Mapping[str, str], limit: float, folder: Path = ROOT) -> int:
    """Run a command to its end, its output going where ours goes; give its exit code, or 124 when time ran out.

    It gets a session of its own, so that a limit, a signal or Ctrl-C ends it together with its children.
    """
    process = subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return process.wait(timeout=limit)
    except subprocess.TimeoutExpired:
        print(f"!! ran longer than {limit:.0f} s, so it was ended: {' '.join(command)}", flush=True)
        return 124
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that has a session of its own, and its children, if it still runs."""
    if process.poll() is not None:
        return
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=GRACE_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return
