"""What came of an import: a result for each text, and the counts at the end."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from notary.cli import output
from notary.cli.importing.sources import Item
from notary.core import jcs
from notary.core.jcs import Json
from notary.errors import NotaryError, UsageError


@dataclass(slots=True)
class Counts:
    """How many there were of each. ``replayed`` are those among the accepted that the log had before."""

    files: int = 0
    ignored: int = 0
    texts: int = 0
    bytes: int = 0
    accepted: int = 0
    replayed: int = 0
    refused: int = 0
    complete: bool = False

    def words(self) -> str:
        """Return what is told on the way."""
        return f"{self.accepted} accepted, {self.refused} refused"


class Results:
    """Writes results as they come, to standard output or a file; to be used in a ``with`` block."""

    def __init__(self, path: str | None, *, as_json: bool, silent: bool) -> None:
        """Write to ``path``, or else to standard output unless ``silent``. Raises :class:`UsageError`."""
        self.counts = Counts()
        self._as_json = as_json
        self._silent = silent
        self._path = path
        self._file: BinaryIO | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._path is not None:
            try:
                self._file = self._stack.enter_context(Path(self._path).open("wb"))
            except OSError as error:
                raise _unwritable(self._path, error) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def found(self, item: Item) -> None:
        """Count a text that could be sent."""
        self.counts.texts += 1
        self.counts.bytes += item.size

    def accepted(self, item: Item, leaf_hash: bytes, *, before: bool) -> None:
        """Write that a text is in the log, and whether it was there ``before``."""
        self.found(item)
        self.counts.accepted += 1
        self.counts.replayed += before
        if self._as_json:
            self._write(jcs.dumps({**_place(item), "leaf_hash": leaf_hash.hex()}))
        else:
            self._write(f"{output.printable(_name(item))}\t{leaf_hash.hex()}".encode())

    def refused(self, item: Item, error: NotaryError, say: Callable[[str], None]) -> None:
        """Write that a text was not accepted, and why."""
        self.found(item)
        self.counts.refused += 1
        say(f"notary: {_name(item)}: {error.message} ({error.code})")
        if self._as_json:
            members: dict[str, Json] = {"code": error.code, "detail": _utf8(error.message)}
            if error.field is not None:
                members["field"] = error.field
            if error.position is not None:
                members["position"] = error.position
            self._write(jcs.dumps({**_place(item), "error": members}))

    def summary(self, *, as_json: bool, dry_run: bool) -> None:
        """Say the counts: to people, and with ``as_json`` as one line on standard output."""
        counts = self.counts
        texts = f"{counts.texts} texts ({counts.bytes} bytes) in {counts.files} files, {counts.ignored} others ignored"
        if dry_run:
            output.note(f"notary: {texts}; {counts.texts - counts.refused} could be sent, {counts.refused} could not")
        else:
            output.note(
                f"notary: {texts}; {counts.accepted} accepted ({counts.replayed} of them before), "
                f"{counts.refused} refused{'' if counts.complete else '; not complete'}"
            )
        if as_json:
            members = asdict(counts)
            if dry_run:
                del members["accepted"], members["replayed"]
            output.json_line(members)

    def _write(self, line: bytes) -> None:
        if self._file is not None:
            try:
                self._file.write(line + b"\n")
                self._file.flush()
            except OSError as error:
                raise _unwritable(str(self._path), error) from None
        elif not self._silent:
            output.raw(line + b"\n")


def _utf8(text: str) -> str:
    """Return text that JSON can hold: names of files need not be UTF-8."""
    return os.fsencode(text).decode("utf-8", "backslashreplace")


def _name(item: Item) -> str:
    path = _utf8(item.path)
    return path if item.line_number is None else f"{path}:{item.line_number}"


def _place(item: Item) -> dict[str, Json]:
    place: dict[str, Json] = {"path": _utf8(item.path)}
    if item.line_number is not None:
        place["line"] = item.line_number
    return place


def _unwritable(path: str, error: OSError) -> UsageError:
    return UsageError(f"Cannot write {path}: {error.strerror}.", code="unwritable-output")
