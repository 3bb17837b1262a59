"""What docs/spec/text-1.md says holds for every input, tried on inputs made of what is difficult."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from notary.core.compare import Difference
from notary.core.markup import TAGS, Run, runs, serialize, unescape
from notary.core.text import CanonicalText, canonical_document, canonical_plain, compare
from notary.errors import InvalidText

if TYPE_CHECKING:
    from collections.abc import Callable

DIFFICULT = [
    *"aAé<>&;=K \t\n\r\v\f\x85\u2028\u2029\u00a0\u3000\u2000\u2001\u1680",
    *"\u0338\u0301\u0323\u0344\u0345\u0308\u05b0\u094d\u0903\u3099\u20e3\ufe0f\ufe0e\U000e0100",  # marks
    *"\u00ad\u200b\u2060\ufeff\u200c\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069",  # invisible
    *"\u1100\u1161\u11a8가\uac01\u0958\u09c7\u09be\u0f73\u2adc\ufb2a\uf900\U0002f800\u212b\u2126\u037e\u2329\u1fef",
    *"\u1820\u180b\u180e\u180f\U0001f3f4\U0001f469\u2764",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    *("&amp;", "&lt;", "<sup>", "</sup>", "<s>", "</s>", "公告", "１２", "\r\n", "title\n", "\nb", "\u2066x\u2069"),
    *("\u0301" * 29, "\u0344" * 15, "\u202e", "\ufffd", "\u0378"),
]
difficult_text = st.lists(st.sampled_from(DIFFICULT), max_size=30).map("".join)
mostly_accepted = st.lists(st.sampled_from(DIFFICULT[:-3]), max_size=12).map(lambda parts: "T\nb" + "".join(parts))
any_text = st.text(max_size=60) | difficult_text | mostly_accepted


def accepted(text: str) -> CanonicalText:
    try:
        return canonical_plain(text.encode("utf-8", "surrogatepass"))
    except InvalidText:
        assume(False)
        raise


@given(any_text)
@settings(max_examples=1000)
@example("A<\u0338\nb")
@example("A\nb<\u0323\u0338")
@example("A\nb" + "\u0344" * 15)
@example("A\n\u200b\u0958" + "\u0323" * 29)
@example("\u2068A\t\u0301B\u2069\nc\t")
@example("A\n<s>a</s>\u0338&lt;")
def test_canonical_is_a_fixed_point(text: str) -> None:
    first = accepted(text)
    again = canonical_document(first.data)
    assert again.data == first.data
    assert [notice for notice in first.notices if notice.code == "kept-invisible"] == list(again.notices)
    assert (again.title, again.body) == (first.title, first.body)
    assert first.title is not None


@given(any_text)
@settings(max_examples=500)
def test_canonical_without_escapes_is_its_own_plain_text(text: str) -> None:
    first = accepted(text)
    assert canonical_plain(unescape(first.data.decode()).encode()).data == first.data


@given(any_text)
@settings(max_examples=300)
def test_what_must_not_matter_does_not(text: str) -> None:
    first = accepted(text)
    for form in ("NFC", "NFD"):
        assert canonical_plain(unicodedata.normalize(form, text).encode()).data == first.data
    for encoding, mark in (("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        assert canonical_plain(mark + text.encode(encoding)).data == first.data
    assert canonical_plain("\u200b".join(["", *text, ""]).encode()).data == first.data
    assert canonical_plain(text.replace("\n", "\n \r\n\u2029").encode()).data == first.data
    assert canonical_plain(text.replace(" ", "\u3000 \u00a0").encode()).data == first.data


def refusal(function: Callable[[bytes], CanonicalText], data: bytes) -> InvalidText | None:
    try:
        function(data)
    except InvalidText as error:
        return error
    return None


@given(st.binary(max_size=40) | any_text.map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=1000)
def test_any_bytes_are_accepted_or_refused_with_a_position_inside(data: bytes) -> None:
    for function in (canonical_plain, canonical_document):
        error = refusal(function, data)
        assert error is None or error.position is None or 0 <= error.position <= len(data)


@given(any_text)
@settings(max_examples=500)
def test_a_refusal_points_at_what_it_names(text: str) -> None:
    assume(not any("\ud800" <= char <= "\udfff" for char in text))
    error = refusal(canonical_plain, text.encode())
    if error is not None and error.position is not None:
        shown = text.removeprefix("\ufeff")
        assert f"U+{ord(shown[error.position]):04X}" in error.message


# ------------------------------------------------------------------------------------------------------------- markup

tag_sets = st.sets(st.sampled_from(TAGS)).map(lambda tags: tuple(tag for tag in TAGS if tag in tags))
letters = st.text(st.sampled_from("ab<&>é公"), min_size=1, max_size=3)
tagged = st.lists(st.builds(Run, letters, tag_sets), min_size=1, max_size=6)


@given(st.lists(tagged, min_size=1, max_size=3))
@settings(max_examples=500)
def test_markup_written_is_canonical_and_read_back(cells: list[list[Run]]) -> None:
    line = "\t".join(serialize(cell) for cell in cells)
    assert canonical_document(line.encode()).lines == (line,)
    expected = [(char, run.tags) for cell in cells for run in [*cell, Run("\t")] for char in run.text][:-1]
    assert [(char, run.tags) for run in runs(line) for char in run.text] == expected


@given(tagged)
@settings(max_examples=300)
def test_no_other_way_to_write_the_same_is_canonical(parts: list[Run]) -> None:
    line = serialize(parts)
    by_run = "".join(serialize([run]) for run in parts)
    by_character = "".join(serialize([Run(char, run.tags)]) for run in parts for char in run.text)
    for other in {by_run, by_character} - {line}:
        error = refusal(canonical_document, other.encode())
        assert error is not None
        assert error.code == "not-canonical"


# ---------------------------------------------------------------------------------------------------------- comparing

ORDINARY = [
    *"ab1 2公告一十，。-–—'’\"“”…~.\t\n\u200d\u200c\ufe0f\u200e\u2066\u2069ＡａＢ１",
    "<sup>2</sup>",
    "<s>a</s>",
]
ordinary = st.lists(st.sampled_from(ORDINARY), max_size=12).map("".join)


@given(ordinary, ordinary)
@settings(max_examples=500)
def test_comparing_is_symmetric_and_identity_is_identity(one: str, two: str) -> None:
    first, second = accepted("T\nb" + one), accepted("T\nb" + two)
    answer = compare(first.data, second.data)
    assert answer is compare(second.data, first.data)
    assert (answer is Difference.IDENTICAL) == (first.data == second.data)


@given(ordinary, st.data())
@settings(max_examples=500)
def test_one_letter_or_digit_changed_lost_or_added_is_changed(text: str, data: st.DataObject) -> None:
    first = accepted("Title\nbody" + text)
    document = first.data.decode()
    places = [at for at, char in enumerate(document) if char.isalnum() and ("<" not in document or at < 5)]
    at = data.draw(st.sampled_from(places))
    for other in (document[:at] + "Z" + document[at + 1 :], document[:at] + "7" + document[at:]):
        assert compare(first.data, accepted(unescape(other)).data if "<" not in other else other.encode()) == "changed"
