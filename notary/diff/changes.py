"""What changed between two canonical documents: lines first, then words inside the lines that changed.

For showing, never for a verdict. Time and memory are bounded whatever the texts are: where exact alignment would cost
too much, a stretch is given as deleted and inserted as a whole, and :attr:`Diff.coarse` says so. docs/spec/diff.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from notary.core.tokens import tokens
from notary.diff.align import CELLS, Aligner, Match, Names
from notary.diff.pairs import ALIKE, pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Kind = Literal["equal", "delete", "insert"]


@dataclass(frozen=True, slots=True)
class Segment:
    """Whole tokens, as written in the document, that both have, or that were deleted or inserted."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line that changed, was deleted (``b`` is None) or inserted (``a`` is None).

    ``a`` and ``b`` are its numbers, from 1, in the first and the second document. The segments without the inserted
    ones are the old line, without the deleted ones the new.
    """

    a: int | None
    b: int | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Hunk:
    """Changed lines in a row: from line ``a`` of the first document and line ``b`` of the second on."""

    a: int
    b: int
    rows: tuple[Row, ...]

    @property
    def a_lines(self) -> int:
        """How many lines of the first document it covers."""
        return sum(row.a is not None for row in self.rows)

    @property
    def b_lines(self) -> int:
        """How many lines of the second document it covers."""
        return sum(row.b is not None for row in self.rows)


@dataclass(frozen=True, slots=True)
class Diff:
    """All that changed, in order; what is in no hunk is the same. ``coarse``: more may be the same than it says."""

    hunks: tuple[Hunk, ...]
    coarse: bool = False


def diff(a: Sequence[str], b: Sequence[str]) -> Diff:
    """Return what changed from lines ``a`` to lines ``b`` of two canonical documents."""
    align = Aligner(CELLS)
    names = Names()
    hunks: list[Hunk] = []
    i = j = 0
    for at, other, size in (*align(names.of(a), names.of(b)), (len(a), len(b), 0)):
        if i < at or j < other:
            hunks.append(Hunk(i + 1, j + 1, tuple(_rows(a[i:at], b[j:other], (i + 1, j + 1), align))))
        i, j = at + size, other + size
    return Diff(tuple(hunks), align.coarse)


class _Line:
    """A line as tokens, and its words: all tokens but white space, each with its place and its name."""

    def __init__(self, line: str, names: Names) -> None:
        self.tokens = tokens(line)
        self.places = [place for place, token in enumerate(self.tokens) if token != " "]
        self.names = names.of(self.tokens[place] for place in self.places)


def _rows(a: Sequence[str], b: Sequence[str], start: tuple[int, int], align: Aligner) -> Iterator[Row]:
    """Give the rows of a block of lines, of which none is the same in both."""
    i = j = 0
    if a and b:
        names = Names()
        old, new = [_Line(line, names) for line in a], [_Line(line, names) for line in b]
        for x, y in pairs([line.names for line in old], [line.names for line in new]):
            matches = align(old[x].names, new[y].names)
            if _are_versions(old[x], new[y], matches):
                yield from _whole(a[i:x], b[j:y], start[0] + i, start[1] + j)
                segments = _segments(old[x].tokens, new[y].tokens, _with_spaces(old[x], new[y], matches))
                yield Row(start[0] + x, start[1] + y, segments)
                i, j = x + 1, y + 1
    yield from _whole(a[i:], b[j:], start[0] + i, start[1] + j)


def _whole(a: Sequence[str], b: Sequence[str], first_a: int, first_b: int) -> Iterator[Row]:
    for number, line in enumerate(a, first_a):
        yield Row(number, None, (Segment("delete", line),) if line else ())
    for number, line in enumerate(b, first_b):
        yield Row(None, number, (Segment("insert", line),) if line else ())


def _are_versions(old: _Line, new: _Line, matches: Iterable[Match]) -> bool:
    """Say whether enough is equal to show the two as one line that changed."""
    equal = sum(size for _, _, size in matches)
    return 2 * equal >= ALIKE * (len(old.names) + len(new.names))


def _with_spaces(old: _Line, new: _Line, matches: Iterable[Match]) -> Iterator[Match]:
    """Give what is equal as places of tokens: the words in ``matches``, and white space that both have next to them."""
    a, b = old.tokens, new.tokens
    i = j = 0
    for x, y, size in (*matches, (len(old.places), len(new.places), 0)):
        for step in range(max(size, 1)):
            at = old.places[x + step] if size else len(a)
            other = new.places[y + step] if size else len(b)
            if i < at and j < other:
                if a[i] == b[j] == " ":
                    yield i, j, 1
                    i, j = i + 1, j + 1
                if i < at and j < other and a[at - 1] == b[other - 1] == " ":
                    yield at - 1, other - 1, 1
            if size:
                yield at, other, 1
                i, j = at + 1, other + 1


def _segments(a: list[str], b: list[str], matches: Iterable[Match]) -> tuple[Segment, ...]:
    made: list[Segment] = []
    equal: list[str] = []
    i = j = 0
    for at, other, size in (*matches, (len(a), len(b), 0)):
        changed: tuple[tuple[Kind, str], ...] = (("delete", "".join(a[i:at])), ("insert", "".join(b[j:other])))
        if (i < at or j < other) and equal:
            made.append(Segment("equal", "".join(equal)))
            equal = []
        made += [Segment(kind, text) for kind, text in changed if text]
        equal += a[at : at + size]
        i, j = at + size, other + size
    return (*made, Segment("equal", "".join(equal))) if equal else tuple(made)
