"""Canonical text, `text/1`: the one form of an article that is hashed, logged and compared.

:func:`canonical_plain` makes the canonical document of a plain text, :func:`canonical_document` accepts a document that
already is canonical and leaves it unchanged. A canonical document is UTF-8 without byte order mark: title, empty line,
body lines, joined by LF, no LF at the end. The steps are numbered in docs/spec/text-1.md; their order is what makes the
result a fixed point: code points are refused and deleted before anything is adjacent to anything, marks are counted
before NFC (whose time is otherwise unbounded), NFC comes before escaping (it turns ``<`` + U+0338 into one character).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from operator import add
from typing import TYPE_CHECKING, Literal

from notary.core import merkle
from notary.core.codepoints import (
    LINE_ENDS,
    SPACES,
    Notice,
    Source,
    admit,
    check_cell,
    check_sequences,
    is_invisible,
)
from notary.core.decode import decode, decode_utf8
from notary.core.document import check_lines
from notary.core.markup import escape, without_tags
from notary.errors import InvalidText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notary.core.compare import Difference

__all__ = [
    "MAX_TEXT_BYTES",
    "CanonicalText",
    "Kind",
    "Notice",
    "canonical",
    "canonical_document",
    "canonical_plain",
    "compare",
    "line_leaf_hash",
]

MAX_TEXT_BYTES = 2 * 1024 * 1024

Kind = Literal["plain", "canonical"]


@dataclass(frozen=True, slots=True)
class CanonicalText:
    """A canonical document and what was noticed on the way to it."""

    data: bytes
    notices: tuple[Notice, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines in order, as written (markup and escapes included); with a title: title, ``""``, body lines."""
        return tuple(self.data.decode("utf-8").split("\n"))

    @property
    def title(self) -> str | None:
        """The title line as written; None for a document that is only a body."""
        lines = self.lines
        return lines[0] if _has_title(lines) else None

    @property
    def body(self) -> tuple[str, ...]:
        """The body lines as written."""
        lines = self.lines
        return lines[2:] if _has_title(lines) else lines

    @property
    def sha256(self) -> bytes:
        """SHA-256 of the document: what a record carries as ``text.sha256``."""
        return sha256(self.data).digest()

    @property
    def lines_root(self) -> bytes:
        """The Merkle root over :attr:`lines` (computed anew at each access). text/1, "The tree over the lines"."""
        return merkle.root([line_leaf_hash(line) for line in self.data.split(b"\n")])


def line_leaf_hash(line: bytes) -> bytes:
    """Return the leaf hash of one line: SHA-256(0x02 ‖ line). Its prefix is not that of a log entry."""
    return sha256(b"\x02" + line).digest()


def canonical(data: bytes, kind: Kind, *, max_bytes: int = MAX_TEXT_BYTES) -> CanonicalText:
    """Return the canonical text of ``data``, read as ``kind``. Raises :class:`InvalidText`."""
    if kind == "plain":
        return canonical_plain(data, max_bytes=max_bytes)
    return canonical_document(data, max_bytes=max_bytes)


def canonical_plain(data: bytes, *, max_bytes: int = MAX_TEXT_BYTES) -> CanonicalText:
    """Return the canonical document of a plain text; its first line is the title, the rest the body.

    Raises :class:`InvalidText`: ``text-too-large``, ``unsupported-encoding``, ``undecodable``,
    ``forbidden-code-point``, ``unassigned-code-point``, ``too-many-marks``, ``leading-mark``, ``unbalanced-isolate``,
    ``empty-text``, ``empty-title``, ``empty-body``. text/1, "Plain text".
    """
    require_size(data, max_bytes)
    source = admit(decode(data))
    check_sequences(source)
    lines = _plain_lines(source)
    if not lines:
        raise InvalidText("The text is empty: white space only.", code="empty-text")
    if len(lines) == 1:
        raise InvalidText(
            "The text has one line only. The first line is the title; put the body below it.", code="empty-body"
        )
    require_visible(lines[0], lines[1:])
    text = unicodedata.normalize("NFC", "\n".join([lines[0], "", *lines[1:]]))
    result = escape(text).encode("utf-8")
    # Escaping and NFC can make a text longer; a result beyond the limit would not be accepted as canonical.
    require_size(result, max_bytes)
    return CanonicalText(result, source.notices)


