"""What a reader may not see is named by its code point; what shows by itself is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.diff.alike import notes


@pytest.mark.parametrize(
    ("deleted", "inserted", "expected"),
    [
        ("PayPal", "PayPаl", ["a (U+0061 LATIN SMALL LETTER A) is now а (U+0430 CYRILLIC SMALL LETTER A)"]),
        ("а", "a", ["а (U+0430 CYRILLIC SMALL LETTER A) is now a (U+0061 LATIN SMALL LETTER A)"]),
        ("Ꭺpril", "April", ["Ꭺ (U+13AA CHEROKEE LETTER GO) is now A (U+0041 LATIN CAPITAL LETTER A)"]),
        ("1", "１", ["1 (U+0031 DIGIT ONE) is now １ (U+FF11 FULLWIDTH DIGIT ONE)"]),
        ("B0", "BO", ["0 (U+0030 DIGIT ZERO) is now O (U+004F LATIN CAPITAL LETTER O)"]),
        ("-", "−", ["- (U+002D HYPHEN-MINUS) is now − (U+2212 MINUS SIGN)"]),
        ("口", "ロ", ["口 (U+53E3 CJK UNIFIED IDEOGRAPH-53E3) is now ロ (U+30ED KATAKANA LETTER RO)"]),
        ("\u200d", "", ["deleted: \u200d (U+200D ZERO WIDTH JOINER)"]),
        ("", "\ufe0f", ["inserted: \ufe0f (U+FE0F VARIATION SELECTOR-16)"]),
        ("می\u200cخواهم", "میخواهم", ["deleted: \u200c (U+200C ZERO WIDTH NON-JOINER)"]),
        ("...", "…", ["deleted: . (U+002E FULL STOP)", "inserted: … (U+2026 HORIZONTAL ELLIPSIS)"]),
        ("<sup>", "&lt;sup&gt;", ["<sup> is markup in the first, text in the second"]),
        ("&lt;s&gt;", "<s>", ["<s> is text in the first, markup in the second"]),
    ],
)
def test_named(deleted: str, inserted: str, expected: list[str]) -> None:
    assert notes(deleted, inserted) == expected


@pytest.mark.parametrize(
    ("deleted", "inserted"),
    [
        ("not ", ""),
        ("", "not "),
        ("4", "5"),
        ("may", "can"),
        ("Москва", "Moscow"),
        ("今", "明"),
        ("<sup>", "<sub>"),
        (" ", "\t"),
        ("👩\u200d🔬 new", ""),
        ("10<sup>2</sup>", "102"),
    ],
)
def test_not_named(deleted: str, inserted: str) -> None:
    assert notes(deleted, inserted) == []


def test_a_few_are_named_and_the_rest_counted() -> None:
    found = notes("acehijop", "асеһіјор")
    assert len(found) == 5
    assert found[-1] == "and 4 more like these"
    assert len(notes("aaaaaaa", "ааааааа")) == 1


@given(st.text(max_size=6), st.text(max_size=6))
def test_any_change_can_be_asked_about(deleted: str, inserted: str) -> None:
    assert len(notes(deleted, inserted)) <= 5
