"""The file of a backup: one text in gzip, written and read line by line, whose last line vouches for all before it.

::

    {"spec": "notary-backup/1", "origin": …, "public_key": …, "made": …, "instance": …,
     "entries": …, "size": …, "root": …, "checkpoint": …, "keys": …}      what is saved, and its newest checkpoint
    {"file": "notary.toml", "data": …}                                    a file of the data directory; base64
    {"table": "entries", "columns": [["leaf_index", "integer"], …]}       a table; its rows follow
    [0, "…", …]                                                           a row; bytes are base64
    {"end": {"tables": {"entries": 12, …}, "files": 1}, "sha256": …}      the SHA-256 of all lines before

All of it is JSON that any program can read: ``gzip -dc FILE``.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Any, Final, TypeAlias

from notary.errors import InvalidArchive
from notary.ports.backup import KINDS, Row, TableShape

SPEC: Final = "notary-backup/1"
_MAX_LINE: Final = 64 << 20
_NAMES: Final = 256


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup is of. ``checkpoint`` is the newest checkpoint's note, empty where there is none.

    ``entries`` is how many were accepted, ``size`` and ``root`` are the checkpoint's; ``keys`` says whether the key
    files are in it.
    """

    origin: str
    public_key: bytes
    made: int
    instance: bytes
    entries: int
    size: int
    root: bytes
    checkpoint: bytes
    keys: bool


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file of the data directory, by its path there."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SavedRow:
    """A row of the table that was begun last."""

    values: Row


@dataclass(frozen=True, slots=True)
class End:
    """What the archive has held: rows by table, files; and the digest of all its lines."""

    tables: dict[str, int]
    files: int
    sha256: str


Part: TypeAlias = "SavedFile | TableShape | SavedRow | End"


class ArchiveWriter:
    """Writes an archive to a binary file, which the caller opens, flushes to the disk and closes."""

    def __init__(self, file: BufferedIOBase, header: Header) -> None:
        """Begin. The bytes depend on what is saved only: there is no time and no name in the gzip header."""
        self._zip = gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=file, mtime=0)
        self._digest = hashlib.sha256()
        self._tables: dict[str, int] = {}
        self._files = 0
        self._table = ""
        self._bytes: list[int] = []
        self._line(
            {
                "spec": SPEC,
                "origin": header.origin,
                "public_key": header.public_key.hex(),
                "made": header.made,
                "instance": header.instance.hex(),
                "entries": header.entries,
                "size": header.size,
                "root": header.root.hex(),
                "checkpoint": _text(header.checkpoint),
                "keys": header.keys,
            }
        )

    def file(self, path: str, data: bytes) -> None:
        """Add a file."""
        self._files += 1
        self._line({"file": path, "data": _text(data)})

    def table(self, table: TableShape) -> None:
        """Begin a table."""
        self._table = table.name
        self._tables[table.name] = 0
        self._bytes = [i for i, (_, kind) in enumerate(table.columns) if kind == "bytes"]
        self._line({"table": table.name, "columns": [list(column) for column in table.columns]})

    def row(self, row: Row) -> None:
        """Add a row of the table."""
        values: list[Any] = list(row)
        for i in self._bytes:
            if values[i] is not None:
                values[i] = _text(values[i])
        self._tables[self._table] += 1
        self._line(values)

    def end(self) -> End:
        """Write the last line and complete the gzip; return what it says."""
        end = End(dict(self._tables), self._files, self._digest.hexdigest())
        self._line({"end": {"tables": end.tables, "files": end.files}, "sha256": end.sha256})
        self._zip.close()
        return end

    def _line(self, value: object) -> None:
        line = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"
        self._digest.update(line)
        self._zip.write(line)


