"""The vectors of the whole verification."""

from __future__ import annotations

from typing import Any

import pytest

from notary.core.verify import EXITS, Verdict
from tests import verify_case, verify_vectors
from tests.cases import load

CASES = load("verify")


@pytest.mark.parametrize("name", CASES)
def test_vector(name: str) -> None:
    case: dict[str, Any] = CASES[name]
    expected = {key: case[key] for key in ("report", "error") if key in case}
    assert verify_case.run(case) == expected


def test_the_files_are_those_that_are_made_here() -> None:
    made = {name: verify_vectors.encode(case) for name, case in verify_vectors.cases().items()}
    kept = {path.stem: path.read_text("utf-8") for path in verify_vectors.FOLDER.glob("*.json")}
    assert kept == made, "a change was meant? python -m tests.verify_vectors writes the vectors anew"


def test_every_verdict_of_a_bundle_is_reached() -> None:
    reached = {case["report"]["verdict"] for case in CASES.values() if "report" in case}
    assert reached == {verdict.value for verdict in EXITS} - {Verdict.INVALID, Verdict.NOT_FOUND}
