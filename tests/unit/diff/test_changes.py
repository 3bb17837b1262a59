"""What changed: the result leads from one text to the other and back, reads well, and never costs too much."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq

from notary.core.tokens import tokens
from notary.diff.align import CELLS
from notary.diff.changes import Diff, Kind, Segment, diff

WORDS = st.sampled_from(
    ["the", "bridge", "not", "is", "1,000", "桥", "关", " ", " ", ",", "<sup>", "&amp;", "\t", "  "]
)
LINES = st.lists(WORDS, max_size=8).map("".join) | st.text(max_size=5).map(lambda text: text.replace("\n", ""))
TEXTS = st.lists(LINES, max_size=8)


def side(segments: tuple[Segment, ...], without: Kind) -> str:
    return "".join(segment.text for segment in segments if segment.kind != without)


def apply(result: Diff, a: list[str]) -> list[str]:
    """Return the second text, made from the first and what changed; what is said of the first must be true."""
    made: list[str] = []
    at = 0
    for hunk in result.hunks:
        made += a[at : hunk.a - 1]
        at = hunk.a - 1
        assert len(made) == hunk.b - 1
        for row in hunk.rows:
            if row.a is not None:
                assert (row.a, side(row.segments, "insert")) == (at + 1, a[at])
                at += 1
            if row.b is not None:
                made.append(side(row.segments, "delete"))
                assert row.b == len(made)
        assert (hunk.a_lines, hunk.b_lines) == (at - hunk.a + 1, len(made) - hunk.b + 1)
    return made + a[at:]


def reversed_(result: Diff) -> Diff:
    """Return what leads back."""
    other: dict[Kind, Kind] = {"equal": "equal", "delete": "insert", "insert": "delete"}
    return Diff(
        tuple(
            replace(
                hunk,
                a=hunk.b,
                b=hunk.a,
                rows=tuple(
                    replace(
                        row,
                        a=row.b,
                        b=row.a,
                        segments=tuple(Segment(other[part.kind], part.text) for part in row.segments),
                    )
                    for row in hunk.rows
                ),
            )
            for hunk in result.hunks
        )
    )


def check(a: list[str], b: list[str]) -> Diff:
    result = diff(a, b)
    assert apply(result, a) == b
    assert apply(reversed_(result), b) == a
    assert (a == b) == (not result.hunks)
    for hunk in result.hunks:
        for row in hunk.rows:
            assert all(segment.text for segment in row.segments)
            kinds = [segment.kind for segment in row.segments]
            assert not any(one == two for one, two in pairwise(kinds))
            assert ("insert", "delete") not in pairwise(kinds)
            assert row.a is not None or set(kinds) <= {"insert"}
            assert row.b is not None or set(kinds) <= {"delete"}
    return result


@given(TEXTS, TEXTS)
def test_it_leads_from_one_text_to_the_other_and_back(a: list[str], b: list[str]) -> None:
    check(a, b)


@given(TEXTS, st.data())
def test_it_does_so_where_little_changed(a: list[str], data: st.DataObject) -> None:
    b = list(a)
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(b)))
        b[at : at + data.draw(st.integers(0, 2))] = data.draw(st.lists(LINES, max_size=2))
    check(a, b)


@given(TEXTS, TEXTS)
def test_a_change_is_made_of_whole_tokens(a: list[str], b: list[str]) -> None:
    for hunk in diff(a, b).hunks:
        for row in hunk.rows:
            sides: tuple[tuple[int | None, list[str], Kind], ...] = ((row.a, a, "insert"), (row.b, b, "delete"))
            for number, text, without in sides:
                if number is None:
                    continue
                borders = {0}
                for token in tokens(text[number - 1]):
                    borders.add(max(borders) + len(token))
                at = 0
                for segment in row.segments:
                    if segment.kind != without:
                        assert at in borders
                        at += len(segment.text)


def marked(a: str, b: str) -> str:
    """Return what changed as one line a row, with git's marks."""
    marks = {"equal": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}
    rows = [row for hunk in check(a.split("\n"), b.split("\n")).hunks for row in hunk.rows]
    return "\n".join("".join(part.text.join(marks[part.kind]) for part in row.segments) for row in rows)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Cars may not cross it.", "Cars may cross it.", "Cars may [-not -]cross it."),
        ("It is not open.", "It is open on 3 May.", "It is [-not -]open{+ on 3 May+}."),
        ("He lost 1,234.56 euro", "He lost 1,234.65 euro", "He lost [-1,234.56-]{+1,234.65+} euro"),
        ("one two three four five", "one six seven four five", "one [-two three-]{+six seven+} four five"),
        ("桥今天关闭。", "桥明天关闭。", "桥[-今-]{+明+}天关闭。"),
        ("10<sup>2</sup> m of the road", "102 m of the road", "[-10<sup>2</sup>-]{+102+} m of the road"),
        ("a\tb\tc", "a\tb\td", "a\tb\t[-c-]{+d+}"),
        ("中 文 字", "中文字", "中[- -]文[- -]字"),
        ("same\ngone for good\nsame too", "same\nsame too", "[-gone for good-]"),
        ("All of this is new", "Completely different words stand here", None),
    ],
)
def test_examples(a: str, b: str, expected: str | None) -> None:
    assert marked(a, b) == (f"[-{a}-]\n{{+{b}+}}" if expected is None else expected)


