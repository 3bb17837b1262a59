"""Profiles, and the selectors in them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.core import jcs
from notary.core.profile import MAX_IGNORE, REGIONS, SPEC, parse_profile
from notary.core.selectors import MAX_SELECTOR_LENGTH, ascii_lower, parse_selector
from notary.errors import InvalidProfile
from tests import cases
from tests.strategies import json_values

GOOD = cases.load("profile", bad=False)
BAD = cases.load("profile", bad=True)
BAD_SELECTORS = cases.load("selector", bad=True)
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "spec" / "profile.schema.json").read_text(encoding="utf-8"))
BODY = {"spec": SPEC, "body": "#b"}


@pytest.mark.parametrize("name", GOOD)
def test_vector_has_this_digest(name: str) -> None:
    profile = parse_profile(GOOD[name]["profile"])
    assert profile.to_json() == GOOD[name]["profile"]
    assert profile.digest().hex() == GOOD[name]["sha256"]
    assert hashlib.sha256(jcs.dumps(GOOD[name]["profile"])).hexdigest() == GOOD[name]["sha256"]
    assert parse_profile(profile.to_json()) == profile


@pytest.mark.parametrize("name", BAD)
def test_vector_is_refused(name: str) -> None:
    with pytest.raises(InvalidProfile) as caught:
        parse_profile(BAD[name]["profile"])
    error = caught.value
    assert (error.code, error.field, error.position) == (
        BAD[name]["error"],
        BAD[name]["field"],
        BAD[name].get("position"),
    )
    assert BAD[name]["field"] in error.message


@pytest.mark.parametrize("name", BAD_SELECTORS)
def test_selector_is_refused(name: str) -> None:
    case = BAD_SELECTORS[name]
    with pytest.raises(InvalidProfile) as caught:
        parse_selector(case["selector"], field="profile.title")
    assert (caught.value.code, caught.value.field) == (case["error"], "profile.title")
    assert caught.value.position == case.get("position")


@given(json_values)
def test_any_json_is_refused(value: Any) -> None:
    with pytest.raises(InvalidProfile):
        parse_profile(value)


PIECES = [
    "a",
    "B1",
    "*",
    "#",
    ".",
    "x",
    "-",
    "[",
    "]",
    "=",
    "~=",
    '"',
    "v",
    " ",
    ">",
    ",",
    ":nth-child(",
    "2",
    ")",
    "公",
    "|",
]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join))
def test_a_selector_is_refused_at_its_first_code_point_that_cannot_go_on(text: str) -> None:
    """What stands before the position can be completed, what goes one further cannot."""
    position = fault(text)
    if position is None:
        assert all(can_begin(text[:length]) for length in range(len(text)))
    else:
        assert can_begin(text[:position])
        assert position == len(text) or not can_begin(text[: position + 1])


def fault(text: str) -> int | None:
    try:
        parse_selector(text, field="x")
    except InvalidProfile as error:
        return error.position
    return None


def can_begin(text: str) -> bool:
    """Say whether something behind ``text`` makes it a selector; the endings are those the grammar may wait for."""
    endings = (
        "",
        "a",
        "a]",
        'a"]',
        '="v"]',
        '"v"]',
        '"]',
        "]",
        "nth-child(1)",
        "child(1)",
        "(1)",
        "1)",
        ")",
        "th-child(1)",
    )
    for ending in endings:
        try:
            parse_selector(text + ending, field="x")
        except InvalidProfile:
            continue
        return True
    return False


def test_letters_are_lowered_in_ascii_only() -> None:
    assert ascii_lower("AZ\u212aİ[") == "az\u212aİ["
    assert parse_selector("P", field="x").chains == parse_selector("p", field="x").chains


def test_schema_says_what_the_parser_does() -> None:
    members = SCHEMA["properties"]
    assert list(members) == ["spec", *REGIONS, "ignore"]
    assert SCHEMA["additionalProperties"] is False
    for name in members:
        value = {"spec": SPEC, **dict.fromkeys(REGIONS, "a"), "ignore": ["a"]}
        del value[name]
        assert is_profile(value) == (name not in SCHEMA["required"])
    assert members["spec"] == {"const": SPEC}
    assert {members[name]["$ref"] for name in REGIONS} == {"#/$defs/selector"} == {members["ignore"]["items"]["$ref"]}
    selector = SCHEMA["$defs"]["selector"]
    assert selector == {"type": "string", "minLength": 1, "maxLength": MAX_SELECTOR_LENGTH}
    for length in (0, 1, MAX_SELECTOR_LENGTH, MAX_SELECTOR_LENGTH + 1):
        allowed = selector["minLength"] <= length <= selector["maxLength"]
        assert is_profile({**BODY, "title": "a" * length}) == allowed
        assert is_profile({**BODY, "ignore": ["a" * length]}) == allowed
    ignore = members["ignore"]
    assert (ignore["type"], ignore["uniqueItems"], ignore["maxItems"]) == ("array", True, MAX_IGNORE)
    for count in (0, 1, MAX_IGNORE, MAX_IGNORE + 1):
        allowed = ignore["minItems"] <= count <= ignore["maxItems"]
        assert is_profile({**BODY, "ignore": [f"a{i}" for i in range(count)]}) == allowed


def is_profile(value: Any) -> bool:
    try:
        parse_profile(value)
    except InvalidProfile:
        return False
    return True
