"""How do two canonical documents differ? Identical, in typography only, or changed. text/1, "Comparing".

The middle answer is a help for a reader whose copy went through an editor or a terminal. It is given only for a closed
list of differences; whatever is not on the list is ``changed``. Two steps: the characters without white space must be
equal once the shape of quotes, dashes, ellipses and widths is set aside; then each place where the white space differs
must be harmless.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache

from notary.core.markup import TAGS, runs, unescape
from notary.core.unicode_table import is_number


class Difference(StrEnum):
    """The answer of a comparison."""

    IDENTICAL = "identical"
    TYPOGRAPHY = "typography-only"
    CHANGED = "changed"


_SHAPES = {
    "'": "\u2018\u2019\u201a\u201b\u2039\u203a",
    '"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\u301d\u301e\u301f",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63",
    "~": "\u301c",
    "...": "\u2026",
    "": "\u200c\ufe0e\ufe0f",
}
# The half-width forms of katakana, with the voicing mark that is a character of its own there.
_HALF_KANA = re.compile("[\uff66-\uff6f\uff71-\uff9d][\uff9e\uff9f]?")
# A joiner before a symbol makes one emoji of two; elsewhere it chooses the shape of letters.
_LETTER_JOINER = re.compile("\u200d(?![\u2190-\u2bff\u3030\u303d\U0001f000-\U0001fbff])")
# Where there is right-to-left text, or what makes text run that way, marks of direction can reorder what is seen.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff\u061c\u200f\u2067]"
)
_LEFT_TO_RIGHT_MARKS = re.compile("[\u200e\u2066\u2068\u2069]")

# One for each set of tags. Private use cannot stand in a canonical document.
_TAG_CHANGES = "".join(chr(0xE000 + number) for number in range(1 << len(TAGS)))

_GAP = re.compile("[ \t\n]+")
_LEVELS = {"": 0, " ": 1, "\t": 2, "\n": 3, "\n\n": 4}
# Chinese and Japanese write no spaces between words.
_UNSPACED = re.compile(
    "[\u3001-\u3003\u3005\u3007-\u3011\u3014-\u301b\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\U00020000-\U000323af]"
)
_HAN_NUMERALS = frozenset("〇零一二三四五六七八九十百千万萬亿億兆廿卅卌两兩半壹贰貳叁參肆伍陆陸柒捌玖拾佰仟")
_SIGNS = frozenset("+-.,:/%±×÷=~·'\"")


def difference(recorded: str, copy: str) -> Difference:
    """Return ``TYPOGRAPHY`` or ``CHANGED`` for two canonical documents that are not identical."""
    directed = any(_RIGHT_TO_LEFT.search(text) for text in (recorded, copy))
    first, second = (_folded(text, directed=directed) for text in (recorded, copy))
    characters = _GAP.sub("", first)
    if characters != _GAP.sub("", second):
        return Difference.CHANGED
    return Difference.TYPOGRAPHY if _gaps_agree(characters, first, second) else Difference.CHANGED


def _folded(document: str, *, directed: bool) -> str:
    """Return the document as text, shapes folded, with one private character wherever other tags begin.

    White space is passed over: its tags follow from its neighbours. So is what folds to nothing.
    """
    if "<" not in document:
        return _fold(unescape(document), directed=directed)
    parts: list[str] = []
    current: tuple[str, ...] = ()
    for number, line in enumerate(document.split("\n")):
        if number:
            parts.append("\n")
        for run in runs(line):
            text = _fold(run.text, directed=directed)
            content = text.lstrip(" \t")
            if content and run.tags != current:
                parts.append(text[: len(text) - len(content)])
                parts.append(_TAG_CHANGES[sum(1 << TAGS.index(tag) for tag in run.tags)])
                parts.append(content)
                current = run.tags
            else:
                parts.append(text)
    return "".join(parts)


def _fold(text: str, *, directed: bool) -> str:
    if text.isascii():
        return text
    if not directed:
        text = _LEFT_TO_RIGHT_MARKS.sub("", text)
    text = _HALF_KANA.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    return _LETTER_JOINER.sub("", text).translate(_shapes())


@cache
def _shapes() -> dict[int, str]:
    table = {ord(shape): plain for plain, shapes in _SHAPES.items() for shape in shapes}
    for codepoint in range(0xFF01, 0xFFEF):
        kind, _, plain = unicodedata.decomposition(chr(codepoint)).partition(" ")
        if kind in {"<wide>", "<narrow>"} and codepoint not in {0xFF9E, 0xFF9F}:
            table[codepoint] = chr(int(plain, 16))
    return table


def _gaps(text: str) -> dict[int, str]:
    """Return the white space of ``text`` by the number of other characters before it."""
    found: dict[int, str] = {}
    spaces = 0
    for gap in _GAP.finditer(text):
        found[gap.start() - spaces] = gap.group()
        spaces += len(gap.group())
    return found


def _gaps_agree(characters: str, first: str, second: str) -> bool:
    """Say whether the white space differs only where, and only so that, no reading depends on it."""
    gaps, other = _gaps(first), _gaps(second)
    tabs = ("\t" in first) + ("\t" in second)
    directions: set[bool] = set()
    for at in sorted({at for at, _ in gaps.items() ^ other.items()}):
        one, two = gaps.get(at, ""), other.get(at, "")
        if "\t" in one + two:
            # Cells may be lost as a whole, but must not move: a figure would change its column.
            if tabs == 2:
                return False
            one, two = _without_indent(one, at), _without_indent(two, at)
        if one == two:
            continue
        if one not in _LEVELS or two not in _LEVELS or not _is_loose(characters, at, one, two):
            return False
        directions.add(_LEVELS[one] < _LEVELS[two])
    # Breaks were only lost, or only gained: a break that moved groups the words anew.
    return len(directions) <= 1


def _without_indent(gap: str, at: int) -> str:
    return gap.rstrip("\t") if gap.startswith("\n") or at == 0 else gap


def _is_loose(characters: str, at: int, one: str, two: str) -> bool:
    """Say whether the white space before character ``at`` may be another, or (in Chinese, Japanese) absent."""
    if not 0 < at < len(characters):
        return False
    left, right = characters[at - 1], characters[at]
    if right in _TAG_CHANGES or _is_part_of_number(left, right):
        return False
    return bool(one and two) or bool(_UNSPACED.match(left) or _UNSPACED.match(right))


def _is_part_of_number(left: str, right: str) -> bool:
    """Say whether white space between the two could join or split a number, or take its sign away."""
    left_digit, right_digit = (char in _HAN_NUMERALS or is_number(ord(char)) for char in (left, right))
    return (left_digit and (right_digit or right in _SIGNS)) or (right_digit and left in _SIGNS)
