"""Reading JSON objects member by member."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from notary.core.shape import Fields
from notary.errors import InvalidBundle, InvalidInput, InvalidRecord

if TYPE_CHECKING:
    from collections.abc import Callable


def fields(value: Any) -> Fields:
    return Fields(value, path="thing", error=InvalidRecord)


def refused(read: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(InvalidRecord) as caught:
        read()
    assert caught.value.field is not None
    assert caught.value.field in caught.value.message
    return caught.value.code, caught.value.field


@pytest.mark.parametrize("value", [None, [], "x", 1, True])
def test_only_objects_have_members(value: Any) -> None:
    assert refused(lambda: fields(value)) == ("wrong-type", "thing")


def test_the_given_object_is_not_emptied() -> None:
    value = {"a": "x"}
    reader = fields(value)
    assert reader.has("a")
    assert reader.string("a") == "x"
    assert not reader.has("a")
    reader.done()
    assert value == {"a": "x"}


def test_members_left_over_are_refused() -> None:
    assert refused(fields({"b": 1, "a": 2}).done) == ("unknown-field", "thing.a")


def test_an_unknown_name_is_reported_in_printable_form() -> None:
    assert refused(fields({"\u202e\x1b[31m" + "x" * 1000: 1}).done) == (
        "unknown-field",
        "thing.\\u202e\\x1b[31m" + "x" * 94,
    )


@pytest.mark.parametrize(
    "read",
    [
        lambda f: f.take("a"),
        lambda f: f.string("a"),
        lambda f: f.constant("a", "x"),
        lambda f: f.integer("a", low=0, high=1),
        lambda f: f.hex("a"),
        lambda f: f.array("a", max_items=1),
        lambda f: f.child("a"),
    ],
)
def test_a_missing_member_is_named(read: Callable[[Fields], object]) -> None:
    assert refused(lambda: read(fields({}))) == ("missing-field", "thing.a")


def test_absent_is_none_and_null_is_not_absent() -> None:
    assert fields({}).optional_string("a") is None
    assert fields({}).optional_hex("a") is None
    assert refused(lambda: fields({"a": None}).optional_string("a")) == ("wrong-type", "thing.a")
    assert refused(lambda: fields({"a": None}).optional_hex("a")) == ("wrong-type", "thing.a")


@pytest.mark.parametrize(
    ("value", "code"),
    [(1, "wrong-type"), (["x"], "wrong-type"), ("", "wrong-length"), ("abcde", "wrong-length"), ("ab1", "wrong-form")],
)
def test_strings(value: Any, code: str) -> None:
    pattern = re.compile("[a-z]+")
    assert fields({"a": "abcd"}).string("a", pattern=pattern, max_length=4) == "abcd"
    assert fields({"a": "abcd"}).optional_string("a", pattern=pattern, max_length=4) == "abcd"
    assert refused(lambda: fields({"a": value}).string("a", pattern=pattern, max_length=4)) == (code, "thing.a")
    assert refused(lambda: fields({"a": value}).optional_string("a", pattern=pattern, max_length=4)) == (
        code,
        "thing.a",
    )


def test_a_string_has_a_limit_even_where_none_is_named() -> None:
    assert fields({"a": "x" * 4096}).string("a") == fields({"a": "x" * 4096}).optional_string("a") == "x" * 4096
    assert refused(lambda: fields({"a": "x" * 4097}).string("a")) == ("wrong-length", "thing.a")
    assert refused(lambda: fields({"a": "x" * 4097}).optional_string("a")) == ("wrong-length", "thing.a")


@pytest.mark.parametrize("value", ["ab\n", "\nab", "ab cd"])
def test_a_pattern_matches_all_of_the_string(value: str) -> None:
    assert refused(lambda: fields({"a": value}).string("a", pattern=re.compile("[a-z]+")))[0] == "wrong-form"


def test_the_form_in_words_is_what_the_message_says() -> None:
    with pytest.raises(InvalidRecord, match=r"^thing\.a must be lower-case letters\.$"):
        fields({"a": "1"}).optional_string("a", pattern=re.compile("[a-z]+"), form="lower-case letters")
    with pytest.raises(InvalidRecord, match=r"^thing\.a must match \[a-z\]\+\.$"):
        fields({"a": "1"}).string("a", pattern=re.compile("[a-z]+"))


@pytest.mark.parametrize("value", ["thing/2", "", None, 1, ["thing/1"]])
def test_constants(value: Any) -> None:
    fields({"spec": "thing/1"}).constant("spec", "thing/1")
    assert refused(lambda: fields({"spec": value}).constant("spec", "thing/1")) == ("unknown-version", "thing.spec")


@pytest.mark.parametrize(
    ("value", "code"),
    [("1", "wrong-type"), (True, "wrong-type"), (None, "wrong-type"), (0, "out-of-range"), (10, "out-of-range")],
)
def test_integers(value: Any, code: str) -> None:
    assert [fields({"n": n}).integer("n", low=1, high=9) for n in (1, 9)] == [1, 9]
    assert refused(lambda: fields({"n": value}).integer("n", low=1, high=9)) == (code, "thing.n")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (12, "wrong-type"),
        ("ABCD", "wrong-form"),
        ("abc", "wrong-form"),
        ("0xabcd", "wrong-form"),
        ("ab cd", "wrong-form"),
        ("abcd\n", "wrong-form"),
        ("abg0", "wrong-form"),
        ("ａbcd", "wrong-form"),
        ("ab", "wrong-length"),
        ("abcdef", "wrong-length"),
        ("", "wrong-length"),
    ],
)
def test_hex(value: Any, code: str) -> None:
    assert fields({"h": "abcd"}).hex("h", size=2) == b"\xab\xcd"
    assert refused(lambda: fields({"h": value}).hex("h", size=2)) == (code, "thing.h")
    assert refused(lambda: fields({"h": value}).optional_hex("h", size=2)) == (code, "thing.h")


@pytest.mark.parametrize("value", ["abcd", "0Xabcd", "0xABCD", "0x0xab", "x0abcd"])
def test_hex_with_the_prefix_of_ethereum(value: str) -> None:
    assert fields({"h": "0xabcd"}).hex("h", size=2, prefix="0x") == b"\xab\xcd"
    assert refused(lambda: fields({"h": value}).hex("h", size=2, prefix="0x")) == ("wrong-form", "thing.h")


def test_hex_of_any_length() -> None:
    assert fields({"h": ""}).hex("h") == b""
    assert fields({"h": "00" * 1000}).hex("h") == bytes(1000)


@pytest.mark.parametrize(("value", "code"), [({}, "wrong-type"), ("ab", "wrong-type"), ([1, 2, 3], "wrong-length")])
def test_arrays(value: Any, code: str) -> None:
    assert fields({"l": [1, 2]}).array("l", max_items=2) == [1, 2]
    assert refused(lambda: fields({"l": value}).array("l", max_items=2)) == (code, "thing.l")


def test_children_carry_the_path_and_the_error() -> None:
    child = Fields({"a": {"b": {"c": 1}}}, path="bundle", error=InvalidBundle).child("a").child("b")
    with pytest.raises(InvalidBundle) as caught:
        child.string("c")
    assert caught.value.field == "bundle.a.b.c"
    with pytest.raises(InvalidInput):
        Fields({"a": 1}, path="bundle", error=InvalidBundle).child("a")
