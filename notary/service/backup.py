"""Saving a whole log to one file while it is in use, and checking such a file from its first byte to its last.

A backup gets its name only when it is complete, on the disk, and read again: every line under one digest, every leaf
hash and the tree's root recomputed from the entries and held against the newest checkpoint, which the log has signed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from io import BufferedIOBase
from pathlib import Path
from typing import Any, Final

from notary.core import merkle
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.entry import parse_leaf
from notary.core.manifest import Manifest
from notary.core.note import parse_note, verifier_key, verify_note
from notary.core.treestream import TreeStream
from notary.errors import InvalidArchive, InvalidConfig, InvalidInput, NotaryError
from notary.ports import Clock
from notary.ports.backup import Dumpable, Loadable, Loading, Row, Snapshot, TableShape
from notary.service.archive import ArchiveReader, ArchiveWriter, End, Header, SavedFile, SavedRow
from notary.service.logkeys import keys_of, only_key

Progress = Callable[[int, int], None]
_EVERY: Final = 1024
_NEEDED: Final = ("leaf_index", "leaf_hash", "data")
_MANIFEST: Final = b'{"chains":'  # so the canonical bytes of a manifest begin, and of no entry


def quiet(_done: int, _everything: int) -> None:
    """Say nothing about progress."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was checked: what it is of and what it holds. ``files`` are those of the data directory."""

    path: Path
    length: int
    header: Header
    end: End
    files: Mapping[str, bytes] = field(repr=False)


def back_up(
    database: Dumpable, path: Path, *, files: Mapping[str, bytes], keys: bool, clock: Clock, progress: Progress
) -> Backup:
    """Save the log to ``path``, which must not be there, readable by its owner only; return what was saved.

    Raises :class:`InvalidConfig` (``file-exists``, ``not-writable``), :class:`IntegrityError` where the database is
    broken, and :class:`InvalidArchive` where what was written does not hold: then there is no file of that name.
    """
    if path.exists():
        raise InvalidConfig(f"{path} is there already: nothing was changed.", code="file-exists")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _new_file(part) as file, database.snapshot() as snapshot:
            _write(ArchiveWriter(file, _header(snapshot, keys=keys, clock=clock)), snapshot, files, progress)
        checked = check_backup(part, progress)
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise InvalidConfig(f"The backup cannot be written to {path}: {error.strerror}.", code="not-writable") from None
    finally:
        part.unlink(missing_ok=True)
    return Backup(path, checked.length, checked.header, checked.end, checked.files)


def check_backup(path: Path, progress: Progress) -> Backup:
    """Read a backup to its end, and return what it is of; changes nothing.

    Raises :class:`InvalidArchive`: ``no-backup``, those of reading it, and ``backup-false`` where the entries do not
    lead to the checkpoint in it or the log's key did not sign that.
    """
    try:
        with closing(ArchiveReader(path)) as archive:
            check = _Check(archive.header, progress)
            for part in archive.parts():
                check.take(part)
            return Backup(path, path.stat().st_size, archive.header, check.finished(), check.files)
    except OSError as error:
        raise InvalidArchive(f"{path} cannot be read: {error.strerror}.", code="no-backup") from None


def load_backup(
    backup: Backup, database: Loadable, *, nothing_published: bool, clock: Clock, progress: Progress
) -> bytes:
    """Load a checked backup into an empty database, in one transaction; return the log's new instance id.

    Raises what :class:`Loadable` and :func:`check_backup` raise; then nothing was stored.
    """
    with closing(ArchiveReader(backup.path)) as archive, database.load() as loading:
        end = _load(archive, loading, progress)
        if archive.header != backup.header or end != backup.end:
            raise InvalidArchive(f"{backup.path} has changed while it was restored.", code="backup-damaged")
        return loading.finish(
            time=clock.now_ms(),
            made=backup.header.made,
            size=backup.header.size,
            nothing_published=nothing_published,
        )


def _header(snapshot: Snapshot, *, keys: bool, clock: Clock) -> Header:
    subject = snapshot.subject()
    head = subject.head
    return Header(
        origin=subject.origin,
        public_key=subject.public_key,
        made=clock.now_ms(),
        instance=subject.instance,
        entries=subject.entries,
        size=0 if head is None else head.size,
        root=merkle.EMPTY_ROOT if head is None else head.root,
        checkpoint=b"" if head is None else head.note,
        keys=keys,
    )


def _write(archive: ArchiveWriter, snapshot: Snapshot, files: Mapping[str, bytes], progress: Progress) -> None:
    for name, data in files.items():
        archive.file(name, data)
    everything = snapshot.subject().entries
    for table in snapshot.tables():
        archive.table(table)
        for number, row in enumerate(snapshot.rows(table)):
            archive.row(row)
            if table.name == "entries" and number % _EVERY == 0:
                progress(number, everything)
    archive.end()


def _load(archive: ArchiveReader, loading: Loading, progress: Progress) -> End:
    waiting: list[Row] = []
    is_entries, done = False, 0
    for part in archive.parts():
        if not isinstance(part, SavedRow) or len(waiting) == _EVERY:
            if waiting:
                loading.add(waiting)
                done += len(waiting) if is_entries else 0
                progress(done, archive.header.entries)
            waiting = []
        if isinstance(part, SavedRow):
            waiting.append(part.values)
        elif isinstance(part, TableShape):
            loading.expect(part)
            is_entries = part.name == "entries"
        elif isinstance(part, End):
            return part
    raise InvalidArchive("The backup has no end.", code="backup-damaged")


