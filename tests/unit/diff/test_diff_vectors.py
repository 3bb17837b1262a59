"""Every vector under tests/vectors/diff: tokens of a line, and what changed between two texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from notary.core.tokens import tokens
from notary.diff.changes import diff

VECTORS = sorted((Path(__file__).parents[2] / "vectors" / "diff").glob("*.json"))


def load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return case


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vector(path: Path) -> None:
    case = load(path)
    if "tokens" in case:
        assert set(case) == {"desc", "line", "tokens"}
        assert tokens(case["line"]) == case["tokens"]
    else:
        assert set(case) == {"desc", "a", "b", "hunks"}
        assert diff(case["a"], case["b"]).to_json() == {"coarse": False, "hunks": case["hunks"]}


def test_there_are_vectors_of_both_kinds() -> None:
    kinds = [("tokens" in case, "hunks" in case) for case in map(load, VECTORS)]
    assert kinds.count((True, False)) >= 15
    assert kinds.count((False, True)) >= 14
