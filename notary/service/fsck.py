"""Check the store of a log against itself: all of it on demand, what is new before the first signature of a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from notary.core.evm import parse_header, verify_anchored
from notary.core.findings import MAX_KEPT, Finding, Findings, Head, LogReport
from notary.core.note import verifier_key
from notary.core.outcome import Outcome, failed, not_applicable, passed, unchecked
from notary.errors import IntegrityError, InvalidInput, ProofFailed
from notary.model.anchors import Anchor, AnchorRecord, AnchorState
from notary.model.log import TreeState
from notary.ports import LogStore, Mark, ReadView, Signer
from notary.service.logkeys import LogKeys, log_keys, only_key
from notary.service.rederive import Fault, Report, Walk, empty_head, refuse

STEP_LEAVES: Final = 1 << 16
"""So many leaves are checked between two signs of life of the worker: about a second's work."""

_DATABASE = "storage-broken"
_ANCHORS = 256
_DOCUMENTS = 100
# What a fault says about the log; every other code is about rows.
_TREE = frozenset({"tile-changed", "tile-missing", "tree-root-mismatch", "leaves-missing", "verified-ahead"})
_SIGNED = frozenset({"checkpoint-signature", "checkpoint-mismatch", "checkpoint-ahead", "key-replaced"})
_UNEXAMINED = (
    "disclosed texts and meta: they are held against their entries whenever a bundle is served",
    "transactions and events of anchors, and what only storage shows: the chain is asked by the worker and by an audit",
    "whether an older copy of this directory was restored: ask the registry with notary audit",
)

Progress = Callable[[int, int], None]


class StartCheck:
    """The check before the first signature: what was not verified by an earlier one, and the O(log n) part of the rest.

    What an earlier check found good is remembered as a mark (size and root). A full ``notary fsck`` sets it as well.
    """

    def __init__(self, store: LogStore, signer: Signer, mark: Mark | None) -> None:
        """Check for ``signer``'s log; without a ``mark`` nothing is remembered and all is checked."""
        self._store = store
        self._signer = signer
        self._mark = mark
        self._walk: Walk | None = None
        self._target = empty_head()

    def advance(self) -> bool:
        """Check at most :data:`STEP_LEAVES` leaves; say whether all is checked.

        Raises :class:`IntegrityError` for anything that contradicts itself; ``verified-ahead`` where the tree is
        smaller than what was verified before, ``key-replaced`` where the log has another key than the signer.
        """
        with self._store.read() as view:
            if self._walk is None:
                self._target = view.tree()
                keys = _keys(view, self._signer, refuse)
                self._walk = Walk(view, start=self._start(), end=self._target, keys=keys, report=refuse)
            stop = self._walk.size + STEP_LEAVES
        while not self._walk.done and self._walk.size < stop:
            with self._store.read() as view:
                self._walk.step(view)
        if not self._walk.done:
            return False
        with self._store.read() as view:
            self._walk.finish(view)
        if self._mark is not None:
            self._mark.write(self._target)
        return True

    def _start(self) -> TreeState:
        known = None if self._mark is None else self._mark.read()
        if known is None:
            return empty_head()
        if known.size > self._target.size:
            raise IntegrityError(
                f"The tree has size {self._target.size}, but was verified up to {known.size} before: restored from an "
                "older copy?",
                code="verified-ahead",
            )
        return known


