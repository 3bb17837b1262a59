"""The pinned table against the running Python, and its NFC against the digests of the specification."""

from __future__ import annotations

import unicodedata
from functools import cache
from hashlib import sha256
from itertools import pairwise

import pytest

from notary.core import unicode_table
from notary.core.codepoints import is_accepted
from notary.core.unicode_table import ASSIGNED, MARKS, NUMBERS, is_assigned, is_mark, is_number

# Assigned in 15.0 or 15.1, and left out because older normalisers do not know what they are.
LATE = {0x10EFD, 0x10EFE, 0x10EFF, 0x11F41, 0x11F42, 0x1E08F, 0x1E4EC, 0x1E4ED, 0x1E4EE, 0x1E4EF}
RUNNING = tuple(int(part) for part in unicodedata.unidata_version.split("."))


@cache
def running(letter: str) -> set[int]:
    """The code points whose general category begins so in the running Python; "" for all that are assigned."""
    categories = {codepoint: unicodedata.category(chr(codepoint)) for codepoint in range(0x110000)}
    return {codepoint for codepoint, name in categories.items() if name.startswith(letter) and name != "Cn"}


def members(edges: tuple[int, ...]) -> set[int]:
    return {codepoint for first, end in zip(edges[::2], edges[1::2], strict=True) for codepoint in range(first, end)}


@pytest.mark.parametrize("edges", [ASSIGNED, MARKS, NUMBERS])
def test_ranges_ascend_and_do_not_touch(edges: tuple[int, ...]) -> None:
    assert len(edges) % 2 == 0
    assert all(before < after for before, after in pairwise(edges))


def test_counts_and_look_ups() -> None:
    for edges, count, look_up in (
        (ASSIGNED, unicode_table.ASSIGNED_COUNT, is_assigned),
        (MARKS, unicode_table.MARK_COUNT, is_mark),
        (NUMBERS, unicode_table.NUMBER_COUNT, is_number),
    ):
        assert len(members(edges)) == count
        assert members(edges) == {codepoint for codepoint in range(0x110000) if look_up(codepoint)}


def test_the_table_is_15_1_without_the_late_ones() -> None:
    assert (unicode_table.UNICODE_VERSION, unicode_table.NORMALIZATION_VERSION) == ("15.1.0", "14.0.0")
    table = members(ASSIGNED)
    assert not table & LATE
    # All that was assigned in 14.0 and is known to this Python; assignment is for ever.
    if RUNNING <= (15, 1, 0):
        assert running("") - table <= LATE
    if RUNNING >= (15, 1, 0):
        assert table | LATE <= running("")
    if RUNNING == (14, 0, 0):
        assert len(table - running("")) == 5106
    old = {codepoint for codepoint in range(0x110000) if unicodedata.ucd_3_2_0.category(chr(codepoint)) != "Cn"}
    assert old <= table


def test_marks_and_numbers_agree_where_this_python_knows_the_code_point() -> None:
    known = members(ASSIGNED) & running("")
    assert members(MARKS) & known == running("M") & known
    assert members(NUMBERS) & known == running("N") & known


def test_this_python_normalises_like_the_specification() -> None:
    everything = [chr(codepoint) for codepoint in range(0x110000) if is_accepted(codepoint)]
    assert digest(everything) == "d53bb9f9132a09c0847656ae1a1bdf4309ab33ce283d6ab96b92be8a2ae5a3d1"
    full = {char: unicodedata.normalize("NFD", char) for char in everything if not "\uac00" <= char <= "\ud7a3"}
    changed = {char: parts for char, parts in full.items() if parts != char}
    firsts = sorted({*changed, *(parts[0] for parts in changed.values())})
    others = sorted({part for parts in changed.values() for part in parts[1:]})
    assert (len(firsts), len(others)) == (3281, 85)
    pairs = [first + other for first in firsts for other in others]
    assert digest(pairs) == "77d9792499e9e5e3b3de8e2395187a783d149d2b3bd7be9c07d5d47573241778"


def test_hangul_is_composed() -> None:
    for codepoint in range(0xAC00, 0xD7A4):
        char = chr(codepoint)
        assert unicodedata.normalize("NFC", unicodedata.normalize("NFD", char)) == char


def test_what_this_python_does_not_know_takes_no_part_in_normalising() -> None:
    unknown = members(ASSIGNED) - running("")
    for char in map(chr, unknown):
        for mark in "\u0301\u0338\u3099\u09be":
            assert unicodedata.normalize("NFC", char + mark) == char + mark
            assert unicodedata.normalize("NFC", "a" + char + mark) == "a" + char + mark


def digest(strings: list[str]) -> str:
    result = sha256()
    for string in strings:
        result.update(unicodedata.normalize("NFC", string).encode() + b"\n")
    return result.hexdigest()
