"""Rows of tables: where their cells stand, and what is written for them. docs/spec/html.md, "Tables"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from notary.core.html.characters import Characters, Writer
from notary.core.html.tree import integer
from notary.errors import InvalidText

if TYPE_CHECKING:
    from collections.abc import Callable

    from selectolax.lexbor import LexborNode

MAX_COLSPAN = 100
MAX_ROWSPAN = 1000
MAX_ROW_PLACES = 1000
MAX_PLACES = 1_000_000

_NOTHING = Characters("")


@dataclass(slots=True)
class Rows:
    """The rows of one parent that were walked so far, and what their cells cover of the rows to come."""

    row: int = 0
    # By column: the last row that it is covered in; None for all.
    covered: dict[int, int | None] = field(default_factory=dict)

    def place(self, cells: list[LexborNode]) -> list[LexborNode | None]:
        """Return the places of the next row: its cells, and None for each place that is covered or spanned.

        Raises :class:`InvalidText` (``table-too-large``).
        """
        row = self.row
        self.row += 1
        places: list[LexborNode | None] = []
        # What the cells of this row cover counts from the next row on.
        cover: dict[int, int | None] = {}
        for cell in cells:
            while self._is_covered(len(places), row):
                places.append(None)
            attributes = cell.attributes
            columns = _span(attributes.get("colspan"), MAX_COLSPAN) or 1
            rows = _span(attributes.get("rowspan"), MAX_ROWSPAN)
            if rows is not None and rows != 1:
                last = row + rows - 1 if rows else None
                cover |= dict.fromkeys(range(len(places), len(places) + columns), last)
            places += [cell, *([None] * (columns - 1))]
            if len(places) > MAX_ROW_PLACES:
                raise too_large(f"a row of more than {MAX_ROW_PLACES} places")
        while self._is_covered(len(places), row):
            places.append(None)
        for column, until in cover.items():
            if _reaches_further(until, self.covered.get(column, -1)):
                self.covered[column] = until
        return places

    def _is_covered(self, column: int, row: int) -> bool:
        last = self.covered.get(column, -1)
        return last is None or last >= row


def as_drawn(table: LexborNode, is_hidden: Callable[[str, dict[str, str | None]], bool]) -> list[LexborNode]:
    """Return the children of a `table` in the order that readers see: wherever they stand, some are first, one last."""
    children = list(table.iter(include_text=True))
    places = dict.fromkeys((child.mem_id for child in children if child.tag == "caption"), 0)
    for tag, place in (("thead", 1), ("tfoot", 3)):
        group = next((child for child in children if child.tag == tag and not is_hidden(tag, child.attributes)), None)
        if group is not None:
            places[group.mem_id] = place
    return sorted(children, key=lambda child: places.get(child.mem_id, 2))


def write_row(writer: Writer, places: list[Characters | None]) -> int:
    """Write a row: its cells with TAB between them, or all their lines where one of them has more than one.

    Return how many TABs were put before such lines, to say in which cell they stand.
    """
    cells = [_NOTHING if place is None else place.filled_lines() for place in places]
    if all("\t" not in cell.text and cell.text.find("\n") in {-1, len(cell.text) - 1} for cell in cells):
        for number, cell in enumerate(cells):
            if number:
                writer.add("\t")
            # Without the LF behind its line.
            writer.add_all(Characters(cell.text[:-1], cell.tags[:-1]))
        return 0
    if sum(bool(cell.text) for cell in cells) == 1:
        # Most often the layout of a page: there is nothing that it could be told apart from.
        for cell in cells:
            writer.add_all(cell)
        return 0
    tabs = sum(number * cell.text.count("\n") for number, cell in enumerate(cells))
    if tabs <= MAX_PLACES:
        for number, cell in enumerate(cells):
            for line in cell.lines():
                writer.add("\t" * number)
                writer.add_all(line)
    return tabs


def _span(value: str | None, limit: int) -> int | None:
    """Return the span that an attribute gives, if it does; 0 only as it stands there, what is below counts as none."""
    number = integer(value)
    if number is None or number < 0:
        return None
    if number > limit:
        raise too_large(f"a span of more than {limit}")
    return number


def _reaches_further(last: int | None, other: int | None) -> bool:
    return other is not None and (last is None or last > other)


def too_large(what: str) -> InvalidText:
    """Return (not raise) the error about a table that has too much of something."""
    return InvalidText(f"A table has {what}.", code="table-too-large")
