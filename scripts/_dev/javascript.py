"""The JavaScript that ships: its types, checked by tsc, and its tests, run and counted by Node.js itself."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts._dev import node
from scripts._dev.paths import NODE_MODULES
from scripts._dev.running import run

if TYPE_CHECKING:
    from collections.abc import Mapping

REPORTER = Path(__file__).with_name("counting.mjs")


def check_types(folder: Path, environment: Mapping[str, str], limit: float) -> int:
    """Check what the ``tsconfig.json`` of the folder of tests includes; give the exit code."""
    tsc = NODE_MODULES / "typescript" / "bin" / "tsc"
    return run([str(node.executable()), str(tsc), "--project", str(folder)], environment, limit)


def run_tests(folder: Path, environment: Mapping[str, str], limit: float) -> tuple[int, dict[str, Any]]:
    """Run every ``*.test.js`` of the folder; give the exit code and the counts, which are empty if it broke."""
    files = sorted(map(str, folder.rglob("*.test.js")))
    if not files:
        print(f"!! no test was found in {folder}", flush=True)
        return 1, {}
    with tempfile.TemporaryDirectory(prefix="notary-test-") as scratch:
        counts_file = Path(scratch, "counts.json")
        reporters = {"spec": "stdout", REPORTER.as_uri(): str(counts_file)}
        command = [str(node.executable()), "--test"]
        for reporter, destination in reporters.items():
            command += [f"--test-reporter={reporter}", f"--test-reporter-destination={destination}"]
        code = run([*command, *files], environment, limit)
        try:
            return code, json.loads(counts_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return code, {}
