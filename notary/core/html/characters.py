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
# Found in a text node or a cell if it shows anything at all.
SHOWN = re.compile(f"[^{_WHITE_SPACE}{DELETED}]")
_TO_SPACE = dict.fromkeys(map(ord, _WHITE_SPACE), " ")
_TO_LINE = _TO_SPACE | dict.fromkeys(map(ord, LINE_ENDS), "\n")
_TO_NOTHING = str.maketrans("", "", DELETED)
_LAYOUT = re.compile(f"[{_WHITE_SPACE.replace(' ', '')}]")


@dataclass(frozen=True, slots=True)
class Characters:
    """A sequence; ``tags`` has one byte for each character, or is empty where no character has a tag."""

    text: str
    tags: bytes = b""

    def lines(self) -> Iterator[Characters]:
        """Yield what stands between the LFs."""
        start = 0
        for line in self.text.split("\n"):
            yield Characters(line, self.tags[start : start + len(line)])
            start += len(line) + 1


class Writer:
    """A sequence in the making."""

    __slots__ = ("_parts", "_tagged")

    def __init__(self) -> None:
        self._parts: list[str] = []
        # By number of the part: the tags of all its characters, one number, or one each.
        self._tagged: dict[int, int | bytes] = {}

    def add(self, text: str, tags: int = 0) -> None:
        """Append characters that all have the same tags."""
        if tags:
            self._tagged[len(self._parts)] = tags
        self._parts.append(text)

    def add_all(self, characters: Characters) -> None:
        """Append a sequence."""
        if characters.tags:
            self._tagged[len(self._parts)] = characters.tags
        self._parts.append(characters.text)

    def finish(self) -> Characters:
        """Return the sequence."""
        text = "".join(self._parts)
        if not self._tagged:
            return Characters(text)
        tags: list[bytes] = []
        for number, part in enumerate(self._parts):
            found = self._tagged.get(number, 0)
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
    return " ".join(filter(None, text.translate(_TO_NOTHING).translate(_TO_SPACE).split(" ")))
