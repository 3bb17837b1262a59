"""Needs Node.js on PATH and the pinned solc in node_modules."""

from __future__ import annotations

import json

import pytest

from scripts import _contracts

pytestmark = pytest.mark.node


def test_shipped_artifact_is_what_the_sources_compile_to() -> None:
    assert _contracts.ARTIFACT.read_bytes() == _contracts.build()


def test_compiler_is_the_pinned_one() -> None:
    pinned = json.loads((_contracts.ROOT / "package.json").read_bytes())["devDependencies"]["solc"]
    artifact = json.loads(_contracts.ARTIFACT.read_bytes())
    assert artifact["compiler"].startswith(f"{pinned}+commit.")
    contracts = _contracts.ROOT / "contracts"
    for source in (*contracts.glob("src/**/*.sol"), *contracts.glob("test/**/*.sol")):
        assert f"\npragma solidity {pinned};\n" in source.read_text(encoding="utf-8"), source


def test_a_warning_of_the_compiler_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    request = _contracts.standard_input()
    source = request["sources"][_contracts.SOURCES[-1]]
    source["content"] += "\ncontract Other { function f() external returns (uint256) { return 1; } }\n"
    monkeypatch.setattr(_contracts, "standard_input", lambda: request)
    with pytest.raises(_contracts.CompileError, match="restricted to pure"):
        _contracts.build()
