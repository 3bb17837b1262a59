"""The keys of lines, by the vectors that the JavaScript twin runs too."""

from __future__ import annotations

import pytest

from notary.core.linekey import line_keys, parse_line_key
from notary.errors import InvalidInput
from tests.cases import load

VECTORS = load("find")


@pytest.mark.parametrize("name", VECTORS)
def test_vectors(name: str) -> None:
    case = VECTORS[name]
    assert line_keys(case["document"].encode()) == {parse_line_key(key) for key in case["keys"]}


def test_keys_fit_a_signed_integer() -> None:
    assert parse_line_key("7fffffffffffffff") == 2**63 - 1
    assert parse_line_key("8000000000000000") == -(2**63)


@pytest.mark.parametrize("text", ["", "ab" * 7, "ab" * 9, "AB" * 8, "zz" * 8, " " + "ab" * 8])
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_line_key(text)
