"""The JavaScript in Node.js against Python: pages, texts and comparisons by chance, and not one different answer."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest

from tests.parity.answers import by_parsers, differences, histogram, node_answers, python_answer, tally
from tests.parity.cases import make_page
from tests.parity.texts import make_text

pytestmark = pytest.mark.slow

PAGES = 10_000
TEXTS = 4_000
REFUSALS = frozenset((
    "page-too-large", "undecodable", "unsupported-encoding", "conflicting-encodings", "forbidden-code-point",
    "page-too-complex", "page-ambiguous", "invalid-profile", "selector-no-match", "selector-ambiguous",
    "page-too-deep", "selected-hidden", "profile-overlap", "style-escape", "inline-direction", "table-too-large",
    "unassigned-code-point", "too-many-marks", "leading-mark", "unbalanced-isolate", "empty-text", "empty-title",
    "empty-body", "text-too-large",
))  # fmt: skip


def seed() -> int:
    return int(os.environ.get("NOTARY_FUZZ_SEED") or random.randrange(10**9))


def test_pages(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = seed()
    vectors = [make_page(chosen, number, for_parse5=True) for number in range(PAGES)]
    theirs, ours = node_answers(vectors, lambda: [python_answer(vector) for vector in vectors])
    counts, found = tally(ours), differences(vectors, ours, theirs)
    trees, _ = node_answers([{"tree_of": difference["vector"]} for difference in found], lambda: None)
    faults = by_parsers(found, trees)
    with capsys.disabled():
        print(f"\n{histogram(counts, chosen)}\n{len(faults):6} read differently by lexbor and parse5, and left out")
    found = [difference for difference in found if difference not in faults]
    assert not found, report(chosen, found)
    assert len(faults) <= PAGES / 1000, report(chosen, faults)
    assert counts["accepted"] >= 0.3 * PAGES
    assert {outcome for outcome, count in counts.items() if count >= 50} == REFUSALS | {"accepted"}


def test_texts(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = seed()
    vectors = [make_text(chosen, number) for number in range(TEXTS)]
    theirs, ours = node_answers(vectors, lambda: [python_answer(vector) for vector in vectors])
    with capsys.disabled():
        print("\n" + histogram(tally(ours), chosen))
    found = differences(vectors, ours, theirs)
    assert not found, report(chosen, found)


def report(chosen: int, found: list[dict[str, Any]]) -> str:
    first = "\n".join(json.dumps(difference, ensure_ascii=False) for difference in found[:5])
    return f"{len(found)} differences, seed {chosen}\n{first}"