def canonical_document(data: bytes, *, max_bytes: int = MAX_TEXT_BYTES) -> CanonicalText:
    """Return ``data`` unchanged, if it is a canonical document.

    Raises :class:`InvalidText`: ``not-canonical`` and the codes of :func:`canonical_plain` but for
    ``unsupported-encoding``. text/1, "Canonical documents".
    """
    require_size(data, max_bytes)
    if not data:
        raise InvalidText("The text is empty.", code="empty-text")
    source = admit(decode_utf8(data))
    lines = check_lines(source)
    shown = [without_tags(line) for line in lines]
    require_visible(*((shown[0], shown[2:]) if _has_title(lines) else (None, shown)))
    return CanonicalText(data, source.notices)


def compare(recorded: bytes, copy: bytes) -> Difference:
    """Say how two canonical documents differ; ``typography-only`` only where no reading can depend on it.

    Raises :class:`InvalidText` where one of them is not a canonical document. text/1, "Comparing".
    """
    # Needed by few verifications, and slow to load.
    from notary.core.compare import Difference, difference

    first, second = canonical_document(recorded), canonical_document(copy)
    if first.data == second.data:
        return Difference.IDENTICAL
    return difference(first.data.decode("utf-8"), second.data.decode("utf-8"))


def _has_title(lines: Sequence[str]) -> bool:
    return len(lines) > 1 and lines[1] == ""


def require_size(data: bytes, max_bytes: int) -> None:
    """Refuse more bytes than the limit. Raises :class:`InvalidText` (``text-too-large``)."""
    if len(data) > max_bytes:
        raise InvalidText(f"The text has {len(data)} bytes; the limit is {max_bytes}.", code="text-too-large")


def _plain_lines(source: Source) -> list[str]:
    """Return the lines that have content, white space collapsed, cells joined by tabs. text/1, steps 6 to 8."""
    text = source.text
    # One for one, so that offsets stay true. CR LF becomes two line ends, and the empty line between them is dropped.
    for end in LINE_ENDS:
        text = text.replace(end, "\n")
    for space in SPACES:
        text = text.replace(space, " ")
    lines: list[str] = []
    start = 0
    for raw in text.split("\n"):
        if raw:
            # The first line that has content is the title, which is no row of cells: there a tab is a space.
            line = collapsed_line(source, raw if lines else raw.replace("\t", " "), start=start)
            if line:
                lines.append(line)
        start += len(raw) + 1
    return lines


def collapsed_line(source: Source, raw: str, *, start: int) -> str:
    """Return a line with the white space in its cells collapsed, or nothing if all its cells are empty.

    ``raw`` has spaces and tabs for white space, and begins at ``start`` of the source. Raises as :func:`check_cell`.
    """
    # What `split` takes for white space is a space here, or a control that step 2 has refused.
    cells: list[str] = []
    for cell in raw.split("\t"):
        check_cell(source, cell, partial(add, start))
        cells.append(" ".join(cell.split()))
        start += len(cell) + 1
    return "\t".join(cells) if any(cells) else ""


def require_visible(title: str | None, body: Sequence[str]) -> None:
    """Refuse a title or body that shows nothing. Raises :class:`InvalidText` (``empty-title``, ``empty-body``)."""
    if title is not None and is_invisible(title):
        raise InvalidText("The title shows nothing: invisible characters only.", code="empty-title")
    if all(is_invisible(line) for line in body):
        raise InvalidText("The body shows nothing: invisible characters only.", code="empty-body")
