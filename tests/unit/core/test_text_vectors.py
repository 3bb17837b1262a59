"""Every vector under tests/vectors/text and text-compare, and that they are as many and as varied as they should be."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from notary.core.text import canonical, canonical_document, compare
from notary.errors import InvalidText

VECTORS = Path(__file__).parents[2] / "vectors"
TEXT = sorted((VECTORS / "text").glob("*.json"))
COMPARE = sorted((VECTORS / "text-compare").glob("*.json"))


def load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return case


@pytest.mark.parametrize("path", TEXT, ids=lambda path: path.stem)
def test_text(path: Path) -> None:
    case = load(path)
    data = bytes.fromhex(case["input_hex"]) if "input_hex" in case else case["input"].encode()
    if "error" in case:
        with pytest.raises(InvalidText) as caught:
            canonical(data, case["kind"])
        assert (caught.value.code, caught.value.position) == (case["error"], case.get("position"))
        return
    text = canonical(data, case["kind"])
    assert text.data.decode() == case["canonical"]
    assert text.sha256.hex() == case["sha256"]
    assert len(text.lines) == case["lines"]
    assert text.lines_root.hex() == case["lines_root"]
    assert canonical_document(text.data).data == text.data


@pytest.mark.parametrize("path", COMPARE, ids=lambda path: path.stem)
def test_compare(path: Path) -> None:
    case = load(path)
    recorded, copy = case["recorded"].encode(), case["copy"].encode()
    assert compare(recorded, copy) == case["difference"]
    assert compare(copy, recorded) == case["difference"]


def test_the_vectors_cover_every_code_and_answer() -> None:
    cases = [load(path) for path in TEXT]
    assert len(cases) >= 250
    assert all(set(case) & {"input", "input_hex"} and case["desc"] for case in cases)
    errors = Counter((case["kind"], case["error"]) for case in cases if "error" in case)
    shared = {
        *("undecodable", "forbidden-code-point", "unassigned-code-point", "too-many-marks", "leading-mark"),
        *("unbalanced-isolate", "empty-text", "empty-title", "empty-body"),
    }
    assert {code for kind, code in errors if kind == "plain"} == shared | {"unsupported-encoding"}
    assert {code for kind, code in errors if kind == "canonical"} == shared | {"not-canonical"}
    answers = Counter(load(path)["difference"] for path in COMPARE)
    assert min(answers["typography-only"], answers["changed"]) >= 40
    assert answers["identical"] == 1
