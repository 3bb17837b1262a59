"""text/1 rule by rule, where a vector is not the better place: whole classes of code points, limits, notices, time."""

from __future__ import annotations

import time
import unicodedata
from contextlib import suppress
from itertools import pairwise

import pytest

from notary.core import merkle
from notary.core.codepoints import DELETED, FORBIDDEN, LINE_ENDS, MAX_MARKS, SPACES, is_accepted
from notary.core.markup import Run, escape, pieces, runs, serialize, unescape, without_tags
from notary.core.text import (
    MAX_TEXT_BYTES,
    CanonicalText,
    Notice,
    canonical,
    canonical_document,
    canonical_plain,
    compare,
    line_leaf_hash,
)
from notary.core.unicode_table import is_assigned, is_mark
from notary.errors import InvalidText

EVERYTHING = range(0x110000)
TAGS = range(0xE0020, 0xE0080)
MONGOLIAN_FORMAT = range(0x180B, 0x1810)


def refusal(text: str | bytes, kind: str = "plain") -> InvalidText:
    with pytest.raises(InvalidText) as caught:
        canonical(text if isinstance(text, bytes) else text.encode(), "plain" if kind == "plain" else "canonical")
    return caught.value


def plain(text: str) -> str:
    return canonical_plain(text.encode()).data.decode()


# ---------------------------------------------------------------------------------------------- classes of code points


def test_every_code_point_has_one_fate() -> None:
    """Each code point, alone between letters, is refused, deleted, white space, a line end, or kept: all of them."""
    accepted = [chr(codepoint) for codepoint in EVERYTHING if is_accepted(codepoint)]
    expected = {char for char in map(chr, EVERYTHING) if is_assigned(ord(char)) and not refused_by_the_book(char)}
    assert set(accepted) == expected
    special = set(DELETED + LINE_ENDS + SPACES) | set(map(chr, TAGS)) | set(map(chr, MONGOLIAN_FORMAT))
    special |= set("\t&<>\u2066\u2067\u2068\u2069")
    kept = [char for char in accepted if char not in special]
    lines = [f"a{char}z" for char in kept]
    assert plain("t\n" + "\n".join(lines)).split("\n")[2:] == [unicodedata.normalize("NFC", line) for line in lines]
    assert len(kept) > 149_000


def refused_by_the_book(char: str) -> bool:
    """What the specification lists, put another way, by general category where it is one."""
    codepoint = ord(char)
    return (
        (unicodedata.category(char) == "Cc" and char not in "\t\n\v\f\r\x85")
        or unicodedata.category(char) in {"Cs", "Co"}
        or 0xFDD0 <= codepoint <= 0xFDEF
        or codepoint % 0x10000 >= 0xFFFE
        or char in "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufff9\ufffa\ufffb\ufffc\ufffd\U000e0001"
        or char in "\u202a\u202b\u202c\u202d\u202e\u2061\u2062\u2063\u2064\u206a\u206b\u206c\u206d\u206e\u206f"
        or char in "\U0001bca0\U0001bca1\U0001bca2\U0001bca3"
        or 0x1D173 <= codepoint <= 0x1D17A
    )


def test_forbidden_ranges_ascend_and_do_not_touch_what_is_special() -> None:
    assert all(first <= last for first, last, _ in FORBIDDEN)
    assert all(before[1] < after[0] for before, after in pairwise(FORBIDDEN))
    for char in DELETED + LINE_ENDS + SPACES + "\t\u200c\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069\ufe0f":
        assert is_accepted(ord(char))


@pytest.mark.parametrize("codepoint", [first for first, _, _ in FORBIDDEN] + [last for _, last, _ in FORBIDDEN])
def test_forbidden_is_refused_with_position_code_point_and_name(codepoint: int) -> None:
    if 0xD800 <= codepoint <= 0xDFFF:
        assert not is_accepted(codepoint)  # no encoding that is decoded can bring it
        return
    for kind, text, position in (("plain", "标题\nb", 4), ("canonical", "A\n\nb", 4)):
        error = refusal(text + chr(codepoint) + "c", kind)
        assert (error.code, error.position) == ("forbidden-code-point", position)
        assert f"U+{codepoint:04X}" in error.message
        assert f"offset {position} (line {text.count(chr(10)) + 1})" in error.message
        assert unicodedata.name(chr(codepoint), "") in error.message


@pytest.mark.parametrize("plane", range(17))
@pytest.mark.parametrize("low", [0xFFFE, 0xFFFF])
def test_noncharacters_of_every_plane(plane: int, low: int) -> None:
    assert refusal(f"A\nb{chr(plane * 0x10000 + low)}").code == "forbidden-code-point"


def test_every_unassigned_code_point_is_refused() -> None:
    unassigned = [codepoint for codepoint in EVERYTHING if not is_assigned(codepoint)]
    assert not any(map(is_accepted, unassigned))
    for codepoint in unassigned[::5000]:
        if codepoint % 0x10000 < 0xFFFE and not 0xFDD0 <= codepoint <= 0xFDEF:
            assert refusal(f"A\nb{chr(codepoint)}").code == "unassigned-code-point"


