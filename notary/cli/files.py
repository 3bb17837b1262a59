"""Reading the files that commands are given, bounded, and writing results whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from notary.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path  # imported by those who write: `notary verify` must start fast

TextKind = Literal["plain", "canonical", "html"]
KINDS: tuple[TextKind, ...] = ("plain", "canonical", "html")

_BY_EXTENSION: dict[str, TextKind] = {
    ".txt": "plain",
    ".text": "plain",
    ".md": "plain",
    "": "plain",
    ".canon": "canonical",
    ".canonical": "canonical",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}


def read_file(path: str, *, max_bytes: int, what: str) -> bytes:
    """Return the bytes of a regular file; ``what`` names it in the error. ``-`` is standard input.

    Raises :class:`UsageError` where it is missing, unreadable or larger than ``max_bytes``; reads no more than that.
    """
    try:
        with open(0 if path == "-" else path, "rb", closefd=path != "-") as file:  # 0 is standard input
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"Cannot read the {what} {path}: {reason}.", code="unreadable-file") from None
    if len(data) > max_bytes:
        raise UsageError(f"The {what} {path} is larger than {max_bytes} bytes.", code="file-too-large")
    return data


def text_kind(path: str, given: str | None) -> TextKind:
    """Return the kind of text in ``path``: as given, or by its extension.

    Raises :class:`UsageError` for an extension that says nothing known.
    """
    if given in KINDS:
        return given
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122 - pathlib costs more than a whole offline verification
    if suffix not in _BY_EXTENSION:
        raise UsageError(
            f"Cannot tell from its name what kind of text {path} is: say --type plain, canonical or html.",
            code="unknown-type",
        )
    return _BY_EXTENSION[suffix]


def is_text(path: str) -> bool:
    """Say whether a file has the extension of a text that can be read without a profile."""
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122 - as above
    return bool(suffix) and _BY_EXTENSION.get(suffix, "html") != "html"


def write_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write ``data`` to ``path`` by rename: readers see the old file or the whole new one.

    Raises :class:`UsageError` where that is not possible.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise UsageError(f"Cannot write {path}: {error.strerror}.", code="unwritable-file") from None
