"""What a log's store keeps of leaves, tree and heads, and of its own past. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LeafKind(StrEnum):
    """What a leaf of the log is."""

    ENTRY = "entry"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One accepted leaf. ``index`` is its place in the log: acceptance has no gaps and integration keeps the order.

    ``data`` are the logged bytes, ``time`` is their time in milliseconds. The members after it repeat what the record
    says, so that it can be searched; manifests have none of them.
    """

    index: int
    leaf_hash: bytes
    data: bytes
    kind: LeafKind
    time: int
    tenant_id: int | None = None
    record_digest: bytes | None = None
    text_sha256: bytes | None = None
    document: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What belongs to an entry and can be erased: its canonical text, its meta object with the salt, its profile."""

    text: bytes | None
    title: str | None
    meta: bytes | None
    salt: bytes | None
    profile: bytes | None = None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Where the log stands: the index that the next accepted leaf gets, and the time of the last one."""

    next_index: int
    last_time: int


@dataclass(frozen=True, slots=True)
class TreeState:
    """The integrated tree: its size and root."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A published checkpoint: the tree head, the signed note that states it, and when it was signed."""

    size: int
    root: bytes
    note: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Restore:
    """This database was once loaded from a backup, made at ``made`` with a newest checkpoint of ``size``.

    ``instance`` is the id that the copied database had. ``nothing_published`` says that, by the operator's word,
    nothing of the log was ever public. ``checked`` is when the log was held against what is public; None until then.
    """

    id: int
    time: int
    made: int
    size: int
    instance: bytes
    nothing_published: bool
    checked: int | None
