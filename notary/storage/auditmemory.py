"""What an audit remembers between runs and while it runs, in one SQLite file.

Implements :class:`notary.ports.audit.Memory`.

An index over all leaf hashes does not fit in bounded memory, and a transaction is what makes a killed run go on where
it was. Without a file the same tables are kept in a temporary one that goes with the process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from notary.core.chain import TrustedChain
from notary.core.record import Publisher
from notary.core.revision import Earlier
from notary.errors import CannotCheck, NotaryError, UsageError
from notary.ports.audit import SeenAnchor, SeenHead

_APPLICATION: Final = 0x4E746172
_VERSION: Final = 1
_CACHE_KIB: Final = 32 * 1024
_SCHEMA: Final = """
CREATE TABLE run (id INTEGER PRIMARY KEY, origin TEXT NOT NULL, progress BLOB);
CREATE TABLE heads (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note BLOB NOT NULL);
CREATE TABLE leaves (
  leaf BLOB PRIMARY KEY, idx INTEGER NOT NULL, origin TEXT, publisher TEXT, key BLOB, document TEXT, next INTEGER
) WITHOUT ROWID;
CREATE TABLE documents (
  publisher TEXT, document TEXT, idx INTEGER NOT NULL, PRIMARY KEY (publisher, document)
) WITHOUT ROWID;
CREATE TABLE commitments (idx INTEGER PRIMARY KEY, reveal_by INTEGER NOT NULL);
CREATE INDEX overdue ON commitments (reveal_by);
CREATE TABLE anchors (
  chain_id INTEGER, registry BLOB, log_id BLOB, size INTEGER, root BLOB NOT NULL, prev_size INTEGER NOT NULL,
  block INTEGER NOT NULL, PRIMARY KEY (chain_id, registry, log_id, size)
) WITHOUT ROWID;
"""


class AuditMemory:
    """The memory of the audits of one log."""

    def __init__(self, path: Path | None, *, origin: str) -> None:
        """Open the state file, or a temporary one; make it where there is none.

        Raises :class:`UsageError` (``not-a-state-file``, ``other-log``, ``state-unusable``) and :class:`CannotCheck`
        (``state-busy``).
        """
        self._path = path
        try:
            self._db = sqlite3.connect("" if path is None else path, isolation_level=None, timeout=0)
        except sqlite3.Error as error:
            raise _translated(error, path) from None
        try:
            self._open(origin)
        except sqlite3.Error as error:
            self._db.close()
            raise _translated(error, path) from None
        except NotaryError:
            self._db.close()
            raise

    def _open(self, origin: str) -> None:
        db = self._db
        # Held from here to the end: two audits that take turns would each undo what the other knows.
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        db.execute("PRAGMA synchronous=FULL")
        db.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        db.execute("BEGIN IMMEDIATE")
        [application] = db.execute("PRAGMA application_id").fetchone()
        [version] = db.execute("PRAGMA user_version").fetchone()
        [tables] = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if (application, version, tables) == (0, 0, 0):
            for statement in _SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA application_id={_APPLICATION}")
            db.execute(f"PRAGMA user_version={_VERSION}")
            db.execute("INSERT INTO run VALUES (1, ?, NULL)", (origin,))
            db.execute("COMMIT")
            db.execute("BEGIN IMMEDIATE")
        elif (application, version) != (_APPLICATION, _VERSION):
            raise UsageError(
                f"{self._path} is not a state file of this version of notary audit.", code="not-a-state-file"
            )
        [found] = db.execute("SELECT origin FROM run").fetchone()
        if found != origin:
            raise UsageError(f"{self._path} is of audits of the log {found}, not of {origin}.", code="other-log")

    def close(self) -> None:
        """Close the file; what was not saved is lost."""
        self._db.close()

    # ------------------------------------------------------------------------------------------------------- progress

    def progress(self) -> bytes | None:
        """Return what the last :meth:`save` was given."""
        found: bytes | None = self._one("SELECT progress FROM run")[0]
        return found

    def save(self, progress: bytes | None) -> None:
        """Make all that was added durable, together with ``progress``."""
        self._do("UPDATE run SET progress=?", progress)
        self._do("COMMIT")
        self._do("BEGIN IMMEDIATE")

    def forget(self) -> None:
        """Take back what was added since the last :meth:`save`."""
        self._do("ROLLBACK")
        self._do("BEGIN IMMEDIATE")

    # ---------------------------------------------------------------------------------------------------- checkpoints

    def head(self, size: int) -> SeenHead | None:
        """Return the checkpoint of this size that was seen first."""
        return _head(self._row("SELECT * FROM heads WHERE size=?", size))

    def newest_head(self) -> SeenHead | None:
        """Return the largest checkpoint ever seen."""
        return _head(self._row("SELECT * FROM heads ORDER BY size DESC LIMIT 1"))

    def add_head(self, head: SeenHead) -> None:
        """Remember a checkpoint."""
        self._do("INSERT OR IGNORE INTO heads VALUES (?, ?, ?)", head.size, head.root, head.note)

    def keep_evidence(self, heads: Sequence[SeenHead]) -> Sequence[str]:
        """Write signed checkpoints to files beside the state file, and return their names; none without such a file."""
        if self._path is None:
            return ()
        folder = self._path.with_name(self._path.name + ".evidence")
        names: list[str] = []
        try:
            folder.mkdir(exist_ok=True)
            for head in heads:
                file = folder / f"{head.size}-{head.root.hex()[:16]}.checkpoint"
                file.write_bytes(head.note)
                names.append(str(file))
        except OSError as error:
            raise UsageError(f"Cannot write {folder}: {error.strerror}.", code="unwritable-file") from None
        return names

    # --------------------------------------------------------------------------------------------------------- leaves

    def add_leaf(self, leaf: bytes, index: int, earlier: Earlier | None) -> int | None:
        """Remember a leaf; return the index of an earlier leaf with the same hash, if there is one."""
        told: tuple[Any, ...] = (None, None, None, None)
        if earlier is not None:
            told = (earlier.origin, earlier.publisher.id, earlier.publisher.key, earlier.document)
        if self._do("INSERT OR IGNORE INTO leaves VALUES (?, ?, ?, ?, ?, ?, NULL)", leaf, index, *told) == 1:
            return None
        return self.leaf_index(leaf)

    def leaf_index(self, leaf: bytes) -> int | None:
        """Return the index of a leaf hash, None where it was not added."""
        row = self._row("SELECT idx FROM leaves WHERE leaf=?", leaf)
        return None if row is None else int(row[0])

    def earlier(self, leaf: bytes) -> Earlier | None:
        """Return what was remembered with a leaf."""
        row = self._row("SELECT origin, publisher, key, document FROM leaves WHERE leaf=?", leaf)
        if row is None or row[0] is None:
            return None
        return Earlier(leaf=leaf, origin=row[0], publisher=Publisher(id=row[1], key=row[2]), document=row[3])

    def follow(self, leaf: bytes, index: int) -> int | None:
        """Remember that the entry at ``index`` is a revision of ``leaf``; return the one that was there before."""
        if self._do("UPDATE leaves SET next=? WHERE leaf=? AND next IS NULL", index, leaf) == 1:
            return None
        row = self._row("SELECT next FROM leaves WHERE leaf=?", leaf)
        return None if row is None else int(row[0])

    def start_document(self, publisher: str, document: str, index: int) -> int | None:
        """Remember where a document starts; return where it started before, if it did."""
        if self._do("INSERT OR IGNORE INTO documents VALUES (?, ?, ?)", publisher, document, index) == 1:
            return None
        row = self._one("SELECT idx FROM documents WHERE publisher=? AND document=?", publisher, document)
        return int(row[0])

    def add_commitment(self, index: int, reveal_by: int) -> None:
        """Remember a commitment; ``reveal_by`` is in milliseconds since the epoch."""
        self._do("INSERT INTO commitments VALUES (?, ?)", index, reveal_by)

    def overdue(self, now: int) -> int:
        """Return how many commitments were to be revealed before ``now``."""
        return int(self._one("SELECT count(*) FROM commitments WHERE reveal_by < ?", now)[0])

    # -------------------------------------------------------------------------------------------------------- anchors

    def anchor(self, chain: TrustedChain, size: int) -> SeenAnchor | None:
        """Return the anchor of this size that was checked in an earlier run."""
        return _anchor(self._row(f"{_ANCHORS} AND size=?", *_place(chain), size))

    def newest_anchor(self, chain: TrustedChain) -> SeenAnchor | None:
        """Return the largest anchor that was checked in an earlier run."""
        return _anchor(self._row(f"{_ANCHORS} ORDER BY size DESC LIMIT 1", *_place(chain)))

    def add_anchor(self, chain: TrustedChain, anchor: SeenAnchor) -> None:
        """Remember a checked anchor."""
        values = (anchor.size, anchor.root, anchor.prev_size, anchor.block)
        self._do("INSERT OR IGNORE INTO anchors VALUES (?, ?, ?, ?, ?, ?, ?)", *_place(chain), *values)

    # ------------------------------------------------------------------------------------------------------------ SQL

    def _do(self, statement: str, *values: object) -> int:
        try:
            return self._db.execute(statement, values).rowcount
        except sqlite3.Error as error:
            raise _translated(error, self._path) from None

    def _row(self, query: str, *values: object) -> tuple[Any, ...] | None:
        try:
            found: tuple[Any, ...] | None = self._db.execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise _translated(error, self._path) from None
        return found

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        row = self._row(query, *values)
        if row is None:
            raise UsageError(f"{self._path} is damaged: start with another state file.", code="not-a-state-file")
        return row


_ANCHORS: Final = "SELECT size, root, prev_size, block FROM anchors WHERE chain_id=? AND registry=? AND log_id=?"


def _place(chain: TrustedChain) -> tuple[int, bytes, bytes]:
    return chain.chain_id, chain.registry, chain.log_id


def _head(row: tuple[Any, ...] | None) -> SeenHead | None:
    return None if row is None else SeenHead(*row)


def _anchor(row: tuple[Any, ...] | None) -> SeenAnchor | None:
    return None if row is None else SeenAnchor(*row)


def _translated(error: sqlite3.Error, path: Path | None) -> NotaryError:
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return CannotCheck(f"Another audit is using the state file {path}.", code="state-busy")
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return UsageError(f"{path} is damaged, or is not a state file of notary audit.", code="not-a-state-file")
    return UsageError(f"The state file {path or '(temporary)'} cannot be used: {error}.", code="state-unusable")
