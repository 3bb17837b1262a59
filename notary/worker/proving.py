"""What is kept of a proven anchor: whether it shows the anchor, and receipts that can be proven only later."""

from __future__ import annotations

import logging

from notary.core.evm import parse_header, verify_anchored
from notary.core.jcs import MAX_INTEGER
from notary.errors import CannotCheck, InvalidRlp, ProofFailed
from notary.model.anchors import Anchor, AnchorRecord, AnchorState, Captured, Place
from notary.ports import Chain, Clock, LogStore

log = logging.getLogger(__name__)


def check_proof(anchor: Anchor, place: Place, proof: Captured) -> None:
    """Require that a captured proof shows this anchor in this block, by the function that every verifier runs.

    Raises :class:`ProofFailed`.
    """
    if isinstance(proof, AnchorRecord):
        if proof.block_number != place.block_number:
            what = f"The registry holds it since block {proof.block_number}, not {place.block_number}."
            raise ProofFailed(what, code="not-in-storage")
        if max(proof.block_number, proof.time) > MAX_INTEGER:
            what = f"The registry says block {proof.block_number} and time {proof.time}: no bundle holds such numbers."
            raise ProofFailed(what, code="not-in-storage")
        return
    try:
        header = parse_header(proof.header)
    except InvalidRlp as error:
        raise ProofFailed(f"The captured header is malformed: {error.message}", code=error.code) from error
    if (header.hash, header.number) != (place.block_hash, place.block_number):
        raise ProofFailed("The captured header is not of the block that became final.", code="wrong-block")
    event = verify_anchored(
        header=header,
        tx_index=proof.tx_index,
        log_position=proof.log_position,
        nodes=proof.nodes,
        registry=anchor.target.registry,
        log_id=anchor.target.log_id,
    )
    if (event.size, event.root) != (anchor.size, anchor.root):
        raise ProofFailed("The captured event is about another tree head.", code="anchored-another-head")


class LateReceipts:
    """Captures receipts of anchors that only the registry's storage showed, when the chain's headers hash again.

    Each anchor is tried once in a process's life, and once more after :meth:`again`.
    """

    def __init__(self, store: LogStore, chain: Chain, clock: Clock) -> None:
        """Look at the anchors of ``chain``'s registry in ``store``."""
        self._store = store
        self._chain = chain
        self._clock = clock
        self._left: list[Anchor] | None = None

    def again(self) -> None:
        """Begin anew."""
        self._left = None

    def step(self) -> None:
        """Try one anchor. Raises :class:`notary.errors.Overloaded` where the store cannot be written."""
        if self._chain.storage_only:
            return
        if self._left is None:
            with self._store.read() as view:
                self._left = view.shown_by_storage(self._chain.target)
        if self._left:
            self._try(self._left.pop(0))

    def _try(self, anchor: Anchor) -> None:
        if anchor.place is None:
            return
        try:
            proof = self._chain.capture(anchor.place, size=anchor.size, root=anchor.root)
            check_proof(anchor, anchor.place, proof)
        except (CannotCheck, ProofFailed) as error:
            log.info("anchor %d of size %d stays storage-only: %s", anchor.id, anchor.size, error.message)
            return
        if isinstance(proof, AnchorRecord):
            return
        now, reason = self._clock.now_ms(), "Its receipt was proven after all."
        with self._store.write() as view:
            view.add_captured(anchor.id, proof)
            view.move_anchor(anchor, state=AnchorState.PROVEN, time=now, reason=reason, place=anchor.place)
