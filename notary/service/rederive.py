"""Recompute what the store keeps, from the logged bytes upward: rows, leaf hashes, tiles, roots, checkpoints.

:class:`Walk` goes from a size that was verified before to another, a few hundred rows at a time. The worker walks over
what is new before it signs for the first time; ``notary fsck`` walks over everything.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from notary.core import merkle
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.merkle import HASH_SIZE, leaf_hash
from notary.core.note import parse_note, verify_note
from notary.core.tiles import TILE_WIDTH, tile_width
from notary.core.treestream import StreamedTile, TreeStream
from notary.errors import IntegrityError, NotaryError
from notary.model.log import LeafKind, SignedHead, StoredEntry, TreeState
from notary.ports import LogView
from notary.service.logkeys import LogKeys

_HEADS: Final = 256
_RECORD = b'{"record":'
_DIGEST_PREFIX = b"notary-record/1\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where what is stored contradicts itself; ``message`` names it."""

    code: str
    message: str
    index: int | None = None


Report = Callable[[Fault], None]


def refuse(fault: Fault) -> None:
    """Report a fault by raising it. Raises :class:`IntegrityError`."""
    raise IntegrityError(fault.message, code=fault.code)


class Walk:
    """A walk over the stored log from ``start``, which must be a head of it, to ``end``; faults go to ``report``."""

    def __init__(
        self,
        view: LogView,
        *,
        start: TreeState,
        end: TreeState,
        keys: LogKeys,
        report: Report,
        columns: bool = False,
    ) -> None:
        """Begin; with ``columns`` what is stored beside the logged bytes is held against them too.

        Raises :class:`IntegrityError` (``verified-mismatch``, ``tile-missing``) for a false ``start``.
        """
        self._stream = TreeStream.resume(view, start.size)
        if self._stream.root() != start.root:
            raise IntegrityError(
                f"The tiles no longer lead to the root of size {start.size}, which was verified before.",
                code="verified-mismatch",
            )
        self._end = end
        self._keys = keys
        self._report = report
        self._columns = columns
        self._heads: deque[SignedHead] = deque()
        self._heads_above = start.size
        self._time = 0
        self.checkpoints = 0

    @property
    def size(self) -> int:
        """How many leaves are done."""
        return self._stream.size

    @property
    def done(self) -> bool:
        """Whether the walk has reached its end; :meth:`finish` is then due."""
        return self._stream.size >= self._end.size

    def step(self, view: LogView) -> None:
        """Walk to the end of the tile of leaves that was begun."""
        size = self._stream.size
        number = size // TILE_WIDTH
        skip = size % TILE_WIDTH
        width = tile_width(size=self._end.size, level=0, number=number)
        rows = view.entries(start=size, limit=width - skip)
        stored = self._tile(view, level=0, number=number, width=width)[skip * HASH_SIZE :]
        leaves = self._leaves(view, rows, stored, first=size, count=width - skip)
        self._grow(view, leaves)

    def finish(self, view: LogView) -> None:
        """Hold the tiles at the right edge, the root, and what was signed beyond it against the walk."""
        for tile in self._stream.unfinished():
            self._hold(view, tile)
        if self._stream.root() != self._end.root:
            self._fault("tree-root-mismatch", f"The leaves do not lead to the stored root of size {self._end.size}.")
        newest = view.checkpoint()
        if newest is not None and newest.size > view.tree().size:
            self._fault(
                "checkpoint-ahead",
                f"A checkpoint of size {newest.size} was published, but the tree has size {view.tree().size}: restored "
                "from an older copy?",
            )

    def waiting(self, view: LogView, *, upto: int) -> None:
        """Check the rows that are accepted and not yet integrated, up to index ``upto``."""
        start = self._end.size
        while start < upto:
            count = min(TILE_WIDTH, upto - start)
            rows = view.entries(start=start, limit=count)
            self._leaves(view, rows, b"", first=start, count=count)
            start += count

    # ------------------------------------------------------------------------------------------------------------ tree

    def _grow(self, view: LogView, leaves: Sequence[bytes]) -> None:
        done = 0
        while done < len(leaves):
            head = self._next_head(view)
            upto = len(leaves) if head is None else min(len(leaves), done + head.size - self._stream.size)
            for tile in self._stream.extend(leaves[done:upto]):
                if tile.level:
                    self._hold(view, tile)
            done = upto
            if head is not None and head.size == self._stream.size:
                self._check_head(head, self._stream.root())
                self._heads.popleft()

    def _hold(self, view: LogView, tile: StreamedTile) -> None:
        if tile.level and self._tile(view, level=tile.level, number=tile.number, width=tile.width) != tile.data:
            self._fault("tile-changed", f"Tile {tile.level}/{tile.number} is not what the leaves below it give.")

    def _tile(self, view: LogView, *, level: int, number: int, width: int) -> bytes:
        try:
            return view.read_tile(level, number, width)
        except IntegrityError as error:
            self._fault(error.code, error.message)
            return b""

    # --------------------------------------------------------------------------------------------------------- leaves

    def _leaves(
        self, view: LogView, rows: Sequence[StoredEntry], stored: bytes, *, first: int, count: int
    ) -> list[bytes]:
        """Return the leaf hashes of ``count`` rows from ``first`` on; ``stored`` is what the tile has for them."""
        hashes = [leaf_hash(row.data) for row in rows]
        for row, computed in zip(rows, hashes, strict=True):
            if self._columns and computed == row.leaf_hash:
                self._check_row(view, row)
        whole = len(rows) == count and all(row.index == first + i for i, row in enumerate(rows))
        if whole and [row.leaf_hash for row in rows] == hashes and (not stored or b"".join(hashes) == stored):
            return hashes
        known = dict(zip((row.index for row in rows), zip(rows, hashes, strict=True), strict=True))
        return [
            self._settle(index, known.get(index), stored[(index - first) * HASH_SIZE :][:HASH_SIZE])
            for index in range(first, first + count)
        ]

    def _settle(self, index: int, known: tuple[StoredEntry, bytes] | None, stored: bytes) -> bytes:
        """Name what is wrong with one leaf, and return the hash to go on with: that on which two of three agree."""
        if known is None:
            self._fault("leaf-missing", f"Leaf {index} is missing.", index)
            return stored or bytes(HASH_SIZE)
        row, computed = known
        if row.leaf_hash == computed:
            if stored not in (b"", computed):
                where = f"0/{index // TILE_WIDTH}"
                self._fault("tile-changed", f"Tile {where} has another hash for leaf {index} than the entry.", index)
            return computed
        if computed == stored:
            self._fault("leaf-hash-changed", f"The hash stored with leaf {index} is not that of its bytes.", index)
            return computed
        self._fault("leaf-changed", f"Leaf {index} is not what was accepted.", index)
        return row.leaf_hash

    def _check_row(self, view: LogView, row: StoredEntry) -> None:
        """Hold the columns by which an entry is found against its bytes, which the hash vouches for."""
        if row.time < self._time:
            self._fault("time-went-back", f"Leaf {row.index} is dated before the leaf in front of it.", row.index)
        self._time = max(self._time, row.time)
        problem = _why_row_differs(row)
        if problem is not None:
            self._fault(
                "row-changed", f"The {problem} stored with leaf {row.index} is not that of its bytes.", row.index
            )
        elif row.status not in (None, "original"):
            self._check_previous(view, row)

    def _check_previous(self, view: LogView, row: StoredEntry) -> None:
        leaf = bytes.fromhex(json.loads(row.data)["record"]["previous"]["leaf"])
        before = view.entry(leaf)
        if before is None or before.index >= row.index or before.document != row.document:
            self._fault(
                "previous-missing", f"Leaf {row.index} follows an entry that is not in the log before it.", row.index
            )

    # ---------------------------------------------------------------------------------------------------- checkpoints

    def _next_head(self, view: LogView) -> SignedHead | None:
        if not self._heads and self._heads_above < self._end.size:
            self._heads.extend(view.checkpoints(above=self._heads_above, limit=_HEADS))
            self._heads_above = self._heads[-1].size if self._heads else self._end.size
        return self._heads[0] if self._heads else None

    def _check_head(self, head: SignedHead, root: bytes) -> None:
        self.checkpoints += 1
        problem = why_not_signed(head, self._keys)
        if problem is not None:
            self._fault("checkpoint-signature", problem)
        if head.root != root:
            self._fault(
                "checkpoint-mismatch", f"The published checkpoint of size {head.size} is not a head of the stored tree."
            )

    def _fault(self, code: str, message: str, index: int | None = None) -> None:
        self._report(Fault(code, message, index))