def test_white_space_is_the_unicode_property() -> None:
    separators = {chr(codepoint) for codepoint in EVERYTHING if unicodedata.category(chr(codepoint)).startswith("Z")}
    assert set(SPACES + LINE_ENDS + "\t") == separators | set("\t\n\v\f\r\x85")
    assert len(SPACES + LINE_ENDS) == len(set(SPACES + LINE_ENDS))


@pytest.mark.parametrize("char", DELETED)
def test_deletion_is_reported_with_its_count(char: str) -> None:
    text = canonical_plain(f"A{char}\n{char}b{char}".encode())
    assert text.data == b"A\n\nb"
    assert text.notices == (Notice("deleted-invisible", ord(char), unicodedata.name(char), 3),)
    error = refusal(f"A\n\nb{char}", "canonical")
    assert (error.code, error.position) == ("not-canonical", 4)


SIGNIFICANT = [0x61C, *range(0x200C, 0x2010), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]


@pytest.mark.parametrize("codepoint", SIGNIFICANT)
def test_significant_is_kept_and_reported(codepoint: int) -> None:
    char = chr(codepoint)
    for text in (canonical_plain(f"A\nb{char}c{char}".encode()), canonical_document(f"A\n\nb{char}c{char}".encode())):
        assert text.data == f"A\n\nb{char}c{char}".encode()
        assert text.notices == (Notice("kept-invisible", codepoint, unicodedata.name(char), 2),)


@pytest.mark.parametrize(
    ("sequence", "codepoints"),
    [
        ("\u2066a\u2069", [0x2066, 0x2069]),
        ("\u2067a\u2069", [0x2067, 0x2069]),
        ("\u2068a\u2069", [0x2068, 0x2069]),
        ("\u1820\u180b", [0x180B]),
        ("\u1820\u180f\u180e", [0x180E, 0x180F]),
        ("\u00ad\u1820\u180c\u1820\u180d", [0xAD, 0x180C, 0x180D]),
    ],
)
def test_what_stands_in_context_is_reported(sequence: str, codepoints: list[int]) -> None:
    assert [notice.codepoint for notice in canonical_plain(f"A\n{sequence}".encode()).notices] == codepoints


def test_nothing_unusual_nothing_reported() -> None:
    assert canonical_plain("公告\n正文 & more".encode()).notices == ()


def test_mongolian_letters_are_those_of_the_block() -> None:
    for codepoint in range(0x1800, 0x18B0):
        char = chr(codepoint)
        if not is_assigned(codepoint) or codepoint in MONGOLIAN_FORMAT:
            continue
        is_letter = unicodedata.category(char) in {"Lo", "Lm"}
        for format_character in "\u180b\u180c\u180d\u180e\u180f":
            text = f"A\nb{char}{format_character}"
            if is_letter:
                assert plain(text).endswith(format_character)
            else:
                error = refusal(text)
                assert (error.code, error.position) == ("forbidden-code-point", 4)


# --------------------------------------------------------------------------------------------------- normal form, marks


def test_no_accepted_code_point_normalises_to_a_refused_or_deleted_one() -> None:
    """What the order of steps rests on, for all code points of the table."""
    for codepoint in filter(is_accepted, EVERYTHING):
        char = chr(codepoint)
        composed, full = unicodedata.normalize("NFC", char), unicodedata.normalize("NFD", char)
        if composed == full == char:
            continue
        assert all(is_accepted(ord(part)) for part in composed + full)
        assert not set(composed + full) & set(DELETED + "\t\n&")
        assert is_mark(codepoint) == is_mark(ord(full[0])) == is_mark(ord(composed[0]))
        assert char in SPACES or not set(composed + full) & set(SPACES + LINE_ENDS)
        # The short cut before counting marks rests on this.
        assert sum(is_mark(ord(part)) for part in full) <= MAX_MARKS // 10


def test_a_row_of_marks_is_bounded_whatever_it_is_made_of() -> None:
    heaviest = "\u0ccb"  # three marks in its decomposition
    assert plain("A\nb" + heaviest * 10).startswith("A\n\nb")
    error = refusal("A\nb" + heaviest * 11)
    assert (error.code, error.position) == ("too-many-marks", 13)
    error = refusal("A\n\u1f82" + heaviest * 9 + "\u0301")  # three in the base, 27, and one
    assert (error.code, error.position) == ("too-many-marks", 12)


# ------------------------------------------------------------------------------------------------------- the document


def test_properties_of_a_document_with_title() -> None:
    text = canonical_plain("标题 & more\n一\n二\t2\n".encode())
    assert text.title == "标题 &amp; more"
    assert text.body == ("一", "二\t2")
    assert text.lines == ("标题 &amp; more", "", "一", "二\t2")
    assert text.lines_root == merkle.root([line_leaf_hash(line.encode()) for line in text.lines])


def test_properties_of_a_document_without_title() -> None:
    text = canonical_document("一\n二".encode())
    assert (text.title, text.body, text.lines) == (None, ("一", "二"), ("一", "二"))
    assert CanonicalText(b"a").body == ("a",)


