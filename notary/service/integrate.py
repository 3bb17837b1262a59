"""Integration: accepted leaves become part of the tree, and the tree's head becomes a signed, published checkpoint.

One function, :meth:`Integrator.step`, is the ordinary way and the recovery: it looks at what is stored and does what is
missing. Each half is one transaction, so it may be stopped anywhere. A head is signed only after its tree is durable,
and before the first signature of a process everything that was stored since the last such check is recomputed, and the
rest of the tree is held against it (:class:`notary.service.fsck.StartCheck`).
"""

from __future__ import annotations

from notary.core import merkle, tiles
from notary.core.checkpoint import Checkpoint
from notary.core.note import sign_note
from notary.errors import IntegrityError
from notary.model.log import SignedHead, StoredEntry, TreeState
from notary.ports import Clock, LogStore, LogView, Mark, Signer, WriteView
from notary.service.fsck import StartCheck
from notary.service.logkeys import log_keys, require_key
from notary.service.rederive import why_not_signed

BATCH = 1000


class Integrator:
    """Grows the tree of one log and signs its heads. Two at the same time do no harm: the second one's step fails."""

    def __init__(
        self, store: LogStore, signer: Signer, clock: Clock, *, mark: Mark | None = None, batch: int = BATCH
    ) -> None:
        """Sign for one log; ``mark`` remembers how far its store was verified."""
        self._store = store
        self._signer = signer
        self._clock = clock
        self._batch = batch
        self._start_check: StartCheck | None = StartCheck(store, signer, mark)

    def step(self) -> int:
        """Integrate at most one batch and publish the checkpoint that covers it; return how many leaves that were.

        The first steps of a process may only check, a part of the store each, and return 0.

        Raises :class:`IntegrityError` when stored leaves, tiles, tree state and checkpoints contradict each other:
        nothing is signed then.
        """
        if self._start_check is not None:
            if not self._start_check.advance():
                return 0
            with self._store.read() as view:
                check_consistency(view, self._signer)
            self._start_check = None
        with self._store.read() as view:
            waiting = view.acceptance().next_index > view.tree().size
        count = self._grow() if waiting else 0
        self._publish()
        return count

    def run(self) -> None:
        """Integrate and sign all that waits. Raises as :meth:`step`."""
        while self.step() or self._start_check is not None:
            pass

    def close(self, view: WriteView) -> SignedHead:
        """Integrate and sign the rest within the caller's transaction, and return the head that everything is in then.

        Call :meth:`run` before: this is for the few leaves that came since. What is signed here is nobody's before the
        transaction is committed, with the tree that it is of. Raises as :meth:`step`.
        """
        while view.acceptance().next_index > view.tree().size:
            self._extend(view)
        signed = self._sign(view) or view.checkpoint()
        if signed is None or signed.size != view.tree().size or self._start_check is not None:
            raise IntegrityError("The tree cannot be closed: it is empty, or was not checked.", code="tree-not-closed")
        if view.checkpoint_of(signed.size) is None:
            view.publish(signed)
        return signed

    def _grow(self) -> int:
        with self._store.write() as view:
            return self._extend(view)

    def _extend(self, view: WriteView) -> int:
        old = view.tree()
        pending = view.entries(start=old.size, limit=self._batch)
        _check_leaves(pending, start=old.size)
        # What the new root is made from: a flipped byte here would be signed otherwise.
        _check_tree(view, old)
        grown = tiles.append(view, size=old.size, leaves=[entry.leaf_hash for entry in pending])
        view.grow_tree(old_size=old.size, new=TreeState(size=grown.size, root=grown.root), tiles=grown.tiles)
        return len(pending)

    def _publish(self) -> None:
        # Were the key replaced meanwhile, it would still have been ours to sign this size: its last is never smaller.
        with self._store.read() as view:
            signed = self._sign(view)
        if signed is None:
            return
        with self._store.write() as view:
            if view.checkpoint_of(signed.size) is None:
                view.publish(signed)

    def _sign(self, view: LogView) -> SignedHead | None:
        """Return the tree's head, signed, where it is not published yet and is ours to sign."""
        tree, newest = view.tree(), view.checkpoint()
        if tree.size == 0 or (newest is not None and newest.size >= tree.size):
            return None
        require_key(view, self._signer, tree.size)
        head = Checkpoint(origin=self._signer.name, size=tree.size, root=tree.root)
        note = sign_note(head.encode(), name=self._signer.name, sign=self._signer.sign, public=self._signer.public)
        return SignedHead(size=tree.size, root=tree.root, note=note, time=self._clock.now_ms())


def _check_leaves(entries: list[StoredEntry], *, start: int) -> None:
    for i, entry in enumerate(entries):
        if entry.index != start + i:
            raise IntegrityError(f"Leaf {start + i} is missing.", code="leaf-missing")
        if merkle.leaf_hash(entry.data) != entry.leaf_hash:
            raise IntegrityError(f"Leaf {entry.index} is not what was accepted.", code="leaf-changed")


def check_consistency(view: LogView, signer: Signer) -> None:
    """Hold tiles, tree state and the newest checkpoint against each other and against our keys, in O(log n) reads.

    Raises :class:`IntegrityError`: ``tree-root-mismatch``, ``checkpoint-ahead``, ``checkpoint-mismatch``,
    ``checkpoint-signature``, ``leaves-missing``, ``key-replaced`` and those of reading tiles.
    """
    tree = view.tree()
    if tree.size > view.acceptance().next_index:
        raise IntegrityError("The tree is larger than the number of accepted leaves.", code="leaves-missing")
    _check_tree(view, tree)
    newest = view.checkpoint()
    if newest is None:
        return
    if newest.size > tree.size:
        raise IntegrityError(
            f"A checkpoint of size {newest.size} was published, but the tree has size {tree.size}: restored from an "
            "older copy?",
            code="checkpoint-ahead",
        )
    problem = why_not_signed(newest, log_keys(view, signer))
    if problem is not None:
        raise IntegrityError(problem, code="checkpoint-signature")
    if tiles.tree_root(view, newest.size) != newest.root:
        raise IntegrityError(
            f"The published checkpoint of size {newest.size} is not a head of the stored tree.",
            code="checkpoint-mismatch",
        )


def _check_tree(view: LogView, tree: TreeState) -> None:
    if tiles.tree_root(view, tree.size) != tree.root:
        raise IntegrityError(f"The tiles do not lead to the root of size {tree.size}.", code="tree-root-mismatch")
