"""The markup of a canonical document: what stands between the characters of a line, and how it is written.

A character is plain or carries some of four tags. Written out, tags nest in one fixed order (`ins` outermost, then `s`,
`sup`, `sub`), each is closed only where it ends and opened only where it starts, and all are closed at the end of a
line and before a tab. So a sequence of tagged characters is written in exactly one way. text/1, "Markup".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Outermost first.
TAGS = ("ins", "s", "sup", "sub")

_TOKEN = re.compile(r"&(?:amp|lt|gt);|</?(?:ins|s|sup|sub)>|[^&<>]+|[&<>]")
_TAG = re.compile(r"</?(?:ins|s|sup|sub)>")
_ESCAPES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}


@dataclass(frozen=True, slots=True)
class Run:
    """Characters in a row that carry the same tags; ``tags`` are in nesting order, ``text`` is not escaped."""

    text: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A run, or a part of one, and where it stands in the line."""

    offset: int
    run: Run


def escape(text: str) -> str:
    """Return ``text`` with ``&``, ``<`` and ``>`` escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Undo :func:`escape`; for text without tags."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def without_tags(line: str) -> str:
    """Return a canonical line without its tags; what is escaped stays escaped."""
    return _TAG.sub("", line) if "<" in line else line


def pieces(line: str) -> list[Piece] | None:
    """Return the tagged characters of ``line``; None where it has a stray ``& < >`` or tags that do not pair up.

    Only :func:`serialize` of the result tells whether the line is written in the canonical way.
    """
    result: list[Piece] = []
    tags: set[str] = set()
    current: tuple[str, ...] = ()
    for found in _TOKEN.finditer(line):
        part = found.group()
        if part[0] not in "&<>":
            result.append(Piece(found.start(), Run(part, current)))
        elif part in _ESCAPES:
            result.append(Piece(found.start(), Run(_ESCAPES[part], current)))
        elif len(part) == 1:
            return None
        else:
            name = part.strip("</>")
            if part.startswith("</") != (name in tags):
                return None
            tags ^= {name}
            current = tuple(tag for tag in TAGS if tag in tags)
    return None if tags else result


def runs(line: str) -> tuple[Run, ...]:
    """Return the runs of one line of a canonical document, for showing it.

    What is not markup is returned as text, so that a line that never was validated shows as it is.
    """
    found = pieces(line)
    return _merged(piece.run for piece in found) if found is not None else (Run(line),)


def serialize(parts: Sequence[Run]) -> str:
    """Return the one way to write ``parts``; runs that carry the same tags are written as one."""
    written: list[str] = []
    opened: tuple[str, ...] = ()
    for run in (*_merged(parts), Run("")):
        common = 0
        while common < min(len(opened), len(run.tags)) and opened[common] == run.tags[common]:
            common += 1
        written += [f"</{tag}>" for tag in reversed(opened[common:])]
        written += [f"<{tag}>" for tag in run.tags[common:]]
        written.append(escape(run.text))
        opened = run.tags
    return "".join(written)


def _merged(parts: Iterable[Run]) -> tuple[Run, ...]:
    grouped = groupby((run for run in parts if run.text), key=lambda run: run.tags)
    return tuple(Run("".join(run.text for run in group), tags) for tags, group in grouped)


def common_tags(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tags that both have: those of a space between two characters."""
    return tuple(tag for tag in left if tag in right)
