"""Entries, documents, tiles and checkpoints, read and written on one connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from notary.errors import IntegrityError
from notary.model.log import Acceptance, Disclosure, LeafKind, SignedHead, StoredEntry, TreeState
from notary.model.tenants import Replay
from notary.storage.tables import checkpoints, disclosures, documents, entries, log, replays, tenants, tiles

# Built once: to build a statement costs more than to run one.
_ACCEPTANCE = select(log.c.next_index, log.c.last_time)
_TREE = select(log.c.tree_size, log.c.tree_root)
_NEWEST_HEAD = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
_HEAD_OF_SIZE = select(checkpoints).where(checkpoints.c.size == bindparam("of_size"))
_ENTRY = select(entries).where(entries.c.leaf_hash == bindparam("leaf"))
_ENTRY_DATA = (
    select(entries.c.data)
    .where(entries.c.leaf_index >= bindparam("first"), entries.c.leaf_index < bindparam("behind"))
    .order_by(entries.c.leaf_index)
)
_BY_RECORD = select(entries).where(
    entries.c.tenant_id == bindparam("tenant"), entries.c.record_digest.in_(bindparam("records", expanding=True))
)
_DOCUMENT_HEADS = (
    select(entries)
    .join(documents, documents.c.head == entries.c.leaf_index)
    .where(documents.c.tenant_id == bindparam("tenant"), documents.c.document.in_(bindparam("names", expanding=True)))
)
# There are few tenants and many documents: joined from the tenants, it is one look-up in an index for each.
_NAMED = (
    select(entries)
    .select_from(tenants)
    .join(documents, (documents.c.tenant_id == tenants.c.id) & (documents.c.document == bindparam("name")))
    .join(entries, entries.c.leaf_index == documents.c.head)
    .order_by(entries.c.leaf_index)
)
_MANIFEST = (
    select(entries).where(entries.c.kind == LeafKind.MANIFEST.value).order_by(entries.c.leaf_index.desc()).limit(1)
)
_DISCLOSURE = select(disclosures).where(disclosures.c.leaf_index == bindparam("of_index"))
_TITLES = select(disclosures.c.leaf_index, disclosures.c.title).where(
    disclosures.c.leaf_index.in_(bindparam("indexes", expanding=True))
)
_KNOWN_DOCUMENTS = select(documents.c.document).where(
    documents.c.tenant_id == bindparam("tenant"), documents.c.document.in_(bindparam("names", expanding=True))
)
_REPLAYS = select(replays).where(
    replays.c.tenant_id == bindparam("tenant"), replays.c.key.in_(bindparam("names", expanding=True))
)
_TILE = select(tiles.c.data).where(tiles.c.level == bindparam("of_level"), tiles.c.number == bindparam("of_number"))

_MOVE_LOG = (
    update(log)
    .where(log.c.next_index == bindparam("old"), log.c.last_time <= bindparam("now"))
    .values(next_index=bindparam("new"), last_time=bindparam("now"))
)
_ADD_ENTRY = insert(entries)
_ADD_DISCLOSURE = insert(disclosures)
_ADD_REPLAY = insert(replays)
_MOVE_HEAD = (
    update(documents)
    .where(documents.c.tenant_id == bindparam("tenant"), documents.c.document == bindparam("name"))
    .values(head=bindparam("index"))
)
_ADD_HEAD = insert(documents)


class LogReader:
    """The reading half: implements :class:`notary.ports.LogView`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def acceptance(self) -> Acceptance:
        """Return the next index and the last time."""
        row = self._connection.execute(_ACCEPTANCE).one()
        return Acceptance(next_index=row.next_index, last_time=row.last_time)

    def tree(self) -> TreeState:
        """Return the integrated tree's size and root."""
        row = self._connection.execute(_TREE).one()
        return TreeState(size=row.tree_size, root=row.tree_root)

    def checkpoint(self, *, at_least: int = 0) -> SignedHead | None:
        """Return the newest checkpoint, or None when there is none of ``at_least`` that size."""
        found = self._head(_NEWEST_HEAD)
        return None if found is None or found.size < at_least else found

    def checkpoint_of(self, size: int) -> SignedHead | None:
        """Return the checkpoint of exactly that size."""
        return self._head(_HEAD_OF_SIZE, of_size=size)

    def entry(self, leaf_hash: bytes) -> StoredEntry | None:
        """Return the accepted leaf with this hash."""
        return self._entry(_ENTRY, leaf=leaf_hash)

    def entries(self, *, start: int, limit: int) -> list[StoredEntry]:
        """Return accepted leaves from index ``start`` on, in order, at most ``limit``."""
        return self._entries(
            select(entries).where(entries.c.leaf_index >= start).order_by(entries.c.leaf_index).limit(limit)
        )

    def entry_data(self, *, start: int, limit: int) -> list[bytes]:
        """Return the logged bytes of accepted leaves from index ``start`` on, in order, at most ``limit``."""
        found = self._connection.execute(_ENTRY_DATA, {"first": start, "behind": start + limit})
        return list(found.scalars())

    def recent(self, *, limit: int, before: int | None = None) -> list[StoredEntry]:
        """Return entries (no manifests), newest first, below index ``before``."""
        query = select(entries).where(entries.c.kind == LeafKind.ENTRY.value)
        if before is not None:
            query = query.where(entries.c.leaf_index < before)
        return self._entries(query.order_by(entries.c.leaf_index.desc()).limit(limit))

    def by_text(self, text_sha256: bytes, *, limit: int) -> list[StoredEntry]:
        """Return the entries about this text, oldest first."""
        query = select(entries).where(entries.c.text_sha256 == text_sha256)
        return self._entries(query.order_by(entries.c.leaf_index).limit(limit))

    def by_records(self, *, tenant_id: int, record_digests: Sequence[bytes]) -> dict[bytes, StoredEntry]:
        """Return what this tenant submitted with these records, by record digest."""
        rows = self._connection.execute(_BY_RECORD, {"tenant": tenant_id, "records": record_digests})
        return {row.record_digest: _stored(row) for row in rows}

    def heads(self, *, tenant_id: int, documents: Sequence[str]) -> dict[str, StoredEntry]:
        """Return the latest revisions of a tenant's documents, by document."""
        rows = self._connection.execute(_DOCUMENT_HEADS, {"tenant": tenant_id, "names": documents})
        return {row.document: _stored(row) for row in rows}

    def named(self, document: str, *, limit: int) -> list[StoredEntry]:
        """Return the latest revisions of all tenants' documents of this name, oldest first."""
        rows = self._connection.execute(_NAMED.limit(limit), {"name": document})
        return [_stored(row) for row in rows]

    def revisions(self, *, tenant_id: int, document: str) -> list[StoredEntry]:
        """Return every revision of a tenant's document, oldest first."""
        query = select(entries).where(entries.c.tenant_id == tenant_id, entries.c.document == document)
        return self._entries(query.order_by(entries.c.leaf_index))

    def latest_manifest(self) -> StoredEntry | None:
        """Return the manifest that was accepted last."""
        return self._entry(_MANIFEST)

    def disclosure(self, index: int) -> Disclosure | None:
        """Return what is disclosed with the entry at ``index``; None where it was never given or was erased."""
        row = self._connection.execute(_DISCLOSURE, {"of_index": index}).one_or_none()
        if row is None:
            return None
        return Disclosure(text=row.text, title=row.title, meta=row.meta, salt=row.salt, profile=row.profile)

    def titles(self, indexes: Sequence[int]) -> Mapping[int, str | None]:
        """Return the disclosed titles of the entries at these indexes, by index."""
        return {row.leaf_index: row.title for row in self._connection.execute(_TITLES, {"indexes": list(indexes)})}

    def replays(self, *, tenant_id: int, keys: Sequence[str]) -> dict[str, Replay]:
        """Return what this tenant used these idempotency keys for, by key."""
        rows = self._connection.execute(_REPLAYS, {"tenant": tenant_id, "names": keys})
        return {row.key: Replay(request_digest=row.request_digest, leaf_hash=row.leaf_hash) for row in rows}

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        """Return the first ``width`` hashes of a tile. Raises :class:`IntegrityError` (``tile-missing``)."""
        found = self._connection.execute(_TILE, {"of_level": level, "of_number": number})
        data: bytes | None = found.scalar_one_or_none()
        if data is None or len(data) < 32 * width:
            raise IntegrityError(f"Tile {level}/{number} has fewer than {width} hashes.", code="tile-missing")
        return data[: 32 * width]

    def _entry(self, query: Select[Any], **values: object) -> StoredEntry | None:
        row = self._connection.execute(query, values).one_or_none()
        return None if row is None else _stored(row)

    def _entries(self, query: Select[Any]) -> list[StoredEntry]:
        return [_stored(row) for row in self._connection.execute(query)]

    def _head(self, query: Select[Any], **values: object) -> SignedHead | None:
        row = self._connection.execute(query, values).one_or_none()
        return None if row is None else SignedHead(size=row.size, root=row.root, note=row.note, time=row.time)


