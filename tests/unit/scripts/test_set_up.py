"""The set-up of the work tree trusts only what is finished, whole and made for this very place."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import pytest

from scripts._dev import browser, golang, node, paths, venv
from scripts._dev.say import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out a small work tree and point the set-up at it."""
    (tmp_path / "requirements").mkdir()
    for name in venv.LAYERS:
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}==1\n", encoding="utf-8")
    for name in ("pyproject.toml", "package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).write_text("{}\n", encoding="utf-8")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    (tmp_path / "node_modules").mkdir()
    for module in (paths, venv, node):
        for name, value in {
            "ROOT": tmp_path,
            "VENV": tmp_path / ".venv",
            "VENV_PYTHON": python,
            "NODE_MODULES": tmp_path / "node_modules",
        }.items():
            if hasattr(module, name):
                monkeypatch.setattr(module, name, value)
    return tmp_path


def finished(tree: Path, *layers: str) -> dict[str, Any]:
    return {
        "format": venv.FORMAT,
        "root": str(tree),
        "python": platform.python_version(),
        "layers": {name: paths.digest(f"requirements/{name}.txt") for name in layers},
        "project": paths.digest("pyproject.toml"),
    }


def test_a_finished_environment_is_taken(tree: Path) -> None:
    paths.write_stamp(tree / ".venv", finished(tree, "run", "build"))
    assert venv.is_current()
    assert not venv.is_current(["test"])


def test_an_environment_without_a_stamp_is_half_made(tree: Path) -> None:
    assert not venv.is_current()


def test_a_damaged_stamp_is_no_stamp(tree: Path) -> None:
    (tree / ".venv" / paths.STAMP_NAME).write_text('{"format": 1, "lay', encoding="utf-8")
    assert paths.read_stamp(tree / ".venv") is None
    (tree / ".venv" / paths.STAMP_NAME).write_text("[]", encoding="utf-8")
    assert paths.read_stamp(tree / ".venv") is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tree: (tree / "requirements" / "run.txt").write_text("run==2\n", encoding="utf-8"),
        lambda tree: (tree / "pyproject.toml").write_text("[changed]\n", encoding="utf-8"),
        lambda tree: (tree / ".venv" / "bin" / "python").unlink(),
        lambda tree: (tree / ".venv" / "bin" / "python").chmod(0o644),
        lambda tree: paths.drop_stamp(tree / ".venv"),
    ],
    ids=["list", "project", "no python", "python not executable", "stamp dropped"],
)
def test_what_changed_since_makes_it_out_of_date(tree: Path, spoil: Callable[[Path], object]) -> None:
    paths.write_stamp(tree / ".venv", finished(tree, "run", "build"))
    spoil(tree)
    assert not venv.is_current()


@pytest.mark.parametrize("member", ["format", "root", "python", "layers", "project"])
def test_a_stamp_made_elsewhere_does_not_count(tree: Path, member: str) -> None:
    paths.write_stamp(tree / ".venv", finished(tree, "run", "build") | {member: "other"})
    assert not venv.is_current()


def test_node_modules_count_for_what_they_hold(tree: Path) -> None:
    program = tree / "node"
    program.touch(mode=0o755)
    stamp = {
        "format": node.FORMAT,
        "root": str(tree),
        "lock": paths.digest("package.json", "package-lock.json", ".npmrc"),
        "development": False,
        "node": str(program),
    }
    paths.write_stamp(tree / "node_modules", stamp)
    assert node.is_current(development=False)
    assert not node.is_current(development=True)
    program.unlink()
    assert not node.is_current(development=False)


def test_a_tool_missing_from_the_lock_is_taken_from_path(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tree / "anvil"
    tool.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tree))
    assert node.native_binary("anvil") == tool


def test_a_tool_that_is_nowhere_is_named_with_its_version(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "package.json").write_text('{"@foundry-rs/anvil-linux-amd64": "9.8.7"}', encoding="utf-8")
    monkeypatch.setenv("PATH", str(tree))
    with pytest.raises(SetupError, match=r"Foundry 9\.8\.7"):
        node.native_binary("anvil")


def test_without_chromium_and_without_rights_there_is_advice(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tree))
    monkeypatch.delenv("NOTARY_CHROMIUM", raising=False)
    with pytest.raises(SetupError, match="apt-get install chromium"):
        browser.chromium()


def test_as_root_chromium_is_installed_from_debian(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apt = tree / "apt-get"
    apt.write_text(
        '#!/bin/sh\n[ "$1" = update ] || { : > "${0%/*}/$5"; /bin/chmod +x "${0%/*}/$5"; }\n', encoding="utf-8"
    )
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tree))
    monkeypatch.delenv("NOTARY_CHROMIUM", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert browser.chromium() == str(tree / "chromium")


def test_without_go_and_without_rights_there_is_advice(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tree))
    monkeypatch.delenv("NOTARY_GO", raising=False)
    monkeypatch.setenv("NOTARY_GOPATH", str(tree))
    with pytest.raises(SetupError, match="apt-get install golang-go golang-golang-x-mod-dev"):
        golang.toolchain()


def test_as_root_only_what_is_missing_for_go_is_installed(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apt, library = tree / "apt-get", tree / golang.LIBRARY
    apt.write_text(
        f'#!/bin/sh\n[ "$1" = update ] || {{ [ "$5" = golang-golang-x-mod-dev ] && /bin/mkdir -p {library}; }}\n',
        encoding="utf-8",
    )
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tree))
    monkeypatch.setenv("NOTARY_GO", "/somewhere/go")
    monkeypatch.setenv("NOTARY_GOPATH", str(tree))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert golang.toolchain() == golang.Go("/somewhere/go", tree)


def test_packages_that_do_not_bring_go_are_said_to(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "apt-get").write_text("#!/bin/sh\n", encoding="utf-8")
    (tree / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", str(tree))
    monkeypatch.delenv("NOTARY_GO", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(SetupError, match="still no 'go' on PATH"):
        golang.toolchain()


def test_children_are_kept_from_the_callers_python_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    assert not {"PYTHONPATH", "PIP_TARGET"} & paths.child_environment().keys()
