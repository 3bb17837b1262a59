"""The words of a canonical line, for showing differences: what a person would call one thing, as one token.

Nothing here is hashed or part of a verdict. Rules and their order: docs/spec/diff.md.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from notary.core.markup import TAGS, unescape
from notary.core.unicode_table import MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

# Kept in a text although they show nothing: joiners, marks of direction, isolates, variation selectors.
INVISIBLE = "\u061c\u180b-\u180f\u200c-\u200f\u2066-\u2069\ufe00-\ufe0f\U000e0100-\U000e01ef"

# Scripts that put no spaces between words: each letter is a token. Katakana is not among them, it is used for words.
_UNSPACED = (
    "\u0e01-\u0e4f\u0e80-\u0ecf\u1000-\u103f\u1050-\u108f\u1780-\u17df"  # Thai, Lao, Myanmar, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3041-\u309f"  # radicals, Han signs, Hiragana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Han
)
_TAG = re.compile(f"</?(?:{'|'.join(TAGS)})>")


def tokens(line: str) -> list[str]:
    """Split one canonical line into tokens; joined, they are the line again. Total: takes any string."""
    return _pattern().findall(line)


def shown(text: str) -> str:
    """Return tokens as a person reads them: tags stay, what is escaped is not."""
    if "&" not in text:
        return text
    # An escape cannot stand inside a tag, so that the text may be unescaped as a whole.
    return unescape(text)


def is_tag(token: str) -> bool:
    """Say whether ``token`` is markup, as ``<sup>`` (the same characters in the text are escaped)."""
    return _TAG.fullmatch(token) is not None


@cache
def _pattern() -> re.Pattern[str]:
    marks = _class(MARKS)
    mark = f"(?:(?![{INVISIBLE}])[{marks}])*"
    letter = f"[^\\W\\d_{_UNSPACED}{INVISIBLE}{marks}]"
    more = f"(?:[^\\W_{_UNSPACED}{INVISIBLE}]|(?![{INVISIBLE}{_UNSPACED}])[{marks}])*"
    alternatives = (
        # The rules below would say the same; most of most texts is done here.
        "[A-Za-z]++(?=[ ,.;:]|$)",
        " ++",
        _TAG.pattern,
        "&(?:amp|lt|gt);",
        # A word: letters, marks and digits; an apostrophe between letters is a part of it.
        f"{letter}{more}(?:['\u2019]{letter}{more})*",
        # A number: digits, with points and commas between them, and a sign of per cent or per mille after them.
        f"\\d++(?:[.,\uff0e\uff0c\u066b\u066c]\\d++)*[%\uff05\u2030\u066a]?{mark}",
        # Anything else alone, with the marks on it: a Han character, punctuation, a tab, an invisible character.
        f"(?s:.){mark}",
    )
    return re.compile("|".join(alternatives))


def _class(edges: Sequence[int]) -> str:
    """Return ranges (see :mod:`notary.core.unicode_table`) as the inside of a character class."""
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return "".join(f"\\U{first:08x}-\\U{after - 1:08x}" for first, after in pairs)