class LogWriter(LogReader):
    """The writing half; its connection holds the write lock."""

    def append(self, leaves: Sequence[tuple[StoredEntry, Disclosure | None]]) -> None:
        """Accept leaves; their indexes must be the next ones. Moves the documents' heads and the log's time."""
        if not leaves:
            return
        first, last = leaves[0][0], leaves[-1][0]
        moved = self._connection.execute(_MOVE_LOG, {"old": first.index, "new": last.index + 1, "now": last.time})
        if moved.rowcount != 1 or [entry.index for entry, _ in leaves] != list(range(first.index, last.index + 1)):
            raise IntegrityError("The log moved on while a leaf was being accepted.", code="log-moved")
        self._connection.execute(_ADD_ENTRY, [_entry_row(entry) for entry, _ in leaves])
        disclosed = [_disclosure_row(entry.index, given) for entry, given in leaves if given is not None]
        if disclosed:
            self._connection.execute(_ADD_DISCLOSURE, disclosed)
        heads = {
            (entry.tenant_id, entry.document): entry.index
            for entry, _ in leaves
            if entry.tenant_id is not None and entry.document is not None
        }
        for tenant_id in {tenant_id for tenant_id, _ in heads}:
            self._set_heads(tenant_id, {name: index for (owner, name), index in heads.items() if owner == tenant_id})

    def _set_heads(self, tenant_id: int, heads: Mapping[str, int]) -> None:
        found = self._connection.execute(_KNOWN_DOCUMENTS, {"tenant": tenant_id, "names": list(heads)})
        known = set(found.scalars())
        moved = [{"tenant": tenant_id, "name": name, "index": heads[name]} for name in heads if name in known]
        new = [{"tenant_id": tenant_id, "document": n, "head": heads[n]} for n in heads if n not in known]
        if moved:
            self._connection.execute(_MOVE_HEAD, moved)
        if new:
            self._connection.execute(_ADD_HEAD, new)

    def add_replays(self, replays: Mapping[tuple[int, str], Replay], *, time: int) -> None:
        """Remember what idempotency keys were used for, by tenant id and key."""
        rows = [
            {
                "tenant_id": tenant_id,
                "key": key,
                "request_digest": replay.request_digest,
                "leaf_hash": replay.leaf_hash,
                "created": time,
            }
            for (tenant_id, key), replay in replays.items()
        ]
        if rows:
            self._connection.execute(_ADD_REPLAY, rows)

    def grow_tree(self, *, old_size: int, new: TreeState, tiles: Mapping[tuple[int, int], bytes]) -> None:
        """Store tiles and the new tree state. Raises :class:`IntegrityError` (``tree-moved``)."""
        moved = self._connection.execute(
            update(log).where(log.c.tree_size == old_size).values(tree_size=new.size, tree_root=new.root)
        )
        if moved.rowcount != 1:
            raise IntegrityError(f"The tree no longer has the size {old_size}.", code="tree-moved")
        for (level, number), data in tiles.items():
            self._put_tile(level=level, number=number, data=data)

    def _put_tile(self, *, level: int, number: int, data: bytes) -> None:
        here = (tiles.c.level == level, tiles.c.number == number)
        if self._connection.execute(update(tiles).where(*here).values(data=data)).rowcount == 0:
            self._connection.execute(insert(tiles).values(level=level, number=number, data=data))

    def replace_public_key(self, *, old: bytes, new: bytes) -> None:
        """Let the log sign with another key from now on; raises :class:`IntegrityError` (``key-replaced``)."""
        moved = self._connection.execute(update(log).where(log.c.public_key == old).values(public_key=new))
        if moved.rowcount != 1:
            raise IntegrityError("The log no longer has the key that was to be replaced.", code="key-replaced")

    def publish(self, head: SignedHead) -> None:
        """Store a checkpoint; there must be none of that size."""
        self._connection.execute(
            insert(checkpoints).values(size=head.size, root=head.root, note=head.note, time=head.time)
        )


