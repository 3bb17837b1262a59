"""Canonical text as safe HTML: the four marks of `text/1`, paragraphs, and tables from lines with tabs.

A canonical document escapes `& < >` and has no tags but `<sup> <sub> <s> <ins>`, closed at line ends. This renderer
relies on none of that: whatever is not exactly one of those tokens, in balance, is shown as the characters it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

_TOKEN = re.compile(r"<(/?)(sup|sub|s|ins)>|&(amp|lt|gt);|[^<&]+|.", re.DOTALL)
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}

MAX_SHOWN_LINES = 2000
MAX_SHOWN_CHARACTERS = 200_000


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
    return "".join(_ENTITIES[token[3]] if token[3] else token[0] for token in _TOKEN.finditer(line) if token[2] is None)


def line_html(line: str) -> Markup:
    """Return one line of a canonical document as HTML."""
    parts: list[Markup] = []
    open_tags: list[str] = []
    for token in _TOKEN.finditer(line):
        closing, tag, entity = token[1], token[2], token[3]
        if entity:
            parts.append(escape(_ENTITIES[entity]))
        elif tag and not closing and tag not in open_tags:
            open_tags.append(tag)
            parts.append(Markup("<{}>").format(tag))
        elif tag and closing and open_tags and open_tags[-1] == tag:
            open_tags.pop()
            parts.append(Markup("</{}>").format(tag))
        else:
            parts.append(escape(token[0]))
    parts.extend(Markup("</{}>").format(tag) for tag in reversed(open_tags))
    return Markup("").join(parts)


def _table(rows: list[list[str]]) -> Block:
    width = max(len(row) for row in rows)
    return Block(None, tuple(tuple(line_html(cell) for cell in row + [""] * (width - len(row))) for row in rows))


def _shown(lines: list[str]) -> int:
    characters = 0
    for number, line in enumerate(lines[:MAX_SHOWN_LINES]):
        characters += len(line)
        if characters > MAX_SHOWN_CHARACTERS and number > 0:
            return number
    return min(len(lines), MAX_SHOWN_LINES)
