"""What is stored: snapshots, write transactions, and the store that opens them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from notary.model.anchors import (
    Anchor,
    AnchorEvent,
    AnchorRequest,
    AnchorState,
    Attempt,
    Captured,
    Place,
    SignedTransaction,
    Target,
)
from notary.model.chain import ChainReport
from notary.model.log import Acceptance, Disclosure, Restore, SignedHead, StoredEntry, TreeState
from notary.model.operating import Heartbeat, Lease, LogStatus
from notary.model.tenants import ApiKey, Replay, Tenant


class LogView(Protocol):
    """One consistent snapshot of the log. All reads of a view see the same state."""

    def acceptance(self) -> Acceptance:
        """Return the next index and the last time."""
        ...

    def tree(self) -> TreeState:
        """Return the integrated tree's size and root."""
        ...

    def checkpoint(self, *, at_least: int = 0) -> SignedHead | None:
        """Return the newest checkpoint, or None when there is none of ``at_least`` that size."""
        ...

    def checkpoint_of(self, size: int) -> SignedHead | None:
        """Return the checkpoint of exactly that size."""
        ...

    def checkpoints(self, *, above: int, limit: int) -> list[SignedHead]:
        """Return checkpoints of sizes above ``above``, in order, at most ``limit``."""
        ...

    def entry(self, leaf_hash: bytes) -> StoredEntry | None:
        """Return the accepted leaf with this hash."""
        ...

    def entries(self, *, start: int, limit: int) -> list[StoredEntry]:
        """Return accepted leaves from index ``start`` on, in order, at most ``limit``."""
        ...

    def entry_data(self, *, start: int, limit: int) -> list[bytes]:
        """Return the logged bytes of accepted leaves from index ``start`` on, in order, at most ``limit``."""
        ...

    def recent(self, *, limit: int, before: int | None = None) -> list[StoredEntry]:
        """Return entries (no manifests), newest first, below index ``before``."""
        ...

    def by_text(self, text_sha256: bytes, *, limit: int) -> list[StoredEntry]:
        """Return the entries about this text, oldest first."""
        ...

    def by_records(self, *, tenant_id: int, record_digests: Sequence[bytes]) -> Mapping[bytes, StoredEntry]:
        """Return what this tenant submitted with these records, by record digest."""
        ...

    def heads(self, *, tenant_id: int, documents: Sequence[str]) -> Mapping[str, StoredEntry]:
        """Return the latest revisions of a tenant's documents, by document."""
        ...

    def named(self, document: str, *, limit: int) -> list[StoredEntry]:
        """Return the latest revisions of all tenants' documents of this name, oldest first."""
        ...

    def revisions(self, *, tenant_id: int, document: str) -> list[StoredEntry]:
        """Return every revision of a tenant's document, oldest first."""
        ...

    def database_faults(self, *, limit: int) -> list[str]:
        """Return what is wrong with the database beneath its contents, at most ``limit`` sentences."""
        ...

    def astray_documents(self, *, limit: int) -> list[str]:
        """Return documents whose head is not their latest entry, at most ``limit``: there should be none."""
        ...

    def latest_manifest(self) -> StoredEntry | None:
        """Return the manifest that was accepted last."""
        ...

    def disclosure(self, index: int) -> Disclosure | None:
        """Return what is disclosed with the entry at ``index``; None where it was never given or was erased."""
        ...

    def titles(self, indexes: Sequence[int]) -> Mapping[int, str | None]:
        """Return the disclosed titles of the entries at these indexes, by index."""
        ...

    def replays(self, *, tenant_id: int, keys: Sequence[str]) -> Mapping[str, Replay]:
        """Return what this tenant used these idempotency keys for, by key."""
        ...

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        """Return the first ``width`` hashes of a tile.

        Raises :class:`notary.errors.IntegrityError` (``tile-missing``) where the store has fewer.
        """
        ...


class LineView(Protocol):
    """The index of the lines of disclosed texts (:mod:`notary.core.linekey`); it finds, and proves nothing."""

    def indexed_size(self) -> int:
        """Return how many leaves, from the first on, the index of lines covers."""
        ...

    def disclosed_texts(self, *, start: int, behind: int, limit: int) -> list[tuple[int, bytes, bytes | None]]:
        """Return index, text and logged digest of entries from ``start`` to below ``behind`` that disclose a text."""
        ...

    def by_lines(self, keys: Collection[int], *, limit: int) -> Mapping[int, int]:
        """Return the entries that have lines with these keys: how many of them, by index, most first."""
        ...


