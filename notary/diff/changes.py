"""What changed between two canonical documents: lines first, then words inside the lines that changed.

For showing, never for a verdict. Time and memory are bounded whatever the texts are: where exact alignment would cost
too much, a stretch is given as deleted and inserted as a whole, and :attr:`Diff.coarse` says so. docs/spec/diff.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from notary.core.tokens import tokens
from notary.diff.align import CELLS, Aligner, Match, Names, joined
from notary.diff.pairs import Pairing, are_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from notary.core.jcs import Json

Kind = Literal["equal", "delete", "insert"]

# The largest block of changed lines that is looked into for words: as much as several long articles.
_LINES = 10_000
_CHARACTERS = 1_000_000


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

    @property
    def rows(self) -> int:
        """How many lines were changed, deleted or inserted."""
        return sum(len(hunk.rows) for hunk in self.hunks)

    def to_json(self) -> dict[str, Json]:
        """Return ``{coarse, hunks: [{a, b, rows: [{a, b, segments: [{kind, text}]}]}]}``."""
        return {"coarse": self.coarse, "hunks": [_hunk_json(hunk) for hunk in self.hunks]}


def _hunk_json(hunk: Hunk) -> Json:
    rows: list[Json] = [
        {"a": row.a, "b": row.b, "segments": [{"kind": part.kind, "text": part.text} for part in row.segments]}
        for row in hunk.rows
    ]
    return {"a": hunk.a, "b": hunk.b, "rows": rows}


def diff(a: Sequence[str], b: Sequence[str]) -> Diff:
    """Return what changed from lines ``a`` to lines ``b`` of two canonical documents."""
    align, pair = Aligner(CELLS), Pairing()
    names = Names()
    hunks: list[Hunk] = []
    i = j = 0
    for at, other, size in (*align(names.of(a), names.of(b)), (len(a), len(b), 0)):
        if i < at or j < other:
            hunks.append(Hunk(i + 1, j + 1, tuple(_rows(a[i:at], b[j:other], (i + 1, j + 1), align, pair))))
        i, j = at + size, other + size
    return Diff(tuple(hunks), align.coarse or pair.coarse)


class _Line:
    """A line as tokens, and the names of its words: of all tokens but white space."""

    def __init__(self, line: str, names: Names) -> None:
        self.tokens = tokens(line)
        self.words = names.of(self.tokens).replace(names[" "], "")

    def places(self) -> list[int]:
        """Return which token each word is."""
        return [place for place, text in enumerate(self.tokens) if text != " "]


def _rows(a: Sequence[str], b: Sequence[str], start: tuple[int, int], align: Aligner, pair: Pairing) -> Iterator[Row]:
    """Give the rows of a block of lines, of which none is the same in both."""
    i = j = 0
    if a and b and _is_cheap(a, b, align):
        names = Names()
        old, new = [_Line(line, names) for line in a], [_Line(line, names) for line in b]
        for x, y in pair([line.words for line in old], [line.words for line in new]):
            matches = align(old[x].words, new[y].words)
            common = sum(size for _, _, size in matches)
            if are_versions(common, len(old[x].words) + len(new[y].words)):
                yield from _whole(a[i:x], b[j:y], start[0] + i, start[1] + j)
                yield Row(start[0] + x, start[1] + y, _segments(old[x], new[y], matches))
                i, j = x + 1, y + 1
    yield from _whole(a[i:], b[j:], start[0] + i, start[1] + j)


def _is_cheap(a: Sequence[str], b: Sequence[str], align: Aligner) -> bool:
    """Say whether a block is small enough to be looked into; where it is not, the result is coarse."""
    cheap = len(a) + len(b) <= _LINES and sum(map(len, a)) + sum(map(len, b)) <= _CHARACTERS
    align.coarse |= not cheap
    return cheap


def _whole(a: Sequence[str], b: Sequence[str], first_a: int, first_b: int) -> Iterator[Row]:
    for number, line in enumerate(a, first_a):
        yield Row(number, None, (Segment("delete", line),) if line else ())
    for number, line in enumerate(b, first_b):
        yield Row(None, number, (Segment("insert", line),) if line else ())


def _segments(old: _Line, new: _Line, matches: Iterable[Match]) -> tuple[Segment, ...]:
    a, b = old.tokens, new.tokens
    made: list[Segment] = []
    i = j = 0
    for at, other, size in (*joined(_with_spaces(old, new, matches)), (len(a), len(b), 0)):
        parts: tuple[tuple[Kind, list[str]], ...] = (
            ("delete", a[i:at]),
            ("insert", b[j:other]),
            ("equal", a[at : at + size]),
        )
        made += [Segment(kind, "".join(part)) for kind, part in parts if part]
        i, j = at + size, other + size
    return tuple(made)


def _with_spaces(old: _Line, new: _Line, matches: Iterable[Match]) -> Iterator[Match]:
    """Give what is equal as places of tokens: the words in ``matches``, and the white space next to them."""
    a, b = old.tokens, new.tokens
    i = j = 0
    for at, other, size in _runs(old, new, matches):
        if i < at and j < other:
            if a[i] == b[j] == " ":
                yield i, j, 1
                i, j = i + 1, j + 1
            if i < at and j < other and a[at - 1] == b[other - 1] == " ":
                yield at - 1, other - 1, 1
        yield at, other, size
        i, j = at + size, other + size


def _runs(old: _Line, new: _Line, matches: Iterable[Match]) -> Iterator[Match]:
    """Give ``matches`` of words as places of tokens: in one piece where the white space between the words is equal."""
    places, others = old.places(), new.places()
    for x, y, size in matches:
        at, other = places[x], others[y]
        length = places[x + size - 1] + 1 - at
        if old.tokens[at : at + length] == new.tokens[other : other + length]:
            yield at, other, length
        else:
            yield from ((places[x + step], others[y + step], 1) for step in range(size))
    yield len(old.tokens), len(new.tokens), 0