def test_a_line_is_shown_beside_its_own_version() -> None:
    a = ["Vehicles may not cross the bridge.", "Cars are not affected.", "Ask the roads office."]
    b = ["A notice of today.", "Vehicles may cross the bridge.", "Also new.", "Ask the roads office now."]
    rows = [(row.a, row.b) for hunk in check(a, b).hunks for row in hunk.rows]
    assert rows == [(None, 1), (1, 2), (2, None), (None, 3), (3, 4)]


def test_a_paragraph_that_moved_is_deleted_and_inserted() -> None:
    a = ["first one", "second two", "third three", "fourth four"]
    b = ["third three", "first one", "second two", "fourth four"]
    assert sum(len(hunk.rows) for hunk in check(a, b).hunks) == 2


def test_the_line_that_says_that_there_is_a_title() -> None:
    result = check(["Title", "", "body"], ["Title", "body"])
    assert [(row.a, row.b, row.segments) for hunk in result.hunks for row in hunk.rows] == [(2, None, ())]


# ------------------------------------------------------------------------------------------------------------- bounds


def many(count: int, *, seed: int) -> list[str]:
    """Return words that look like chance, the same each time."""
    found = []
    for _ in range(count):
        seed = (seed * 1103515245 + 12345) % 2**31
        found.append(f"w{(seed >> 8) % 5000}")
    return found


def lines_of(words: list[str], size: int) -> list[str]:
    return [" ".join(words[at : at + size]) for at in range(0, len(words), size)]


ONE, OTHER = many(40_000, seed=1), many(40_000, seed=2)


@pytest.mark.parametrize(
    ("a", "b", "coarse"),
    [
        (lines_of(ONE, 80), lines_of(OTHER, 80), False),
        (lines_of(ONE, 5000), lines_of(OTHER, 5000), None),
        ([" ".join(ONE)], [" ".join(OTHER)], None),
        (["x"] * 100_000, ["x"] * 90_000, False),
        (["x", "y"] * 20_000, ["y", "x", "x"] * 15_000, True),
        (["a b " * 20_000], ["b a c " * 14_000], True),
        (["桥" * 600_000 + "a"], ["b" + "桥" * 600_000], True),
        ([f"{number}" for number in range(6000)], [f"a{number}" for number in range(6000)], True),
    ],
    ids=[
        "lines",
        "long lines",
        "one line",
        "all equal",
        "no anchors",
        "no anchors in a line",
        "very long",
        "very many",
    ],
)
def test_no_text_costs_more_than_the_budget(
    a: list[str], b: list[str], *, coarse: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent: list[int] = []
    exact = LCSseq.opcodes

    class Counting:
        @staticmethod
        def opcodes(one: str, two: str) -> object:
            spent.append(len(one) * len(two))
            return exact(one, two)

    monkeypatch.setattr("notary.diff.align.LCSseq", Counting)
    result = diff(a, b)
    assert sum(spent) <= CELLS
    assert apply(result, a) == b
    assert coarse in {None, result.coarse}


def test_scattered_changes_are_found_in_a_giant_line() -> None:
    changed = list(ONE)
    for at in range(0, len(changed), 500):
        changed[at] = "changed"
    result = check([" ".join(ONE)], [" ".join(changed)])
    (row,) = result.hunks[0].rows
    assert [part.text for part in row.segments if part.kind == "insert"] == ["changed"] * 80
    assert not result.coarse


def test_scattered_changes_are_found_in_very_many_lines() -> None:
    a = [f"{number} {word}" for number, word in enumerate(ONE)]
    b = [f"{line} changed" if number % 500 == 0 else line for number, line in enumerate(a)]
    result = check(a, b)
    assert [row.segments[-1].text for hunk in result.hunks for row in hunk.rows] == [" changed"] * 80
