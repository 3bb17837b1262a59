"""What users install is whole, stands on its own, and does its work far from the work tree."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import zipfile
from email.parser import Parser
from typing import TYPE_CHECKING

import pytest

from notary.core.evm import parse_header
from tests.worlds import ALTERED, TEXT, World, text_digest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.install.conftest import Installed

pytestmark = pytest.mark.timeout(600)

# Importing one of these is starting it.
# What is run and not imported; env.py is run by Alembic.
PROGRAMS = {"__main__.py", "wsgi.py", "env.py"}


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path, package_files: frozenset[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == package_files


def test_the_sdist_holds_what_building_needs(sdist: Path, package_files: frozenset[str]) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert package_files | {"pyproject.toml", "LICENSE", "README.md", "PKG-INFO"} <= names
    assert not [name for name in names if "node_modules" in name or ".venv" in name]


def test_the_metadata_says_who_we_are(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [path] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(archive.read(path).decode("utf-8"))
        assert path.replace("METADATA", "licenses/LICENSE") in archive.namelist()
    assert metadata["Name"] == "notary-log"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"


def test_the_locked_packages_are_enough(installed: Installed) -> None:
    done = installed.run("python", "-I", "-m", "pip", "check")
    assert done.returncode == 0, done.stdout


def test_every_module_imports_from_there(installed: Installed, package_files: frozenset[str]) -> None:
    names = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in package_files
        if name.endswith(".py") and name.rsplit("/", 1)[1] not in PROGRAMS
    )
    script = (
        "import importlib, sys, notary\n"
        "assert notary.__file__.startswith(sys.prefix), notary.__file__\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
    )
    done = installed.run("python", "-I", "-W", "error", "-c", script)
    assert done.returncode == 0, done.stderr.decode()


def test_it_tells_its_versions(installed: Installed) -> None:
    done = installed.run("notary", "--version", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["version"]


def test_canon_writes_the_canonical_bytes(installed: Installed) -> None:
    article = installed.folder / "article.txt"
    article.write_bytes(TEXT.replace("\n", "\r\n").encode())
    done = installed.run("notary", "canon", article)
    assert done.returncode == 0, done.stderr
    assert hashlib.sha256(done.stdout).digest() == text_digest().sha256


@pytest.fixture
def evidence(installed: Installed) -> dict[str, str]:
    """Write a bundle, its trust file, a true and an altered copy; give the hash of the anchor's block."""
    world = World()
    files = {
        "a.bundle.json": world.bundle().encode(),
        "trust.json": world.trust().encode(),
        "copy.txt": TEXT.encode(),
        "altered.txt": ALTERED.encode(),
        "cut.bundle.json": world.bundle().encode()[:-100],
    }
    for name, content in files.items():
        (installed.folder / name).write_bytes(content)
    return {"header": parse_header(world.anchor().header).hash.hex()}


def verify(installed: Installed, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return installed.run("notary", "verify", *arguments, "--offline", "--json")


@pytest.mark.parametrize(
    ("bundle", "copy", "pinned", "code", "verdict"),
    [
        ("a.bundle.json", "copy.txt", True, 0, "match"),
        ("a.bundle.json", "altered.txt", True, 1, "changed"),
        ("a.bundle.json", "copy.txt", False, 3, "cannot-check"),
        ("cut.bundle.json", "copy.txt", True, 2, "invalid"),
        ("missing.bundle.json", "copy.txt", True, 2, "invalid"),
    ],
    ids=["genuine", "altered copy", "no chain", "cut off", "missing"],
)
def test_verify_runs_from_there(
    installed: Installed, evidence: dict[str, str], bundle: str, copy: str, pinned: bool, code: int, verdict: str
) -> None:
    pins = ["--header", evidence["header"]] if pinned else []
    done = verify(installed, bundle, "--trust", "trust.json", "--copy", copy, *pins)
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (code, verdict), done.stderr
