"""The stages of scripts/test: nothing that went untested looks tested."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from scripts._dev import javascript, paths, running, stages

if TYPE_CHECKING:
    from pathlib import Path

STAGE = stages.Stage("unit", "made-up", 1, tests="unit")


def outcome_of(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> stages.Outcome:
    (folder / "unit").mkdir()
    (folder / "unit" / "test_it.py").write_text(source, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nxfail_strict = true\n", encoding="utf-8")
    monkeypatch.setattr(stages, "TESTS", folder)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(paths.ROOT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return stages._run_tests(STAGE, environment, [], quiet=True)


def test_a_missing_folder_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stages, "TESTS", tmp_path)
    outcome = stages._run_tests(STAGE, {}, [], quiet=True)
    assert (outcome.state, outcome.passed, outcome.failed) == ("FAILED", 0, 1)
    assert "there is no tests/unit" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "state", "passed", "failed", "skipped"),
    [
        ("def test_a(): pass\ndef test_b(): pass\n", "ok", 2, 0, 0),
        ("def test_a(): pass\ndef test_b(): assert 0\n", "FAILED", 1, 1, 0),
        ("", "FAILED", 0, 1, 0),
        ("1/0\n", "FAILED", 0, 1, 0),
        ("import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no')\n", "FAILED", 1, 0, 1),
        ("import pytest\npytest.skip('no', allow_module_level=True)\n", "FAILED", 0, 0, 1),
        ("import pytest\n@pytest.fixture\ndef f():\n yield\n 1/0\ndef test_a(f): pass\n", "FAILED", 0, 1, 0),
        ("import pytest\n@pytest.mark.xfail\ndef test_a(): assert 0\n", "ok", 1, 0, 0),
        ("import pytest\n@pytest.mark.xfail\ndef test_a(): pass\n", "FAILED", 0, 1, 0),
        ("import os\ndef test_a(): os._exit(0)\n", "FAILED", 0, 1, 0),
    ],
    ids=[
        "passed",
        "failed",
        "no tests",
        "broken module",
        "skipped",
        "skipped module",
        "broken tear-down",
        "expected failure",
        "unexpected pass",
        "vanished",
    ],
)
def test_what_pytest_did_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, state: str, passed: int, failed: int, skipped: int
) -> None:
    outcome = outcome_of(tmp_path, monkeypatch, source)
    assert (outcome.state, outcome.passed, outcome.failed, len(outcome.skipped)) == (state, passed, failed, skipped)


def test_the_last_line_gives_the_totals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stages, "TESTS", tmp_path)
    good, bad = stages.Outcome("unit", passed=5), stages.Outcome("node", "FAILED", passed=2, failed=1, skipped=["x"])
    assert stages._summarise([good], 1.0, 1) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 0 failed"
    assert stages._summarise([good, bad], 1.0, 1) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 2 failed"


def test_a_test_file_that_no_stage_runs_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stages, "TESTS", tmp_path)
    (tmp_path / "units").mkdir()
    (tmp_path / "units" / "test_lost.py").touch()
    assert stages._summarise([stages.Outcome("unit", passed=5)], 1.0, 1) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 1 failed"


@pytest.mark.parametrize("name", ["lost.test.js", "js/lost.test.mjs", "unit/lost.test.js"])
def test_a_javascript_test_that_no_stage_runs_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setattr(stages, "TESTS", tmp_path)
    for file in (tmp_path / "js" / "kept.test.js", tmp_path / name):
        file.parent.mkdir(exist_ok=True)
        file.touch()
    assert stages._summarise([stages.Outcome("js", passed=5)], 1.0, 1) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 1 failed"


def test_no_javascript_test_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stages, "TESTS", tmp_path)
    (tmp_path / "js").mkdir()
    monkeypatch.setattr(javascript, "check_types", lambda *_: 0)
    outcome = stages._run_javascript(stages.Stage("js", "made-up", 1), {})
    assert (outcome.state, outcome.passed, outcome.failed) == ("FAILED", 0, 1)
    assert "no test was found" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("types", "code", "counts", "state", "failed"),
    [
        (0, 0, {"passed": 3, "failed": 0, "skipped": []}, "ok", 0),
        (2, 0, {"passed": 3, "failed": 0, "skipped": []}, "FAILED", 1),
        (0, 1, {"passed": 3, "failed": 2, "skipped": []}, "FAILED", 2),
        # Node.js itself finds nothing wrong with a test that is skipped, or with a file that holds none.
        (0, 0, {"passed": 3, "failed": 0, "skipped": ["a"]}, "FAILED", 0),
        (0, 0, {"passed": 3, "failed": 1, "skipped": []}, "FAILED", 1),
        (0, 0, {}, "FAILED", 1),
    ],
    ids=["ok", "types", "failed", "skipped", "no tests in a file", "did not count"],
)
def test_what_node_did_is_counted(
    monkeypatch: pytest.MonkeyPatch, types: int, code: int, counts: dict[str, Any], state: str, failed: int
) -> None:
    monkeypatch.setattr(javascript, "check_types", lambda *_: types)
    monkeypatch.setattr(javascript, "run_tests", lambda *_: (code, counts))
    outcome = stages._run_javascript(stages.Stage("js", "made-up", 1), {})
    assert (outcome.state, outcome.failed) == (state, failed)
    assert outcome.passed == counts.get("passed", 0)


def test_a_command_that_hangs_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = running.run([sys.executable, "-I", "-c", "import time; time.sleep(60)"], os.environ, 0.3, tmp_path)
    assert code == 124
    assert "so it was ended" in capsys.readouterr().out
