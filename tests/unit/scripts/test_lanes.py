"""Stages side by side: each is counted, also the one that does not live to say how it went."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from scripts._dev import lanes

if TYPE_CHECKING:
    from pathlib import Path

# Stands for scripts._dev: writes the outcome that the stage's name asks for.
PROGRAM = """
import json, os, pathlib, sys, time
stage, outcome = sys.argv[3], pathlib.Path(sys.argv[5])
print("this is", stage, sys.argv[6:])
if stage == "slow":
    time.sleep(60)
if stage != "gone":
    state = "FAILED" if stage == "bad" else "ok"
    outcome.write_text(json.dumps(
        {"stage": stage, "state": state, "seconds": 0.1, "passed": 3, "failed": 0, "skipped": []}
    ))
"""


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "scripts" / "_dev"
    package.mkdir(parents=True)
    (tmp_path / "scripts" / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.setattr(lanes, "ROOT", tmp_path)


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_stage_has_its_outcome_and_its_output(jobs: int, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    outcomes = lanes.run_all(["good", "bad", "gone"], ["--seed", "7"], jobs=jobs)
    found = {one["stage"]: (one["state"], one["passed"], one["failed"]) for one in outcomes}
    assert found == {"good": ("ok", 3, 0), "bad": ("FAILED", 3, 0), "gone": ("FAILED", 0, 1)}
    out = capfdbinary.readouterr().out.decode()
    for stage in found:
        assert f"this is {stage} ['--seed', '7']" in out


def test_when_the_run_is_ended_no_stage_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    pids: list[int] = []
    start = lanes._start

    def started(stage: str, arguments: list[str], scratch: Path) -> lanes._Lane:
        lane = start(stage, arguments, scratch)
        pids.append(lane.process.pid)
        return lane

    def told_to_end() -> None:
        sys.exit(143)

    monkeypatch.setattr(lanes, "_start", started)
    monkeypatch.setattr(lanes, "_pause", told_to_end)
    with pytest.raises(SystemExit):
        lanes.run_all(["slow", "slow"], [], jobs=2)
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
