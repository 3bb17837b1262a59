"""Integration: accepted leaves become part of the tree, and the tree's head becomes a signed, published checkpoint.

One function, :meth:`Integrator.step`, is the ordinary way and the recovery: it looks at what is stored and does what is
missing. Each half is one transaction, so it may be stopped anywhere. A head is signed only after its tree is durable,
and before the first signature of a process the stored tree is held against what was signed before.
"""

from __future__ import annotations

from notary.core import merkle, tiles
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.note import parse_note, sign_note, verifier_key, verify_note
from notary.errors import IntegrityError, NotaryError
from notary.model import SignedHead, StoredEntry, TreeState
from notary.ports import Clock, LogStore, LogView, Signer

BATCH = 1000


class Integrator:
    """Grows the tree of one log and signs its heads. Two at the same time do no harm: the second one's step fails."""

    def __init__(self, store: LogStore, signer: Signer, clock: Clock, *, batch: int = BATCH) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._batch = batch
        self._checked = False

    def step(self) -> int:
        """Integrate at most one batch and publish the checkpoint that covers it; return how many leaves that were.

        Raises :class:`IntegrityError` when stored leaves, tiles, tree state and checkpoints contradict each other:
        nothing is signed then.
        """
        if not self._checked:
            with self._store.read() as view:
                check_consistency(view, self._signer)
            self._checked = True
        with self._store.read() as view:
            waiting = view.acceptance().next_index > view.tree().size
        count = self._grow() if waiting else 0
        self._publish()
        return count

    def _grow(self) -> int:
        with self._store.write() as view:
            old = view.tree()
            pending = view.entries(start=old.size, limit=self._batch)
            _check_leaves(pending, start=old.size)
            # What the new root is made from: a flipped byte here would be signed otherwise.
            _check_tree(view, old)
            grown = tiles.append(view, size=old.size, leaves=[entry.leaf_hash for entry in pending])
            view.grow_tree(old_size=old.size, new=TreeState(size=grown.size, root=grown.root), tiles=grown.tiles)
        return len(pending)

    def _publish(self) -> None:
        with self._store.read() as view:
            tree, newest = view.tree(), view.checkpoint()
        if tree.size == 0 or (newest is not None and newest.size >= tree.size):
            return
        head = Checkpoint(origin=self._signer.name, size=tree.size, root=tree.root)
        note = sign_note(head.encode(), name=self._signer.name, sign=self._signer.sign, public=self._signer.public)
        with self._store.write() as view:
            if view.checkpoint_of(tree.size) is None:
                view.publish(SignedHead(size=tree.size, root=tree.root, note=note, time=self._clock.now_ms()))


def _check_leaves(entries: list[StoredEntry], *, start: int) -> None:
    for i, entry in enumerate(entries):
        if entry.index != start + i:
            raise IntegrityError(f"Leaf {start + i} is missing.", code="leaf-missing")
        if merkle.leaf_hash(entry.data) != entry.leaf_hash:
            raise IntegrityError(f"Leaf {entry.index} is not what was accepted.", code="leaf-changed")


def check_consistency(view: LogView, signer: Signer) -> None:
    """Hold tiles, tree state and the newest checkpoint against each other and against our key, in O(log n) reads.

    Raises :class:`IntegrityError`: ``tree-root-mismatch``, ``checkpoint-ahead``, ``checkpoint-mismatch``,
    ``checkpoint-signature``, ``leaves-missing`` and those of reading tiles.
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
    _check_signed(newest, signer)
    if tiles.tree_root(view, newest.size) != newest.root:
        raise IntegrityError(
            f"The published checkpoint of size {newest.size} is not a head of the stored tree.",
            code="checkpoint-mismatch",
        )


def _check_tree(view: LogView, tree: TreeState) -> None:
    if tiles.tree_root(view, tree.size) != tree.root:
        raise IntegrityError(f"The tiles do not lead to the root of size {tree.size}.", code="tree-root-mismatch")


def _check_signed(head: SignedHead, signer: Signer) -> None:
    try:
        note = parse_note(head.note)
        verify_note(note, [verifier_key(signer.name, signer.public)])
        stated = parse_checkpoint(note.text)
    except NotaryError as error:
        raise IntegrityError(
            f"The stored checkpoint of size {head.size} is not ours: {error.message}", code="checkpoint-signature"
        ) from error
    if stated != Checkpoint(origin=signer.name, size=head.size, root=head.root):
        raise IntegrityError(
            f"The stored checkpoint of size {head.size} states another head.", code="checkpoint-signature"
        )
