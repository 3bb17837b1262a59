"""Sequences of characters with tags: what the walk of a page makes, before the steps of text/1 are applied to it.

In a sequence LF is a line end and TAB the border of two cells; all other white space has become spaces. The tags of a
character are a number, one bit for each of them; a sequence without any tag has none of these numbers at all, and takes
the same way as plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notary.core.codepoints import DELETED, LINE_ENDS, SPACES
from notary.core.markup import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BITS = {tag: 1 << place for place, tag in enumerate(TAGS)}
TAGS_OF = tuple(tuple(tag for tag in TAGS if bits & BITS[tag]) for bits in range(1 << len(TAGS)))

_WHITE_SPACE = f"\t{LINE_ENDS}{SPACES}"
# What has nothing else shows nothing.
BLANK = _WHITE_SPACE + DELETED
SHOWN = re.compile(f"[^{BLANK}]")
FILLED_LINE = re.compile(f"[^{BLANK}][^\n]*")
_BLANK_AT_START = re.compile(f"[{BLANK}]*\n")
_BLANK_BETWEEN = re.compile(f"\n[{BLANK}]*\n")
_BLANK_AT_END = re.compile(f"\n[{BLANK}]*\\Z")
_TO_SPACE = dict.fromkeys(map(ord, _WHITE_SPACE), " ")
_TO_LINE = _TO_SPACE | dict.fromkeys(map(ord, LINE_ENDS), "\n")
_TO_NOTHING = str.maketrans("", "", DELETED)
_LAYOUT = re.compile(f"[{_WHITE_SPACE.replace(' ', '')}]")


@dataclass(frozen=True, slots=True)
class Characters:
    """A sequence; ``tags`` has one byte for each character, or is empty where no character has a tag."""

    text: str
    tags: bytes = b""

    def filled_lines(self) -> Characters:
        """Return the lines that show something, each with LF behind it; the empty sequence if none does."""
        if not SHOWN.search(self.text):
            return Characters("")
        first = _BLANK_AT_START.match(self.text)
        last = _BLANK_AT_END.search(self.text)
        start, end = first.end() if first else 0, last.start() if last else len(self.text)
        writer = Writer()
        for blank in _BLANK_BETWEEN.finditer(self.text, start, end):
            writer.add_all(self._part(start, blank.start()))
            writer.add("\n")
            start = blank.end()
        writer.add_all(self._part(start, end))
        writer.add("\n")
        return writer.finish()

    def lines(self) -> Iterator[Characters]:
        """Yield the lines, each with the LF behind it."""
        start = 0
        while start < len(self.text):
            end = self.text.index("\n", start) + 1
            yield self._part(start, end)
            start = end

    def _part(self, start: int, end: int) -> Characters:
        return Characters(self.text[start:end], self.tags[start:end])


class Writer:
    """A sequence in the making: parts of text and, by their number, the tags of those that have some."""

    __slots__ = ("parts", "tagged")

    def __init__(self) -> None:
        self.parts: list[str] = []
        # One number for all characters of the part, or a byte for each.
        self.tagged: dict[int, int | bytes] = {}

    def add(self, text: str, tags: int = 0) -> None:
        """Append characters that all have the same tags."""
        if tags:
            self.tagged[len(self.parts)] = tags
        self.parts.append(text)

    def add_all(self, characters: Characters) -> None:
        """Append a sequence."""
        if characters.tags:
            self.tagged[len(self.parts)] = characters.tags
        self.parts.append(characters.text)

    def finish(self) -> Characters:
        """Return the sequence."""
        text = "".join(self.parts)
        if not self.tagged:
            return Characters(text)
        tags: list[bytes] = []
        for number, part in enumerate(self.parts):
            found = self.tagged.get(number, 0)
            tags.append(found if isinstance(found, bytes) else bytes((found,)) * len(part))
        return Characters(text, b"".join(tags))


def join(sequences: Sequence[Characters], between: str) -> Characters:
    """Return the sequences as one, with ``between`` (without tags) between them."""
    writer = Writer()
    for number, characters in enumerate(sequences):
        if number:
            writer.add(between)
        writer.add_all(characters)
    return writer.finish()


def spaced(text: str) -> str:
    """Return the text of a node with each white space code point made a space."""
    return text.translate(_TO_SPACE) if _LAYOUT.search(text) else text


def preformatted(text: str) -> str:
    """Return the text of a node with what ends lines made LF, and other white space a space."""
    return text.replace("\r\n", "\n").translate(_TO_LINE)


def tidy(text: str) -> str:
    """Return ``text`` with deleted code points removed, white space collapsed and removed at both ends."""
    if not text.isascii():
        text = text.translate(_TO_NOTHING)
    return " ".join(filter(None, (text.translate(_TO_SPACE) if _LAYOUT.search(text) else text).split(" ")))
