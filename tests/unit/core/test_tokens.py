"""Tokens: what a person would call one thing is one token, and nothing of a line is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.core.markup import escape
from notary.core.tokens import INVISIBLE, is_tag, shown, tokens
from notary.core.unicode_table import is_mark

# Characters that meet at the borders of the rules.
TRICKY = "aZé1９²½ .,%．，％‰'’-_<>&;/\t中〇々かカｶーไทยกิ한ع٣٫\u0301\u200d\u200c\ufe0f\u2066😀👩\U000e0100\U00031000"
lines = st.text(st.sampled_from(TRICKY) | st.sampled_from("abc 123") | st.characters(), max_size=40) | st.lists(
    st.sampled_from([*TRICKY, "<sup>", "</sup>", "<ins>", "&amp;", "&lt;", "1,234.56%", "don't", "  "])
).map("".join)

UNSPACED = re.compile(
    "[\u0e01-\u0e4f\u0e80-\u0ecf\u1000-\u103f\u1050-\u108f\u1780-\u17df\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029"
    "\u3038-\u303b\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
)


def is_invisible(char: str) -> bool:
    return re.fullmatch(f"[{INVISIBLE}]", char) is not None


def is_plain_mark(char: str) -> bool:
    return is_mark(ord(char)) and not is_invisible(char)


def is_letter(char: str) -> bool:
    return is_more(char) and not char.isdecimal() and not is_mark(ord(char))


def is_more(char: str) -> bool:
    return (char.isalnum() or is_mark(ord(char))) and not UNSPACED.match(char) and not is_invisible(char)


def run(line: str, at: int, holds: object) -> int:
    assert callable(holds)
    while at < len(line) and holds(line[at]):
        at += 1
    return at


def reference(line: str) -> list[str]:
    """Split a line by the rules of docs/spec/diff.md, read one after the other."""
    found: list[str] = []
    at = 0
    while at < len(line):
        end = at + one(line, at)
        found.append(line[at:end])
        at = end
    return found


def one(line: str, at: int) -> int:
    if markup := re.compile("</?(?:ins|s|sup|sub)>|&(?:amp|lt|gt);").match(line, at):
        return len(markup.group())
    if line[at] == " ":
        return run(line, at, " ".__eq__) - at
    if line[at].isdecimal():
        end = run(line, at, str.isdecimal)
        while line[end : end + 1] and line[end] in ".,．，٫٬" and line[end + 1 : end + 2].isdecimal():
            end = run(line, end + 1, str.isdecimal)
        end += line[end : end + 1] in tuple("%％‰٪")
        return run(line, end, is_plain_mark) - at
    if is_letter(line[at]):
        end = run(line, at, is_more)
        while line[end : end + 1] in ("'", "’") and line[end + 1 :] and is_letter(line[end + 1]):
            end = run(line, end + 1, is_more)
        return end - at
    return run(line, at + 1, is_plain_mark) - at


@given(lines)
def test_joined_they_are_the_line_again(line: str) -> None:
    assert "".join(tokens(line)) == line
    assert all(tokens(line))


@given(lines)
def test_they_follow_the_rules(line: str) -> None:
    assert tokens(line) == reference(line)


@given(st.lists(st.sampled_from(["<sup>", "</sup>", "<s>", "a", "<", ">", "&", "&lt;", "1"]), max_size=12))
def test_markup_is_told_from_text_that_looks_like_it(parts: list[str]) -> None:
    written = tokens("".join(part if part in {"<sup>", "</sup>", "<s>"} else escape(part) for part in parts))
    assert sum(map(is_tag, written)) == sum(part in {"<sup>", "</sup>", "<s>"} for part in parts)
    assert "".join(map(shown, written)) == "".join(parts)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("It costs 1,234.56%.", ["It", " ", "costs", " ", "1,234.56%", "."]),
        ("on 3.5.2026, 10,", ["on", " ", "3.5.2026", ",", " ", "10", ","]),
        ("don’t 'quote' rock'n'roll", ["don’t", " ", "'", "quote", "'", " ", "rock'n'roll"]),
        ("桥３．５％关闭", ["桥", "３．５％", "关", "闭"]),
        ("カタカナとひらがな", ["カタカナ", "と", "ひ", "ら", "が", "な"]),
        ("10<sup>2</sup> &lt; 5", ["10", "<sup>", "2", "</sup>", " ", "&lt;", " ", "5"]),
        ("周一\t闭馆", ["周", "一", "\t", "闭", "馆"]),
        ("-5 – x...", ["-", "5", " ", "–", " ", "x", ".", ".", "."]),
        ("H2O 2nd", ["H2O", " ", "2", "nd"]),
        ("👩\u200d🔬☀\ufe0f", ["👩", "\u200d", "🔬", "☀", "\ufe0f"]),
        ("नमस्ते x\u0301y", ["नमस्ते", " ", "x\u0301y"]),
        ("", []),
    ],
)
def test_examples(line: str, expected: list[str]) -> None:
    assert tokens(line) == expected


@pytest.mark.parametrize("line", ["'" * 50_000, "a'" * 50_000, "1." * 50_000, "a\u0301" * 50_000, "<sup" * 20_000])
def test_long_rows_of_anything_are_split_in_one_go(line: str) -> None:
    # A pattern that goes back would take minutes here, and the time limit of a test ends it.
    assert "".join(tokens(line)) == line
