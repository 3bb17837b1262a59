"""Which code points `text/1` accepts, which it deletes, and which it refuses: steps 2 to 5 of docs/spec/text-1.md.

:func:`admit` and :func:`check_sequences` work on the whole text, before it is cut into lines; :func:`check_cell` works
on one line, or one cell of it. Every refusal names the code point and where it stands *in the input*, so that a person
can find and remove it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notary.core.unicode_table import ASSIGNED, UNICODE_VERSION, is_mark
from notary.errors import InvalidText

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_MARKS = 30
NO_BASE = "a combining mark without a character before it to combine with"

# Layout only, sprinkled by browsers and editors: soft hyphen, zero-width space, word joiner, byte order mark.
DELETED = "\u00ad\u200b\u2060\ufeff"
LINE_ENDS = "\n\v\f\r\x85\u2028\u2029"
SPACES = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

# (first, last, what it is); ascending. Tag characters are not here: they are accepted inside three emoji flags.
FORBIDDEN = (
    (0x0000, 0x0008, "a control character"),
    (0x000E, 0x001F, "a control character"),
    (0x007F, 0x0084, "a control character"),
    (0x0086, 0x009F, "a control character"),
    (0x034F, 0x034F, "an invisible character without a use in text"),
    (0x115F, 0x1160, "an invisible filler"),
    (0x17B4, 0x17B5, "an invisible filler"),
    (0x202A, 0x202E, "a bidirectional embedding or override"),
    (0x2061, 0x2064, "an invisible operator"),
    (0x206A, 0x206F, "a deprecated format character"),
    (0x3164, 0x3164, "an invisible filler"),
    (0xD800, 0xDFFF, "half of a surrogate pair"),
    (0xE000, 0xF8FF, "for private use"),
    (0xFDD0, 0xFDEF, "a noncharacter"),
    (0xFFA0, 0xFFA0, "an invisible filler"),
    (0xFFF9, 0xFFFB, "an interlinear annotation"),
    (0xFFFC, 0xFFFC, "the place of an object that is not in the text"),
    (0xFFFD, 0xFFFD, "the trace of a faulty decoding"),
    (0x1BCA0, 0x1BCA3, "an invisible format character"),
    (0x1D173, 0x1D17A, "an invisible format character"),
    (0xE0001, 0xE0001, "a language tag"),
    (0xF0000, 0xFFFFD, "for private use"),
    (0x100000, 0x10FFFD, "for private use"),
)
_FORBIDDEN_EDGES = tuple(edge for first, last, _ in FORBIDDEN for edge in (first, last + 1))

# Invisible, but they can change what is read or how it is drawn: kept, and reported.
_SIGNIFICANT = re.compile("[\u061c\u180b-\u180f\u200c-\u200f\u2066-\u2069\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# With the white space that is left: a line of nothing else shows nothing.
_INVISIBLE_LINE = re.compile("[ \t\u061c\u180b-\u180f\u200c-\u200f\u2066-\u2069\ufe00-\ufe0f\U000e0100-\U000e01ef]*")

_TAG = re.compile("[\U000e0020-\U000e007f]")
# The three recommended sequences: England, Scotland, Wales; else one tag character.
_FLAG_OR_TAG = re.compile(
    "\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073)\U000e007f|[\U000e0020-\U000e007f]"
)
_MONGOLIAN_FORMAT = re.compile("[\u180b-\u180f]")
_MONGOLIAN_LETTERS = "\u1820-\u1878\u1880-\u1884\u1887-\u18a8\u18aa"
_MONGOLIAN_SELECTORS = "\u180b-\u180d\u180f"
_MONGOLIAN_STRAY = re.compile(
    f"(?<![{_MONGOLIAN_LETTERS}])[{_MONGOLIAN_SELECTORS}]|(?<![{_MONGOLIAN_LETTERS}{_MONGOLIAN_SELECTORS}])\u180e"
)
_ISOLATE = re.compile("[\u2066-\u2069]")
_LINE_END = re.compile(f"\r\n|[{LINE_ENDS}]")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a publisher should know about: ``deleted-invisible`` or ``kept-invisible`` code points."""

    code: str
    codepoint: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Source:
    """The decoded input, and the same without what is deleted."""

    original: str
    text: str
    marks: frozenset[str]
    has_isolates: bool
    notices: tuple[Notice, ...]

    def position(self, offset: int) -> int:
        """Return the offset in the input of the character at ``offset`` of the text."""
        if len(self.text) == len(self.original):
            return offset
        seen = -1
        for position, char in enumerate(self.original):
            seen += char not in DELETED
            if seen == offset:
                return position
        return len(self.original)

    def refusal(self, offset: int, problem: str, *, code: str) -> InvalidText:
        """Return (not raise) the error about the character at ``offset`` of the text."""
        return _refusal(self.original, self.position(offset), problem, code=code)


def name_of(char: str) -> str:
    """Return the name of a character, or ``U+XXXX`` where the running Python knows none; for people, never hashed."""
    return unicodedata.name(char, f"U+{ord(char):04X}")


def line_number(text: str, position: int) -> int:
    """Return the number, from 1, of the input line that has ``position``."""
    return 1 + sum(1 for _ in _LINE_END.finditer(text, 0, position))


def _refusal(text: str, position: int, problem: str, *, code: str) -> InvalidText:
    char = text[position]
    label, name = f"U+{ord(char):04X}", name_of(char)
    named = label if name == label else f"{label} {name}"
    where = f"offset {position} (line {line_number(text, position)})"
    return InvalidText(f"{named} at {where}: {problem}.", code=code, position=position)


