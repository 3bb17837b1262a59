"""scripts/bench runs: a trial of those benchmarks that need no server and no node, in tiny sizes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts._dev.paths import ROOT

# No log is served here.
pytestmark = pytest.mark.only_on("sqlite")

NAMES = ("merkle", "canon", "diff", "verify")


def test_a_quick_trial_ends_well_and_writes_json(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, "-m", "scripts._bench", "--only", *NAMES, "--quick", "--json", str(result)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(result.read_text(encoding="utf-8"))
    assert {row["name"] for row in rows} >= {"merkle.first", "canon.page.4k", "diff.500", "verify.bundles"}
    assert all(set(row) == {"name", "value", "unit", "floor", "peer", "ratios"} for row in rows)
    # Nothing foreign is installed for a trial: the one peer that is left is the standard library's.
    assert {row["name"] for row in rows if row["peer"] is not None} == {"diff.500"}
    assert all(f"{row['name']} " in done.stdout for row in rows)