class PublisherView(Protocol):
    """Tenants and keys."""

    def tenant(self, tenant_id: int) -> Tenant | None:
        """Return a tenant."""
        ...

    def tenant_by_name(self, name: str) -> Tenant | None:
        """Return the tenant with this name for people."""
        ...

    def publisher_exists(self, publisher: str) -> bool:
        """Say whether a publisher id is taken."""
        ...

    def api_key(self, key_id: str) -> ApiKey | None:
        """Return a stored key that was not revoked."""
        ...


class AnchorView(Protocol):
    """Anchors, their attempts, proofs and events; and the worker's signs of life."""

    def anchor_in_flight(self, target: Target) -> Anchor | None:
        """Return the one anchor that has not ended."""
        ...

    def newest_anchor(self, target: Target) -> Anchor | None:
        """Return the anchor made last."""
        ...

    def covering_anchors(self, *, index: int) -> list[Anchor]:
        """Return, oldest first: the first proven anchor over ``index`` at each target, and those in flight."""
        ...

    def frontier(self) -> list[Anchor]:
        """Return how far anchoring has come: the largest proven anchor at each target, and those in flight."""
        ...

    def anchors(self, *, above: int, limit: int) -> list[Anchor]:
        """Return all anchors with ids above ``above``, in order, at most ``limit``."""
        ...

    def attempts(self, anchor_id: int) -> list[Attempt]:
        """Return an anchor's attempts, oldest first."""
        ...

    def attempts_since(self, *, chain_id: int, sender: bytes, time: int) -> list[Attempt]:
        """Return what ``sender`` signed for this chain at ``time`` or later, oldest first."""
        ...

    def attempts_from(self, *, chain_id: int, sender: bytes, nonce: int) -> list[Attempt]:
        """Return what ``sender`` signed for this chain with ``nonce`` or a higher one, oldest first."""
        ...

    def failed_anchors(self, target: Target) -> int:
        """Return how many anchors have ended without proof since the last one that is proven."""
        ...

    def last_proven(self, target: Target) -> Anchor | None:
        """Return the proven anchor that was made last."""
        ...

    def last_nonce(self, *, chain_id: int, sender: bytes) -> int | None:
        """Return the highest nonce that ``sender`` ever signed with for this chain."""
        ...

    def shown_by_storage(self, target: Target) -> list[Anchor]:
        """Return the proven anchors for which no receipt is kept, newest first."""
        ...

    def captured(self, anchor_id: int) -> Captured | None:
        """Return what a proven anchor is shown by: a proof, or what the registry's storage holds."""
        ...

    def anchor_events(self, anchor_id: int) -> list[AnchorEvent]:
        """Return an anchor's events, oldest first."""
        ...

    def heartbeats(self) -> Mapping[str, Heartbeat]:
        """Return the last sign of life of every loop, by name."""
        ...


class LeaseView(Protocol):
    """Who leads."""

    def lease(self, name: str) -> Lease | None:
        """Return the lease as it stands, or None where there never was one of that name."""
        ...


class RestoreView(Protocol):
    """Whether this database came out of a backup."""

    def unchecked_restore(self) -> Restore | None:
        """Return the latest restore that was not yet held against what is public."""
        ...


class StatusView(Protocol):
    """The log as operators watch it."""

    def schema_is_ours(self) -> bool:
        """Say whether the database still has the format of this program: a newer one may have migrated it."""
        ...

    def status(self) -> LogStatus:
        """Return sizes, times and counts, cheaply."""
        ...

    def spent(self, *, since: int = 0) -> int:
        """Return what mined transactions that were signed at ``since`` or later did cost, in gwei."""
        ...

    def chain_report(self) -> ChainReport | None:
        """Return what the leader last saw of the chain; None where that was never, or by another version."""
        ...

    def anchor_request(self) -> AnchorRequest | None:
        """Return what an operator asked for and the leader has not begun yet."""
        ...


class ReadView(LogView, LineView, PublisherView, AnchorView, LeaseView, RestoreView, StatusView, Protocol):
    """Everything that can be read, from one snapshot."""