class _Check:
    """Recomputes the tree while the rows pass by, and holds the roots against what the header and the log's row say."""

    def __init__(self, header: Header, progress: Progress) -> None:
        self._header = header
        self._progress = progress
        self._stream = TreeStream()
        self._waiting: list[bytes] = []
        self._roots = {0: merkle.EMPTY_ROOT}
        self._table = ""
        self._places: dict[str, int] = {}
        self._tree: tuple[int, bytes] | None = None
        self._end: End | None = None
        self._keys = only_key(verifier_key(header.origin, header.public_key))
        self.files: dict[str, bytes] = {}
        self._check_head()

    def take(self, part: Any) -> None:
        """Look at the next part."""
        if isinstance(part, SavedFile):
            self.files[part.path] = part.data
        elif isinstance(part, TableShape):
            self._grow()
            self._table = part.name
            self._places = {name: place for place, (name, _) in enumerate(part.columns)}
            if part.name == "entries" and not set(_NEEDED) <= self._places.keys():
                raise _false("its entries lack what makes the tree")
        elif isinstance(part, End):
            self._grow()
            self._end = part
        elif self._table == "entries":
            self._entry(part.values)
        elif self._table == "log":
            self._log(part.values)

    def finished(self) -> End:
        """Return the end, when all that was read fits together."""
        if self._end is None or self._tree is None:
            raise _false("it does not hold a log")
        head = (self._header.size, self._header.root)
        for size, root in (head, self._tree):
            if self._roots.get(size) != root:
                raise _false(f"its entries do not lead to its root of size {size}")
        if head[0] > self._tree[0] or self._stream.size != self._header.entries:
            raise _false("it does not have the entries that it speaks of")
        self._check_signature()
        return self._end

    def _check_head(self) -> None:
        header = self._header
        if not header.checkpoint:
            if header.size:
                raise _false("its checkpoint is missing")
            return
        try:
            stated = parse_checkpoint(parse_note(header.checkpoint).text)
        except NotaryError as error:
            raise _false(f"its checkpoint is not the log's: {error.message.rstrip('.')}") from None
        if stated != Checkpoint(origin=header.origin, size=header.size, root=header.root):
            raise _false("its checkpoint states another head")

    def _check_signature(self) -> None:
        """Require that the checkpoint is signed by the key of its size, and that the key in use is the header's.

        That is known at the end: the key may have been replaced right behind the newest checkpoint.
        """
        header = self._header
        if self._keys.newest.vkey != verifier_key(header.origin, header.public_key):
            raise _false("its manifest names another key for the log than its first line")
        if not header.checkpoint:
            return
        key = self._keys.of(header.size)
        try:
            verify_note(parse_note(header.checkpoint), [] if key is None else [key])
        except NotaryError as error:
            raise _false(f"its checkpoint is not the log's: {error.message.rstrip('.')}") from None

    def _log(self, values: Row) -> None:
        row = {name: values[place] for name, place in self._places.items()}
        header = self._header
        if (row.get("origin"), row.get("public_key"), row.get("next_index"), row.get("instance")) != (
            header.origin,
            header.public_key,
            header.entries,
            header.instance,
        ):
            raise _false("its first line and the log's row differ")
        size, root = row.get("tree_size"), row.get("tree_root")
        if isinstance(size, int) and isinstance(root, bytes):
            self._tree = size, root

    def _entry(self, values: Row) -> None:
        index, stored, data = (values[self._places[name]] for name in _NEEDED)
        leaf = merkle.leaf_hash(data) if isinstance(data, bytes) else b""
        if isinstance(data, bytes) and data.startswith(_MANIFEST):
            self._manifest(data)
        if index != self._stream.size + len(self._waiting) or leaf != stored:
            raise _false(f"an entry at {self._stream.size + len(self._waiting)} is not what was accepted")
        self._waiting.append(leaf)
        if len(self._waiting) == _EVERY:
            self._grow()

    def _manifest(self, data: bytes) -> None:
        try:
            manifest = parse_leaf(data)
        except InvalidInput as error:
            raise _false(f"a manifest in it is none: {error.message.rstrip('.')}") from None
        if isinstance(manifest, Manifest):
            self._keys = keys_of(manifest)

    def _grow(self) -> None:
        """Take the waiting leaves into the tree, noting its root at the sizes that count."""
        sizes = {self._header.size, *([] if self._tree is None else [self._tree[0]])}
        done = 0
        while done < len(self._waiting):
            behind = self._stream.size
            upto = min((size - behind + done for size in sizes if size > behind), default=len(self._waiting))
            upto = min(upto, len(self._waiting))
            self._stream.extend(self._waiting[done:upto])
            done = upto
            if self._stream.size in sizes:
                self._roots[self._stream.size] = self._stream.root()
        self._waiting = []
        self._progress(self._stream.size, self._header.entries)


def _false(why: str) -> InvalidArchive:
    return InvalidArchive(f"The backup does not hold together: {why}. Use another one.", code="backup-false")


@contextmanager
def _new_file(path: Path) -> Iterator[BufferedIOBase]:
    """Give a new file that is on the disk when the block ends."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
