"""The search for a Python takes the first that can do the work, and says what to install when there is none."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return tmp_path


def stand_in(folder: Path, name: str, verdict: str | None) -> Path:
    """Put a program in place of a Python: it answers the question put to it, or fails as a dead shim does."""
    program = folder / "bin" / name
    line = f"echo {shlex.quote(verdict)}" if verdict else "exit 127"
    program.write_text(f"#!{shutil.which('bash')}\n{line}\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def find(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(shutil.which("bash")), "-c", f". {shlex.quote(str(ROOT))}/scripts/_python.sh; find_python {folder}"],
        env={"PATH": str(folder / "bin")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_first_good_one_is_taken(folder: Path) -> None:
    stand_in(folder, "python3", "old 3.9")
    stand_in(folder, "python3.13", None)
    stand_in(folder, "python3.12", "no-venv 3.12")
    good = stand_in(folder, "python3.11", "good")
    assert find(folder).stdout == f"{good}\n"


def test_this_very_python_is_good(folder: Path) -> None:
    (folder / "bin" / "python3").symlink_to(sys.executable)
    assert find(folder).returncode == 0


def test_a_finished_environment_is_taken_without_a_search(folder: Path) -> None:
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    assert find(folder).returncode == 69
    (folder / ".venv" / ".notary-setup.json").touch()
    assert find(folder).stdout == f"{python}\n"


def test_a_python_without_venv_is_named_with_the_package_to_install(folder: Path) -> None:
    program = stand_in(folder, "python3", "no-venv 3.12")
    done = find(folder)
    assert done.returncode == 69
    assert str(program) in done.stderr
    assert "apt-get install python3.12-venv" in done.stderr


def test_only_old_ones_are_named(folder: Path) -> None:
    program = stand_in(folder, "python3", "old 3.9")
    done = find(folder)
    assert done.returncode == 69
    assert f"Too old: {program} (3.9)" in done.stderr


def test_no_python_at_all(folder: Path) -> None:
    done = find(folder)
    assert (done.returncode, done.stdout) == (69, "")
    assert "Python 3.11 or newer is needed" in done.stderr
