"""Where the texts of an import come from: folders, text files, files of JSON lines; each text becomes one line to send.

A line is made here from the canonical text, so that it is the same whenever the same text is found again, and so that
with ``hash_only`` the text itself never leaves this machine.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from notary.cli import files
from notary.core import jcs
from notary.core.jcs import Json
from notary.core.text import MAX_TEXT_BYTES, CanonicalText, Kind, canonical
from notary.errors import InvalidInput, NotaryError, UsageError
from notary.net.lines import read_lines

LINES = (".ndjson", ".jsonl")
# As much as a server takes of one line.
MAX_LINE_BYTES = 5 << 20
# Decoding UTF-16 can halve the size.
MAX_FILE_BYTES = 4 * MAX_TEXT_BYTES

_TEXTS = ("text", "text_base64", "text_digest")
# What may go with the digest of a text; anything else could be the text under another name.
_BESIDES = frozenset(
    {"type", "document", "status", "previous", "language", "published", "url", "note", "author", "text_digest"}
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read, and its size."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Item:
    """One text that was found: the line to send, or why there is none.

    ``line_number`` is there for a line of a file of lines. ``size`` is how much of its file it is.
    """

    path: str
    line_number: int | None
    size: int
    line: bytes = b""
    refusal: NotaryError | None = None


@dataclass(slots=True)
class Found:
    """The files under the paths that were named, in a fixed order, and how many others were passed over."""

    sources: list[Source] = field(default_factory=list)
    ignored: int = 0

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(source.size for source in self.sources)


def find(paths: Sequence[str]) -> Found:
    """Return what is under ``paths``: each file that is named, and those of known extension below each folder.

    Names that begin with a dot are passed over, and links to folders are not followed. Raises :class:`UsageError` for a
    path that is missing and a folder that cannot be read.
    """
    found = Found()
    for path in paths:
        if Path(path).is_dir():
            _find_below(path, found)
        else:
            found.sources.append(_source(path))
    return found


def _find_below(folder: str, found: Found) -> None:
    def refuse(error: OSError) -> None:
        raise UsageError(f"Cannot read {error.filename}: {error.strerror}.", code="unreadable-folder")

    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(root, name)  # noqa: PTH118 - a name that is not UTF-8 goes through as it is
            known = files.is_text(name) or name.lower().endswith(LINES)
            if known and not name.startswith(".") and Path(path).is_file():
                found.sources.append(_source(path))
            else:
                found.ignored += 1


def _source(path: str) -> Source:
    try:
        return Source(path, Path(path).stat().st_size)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"Cannot read {path}: {reason}.", code="unreadable-file") from None


def items(source: Source, *, hash_only: bool) -> Iterator[Item]:
    """Yield the texts of one file. Raises :class:`UsageError` where a file of lines cannot be read."""
    if source.path.lower().endswith(LINES):
        yield from _lines(source, hash_only=hash_only)
        return
    try:
        data = files.read_file(source.path, max_bytes=MAX_FILE_BYTES, what="text")
        text = canonical(data, _kind(files.text_kind(source.path, None)))
    except NotaryError as error:
        yield Item(source.path, None, source.size, refusal=error)
    else:
        yield Item(source.path, None, source.size, line=jcs.dumps(_said(text, hash_only=hash_only)))


def _lines(source: Source, *, hash_only: bool) -> Iterator[Item]:
    try:
        with Path(source.path).open("rb") as file:
            for group in read_lines(file.read, max_bytes=MAX_LINE_BYTES, max_lines=64):
                for line in group:
                    yield _item(source.path, line.number, line.data, hash_only=hash_only)
    except OSError as error:
        raise UsageError(f"Cannot read {source.path}: {error.strerror}.", code="unreadable-file") from None


def _item(path: str, number: int, data: bytes | None, *, hash_only: bool) -> Item:
    if data is None:
        error = InvalidInput(f"A line may have at most {MAX_LINE_BYTES} bytes.", code="line-too-large")
        return Item(path, number, MAX_LINE_BYTES, refusal=error)
    try:
        line = jcs.dumps(_resaid(jcs.loads(data, max_bytes=MAX_LINE_BYTES), hash_only=hash_only))
    except NotaryError as error:
        return Item(path, number, len(data) + 1, refusal=error)
    return Item(path, number, len(data) + 1, line=line)


def _said(text: CanonicalText, *, hash_only: bool) -> dict[str, Json]:
    """Return what is sent of a text."""
    if not hash_only:
        return {"text": text.data.decode(), "type": "canonical"}
    lines_root = text.lines_root.hex()
    return {"text_digest": {"sha256": text.sha256.hex(), "lines": len(text.lines), "lines_root": lines_root}}


def _resaid(value: Json, *, hash_only: bool) -> dict[str, Json]:
    """Return the object of a line with its text in canonical form, or with its digest alone.

    What is wrong with anything but the text, the server will say.
    """
    if not isinstance(value, dict):
        raise InvalidInput("The line is not a JSON object.", code="wrong-type")
    given = [name for name in _TEXTS if name in value]
    if len(given) != 1:
        code = "ambiguous-text" if given else "missing-field"
        raise InvalidInput(f"The line must have exactly one of {', '.join(_TEXTS)}.", code=code, field="text")
    rest = {name: member for name, member in value.items() if name not in {*given, "type"}}
    if hash_only and not rest.keys() <= _BESIDES:
        name = min(rest.keys() - _BESIDES)
        raise InvalidInput(
            f"{jcs.printable(name)} is not known, and is not sent with --hash-only.",
            code="unknown-field",
            field=jcs.printable(name),
        )
    if given == ["text_digest"] or (value.get("type") == "html" and not hash_only):
        return value  # a page is made canonical by the server alone
    text = canonical(_bytes(value[given[0]], given[0]), _kind(value.get("type", "plain")))
    return rest | _said(text, hash_only=hash_only)


def _bytes(value: Json, name: str) -> bytes:
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be a string.", code="wrong-type", field=name)
    if name == "text":
        return value.encode("utf-8")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("text_base64 is not base64.", code="wrong-form", field=name) from None


def _kind(value: Json) -> Kind:
    if value == "plain":
        return "plain"
    if value == "canonical":
        return "canonical"
    if value == "html":
        problem = "A page is imported as a line of JSON with its profile, and not with --hash-only."
        raise InvalidInput(problem, code="page-not-taken", field="type")
    raise InvalidInput("type must be plain, canonical or html.", code="unknown-value", field="type")