def admit(original: str) -> Source:
    """Return the text without what is deleted, if all its code points are accepted.

    Raises :class:`InvalidText` (``forbidden-code-point``, ``unassigned-code-point``). text/1, steps 2 and 3.
    """
    alphabet = set(original)
    # ASCII and the Han block, where every code point is accepted, need no look at the tables.
    unusual = [ord(char) for char in alphabet if not (" " <= char <= "~" or "\u4e00" <= char <= "\u9fff")]
    bad = [codepoint for codepoint in unusual if not is_accepted(codepoint)]
    if bad:
        raise _refuse_code_point(original, set(map(chr, bad)))
    text = original
    for char in DELETED:
        text = text.replace(char, "")
    significant = sorted(_SIGNIFICANT.findall("".join(alphabet)))
    return Source(
        original=original,
        text=text,
        marks=frozenset(chr(codepoint) for codepoint in unusual if codepoint >= 0x300 and is_mark(codepoint)),
        has_isolates=any(map(_ISOLATE.match, significant)),
        notices=(
            *(_notice("deleted-invisible", char, original) for char in DELETED if char in alphabet),
            *(_notice("kept-invisible", char, original) for char in significant),
        ),
    )


def _notice(code: str, char: str, text: str) -> Notice:
    return Notice(code=code, codepoint=ord(char), name=name_of(char), count=text.count(char))


def is_accepted(codepoint: int) -> bool:
    """Say whether a text may have ``codepoint`` (some of them only in a certain place, some to be deleted)."""
    return bisect_right(ASSIGNED, codepoint) % 2 == 1 and bisect_right(_FORBIDDEN_EDGES, codepoint) % 2 == 0


def _refuse_code_point(text: str, bad: set[str]) -> InvalidText:
    """Return (not raise) the error about the first of the ``bad`` characters in ``text``."""
    position = next(position for position, char in enumerate(text) if char in bad)
    codepoint = ord(text[position])
    what = next((what for first, last, what in FORBIDDEN if first <= codepoint <= last), None)
    if codepoint & 0xFFFE == 0xFFFE:  # the last two of each plane; never assigned
        what = "a noncharacter"
    if what is not None:
        return _refusal(text, position, f"{what}, which a text must not have", code="forbidden-code-point")
    problem = f"not assigned in the pinned Unicode table ({UNICODE_VERSION})"
    return _refusal(text, position, problem, code="unassigned-code-point")


def check_sequences(source: Source) -> None:
    """Refuse stray tag characters, stray Mongolian format characters, and long rows of marks.

    Raises :class:`InvalidText` (``forbidden-code-point``, ``too-many-marks``). text/1, steps 4 and 5.
    """
    text = source.text
    if _TAG.search(text):
        for found in _FLAG_OR_TAG.finditer(text):
            if len(found.group()) == 1:
                problem = "a tag character outside the flags of England, Scotland and Wales"
                raise source.refusal(found.start(), problem, code="forbidden-code-point")
    if _MONGOLIAN_FORMAT.search(text) and (stray := _MONGOLIAN_STRAY.search(text)):
        problem = "it must follow a Mongolian letter"
        raise source.refusal(stray.start(), problem, code="forbidden-code-point")
    if source.marks:
        _check_mark_rows(source)


def _check_mark_rows(source: Source) -> None:
    # No code point decomposes to more than three marks, so a long row has many: most texts are done here.
    if bytes(map(source.marks.__contains__, source.text)).find(b"\1" * (MAX_MARKS // 3)) == -1:
        return
    # Counted in the canonical decomposition, code point by code point: the number is then the same before and after
    # NFC, and normalising, whose time grows with the square of a row, is never asked to do more than a little.
    weights = {char: _trailing_marks(char) for char in set(source.text)}
    row = 0
    for offset, char in enumerate(source.text):
        row = row + weights[char] if char in source.marks else weights[char]
        if row > MAX_MARKS:
            problem = f"more than {MAX_MARKS} combining marks in a row"
            raise source.refusal(offset, problem, code="too-many-marks")


def _trailing_marks(char: str) -> int:
    return sum(is_mark(ord(part)) for part in unicodedata.normalize("NFD", char))


def check_cell(source: Source, cell: str, locate: Callable[[int], int]) -> None:
    """Refuse a mark at the start of a cell (white space before it aside) and isolates not closed within it.

    ``locate`` maps an index in the cell to an offset in ``source.text``. A line without tabs is one cell. Raises
    :class:`InvalidText` (``leading-mark``, ``unbalanced-isolate``). text/1, step 7.
    """
    if source.marks:
        first = len(cell) - len(cell.lstrip(" "))
        if cell[first : first + 1] in source.marks:
            raise source.refusal(locate(first), NO_BASE, code="leading-mark")
    if source.has_isolates:
        stray = _unbalanced_isolate(cell)
        if stray is not None:
            problem = "a bidirectional isolate must be opened and closed within its line, or cell"
            raise source.refusal(locate(stray), problem, code="unbalanced-isolate")


def _unbalanced_isolate(text: str) -> int | None:
    """Return the offset of the first closing isolate without opening, else of the first opening without closing."""
    opened: list[int] = []
    for found in _ISOLATE.finditer(text):
        if found.group() != "\u2069":
            opened.append(found.start())
        elif opened:
            opened.pop()
        else:
            return found.start()
    return opened[0] if opened else None


def is_invisible(line: str) -> bool:
    """Say whether a line (white space collapsed) shows nothing: spaces, tabs, invisible code points."""
    return _INVISIBLE_LINE.fullmatch(line) is not None