def test_a_line_is_no_entry() -> None:
    assert line_leaf_hash(b"a") != merkle.leaf_hash(b"a")


def test_size_limits_hold_before_and_after() -> None:
    assert refusal(b"A\n" + b"b" * (MAX_TEXT_BYTES - 1)).code == "text-too-large"
    assert refusal(b"A\n" + b"b" * (MAX_TEXT_BYTES - 1), "canonical").code == "text-too-large"
    assert refusal(b"A\nb" + b" " * MAX_TEXT_BYTES).code == "text-too-large"
    assert len(canonical_plain(b"A\n" + b"b" * (MAX_TEXT_BYTES - 3)).data) == MAX_TEXT_BYTES
    # Accepted as input, but what it becomes is longer than a canonical document may be.
    assert refusal(b"A\n" + b"&" * (MAX_TEXT_BYTES // 5)).code == "text-too-large"
    assert (
        refusal(b"\xfe\xff" + ("A\n" + "语" * (MAX_TEXT_BYTES // 2 - 10)).encode("utf-16-be")).code == "text-too-large"
    )
    with pytest.raises(InvalidText, match="limit is 2"):
        canonical_plain(b"A\nb", max_bytes=2)
    with pytest.raises(InvalidText, match="limit is 3"):
        canonical_document(b"A\n\nb", max_bytes=3)


@pytest.mark.parametrize(("recorded", "copy"), [(b"A\n\nb", b"A\nb "), (b"A\nb ", b"A\n\nb")])
def test_only_canonical_documents_are_compared(recorded: bytes, copy: bytes) -> None:
    with pytest.raises(InvalidText, match="Not a canonical document"):
        compare(recorded, copy)


# ------------------------------------------------------------------------------------------------------------- markup


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a", (Run("a"),)),
        ("", ()),
        ("a &lt;b&gt; &amp;amp;", (Run("a <b> &amp;"),)),
        ("10<sup>2</sup>", (Run("10"), Run("2", ("sup",)))),
        ("<ins><s>a<sup>b&amp;</sup></s></ins>", (Run("a", ("ins", "s")), Run("b&", ("ins", "s", "sup")))),
        ("<b>&", (Run("<b>&"),)),  # not canonical: shown as it is
        ("<s>a", (Run("<s>a"),)),
    ],
)
def test_runs(line: str, expected: tuple[Run, ...]) -> None:
    assert runs(line) == expected


def test_serialize_merges_nests_and_closes() -> None:
    parts = [Run("a", ("s",)), Run("", ("ins",)), Run("b", ("s",)), Run("c", ("s", "sup")), Run("<", ("ins", "s"))]
    line = "<s>ab<sup>c</sup></s><ins><s>&lt;</s></ins>"
    assert serialize(parts) == line
    assert serialize(runs(line)) == line
    assert serialize([]) == ""


def test_escape_and_back() -> None:
    assert escape("a<b>&amp;") == "a&lt;b&gt;&amp;amp;"
    assert unescape(escape("&lt;<&amp;lt;")) == "&lt;<&amp;lt;"
    assert without_tags("a<sup>&lt;s&gt;</sup>") == "a&lt;s&gt;"


@pytest.mark.parametrize(
    "line", ["&", "<", ">", "&lt", "<s", "<s>", "</s>", "<s></s", "<S>a</S>", "<s>a</sup>", "</s>a<s>"]
)
def test_stray_markup_has_no_pieces(line: str) -> None:
    assert pieces(line) is None


# ------------------------------------------------------------------------------------------------------- bounded time


def hostile(piece: str, before: str = "A\nb") -> bytes:
    size = MAX_TEXT_BYTES - len(before)
    return before.encode() + piece.encode() * (size // len(piece.encode()))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (hostile("\u0301\u0323"), "plain"),
        (hostile("b" + "\u0301\u0323" * 15), "plain"),
        (hostile("\u200d\u0301\u0323"), "plain"),
        (hostile("\n"), "plain"),
        (hostile("\t"), "plain"),
        (hostile("c\n"), "plain"),
        (hostile("\u2066"), "plain"),
        (hostile("\u200b") + b"\xff", "plain"),
        (hostile("\u200b")[:-3] + "\u2066".encode(), "plain"),
        (hostile("&"), "plain"),
        (b"A\n" + "".join(map(chr, range(0x40000, 0xBFFFE))).encode(), "plain"),
        (hostile("\U000e0061"), "plain"),
        (hostile("\u180b"), "plain"),
        (hostile("c\n", "A\n\nb\n")[:-1] + b"c", "canonical"),
        (hostile("<s>"), "canonical"),
        (hostile("<s>a</s>b"), "canonical"),
        (hostile("<s>a</s> "), "canonical"),
        (hostile("&lt;"), "canonical"),
        (hostile("&amp;\u0338\u2066"), "canonical"),
    ],
)
def test_two_mebibytes_of_anything_take_seconds_at_worst(data: bytes, kind: str) -> None:
    started = time.process_time()
    with suppress(InvalidText):
        canonical(data[:MAX_TEXT_BYTES], "plain" if kind == "plain" else "canonical")
    assert time.process_time() - started < 30
