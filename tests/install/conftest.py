"""The project as users get it: built from the tree, installed into an empty environment somewhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installed:
    """An environment that holds the locked run-time packages and our wheel, and a folder far from the work tree."""

    bin: Path
    folder: Path

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        """Run one of its programs in that folder, with nothing of the work tree in sight."""
        command = [str(self.bin / program), *map(str, arguments)]
        return subprocess.run(command, cwd=self.folder, env=environment(), capture_output=True, check=False)


def environment() -> dict[str, str]:
    """Copy our environment without what leads Python back to the work tree, and without the caller's settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "PYTEST", "NOTARY_", "VIRTUAL_ENV", "COV_"))
    }


def run(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=environment() | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}"


@pytest.fixture(scope="session")
def package_files() -> frozenset[str]:
    """List what must be in the package: code, templates, static files, the contract's ABI and bytecode."""
    found = (path for path in (ROOT / "notary").rglob("*") if path.is_file())
    return frozenset(str(path.relative_to(ROOT)) for path in found if "__pycache__" not in path.parts)


@pytest.fixture(scope="session")
def distributions(package_files: frozenset[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, and the wheel from the sdist, so that whatever the sdist forgets is missing from both."""
    assert package_files
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


def one(folder: Path, pattern: str) -> Path:
    [found] = folder.glob(pattern)
    return found


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    return one(distributions, "notary_log-*.whl")


@pytest.fixture(scope="session")
def sdist(distributions: Path) -> Path:
    return one(distributions, "notary_log-*.tar.gz")


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("elsewhere")
    made_by: Sequence[str] = [getattr(sys, "_base_executable", sys.executable), "-I", "-m", "venv"]
    run(*made_by, folder / "env", cwd=folder)
    python = folder / "env" / "bin" / "python"
    pip: list[str | Path] = [python, "-I", "-m", "pip", "install", "--quiet"]
    run(*pip, "--require-hashes", "--requirement", ROOT / "requirements" / "run.txt", cwd=folder)
    run(*pip, "--no-index", "--no-deps", wheel, cwd=folder)
    (folder / "work").mkdir()
    return Installed(folder / "env" / "bin", folder / "work")
