"""The lists of dependencies agree with each other and name no place to fetch from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LISTS = ["run", "build", "node", "bench", "test"]


def lines_of(name: str) -> list[str]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins_of(name: str) -> dict[str, str]:
    found = (re.match(r"([a-z0-9-]+)==([^ ;]+)", line) for line in lines_of(f"{name}.txt"))
    return {match.group(1): match.group(2) for match in found if match}


def test_the_project_and_the_run_time_list_name_the_same_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [line.replace('"', "'") for line in lines_of("run.in")]
    assert sorted(project["dependencies"]) == sorted(wanted)


@pytest.mark.parametrize("name", LISTS)
def test_every_locked_package_has_one_version_and_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^#.*\n", "", text).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


@pytest.mark.parametrize("name", LISTS)
def test_a_python_lock_names_no_registry_and_no_folder(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|index-url|find-links|file:|^\s*/|@ ", text, re.MULTILINE)


def test_the_test_list_holds_the_run_time_and_build_lists_as_they_are() -> None:
    everything = pins_of("test")
    assert pins_of("run").items() <= everything.items()
    assert pins_of("build").items() <= everything.items()


def test_the_npm_lock_is_exact_and_names_no_registry() -> None:
    manifest = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    asked = manifest["dependencies"] | manifest["devDependencies"] | manifest["optionalDependencies"]
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, version in asked.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    for path, package in packages.items():
        assert "resolved" not in package, path
        assert path == "" or package["integrity"].startswith("sha512-"), path
