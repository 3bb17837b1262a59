"""What an import remembers: the lines that were accepted, in a file that grows by what each answer of the server says.

The file is JSON lines: a header that names the server, then ``{"sha256": …, "leaf_hash": …}`` for each line that was
accepted, by the digest of its bytes. It is only ever appended to, and flushed to disk before anything is printed. A
last line that a crash left half written is cut off: what it stood for is sent again, and is the same entry.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from notary.cli import files
from notary.core import jcs
from notary.core.shape import Fields
from notary.errors import InvalidInput, UsageError

SPEC = "notary-import/1"
_MAX_LINE = 4096


class State:
    """The state file of one import, open for appending; to be used in a ``with`` block."""

    def __init__(self, path: Path, *, server: str) -> None:
        """Open or make the file. Raises :class:`UsageError` (``bad-state``, ``other-server``, ``unwritable-file``)."""
        self._path = path
        self._known: dict[bytes, bytes] = {}
        header: dict[str, jcs.Json] = {"spec": SPEC, "server": server}
        try:
            if not path.exists():
                files.write_file(path, jcs.dumps(header) + b"\n")
            with path.open("rb") as file:
                whole = self._load(file, server)
            self._file: BinaryIO = path.open("r+b")
            self._file.truncate(whole)
            self._file.seek(whole)
        except OSError as error:
            raise _unusable(path, error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def leaf(self, line: bytes) -> bytes | None:
        """Return the leaf hash that the server gave for a line, if it did."""
        return self._known.get(sha256(line).digest())

    def add(self, accepted: Iterable[tuple[bytes, bytes]]) -> None:
        """Remember lines and their leaf hashes; on disk when this returns."""
        rows = [(sha256(line).digest(), leaf) for line, leaf in accepted]
        written = b"".join(
            jcs.dumps({"sha256": digest.hex(), "leaf_hash": leaf.hex()}) + b"\n" for digest, leaf in rows
        )
        try:
            self._file.write(written)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _unusable(self._path, error) from None
        self._known.update(rows)

    def _load(self, file: BinaryIO, server: str) -> int:
        """Read what is remembered, and return the size of what is whole."""
        end = 0
        for number, line in enumerate(iter(lambda: file.readline(_MAX_LINE), b"")):
            if not line.endswith(b"\n") and len(line) < _MAX_LINE:
                break
            try:
                fields = Fields(jcs.loads(line, max_bytes=_MAX_LINE), path="line", error=InvalidInput)
                if number == 0:
                    self._check_header(fields, server)
                else:
                    self._known[fields.hex("sha256", size=32)] = fields.hex("leaf_hash", size=32)
                fields.done()
            except InvalidInput as error:
                if isinstance(error, UsageError):
                    raise
                raise _bad_state(self._path, number + 1) from None
            end = file.tell()
        if end == 0:
            raise _bad_state(self._path, 1)
        return end

    def _check_header(self, fields: Fields, server: str) -> None:
        fields.constant("spec", SPEC)
        known = fields.string("server")
        if known != server:
            raise UsageError(
                f"{self._path} is of an import into {known}; name another file with --state.", code="other-server"
            )


def _bad_state(path: Path, number: int) -> UsageError:
    return UsageError(
        f"{path} is not the state of an import (line {number}). Name another file with --state, or remove it: to send "
        "everything again is harmless.",
        code="bad-state",
    )


def _unusable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"Cannot use the state file {path}: {error.strerror}.", code="unwritable-file")


def default_path(first: str) -> Path:
    """Return where the state is kept unless said otherwise: beside the first of the paths that are imported."""
    path = Path(first).absolute()
    return path.parent / f"{path.name or 'import'}.notary-import"