class WriteView(ReadView, Protocol):
    """A transaction that holds the store's write lock: nobody else writes between its reads and its commit."""

    def append(self, leaves: Sequence[tuple[StoredEntry, Disclosure | None]]) -> None:
        """Accept leaves; their indexes must be the next ones. Moves the documents' heads and the log's time.

        Raises :class:`notary.errors.IntegrityError` (``log-moved``) where they are not the next ones.
        """
        ...

    def add_replays(self, replays: Mapping[tuple[int, str], Replay], *, time: int) -> None:
        """Remember what idempotency keys were used for, by tenant id and key."""
        ...

    def grow_tree(self, *, old_size: int, new: TreeState, tiles: Mapping[tuple[int, int], bytes]) -> None:
        """Store tiles and the new tree state.

        Raises :class:`notary.errors.IntegrityError` (``tree-moved``) unless the stored size still is ``old_size``.
        """
        ...

    def index_lines(self, *, old_size: int, new_size: int, keys: Mapping[int, Collection[int]]) -> bool:
        """Add the keys of entries' lines, by index, and move the size; False where somebody else moved it before."""
        ...

    def forget_lines(self, index: int) -> None:
        """Take the lines of an entry's text out of the index: call it before the text itself is erased."""
        ...

    def replace_public_key(self, *, old: bytes, new: bytes) -> None:
        """Let the database be that of another key, which the log signs with from now on.

        Raises :class:`notary.errors.IntegrityError` (``key-replaced``) unless the key so far was ``old``.
        """
        ...

    def publish(self, head: SignedHead) -> None:
        """Store a checkpoint; there must be none of that size."""
        ...

    def add_tenant(self, *, publisher: str, name: str, secret: bytes, time: int) -> Tenant:
        """Store a new tenant."""
        ...

    def add_api_key(self, key: ApiKey, *, time: int) -> None:
        """Store a new key."""
        ...

    def add_anchor(self, *, target: Target, size: int, root: bytes, time: int, reason: str) -> Anchor:
        """Store a queued anchor with its first event."""
        ...

    def retarget_anchor(self, anchor: Anchor, *, size: int, root: bytes, time: int, reason: str) -> Anchor:
        """Let a queued anchor, for which nothing was ever signed, be of a newer tree head; append the event.

        Raises :class:`IntegrityError` (``anchor-moved``) where it is not such a one.
        """
        ...

    def move_anchor(self, anchor: Anchor, *, state: AnchorState, time: int, reason: str, place: Place | None) -> Anchor:
        """Change an anchor's state and place, append the event, and return the anchor as it is now.

        Raises :class:`notary.errors.IntegrityError` (``anchor-moved``) unless it still is in the state given.
        """
        ...

    def add_attempt(self, *, anchor_id: int, signed: SignedTransaction, time: int) -> Attempt:
        """Store a signed transaction.

        Raises :class:`notary.errors.IntegrityError` (``nonce-reused``) when its sender already used its nonce on this
        chain with other calldata.
        """
        ...

    def mark_sent(self, attempt_id: int, *, time: int) -> None:
        """Remember that the attempt was handed to an endpoint."""
        ...

    def mark_spent(self, tx_hash: bytes, *, gas_used: int, gas_price: int) -> None:
        """Remember what an attempt did cost, as its receipt in a final block says."""
        ...

    def add_captured(self, anchor_id: int, proof: Captured) -> None:
        """Store what an anchor is shown by."""
        ...

    def mark_restores_checked(self, *, time: int) -> None:
        """Remember that the log was held against what is public."""
        ...

    def store_chain_report(self, report: ChainReport) -> None:
        """Remember what the leader saw of the chain."""
        ...

    def ask_for_anchor(self, request: AnchorRequest) -> None:
        """Remember that an operator wants an anchor at once; asking again changes nothing but the size."""
        ...

    def drop_anchor_request(self) -> None:
        """Forget it: the leader has begun, or there is nothing to do."""
        ...

    def beat(self, heartbeat: Heartbeat) -> None:
        """Store a loop's sign of life."""
        ...

    def take_lease(self, name: str, *, holder: str, seconds: float, sole: bool = False) -> Lease | None:
        """Begin a new term of ``seconds`` with the next token; return None while somebody else holds the lease.

        ``sole`` takes it from whoever holds it: for who knows that nobody else is there.
        """
        ...

    def renew_lease(self, lease: Lease, *, seconds: float) -> Lease | None:
        """Prolong a term to ``seconds`` from now; return None where it is over: taken by another, or given back."""
        ...

    def release_lease(self, lease: Lease) -> None:
        """End a term before its time, so that another can begin at once; does nothing where it is over."""
        ...


class LogStore(Protocol):
    """The durable state of one log. Safe to use from several threads and processes."""

    def read(self) -> AbstractContextManager[ReadView]:
        """Open a snapshot. Raises :class:`notary.errors.Overloaded` where the store cannot be read now."""
        ...

    def write(self) -> AbstractContextManager[WriteView]:
        """Open a write transaction: committed and flushed to disk when the block ends, undone when it raises.

        Nobody else writes between its reads and its commit. Raises :class:`notary.errors.Overloaded`
        (``database-busy``, ``database-unreachable``, ``storage-full``) where it cannot be done now, and
        :class:`notary.errors.IntegrityError` where the storage is broken; then nothing was stored. With the code
        ``outcome-unknown`` it was stored wholly or not at all: the caller must look, and never report success.
        """
        ...

    def close(self) -> None:
        """Give back all connections."""
        ...