def _entry_row(entry: StoredEntry) -> dict[str, object]:
    return {
        "leaf_index": entry.index,
        "leaf_hash": entry.leaf_hash,
        "data": entry.data,
        "kind": entry.kind.value,
        "time": entry.time,
        "tenant_id": entry.tenant_id,
        "record_digest": entry.record_digest,
        "text_sha256": entry.text_sha256,
        "document": entry.document,
        "status": entry.status,
    }


def _disclosure_row(index: int, disclosure: Disclosure) -> dict[str, object]:
    return {
        "leaf_index": index,
        "text": disclosure.text,
        "title": disclosure.title,
        "meta": disclosure.meta,
        "salt": disclosure.salt,
        "profile": disclosure.profile,
    }


def _stored(row: Row[Any]) -> StoredEntry:
    return StoredEntry(
        index=row.leaf_index,
        leaf_hash=row.leaf_hash,
        data=row.data,
        kind=_kind(row.kind, row.leaf_index),
        time=row.time,
        tenant_id=row.tenant_id,
        record_digest=row.record_digest,
        text_sha256=row.text_sha256,
        document=row.document,
        status=row.status,
    )


def _kind(value: str, index: int) -> LeafKind:
    try:
        return LeafKind(value)
    except ValueError:
        raise IntegrityError(f"Leaf {index} is of no kind that there is.", code="leaf-changed") from None
