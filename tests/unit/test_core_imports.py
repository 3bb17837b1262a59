"""The core stays pure: what it may import is a short list, whatever import style is used."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import notary

CORE = Path(notary.__file__).parent / "core"

ALLOWED_PACKAGES = {"cryptography", "sha3", "webencodings"}
ALLOWED_OURS = ("notary.core", "notary.errors")

# Modules of the standard library that bring a clock, I/O, the environment, chance or other processes with them.
EFFECTS = {
    "asyncio",
    "concurrent",
    "ftplib",
    "getpass",
    "http",
    "locale",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "pickle",
    "platform",
    "random",
    "secrets",
    "select",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
    "warnings",
}

ALLOWED_STDLIB = set(sys.stdlib_module_names) - EFFECTS


def imported_modules(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def is_allowed(module: str) -> bool:
    top = module.split(".", 1)[0]
    if top == "notary":
        return any(module == ours or module.startswith(f"{ours}.") for ours in ALLOWED_OURS)
    return top in ALLOWED_PACKAGES or top in ALLOWED_STDLIB


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_core_module_imports_only_what_is_allowed(path: Path) -> None:
    modules = imported_modules(path.read_text(encoding="utf-8"))
    assert sorted(module for module in modules if not is_allowed(module)) == []


@pytest.mark.parametrize(
    "line", ["import os", "from notary import net", "from . import x", "import web3", "import time"]
)
def test_a_forbidden_import_is_seen(line: str) -> None:
    assert not all(map(is_allowed, imported_modules(line)))