def why_not_signed(head: SignedHead, keys: LogKeys) -> str | None:
    """Return None if the stored note is signed by the key of its size and states this head, else why not."""
    key = keys.of(head.size)
    if key is None:
        return f"A checkpoint of size {head.size} is stored, which no key of the log may sign."
    try:
        note = parse_note(head.note)
        verify_note(note, [key])
        stated = parse_checkpoint(note.text)
    except NotaryError as error:
        return f"The stored checkpoint of size {head.size} is not ours: {error.message}"
    if stated != Checkpoint(origin=key.name, size=head.size, root=head.root):
        return f"The stored checkpoint of size {head.size} states another head."
    return None


def _why_row_differs(row: StoredEntry) -> str | None:
    """Return the first column that does not say what the bytes do.

    This runs once for every entry there is, so the bytes are read by the fast parser: they were canonical when they
    were accepted, and whether they still are those bytes is what the leaf hash shows.
    """
    said: tuple[object, ...]
    kept: tuple[object, ...]
    try:
        value = json.loads(row.data)
        if row.kind is LeafKind.MANIFEST:
            said = (value["spec"], value["time"], None, None, None, None)
            kept = ("notary-manifest/1", row.time, row.text_sha256, row.document, row.status, row.record_digest)
        else:
            record = value["record"]
            content = record.get("text") or record.get("file") or record["commitment"]
            digest = bytes.fromhex(content["sha256"])
            own = row.data[len(_RECORD) : -len(_tail(value))]
            computed = hashlib.sha256(_DIGEST_PREFIX + own).digest()
            said = (value["spec"], value["time"], digest, record.get("document"), record["status"], computed)
            kept = ("notary-entry/1", row.time, row.text_sha256, row.document, row.status, row.record_digest)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "kind"
    names = ("kind", "time", "digest of the text", "document", "status", "digest of the record")
    return next((name for name, one, other in zip(names, said, kept, strict=True) if one != other), None)


def _tail(value: dict[str, object]) -> str:
    """Return what stands behind the record in the canonical bytes of an entry."""
    signature = value.get("signature")
    signed = "" if signature is None else f',"signature":"{signature}"'
    return f'{signed},"spec":"{value["spec"]}","time":{value["time"]}}}'


def empty_head() -> TreeState:
    """Return the head of the empty tree: where a walk over everything starts."""
    return TreeState(size=0, root=merkle.EMPTY_ROOT)
