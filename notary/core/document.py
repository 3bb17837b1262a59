"""Is this a canonical document? The rules that a line of one must keep; text/1, "Canonical documents".

Nothing is mended here: a document that is not exactly canonical is refused, so that one text has one digest.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from itertools import pairwise
from operator import add

from notary.core.codepoints import DELETED, LINE_ENDS, NO_BASE, SPACES, Source, check_cell, check_sequences
from notary.core.markup import Piece, common_tags, pieces, serialize, unescape
from notary.errors import InvalidText

# LF, tab and space are the white space that a canonical document has.
_LAYOUT = re.compile("[" + "".join(sorted(set(DELETED + LINE_ENDS + SPACES) - {"\n", " "})) + "]")
_SPECIAL = re.compile("[&<>]")
_STRAY = re.compile("&(?!amp;|lt;|gt;)|>")


def check_lines(source: Source) -> list[str]:
    """Return the lines of the document in ``source``.

    Raises :class:`InvalidText` (``not-canonical`` and what the checks shared with plain text raise).
    """
    text = source.original
    if found := _LAYOUT.search(text):
        char = f"U+{ord(found.group()):04X}"
        raise InvalidText(
            f"Not a canonical document: {char} at offset {found.start()} has no place in one.",
            code="not-canonical",
            position=found.start(),
        )
    check_sequences(source)
    lines = text.split("\n")
    start = 0
    for number, line in enumerate(lines):
        # The only empty line is the one after the title; it is never the last.
        if not line.strip("\t") and (line or number != 1 or len(lines) == 2):
            raise _not_canonical(number, start, "a line is empty")
        if number == 0 and len(lines) > 1 and not lines[1] and "\t" in line:
            raise _not_canonical(number, start, "a title has no tab")
        offset = start
        for cell in line.split("\t"):
            problem = _check_cell(source, cell, offset)
            if problem is not None:
                raise _not_canonical(number, start, problem)
            offset += len(cell) + 1
        start += len(line) + 1
    return lines


def _not_canonical(number: int, start: int, problem: str) -> InvalidText:
    message = f"Not a canonical document: in line {number + 1}, at offset {start}, {problem}."
    return InvalidText(message, code="not-canonical", position=start)


def _check_cell(source: Source, cell: str, start: int) -> str | None:
    """Return what is not canonical about a cell, if anything; raise for what no text may have."""
    if _SPECIAL.search(cell) is None:
        check_cell(source, cell, partial(add, start))
        return _check_text(cell)
    if "<" not in cell:
        if _STRAY.search(cell):
            return "an & or > is not escaped"
        text = unescape(cell)
        check_cell(source, text, lambda index: start + _offset_of(pieces(cell) or [], index))
        return _check_text(text)
    parts = pieces(cell)
    if parts is None:
        return "an & < or > is not escaped, or a tag is not closed"
    text = "".join(part.run.text for part in parts)
    check_cell(source, text, lambda index: start + _offset_of(parts, index))
    _check_boundaries(source, parts, start)
    if serialize([part.run for part in parts]) != cell:
        return "the markup is not in its canonical form"
    if not _spaces_follow_neighbours(parts):
        return "a space has other tags than the characters around it have in common"
    return _check_text(text)


def _check_text(text: str) -> str | None:
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        return "white space is not collapsed"
    if not unicodedata.is_normalized("NFC", text):
        return "a character is not in normal form C"
    return None


def _check_boundaries(source: Source, parts: list[Piece], start: int) -> None:
    """Refuse a mark whose character before it carries other tags."""
    for before, part in pairwise(parts if source.marks else ()):
        if part.run.text[0] in source.marks and part.run.tags != before.run.tags:
            raise source.refusal(start + part.offset, NO_BASE, code="leading-mark")


def _offset_of(parts: list[Piece], index: int) -> int:
    """Return where in the cell the character ``index`` of its text stands."""
    for part in parts:
        if index < len(part.run.text):
            return part.offset + index
        index -= len(part.run.text)
    return 0


def _spaces_follow_neighbours(parts: list[Piece]) -> bool:
    """Say whether each space carries exactly the tags that the characters on both sides of it have in common."""
    tags = [(char, part.run.tags) for part in parts for char in part.run.text]
    around = zip(tags, tags[1:], tags[2:], strict=False)
    return all(own == common_tags(left, right) for (_, left), (char, own), (_, right) in around if char == " ")
