"""Strict JSON in, canonical JSON out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.core.jcs import MAX_DEPTH, MAX_INTEGER, dumps, loads, loads_exact, printable
from notary.errors import MalformedJson
from tests import cases
from tests.strategies import json_values

GOOD = cases.load("jcs", bad=False)
BAD = cases.load("jcs", bad=True)


def given_bytes(case: dict[str, Any]) -> bytes:
    return bytes.fromhex(case["input_hex"]) if "input_hex" in case else case["input"].encode()


def refused(data: bytes, *, exact: bool = False) -> MalformedJson:
    read = loads_exact if exact else loads
    with pytest.raises(MalformedJson) as caught:
        read(data, max_bytes=1 << 24)
    return caught.value


@pytest.mark.parametrize("name", GOOD)
def test_vector_has_this_canonical_form(name: str) -> None:
    case = GOOD[name]
    value = loads(given_bytes(case), max_bytes=1 << 16)
    assert dumps(value) == case["canonical"].encode()
    assert loads_exact(case["canonical"].encode(), max_bytes=1 << 16) == value


@pytest.mark.parametrize("name", BAD)
def test_vector_is_refused(name: str) -> None:
    case = BAD[name]
    error = refused(given_bytes(case), exact=case.get("exact", False))
    assert error.code == case["error"]
    assert error.position == case.get("position", error.position)
    assert error.field == case.get("field")


@given(json_values)
def test_format_then_parse_is_the_value(value: Any) -> None:
    assert loads_exact(dumps(value), max_bytes=1 << 20) == value


@given(json_values)
def test_parse_then_format_is_the_canonical_form_of_any_spelling(value: Any) -> None:
    spelled = json.dumps(value, indent=1, ensure_ascii=True)
    assert dumps(loads(spelled.encode(), max_bytes=1 << 20)) == dumps(value)


@given(json_values, st.data())
def test_any_single_byte_change_of_canonical_json_is_another_value_or_refused(value: Any, data: st.DataObject) -> None:
    good = dumps(value)
    at = data.draw(st.integers(0, len(good) - 1))
    changed = bytearray(good)
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        other = loads_exact(bytes(changed), max_bytes=1 << 20)
    except MalformedJson:
        return
    assert dumps(other) != good


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        value = loads(data, max_bytes=1 << 16)
    except MalformedJson as error:
        assert error.code.startswith("json-")  # noqa: PT017 - either way is right; this is about the other exceptions
    else:
        assert loads(dumps(value), max_bytes=1 << 16) == value


def test_the_size_limit_is_inclusive() -> None:
    assert loads(b"[1]", max_bytes=3) == [1]
    with pytest.raises(MalformedJson) as caught:
        loads(b"[1]", max_bytes=2)
    assert caught.value.code == "json-too-large"


def test_depth_is_allowed_up_to_the_limit_and_not_beyond() -> None:
    good = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert dumps(loads(good, max_bytes=1000)) == good
    assert refused(b"[" + good + b"]").code == "json-depth"
    assert refused(b'{"a":' + b'{"a":[' * 16 + b"]}" * 16 + b"}").code == "json-depth"


def test_brackets_inside_strings_are_not_depth() -> None:
    value: Any = {"a": "[" * 100, 'b"[': '{"\\', "c": "\\" * 3}
    assert loads(dumps(value), max_bytes=1000) == value


@pytest.mark.parametrize("sibling", [b"[]", b"{}", b"[[[]]]", b'[{"a":{}}]'])
def test_siblings_are_not_depth(sibling: bytes) -> None:
    before = b"[" + (sibling + b",") * 100
    inner = MAX_DEPTH - 1
    good = before + b"[" * inner + b"]" * inner + b"]"
    assert dumps(loads(good, max_bytes=10_000)) == good
    assert refused(before + b"[" * (inner + 1) + b"]" * (inner + 1) + b"]").code == "json-depth"


@pytest.mark.parametrize("prefix", [b"]" * 50, b"[]" * 50, b'"' + b"]" * 50, b"[1]]]]]"])
def test_closing_brackets_in_advance_buy_no_depth(prefix: bytes) -> None:
    # The parser gives up where the brackets stop making sense, before it could nest deeper.
    assert refused(prefix + b"[" * 100_000).code in {"json-depth", "json-syntax"}


@pytest.mark.parametrize(
    ("data", "code", "position"),
    [
        (b'{"a":"1.5 NaN","b":1.5}', "json-number", 19),
        (b"[1,2,NaN]", "json-number", 5),
        (b"[-Infinity]", "json-number", 1),
        (b'["\xc3\xa9",1e3]', "json-number", 5),
        (b"[0, 9007199254740992]", "json-number", 4),
        (b"[-0]", "json-number", 1),
        (b"[" + b"9" * 5000 + b"]", "json-number", 1),
        (b'["a\\"b","\\ud800"]', "json-string", 8),
        (b'{"a":1,"\\u0000":2}', "json-string", 7),
    ],
)
def test_the_faulty_literal_is_named_by_its_place(data: bytes, code: str, position: int) -> None:
    error = refused(data)
    assert (error.code, error.position) == (code, position)


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}], ids=["arrays", "objects"])
def test_writing_takes_exactly_the_depth_that_reading_takes(wrap: Callable[[Any], Any]) -> None:
    value: Any = 0
    for _ in range(MAX_DEPTH):
        value = wrap(value)
    assert loads(dumps(value), max_bytes=1000) == value
    with pytest.raises(MalformedJson) as caught:
        dumps(wrap(value))
    assert caught.value.code == "json-depth"


def test_writing_refuses_depth_that_reading_refuses() -> None:
    value: Any = []
    for i in range(MAX_DEPTH - 1):
        value = [value] if i % 2 else {"a": value}
    assert loads(dumps(value), max_bytes=1000) == value
    for deeper in ([value], {"a": value}):
        with pytest.raises(MalformedJson) as caught:
            dumps(deeper)
        assert caught.value.code == "json-depth"


@pytest.mark.parametrize("number", [MAX_INTEGER, -MAX_INTEGER, 0, 1, -1, 10**15])
def test_integers_up_to_the_limit(number: int) -> None:
    assert dumps(loads(str(number).encode(), max_bytes=100)) == str(number).encode()


@pytest.mark.parametrize("number", [MAX_INTEGER + 1, -MAX_INTEGER - 1, 2**63, 2**64, 10**17])
def test_integers_beyond_the_limit(number: int) -> None:
    assert refused(str(number).encode()).code == "json-number"
    with pytest.raises(MalformedJson) as caught:
        dumps(number)
    assert caught.value.code == "json-number"


@pytest.mark.parametrize("digits", [5_000, 1_000_000])
def test_very_long_numbers_are_refused_without_converting_them(digits: int) -> None:
    assert refused(b"9" * digits).code == "json-number"
    assert refused(b"-" + b"9" * digits).code == "json-number"
    assert refused(b"0." + b"9" * digits).code == "json-number"


class Number(IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.0, "json-type"),
        (float("nan"), "json-type"),
        (b"bytes", "json-type"),
        ((1, 2), "json-type"),
        ({1: 2}, "json-type"),
        ({None: 2}, "json-type"),
        ([{"a": {1}}], "json-type"),
        ("a\0", "json-string"),
        ({"a\0": 1}, "json-string"),
        ("\ud800", "json-string"),
        ({"\udfff": 1}, "json-string"),
    ],
)
def test_writing_refuses_what_has_no_canonical_form(value: Any, code: str) -> None:
    with pytest.raises(MalformedJson) as caught:
        dumps(value)
    assert caught.value.code == code


def test_subclasses_of_numbers_and_booleans_are_written_as_such() -> None:
    assert dumps([True, False, None, Number.ONE]) == b"[true,false,null,1]"


def test_names_are_ordered_by_utf16_code_units() -> None:
    # U+1F600 is D83D DE00 in UTF-16, which sorts before U+FB33, although its code point is the larger one.
    assert dumps({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_one_final_line_feed_is_tolerated_and_only_one() -> None:
    assert loads_exact(b'{"a":1}\n', max_bytes=100) == {"a": 1}
    error = refused(b'{"a":1}\n\n', exact=True)
    assert (error.code, error.position) == ("json-not-canonical", 7)


@pytest.mark.parametrize(
    ("data", "position"), [(b'{"b":1,"a":2}', 2), (b'{"a": 1}', 5), (b'{"a":1} ', 7), (b" 1", 0), (b'"\\u0061"', 1)]
)
def test_the_first_byte_that_is_not_canonical_is_named(data: bytes, position: int) -> None:
    error = refused(data, exact=True)
    assert (error.code, error.position) == ("json-not-canonical", position)


@pytest.mark.parametrize(
    "data",
    [
        b'"' * 1_000_000,
        b'"' + b"\\" * 1_000_000,
        b'"' + b'\\"' * 500_000,
        b'["' * 500_000,
        b"[" * 1_000_000,
        b'{"a":"' + b"\\u0000" * 150_000 + b'"}',
        b'{"a":1,' * 150_000,
        b" " * 1_000_000,
        b"-" * 1_000_000,
        b"[" + b"1," * 500_000,
        "é".encode() * 500_000,
    ],
    ids=lambda data: data[:8].hex(),
)
def test_hostile_input_is_refused_in_linear_time(data: bytes) -> None:
    start = time.process_time()
    refused(data)
    assert time.process_time() - start < 3  # a fraction of a second; many minutes if it were quadratic


def test_a_duplicate_name_is_reported_in_printable_form() -> None:
    error = refused(b'{"\\ud800\\u001b[31m":1,"\\ud800\\u001b[31m":2}')
    assert error.code == "json-duplicate-name"
    assert error.field == "\\ud800\\x1b[31m"


def test_printable_is_short_and_ascii() -> None:
    assert printable("name") == "name"
    assert printable("\u202e\n\ud800é") == "\\u202e\\n\\ud800\\xe9"
    assert len(printable("x" * 1000)) == 100
