"""How what changed between two texts is shown on a terminal.

Lines of the first text have a ``-``, lines of the second a ``+``; inside a line that changed, ``[-…-]`` was deleted and
``{+…+}`` inserted. Colour only repeats that.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from notary.cli import output
from notary.core.tokens import INVISIBLE, shown
from notary.core.unicode_table import is_mark
from notary.diff.alike import notes
from notary.diff.changes import Diff, Hunk, Kind, Row, Segment

_MARKS = {"delete": ("[-", "-]", "\x1b[31m"), "insert": ("{+", "+}", "\x1b[32m")}
_PLAIN = "\x1b[0m"
_CUT = " […] "
# How much is shown of what is the same: of a line before or after a change, and inside a line beside a change.
_CONTEXT = 100
_BESIDE = 80
# How many characters are named for one line.
_NOTES = 8

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_LOOKS_LIKE_A_MARK = re.compile(r"\[(?=-)|(?<=-)\]|\{(?=\+)|(?<=\+)\}")


@dataclass(frozen=True, slots=True)
class Limit:
    """How much is shown at most: changed lines, characters of one change, and about three times that of one line."""

    rows: int
    characters: int


def lines(result: Diff, a: Sequence[str], b: Sequence[str], *, limit: Limit | None = None) -> Iterator[str]:
    """Give the lines to print: each hunk with a line before and after it, up to ``limit``."""
    page = _Page(a, b, limit)
    left = limit.rows if limit else result.rows
    for hunk in result.hunks:
        if left <= 0:
            break
        yield from page.hunk(hunk, hunk.rows[:left])
        left -= len(hunk.rows)


class _Page:
    """Puts numbers and marks before lines, and marks into them."""

    def __init__(self, a: Sequence[str], b: Sequence[str], limit: Limit | None) -> None:
        self._a, self._b = a, b
        self._width = len(str(max(len(a), len(b))))
        self._limit = limit
        self._colour = use_colour()
        # The number of the last line of the first text that was shown.
        self._shown = 0

    def hunk(self, hunk: Hunk, rows: Sequence[Row]) -> Iterator[str]:
        """Give the lines of a hunk, of which only ``rows`` are shown."""
        before = hunk.a - 1
        if self._shown and self._shown < before - 1:
            yield ""
        if self._shown < before and hunk.b > 1:
            yield self._same(before, hunk.b - 1)
        for row in rows:
            yield from self._row(row)
        self._shown = before + hunk.a_lines
        after_b = hunk.b + hunk.b_lines
        if len(rows) == len(hunk.rows) and self._shown < len(self._a) and after_b <= len(self._b):
            self._shown += 1
            yield self._same(self._shown, after_b)

    def _same(self, a: int, b: int) -> str:
        text = shown(self._a[a - 1])
        return self._line(a, b, " ", visible(text if len(text) <= _CONTEXT else text[:_CONTEXT] + _CUT))

    def _row(self, row: Row) -> Iterator[str]:
        if row.a is not None:
            yield self._line(row.a, None, "-", self._marked(row, "insert"))
        if row.b is not None:
            yield self._line(None, row.b, "+", self._marked(row, "delete"))
        said = [visible(note) for note in dict.fromkeys(_notes(row.segments))]
        if len(said) > _NOTES:
            said[_NOTES:] = [f"and {len(said) - _NOTES} more"]
        for note in said:
            yield self._line(None, None, "!", note)

    def _line(self, a: int | None, b: int | None, mark: str, text: str) -> str:
        numbers = (f"{'' if number is None else number:>{self._width}}" for number in (a, b))
        return f"{'  '.join(numbers)} {mark} {text}".rstrip()

    def _marked(self, row: Row, left_out: Kind) -> str:
        """Return one side of a row; a line that is new or gone as a whole needs no marks inside."""
        if row.a is None or row.b is None:
            return self._cut("".join(segment.text for segment in row.segments)) or "(an empty line)"
        parts, size = [], 0
        for segment in row.segments:
            if segment.kind == left_out:
                continue
            if self._limit and size > 3 * self._limit.characters:
                parts.append(_CUT)
                break
            parts.append(self._segment(segment))
            size += len(parts[-1])
        return "".join(parts)

    def _segment(self, segment: Segment) -> str:
        if segment.kind == "equal":
            text = shown(segment.text)
            if len(text) > 3 * _BESIDE:
                return visible(text[:_BESIDE]) + _CUT + visible(text[-_BESIDE:])
            return visible(text)
        opened, closed, colour = _MARKS[segment.kind]
        text = f"{opened}{self._cut(segment.text)}{closed}"
        return f"{colour}{text}{_PLAIN}" if self._colour else text

    def _cut(self, raw: str) -> str:
        text = shown(raw)
        if self._limit and len(text) > self._limit.characters:
            return visible(text[: self._limit.characters]) + _CUT
        return visible(text)


def _notes(segments: Iterable[Segment]) -> Iterator[str]:
    """Give what must be said about changes that may not be seen."""
    deleted = ""
    for segment in (*segments, Segment("equal", "")):
        if segment.kind == "insert":
            yield from notes(deleted, segment.text)
        elif deleted:
            yield from notes(deleted, "")
        deleted = segment.text if segment.kind == "delete" else ""


def summary(result: Diff) -> str:
    """Return in one line how much changed."""
    rows = [row for hunk in result.hunks for row in hunk.rows]
    deleted, inserted = sum(row.b is None for row in rows), sum(row.a is None for row in rows)
    counts = {"changed": len(rows) - deleted - inserted, "deleted": deleted, "inserted": inserted}
    said = ", ".join(f"{count} {'line' if count == 1 else 'lines'} {what}" for what, count in counts.items() if count)
    rest = " Too much differs to compare it all word by word: more may be the same than is shown."
    return f"{said}.{rest if result.coarse else ''}"


def use_colour() -> bool:
    """Say whether standard output is a terminal whose owner wants colour."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout is not None and sys.stdout.isatty()


def visible(text: str) -> str:
    """Return ``text`` safe for a terminal, on one line, and such that nothing in it is invisible or looks like a mark.

    A tab, the border of two cells, is shown as an arrow.
    """
    text = output.printable(text.replace("\t", "⇥"))
    text = _INVISIBLE.sub(lambda found: _escaped(found.group()), text)
    if text and is_mark(ord(text[0])):  # it would be drawn onto what we print before it
        text = _escaped(text[0]) + text[1:]
    return _LOOKS_LIKE_A_MARK.sub(lambda found: _escaped(found.group()), text)


def _escaped(char: str) -> str:
    return f"\\u{{{ord(char):x}}}"