class ArchiveReader:
    """Reads an archive part by part. Nothing counts before :class:`End` has come, which is the last part.

    Raises :class:`InvalidArchive`: ``not-a-backup``, ``newer-backup``, ``backup-damaged`` for whatever is cut off or
    changed; and :class:`OSError`.
    """

    def __init__(self, path: Path) -> None:
        """Read the header."""
        self._path = path
        self._digest = hashlib.sha256()
        self._before = self._digest.copy()
        self._file = gzip.GzipFile(path, "rb")
        self.header = self._header()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def parts(self) -> Iterator[Part]:
        """Give the parts in order."""
        tables: dict[str, int] = {}
        files = 0
        table: TableShape | None = None
        while True:
            value = self._value()
            if isinstance(value, list):
                if table is None:
                    raise self._damaged("a row stands before its table")
                tables[table.name] += 1
                yield SavedRow(self._row(table, value))
                continue
            match value:
                case {"file": str(path), "data": str(data)}:
                    files += 1
                    yield SavedFile(path, self._bytes(data))
                case {"table": str(), "columns": list()}:
                    table = self._shape(value)
                    if table.name in tables:
                        raise self._damaged(f"the table {table.name} comes twice")
                    tables[table.name] = 0
                    yield table
                case {"end": {"tables": dict(counts), "files": int(count)}, "sha256": str(digest)}:
                    if (counts, count, digest) != (tables, files, self._before.hexdigest()) or self._line():
                        raise self._damaged("its last line does not vouch for what stands before")
                    yield End(tables, files, digest)
                    return
                case _:
                    raise self._damaged("a line is of no kind that there is")

    def _header(self) -> Header:
        try:
            value = self._value()
        except InvalidArchive as error:
            raise InvalidArchive(f"{self._path} is not a backup of Notary.", code="not-a-backup") from error
        spec = value.get("spec") if isinstance(value, dict) else None
        if not isinstance(spec, str) or not spec.startswith("notary-backup/"):
            raise InvalidArchive(f"{self._path} is not a backup of Notary.", code="not-a-backup")
        if spec != SPEC:
            raise InvalidArchive(
                f"{self._path} is of the format {spec[:40]!r}; this program knows {SPEC}. Use a newer version.",
                code="newer-backup",
            )
        match value:
            case {
                "origin": str(origin),
                "public_key": str(key),
                "made": int(made),
                "instance": str(instance),
                "entries": int(entries),
                "size": int(size),
                "root": str(root),
                "checkpoint": str(note),
                "keys": bool(keys),
            }:
                return Header(
                    origin=origin,
                    public_key=self._hex(key),
                    made=made,
                    instance=self._hex(instance),
                    entries=entries,
                    size=size,
                    root=self._hex(root),
                    checkpoint=self._bytes(note),
                    keys=keys,
                )
        raise self._damaged("its first line is not whole")

    def _shape(self, value: dict[str, Any]) -> TableShape:
        columns = value["columns"]
        if not all(
            isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) and one[1] in KINDS for one in columns
        ):
            raise self._damaged("a table's columns are not pairs of name and kind")
        return TableShape(value["table"][:_NAMES], tuple((name, kind) for name, kind in columns))

    def _row(self, table: TableShape, values: list[Any]) -> Sequence[Any]:
        if len(values) != len(table.columns):
            raise self._damaged(f"a row of {table.name} has {len(values)} values")
        for i, (_, kind) in enumerate(table.columns):
            value = values[i]
            if value is None:
                continue
            if kind == "bytes" and isinstance(value, str):
                values[i] = self._bytes(value)
            elif type(value) is not KINDS[kind]:
                raise self._damaged(f"a row of {table.name} has a value of a wrong kind")
        return values

    def _value(self) -> Any:
        line = self._line()
        if not line.endswith(b"\n"):
            raise self._damaged("it is cut off")
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            raise self._damaged("a line is not JSON") from None

    def _line(self) -> bytes:
        try:
            line = self._file.readline(_MAX_LINE)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self._damaged(str(error)) from None
        self._before = self._digest.copy()
        self._digest.update(line)
        return line

    def _bytes(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise self._damaged("bytes are not base64") from None

    def _hex(self, text: str) -> bytes:
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise self._damaged("its first line is not whole") from None

    def _damaged(self, why: str) -> InvalidArchive:
        return InvalidArchive(
            f"{self._path} is damaged ({why}): use another backup. Nothing was restored.", code="backup-damaged"
        )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
