"""From the sequences of a page to its canonical document. docs/spec/html.md, §4: the steps of text/1, with tags."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import add
from typing import TYPE_CHECKING, TypeAlias

from notary.core.codepoints import DELETED, NO_BASE, Source, admit, check_cell, check_sequences
from notary.core.html.characters import BLANK, FILLED_LINE, TAGS_OF, Characters, join
from notary.core.markup import Run, escape, serialize
from notary.core.text import CanonicalText, collapsed_line, require_size, require_visible
from notary.errors import InvalidText

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with tags, white space collapsed; ``offsets`` tells where in the source each character stands."""

    text: str
    tags: tuple[int, ...]
    offsets: tuple[int, ...]


# A line without tags is a string, its cells joined by tabs.
Line: TypeAlias = str | tuple[Cell, ...]


def write_document(title: Characters | None, parts: Sequence[Characters], *, max_bytes: int) -> CanonicalText:
    """Return the canonical document of a page with this title and these parts.

    Raises :class:`InvalidText` with the codes of text/1 but those of decoding.
    """
    if title is not None:
        parts = [Characters(title.text.replace("\n", " ").replace("\t", " "), title.tags), *parts]
    whole = join(parts, "\n")
    _require_bounded(whole.text, max_bytes)
    source = admit(whole.text)
    check_sequences(source)
    lines = _lines(source, _without_deleted(whole, source), has_title=title is not None)
    _require_lines(lines, has_title=title is not None)
    if title is not None:
        lines.insert(1, "")
    if whole.tags:
        text = "\n".join(_written(source, line) for line in lines)
    else:
        text = escape(unicodedata.normalize("NFC", "\n".join(map(_shown, lines))))
    data = text.encode("utf-8")
    require_size(data, max_bytes)
    return CanonicalText(data, source.notices)


def _require_bounded(text: str, max_bytes: int) -> None:
    """Refuse what cannot come to a document within the limit, before any work is spent on it.

    A line takes two bytes at least, but for the last; normal form C makes at most three characters two bytes.
    """
    limit = max_bytes // 2
    lines = sum(1 for _ in FILLED_LINE.finditer(text)) if text.count("\n") >= limit else 0
    if lines > limit or (len(text) > 3 * limit and len(text) - sum(map(text.count, BLANK)) > 3 * limit):
        raise InvalidText(f"The text of the page has more than {max_bytes} bytes.", code="text-too-large")


def _without_deleted(whole: Characters, source: Source) -> bytes:
    """Return the tags of the characters in ``source.text``."""
    if not whole.tags or len(source.text) == len(whole.text):
        return whole.tags
    return bytes(tags for char, tags in zip(whole.text, whole.tags, strict=True) if char not in DELETED)


def _lines(source: Source, tags: bytes, *, has_title: bool) -> list[Line]:
    """Return the lines that have content, and the title line in any case. Steps 6 and 7."""
    if not tags and not source.marks and not source.has_isolates and "\t" not in source.text:
        # Nothing to be refused, and one cell a line: the many pages that are like this need not wait.
        plain = [" ".join(raw.split()) for raw in source.text.split("\n")]
        return [*plain[: int(has_title)], *filter(None, plain[int(has_title) :])]
    lines: list[Line] = []
    start = 0
    for raw in source.text.split("\n"):
        end = start + len(raw)
        line: Line
        if any(tags[start:end]):
            line = _tagged_line(source, raw, tags, start)
        else:
            line = collapsed_line(source, raw, start=start) if raw else ""
        if line or (has_title and not lines):
            lines.append(line)
        start = end + 1
    return lines


def _tagged_line(source: Source, raw: str, tags: bytes, start: int) -> Line:
    cells: list[Cell] = []
    for text in raw.split("\t"):
        check_cell(source, text, partial(add, start))
        cell = _collapsed(text, tags, start)
        for i in range(1, len(cell.text) if source.marks else 0):
            if cell.text[i] in source.marks and cell.tags[i] != cell.tags[i - 1]:
                raise source.refusal(cell.offsets[i], NO_BASE, code="leading-mark")
        cells.append(cell)
        start += len(text) + 1
    return tuple(cells) if any(cell.text for cell in cells) else ""


def _collapsed(text: str, tags: bytes, start: int) -> Cell:
    """Return the cell with white space collapsed; a space has the tags that the characters around it share."""
    chars: list[str] = []
    own: list[int] = []
    offsets: list[int] = []
    spaced = False
    for offset, char in enumerate(text, start):
        if char == " ":
            spaced = True
            continue
        if spaced and chars:
            chars.append(" ")
            own.append(own[-1] & tags[offset])
            offsets.append(offset - 1)
        spaced = False
        chars.append(char)
        own.append(tags[offset])
        offsets.append(offset)
    return Cell("".join(chars), tuple(own), tuple(offsets))


def _require_lines(lines: list[Line], *, has_title: bool) -> None:
    """Refuse a document in which nothing is to be seen, or no title or body. Step 8."""
    shown = [_shown(line) for line in lines]
    if not any(shown):
        raise InvalidText("What the profile selects has no text.", code="empty-text")
    title, body = (shown[0], shown[1:]) if has_title else (None, shown)
    require_visible(title, body)


def _shown(line: Line) -> str:
    return line if isinstance(line, str) else "\t".join(cell.text for cell in line)


def _written(source: Source, line: Line) -> str:
    """Return the line as the document has it. Steps 9 and 10."""
    if isinstance(line, str):
        return escape(unicodedata.normalize("NFC", line))
    return "\t".join(_written_cell(source, cell) for cell in line)


def _written_cell(source: Source, cell: Cell) -> str:
    runs = [
        Run(unicodedata.normalize("NFC", "".join(char for char, _ in group)), TAGS_OF[bits])
        for bits, group in groupby(zip(cell.text, cell.tags, strict=True), key=lambda pair: pair[1])
    ]
    # Hangul jamo, the only characters that combine with what is no mark.
    if not unicodedata.is_normalized("NFC", "".join(run.text for run in runs)):
        problem = "the text combines across the border of a superscript, subscript, deletion or insertion"
        raise source.refusal(cell.offsets[0], problem, code="leading-mark")
    return serialize(runs)
