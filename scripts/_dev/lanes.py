"""Stages side by side: each in a process of its own, what it prints shown whole when it is done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from scripts._dev.paths import ROOT
from scripts._dev.running import end

if TYPE_CHECKING:
    from collections.abc import Sequence

POLL_SECONDS = 0.2


@dataclass
class _Lane:
    stage: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    outcome: Path
    start: float


def run_all(stages: Sequence[str], arguments: Sequence[str], *, jobs: int) -> list[dict[str, Any]]:
    """Run each stage as ``scripts/test --only STAGE`` with ``arguments``, at most ``jobs`` at once, in the given order.

    Gives the outcomes in the order in which the stages ended, as ``--outcome`` writes them. A stage that did not live
    to write one has failed. However this ends, no stage is left running.
    """
    waiting, running = list(stages), list[_Lane]()
    outcomes: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="notary-test-") as scratch:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    running.append(_start(waiting.pop(0), arguments, Path(scratch)))
                _pause()
                for lane in [lane for lane in running if lane.process.poll() is not None]:
                    running.remove(lane)
                    outcomes.append(_finish(lane))
        finally:
            for lane in running:
                end(lane.process)
                _show(lane)
    return outcomes


def _start(stage: str, arguments: Sequence[str], scratch: Path) -> _Lane:
    outcome = scratch / f"{stage}.json"
    command = [sys.executable, "-s", "-P", "-m", "scripts._dev", "test", "--only", stage, "--outcome", str(outcome)]
    output = (scratch / f"{stage}.out").open("w+b")
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    print(f"[{stage} runs]", file=sys.stderr, flush=True)
    return _Lane(stage, process, output, outcome, time.monotonic())


def _pause() -> None:
    time.sleep(POLL_SECONDS)


def _finish(lane: _Lane) -> dict[str, Any]:
    _show(lane)
    try:
        found: dict[str, Any] = json.loads(lane.outcome.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        seconds = time.monotonic() - lane.start
        return {"stage": lane.stage, "state": "FAILED", "seconds": seconds, "passed": 0, "failed": 1, "skipped": []}
    return found


def _show(lane: _Lane) -> None:
    lane.output.seek(0)
    sys.stdout.buffer.write(lane.output.read())
    sys.stdout.buffer.flush()
    lane.output.close()
