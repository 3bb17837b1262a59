"""The small encodings: one spelling per value."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.core import wire
from notary.errors import InvalidNote


@given(st.binary(max_size=100))
def test_base64_comes_back(data: bytes) -> None:
    text = wire.base64_text(data)
    assert text == base64.b64encode(data).decode()
    assert wire.base64_exact(text, field="x") == data
    assert wire.base64_exact(text, field="x", size=len(data)) == data
    for size in (len(data) - 1, len(data) + 1):
        with pytest.raises(InvalidNote) as caught:
            wire.base64_exact(text, field="x", size=size)
        assert (caught.value.code, caught.value.field) == ("wrong-length", "x")


@given(st.text("AB+/=-_ \né", max_size=12))
def test_base64_has_one_spelling(text: str) -> None:
    try:
        data = wire.base64_exact(text, field="x")
    except InvalidNote:
        return
    assert base64.b64encode(data).decode() == text


@pytest.mark.parametrize(
    "text", ["A", "AA", "AAA", "AA=", "AB==", "AAB=", "AA==AA==", "=", "====", "AA==\n", " ", "-_-_", "é"]
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(InvalidNote) as caught:
        wire.base64_exact(text, field="x")
    assert (caught.value.code, caught.value.field) == ("wrong-base64", "x")


@given(st.lists(st.binary(min_size=31, max_size=33) | st.binary(min_size=32, max_size=32), max_size=5))
def test_lines_of_hashes_are_read_as_one_by_one(items: list[bytes]) -> None:
    lines = [wire.base64_text(item) for item in items]
    assert wire.hashes_exact(lines, field="x") == tuple(items)


@pytest.mark.parametrize("end", range(64))
def test_a_line_of_a_hash_has_one_spelling(end: int) -> None:
    alphabet = base64.b64encode(bytes(range(256))).decode()
    last = base64.b64encode(bytes([0, 0, end])).decode()[-1]
    text = alphabet[:42] + last + "="
    exact = base64.b64encode(base64.b64decode(text)).decode() == text
    if exact:
        assert wire.hashes_exact([text], field="x") == (base64.b64decode(text),)
    else:
        with pytest.raises(InvalidNote) as caught:
            wire.hashes_exact([text], field="x")
        assert (caught.value.code, caught.value.field) == ("wrong-base64", "x")


@given(st.integers(0, 2**63 - 1))
def test_numbers_come_back(value: int) -> None:
    assert wire.decimal(str(value), field="x") == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "01",
        "+1",
        "-1",
        "-0",
        " 1",
        "1 ",
        "1\n",
        "1.0",
        "1e3",
        "0x1",
        "1_0",
        "٣",
        "１",
        str(2**63),
        "9" * 5000,
    ],
)
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(InvalidNote) as caught:
        wire.decimal(text, field="x")
    assert (caught.value.code, caught.value.field) == ("wrong-number", "x")