class Fsck:
    """The check of everything, which names every place where something is wrong."""

    def __init__(self, store: LogStore, signer: Signer, mark: Mark | None = None) -> None:
        """Check ``signer``'s log; a clean result is remembered in ``mark``."""
        self._store = store
        self._signer = signer
        self._mark = mark
        self._findings = Findings()

    def run(self, progress: Progress = lambda _done, _all: None) -> LogReport:
        """Check all rows, hashes, tiles, checkpoints, document heads and anchors, and return what was found.

        The database comes first: where it is broken itself, nothing that it gives counts.
        """
        with self._store.read() as view:
            for problem in view.database_faults(limit=MAX_KEPT):
                self._add(Fault(_DATABASE, f"The database is broken: {problem}."))
        if self._findings.kept:
            return self._broken()
        with self._store.read() as view:
            tree, accepted = view.tree(), view.acceptance().next_index
            keys = _keys(view, self._signer, self._add)
            walk = Walk(view, start=empty_head(), end=tree, keys=keys, report=self._add, columns=True)
        if tree.size > accepted:
            self._add(Fault("leaves-missing", "The tree is larger than the number of accepted leaves."))
        known = None if self._mark is None else self._mark.read()
        if known is not None and known.size > tree.size:
            self._add(Fault("verified-ahead", f"Size {known.size} was verified before; the tree has only {tree.size}."))
        while not walk.done:
            with self._store.read() as view:
                walk.step(view)
            progress(walk.size, tree.size)
        with self._store.read() as view:
            walk.finish(view)
            walk.waiting(view, upto=accepted)
            for document in view.astray_documents(limit=_DOCUMENTS):
                self._add(Fault("document-head", f"The head of the document {document} is not its latest entry."))
            anchors = self._anchors(view)
        report = self._report(tree, {"entries": accepted, "checkpoints": walk.checkpoints, "anchors": anchors})
        if report.exit == 0 and self._mark is not None:
            self._mark.write(tree)
        return report

    def _anchors(self, view: ReadView) -> int:
        count = above = 0
        while anchors := view.anchors(above=above, limit=_ANCHORS):
            for anchor in anchors:
                self._check_anchor(view, anchor)
            count += len(anchors)
            above = anchors[-1].id
        return count

    def _check_anchor(self, view: ReadView, anchor: Anchor) -> None:
        head = view.checkpoint_of(anchor.size)
        if head is None or head.root != anchor.root:
            self._add(Fault("anchor-mismatch", f"Anchor {anchor.id} is not of the published checkpoint {anchor.size}."))
        problem = _why_not_proven(view, anchor) if anchor.state is AnchorState.PROVEN else None
        if problem is not None:
            self._add(Fault("anchor-proof", f"The stored proof of anchor {anchor.id} (size {anchor.size}): {problem}"))

    def _broken(self) -> LogReport:
        kept = self._findings.kept
        rest = dict.fromkeys(
            ("entries", "tree", "checkpoints", "documents", "anchors"),
            unchecked("database-first", "Not checked: what a broken database gives does not count."),
        )
        database = _outcome(kept, {_DATABASE}, "", "")
        return LogReport(checks={"database": database, **rest}, head=None, findings=kept, false="damaged")

    def _add(self, fault: Fault) -> None:
        self._findings.add(Finding(fault.code, fault.message, fault.index))

    def _report(self, tree: TreeState, counts: dict[str, int]) -> LogReport:
        kept, found = self._findings.kept, self._findings.counts
        rows = found.keys() - _TREE - _SIGNED - {"document-head", "anchor-mismatch", "anchor-proof"}
        entries = counts["entries"]
        checks: dict[str, Outcome] = {
            "database": passed(
                "database-whole", "Its structure, its indexes and the types of all values are in order."
            ),
            "entries": _outcome(kept, rows, "entries-whole", f"{entries} entries are what was accepted."),
            "tree": _outcome(
                kept, _TREE, "tree-whole", f"Every tile and the root of size {tree.size} were recomputed."
            ),
            "checkpoints": _outcome(
                kept,
                _SIGNED,
                "checkpoints-whole",
                f"{counts['checkpoints']} checkpoints are signed heads of this tree.",
            ),
            "documents": _outcome(kept, {"document-head"}, "documents-whole", "Every document's head is its latest."),
            "anchors": _outcome(
                kept,
                {"anchor-mismatch", "anchor-proof"},
                "anchors-whole",
                f"{counts['anchors']} anchors are of published checkpoints, and their proofs hold.",
            ),
        }
        if not counts["anchors"]:
            checks["anchors"] = not_applicable("no-anchors", "Nothing was anchored so far.")
        return LogReport(
            checks=checks,
            head=Head(self._signer.name, tree.size, tree.root),
            findings=kept,
            counts=counts | {f"fault:{code}": count for code, count in found.items()},
            unexamined=_UNEXAMINED,
            false="damaged",
        )


def _keys(view: ReadView, signer: Signer, report: Report) -> LogKeys:
    """Return the log's keys; where the manifest does not tell them, the one in use, and the walk says what is wrong."""
    try:
        return log_keys(view, signer)
    except IntegrityError as error:
        if error.code == "key-replaced":
            report(Fault(error.code, error.message))
        return only_key(verifier_key(signer.name, signer.public))


def _outcome(kept: tuple[Finding, ...], codes: set[str] | frozenset[str], code: str, sentence: str) -> Outcome:
    """Return the first fault among ``codes`` as the outcome of a check, or that there is none."""
    first = next((finding for finding in kept if finding.code in codes), None)
    return passed(code, sentence) if first is None else failed(first.code, first.detail)


def _why_not_proven(view: ReadView, anchor: Anchor) -> str | None:
    try:
        proof = view.captured(anchor.id)
        if proof is None:
            return "it is missing."
        if isinstance(proof, AnchorRecord):
            return _why_not_recorded(anchor, proof)
        header = parse_header(proof.header)
        event = verify_anchored(
            header=header,
            tx_index=proof.tx_index,
            log_position=proof.log_position,
            nodes=proof.nodes,
            registry=anchor.target.registry,
            log_id=anchor.target.log_id,
        )
    except (InvalidInput, ProofFailed, IntegrityError) as error:
        return error.message
    if (event.size, event.root) != (anchor.size, anchor.root):
        return "it is about another tree head."
    return None if header.hash == proof.block_hash else "its header is not that of the block."


def _why_not_recorded(anchor: Anchor, record: AnchorRecord) -> str | None:
    """Return what is wrong with what is kept of a registry's storage; only an audit can ask the registry again."""
    place = anchor.place
    if place is None or (place.block_number, place.block_hash) != (record.block_number, record.block_hash):
        return "it is of another block than the anchor."
    return None if record.time >= 0 else "its time is negative."
