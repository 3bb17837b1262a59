"""The sample pages and all their variants: what must keep the digest keeps it, what must not does not.

``pytest -s`` prints the table. The same is shown of JavaScript in ``tests/js``.
"""

from __future__ import annotations

import pytest

from tests.parity.answers import python_answer
from tests.variants.altering import ALTERING
from tests.variants.concealing import CONCEALING, NOT_COVERED
from tests.variants.cosmetic import COSMETIC, UNREADABLE
from tests.variants.pages import LANGUAGES, TEMPLATES, published
from tests.variants.table import Taken, cases, judge, render, typographic


def test_every_variant_comes_to_what_it_must(capsys: pytest.CaptureFixture[str]) -> None:
    known: dict[bytes, Taken] = {}
    results = []
    for case in cases():
        if case.recorded.data not in known:
            known[case.recorded.data] = python_answer(case.recorded.vector())
        results.append((case, judge(known[case.recorded.data], python_answer(case.copy.vector()), typographic)))
    table, wrong = render(results)
    with capsys.disabled():
        print("\n" + table)
    assert not wrong, "\n".join(wrong)
    variants = 1 + len(COSMETIC) + len(UNREADABLE) + len(ALTERING) + len(CONCEALING) + len(NOT_COVERED)
    assert len(results) == variants * len(TEMPLATES) * len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_templates_publish_one_announcement(language: str) -> None:
    pages = [python_answer(published(template, language).vector()) for template in TEMPLATES]
    assert pages[0] == pages[1] == pages[2]
    assert set(pages[0]) == {"document", "images", "links"}


def test_no_variant_leaves_the_page_as_it_is() -> None:
    for case in cases():
        unchanged = (case.copy.data, case.copy.profile, case.copy.charset) == (
            case.recorded.data,
            case.recorded.profile,
            case.recorded.charset,
        )
        assert not unchanged or case.variant == "as published", case.variant
