"""Canonical text as safe HTML: the four marks of `text/1`, paragraphs, and tables from lines with tabs.

The marks are read by :mod:`notary.core.markup`; whatever is not exactly one of them is shown as the characters it is,
so nothing here relies on the text having been validated.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from notary.core.markup import Run, runs

MAX_SHOWN_LINES = 2000
MAX_SHOWN_CHARACTERS = 200_000
# A cell weighs as much as these characters, for its markup.
CELL_CHARACTERS = 20


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or consecutive lines with tabs: the rows of a table, each as wide as the widest."""

    paragraph: Markup | None
    rows: tuple[tuple[Markup, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """A text to be shown. ``left_out`` counts the lines at the end that a page does not show."""

    title: Markup | None
    blocks: tuple[Block, ...]
    left_out: int


def article(text: str) -> Article:
    """Return the canonical document ``text`` ready to be shown; a very long one without its end."""
    lines = text.split("\n")
    title: Markup | None = None
    if len(lines) > 2 and not lines[1]:
        title = line_html(lines[0])
        lines = lines[2:]
    shown = _shown(lines)
    blocks: list[Block] = []
    for tabular, group in groupby(lines[:shown], key=lambda line: "\t" in line):
        if tabular:
            blocks.append(_table([line.split("\t") for line in group]))
        else:
            blocks.extend(Block(line_html(line)) for line in group)
    return Article(title, tuple(blocks), len(lines) - shown)


def plain(line: str) -> str:
    """Return one line of a canonical document as plain characters, its marks dropped (for `<title>` and lists)."""
    return "".join(run.text for run in runs(line))


def line_html(line: str) -> Markup:
    """Return one line of a canonical document as HTML."""
    return Markup("").join(_run_html(run) for run in runs(line))


def _run_html(run: Run) -> Markup:
    html = escape(run.text)
    for tag in reversed(run.tags):
        html = Markup("<{0}>{1}</{0}>").format(tag, html)
    return html


def _table(rows: list[list[str]]) -> Block:
    width = max(len(row) for row in rows)
    return Block(None, tuple(tuple(line_html(cell) for cell in row + [""] * (width - len(row))) for row in rows))


def _shown(lines: list[str]) -> int:
    """Return how many lines to show: the first one always, then as long as a page stays of a bearable size."""
    characters = 0
    for number, line in enumerate(lines[:MAX_SHOWN_LINES]):
        characters += len(line) + CELL_CHARACTERS * line.count("\t")
        if characters > MAX_SHOWN_CHARACTERS and number > 0:
            return number
    return min(len(lines), MAX_SHOWN_LINES)
