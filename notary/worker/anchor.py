"""The anchoring loop's step: look at what is stored and at the chain, do the next thing, say what hinders.

Every step can be repeated: what it decides upon is stored, and what it does is stored before anybody outside sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from notary.config import AnchorSettings, ChainSettings
from notary.core.evm import parse_header, verify_anchored
from notary.errors import CannotCheck, IntegrityError, InvalidRlp, ProofFailed
from notary.model import Anchor, AnchorProof, AnchorState, Attempt, Observation, Place, SendOutcome
from notary.ports import Chain, Clock, LogStore, Signer
from notary.service.manifests import ensure_manifest
from notary.worker.decide import Action, Capture, Move, Prepare, Send, decide

_MAX_STEPS: Final = 8
_RETRY_FAILED_MS: Final = 60_000
_LATE_MS: Final = 600_000
_NOTHING: Final = Observation(final_height=None, final_nonce=None, sightings=())


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps anchoring from going on: a stable code (``blocked-…``) and a sentence."""

    code: str
    message: str


class Anchorer:
    """Takes the newest checkpoint to the chain, one anchor at a time."""

    def __init__(
        self,
        store: LogStore,
        chain: Chain,
        signer: Signer,
        clock: Clock,
        *,
        settings: AnchorSettings,
        chain_settings: ChainSettings,
    ) -> None:
        self._store = store
        self._chain = chain
        self._signer = signer
        self._clock = clock
        self._settings = settings
        self._chain_settings = chain_settings
        self._problem: Problem | None = None
        self._registry_checked = False
        self._sent: set[int] = set()

    def _check_registry(self) -> None:
        """Hold the registry against the log: its latest anchor must be of a checkpoint that we have.

        Raises :class:`IntegrityError` (``registry-ahead``, ``registry-mismatch``): this is an older copy of the log, or
        another one uses its key. Raises :class:`CannotCheck` where the chain cannot be asked.
        """
        size = self._chain.head_size()
        if size == 0:
            return
        with self._store.read() as view:
            ours = view.checkpoint_of(size)
        if ours is None:
            raise IntegrityError(
                f"The registry holds an anchor of size {size} that this log did not publish: is this an older copy?",
                code="registry-ahead",
            )
        if not self._chain.is_anchored(size=size, root=ours.root):
            raise IntegrityError(
                f"The registry holds another root for size {size} than this log published.", code="registry-mismatch"
            )

    def tick(self) -> Problem | None:
        """Do what can be done now, and return what hinders. One tick is safe to repeat and to stop anywhere.

        Raises :class:`IntegrityError` where stored state contradicts itself, and :class:`notary.errors.Overloaded`.
        """
        self._problem = None
        try:
            self._chain.check()
            # Only a chain that was seen to be the right one is written into the log, where it stays for ever.
            ensure_manifest(self._store, signer=self._signer, clock=self._clock, chain=self._chain_settings)
            if not self._registry_checked:
                self._check_registry()
                self._registry_checked = True
            for _ in range(_MAX_STEPS):
                anchor = self._in_flight() or self._enqueue()
                if anchor is None or not self._step(anchor):
                    break
        except CannotCheck as error:
            return Problem(f"blocked-{_kind(error)}", error.message)
        except ProofFailed as error:
            return Problem("proof-failed", error.message)
        return self._problem

    def _in_flight(self) -> Anchor | None:
        with self._store.read() as view:
            return view.anchor_in_flight(self._chain.target)

    def _enqueue(self) -> Anchor | None:
        """Queue the newest checkpoint, if it covers anything that is not anchored and it is time."""
        now = self._clock.now_ms()
        target = self._chain.target
        with self._store.read() as view:
            head, last = view.checkpoint(), view.newest_anchor(target)
        if head is None:
            return None
        if last is not None:
            done = last.state is AnchorState.PROVEN
            wait = self._settings.interval * 1000
            if head.size < last.size or (done and head.size == last.size):
                return None
            if 0 <= now - last.created < (wait if done else max(wait, _RETRY_FAILED_MS)):
                return None
        with self._store.write() as view:
            return view.add_anchor(target=target, size=head.size, root=head.root, time=now, reason="Newest checkpoint.")

    def _step(self, anchor: Anchor) -> bool:
        """Do one thing for the anchor in flight; say whether there may be more to do at once."""
        with self._store.read() as view:
            stored = view.attempts(anchor.id)
        # A node may have lost what it had before we started, or before its blocks were replaced: send it at once.
        attempts = [one if one.id in self._sent else replace(one, last_sent=None) for one in stored]
        seen = self._observe(anchor, attempts)
        for doubt in seen.doubts:
            self._problem = Problem(doubt.code, doubt.message)
        now = self._clock.now_ms()
        action = decide(anchor, attempts, seen, now=now, resend_ms=int(self._settings.resend * 1000))
        if action is None:
            if attempts and anchor.state is AnchorState.MAYBE_SENT and now - attempts[-1].created > _LATE_MS:
                self._problem = Problem("blocked-fee", "The transaction is not mined; its fee may be too low.")
            return False
        return self._do(anchor, action)

    def _observe(self, anchor: Anchor, attempts: list[Attempt]) -> Observation:
        if not attempts:
            return _NOTHING
        hashes = [attempt.tx_hash for attempt in attempts]
        return self._chain.observe(tx_hashes=hashes, size=anchor.size, root=anchor.root, place=anchor.place)

    def _do(self, anchor: Anchor, action: Action) -> bool:
        if isinstance(action, Prepare):
            self._prepare(anchor)
            return True
        if isinstance(action, Send):
            return self._send(anchor, action.attempt)
        if isinstance(action, Capture):
            self._capture(anchor, action.place)
            return True
        if action.state is AnchorState.MAYBE_SENT:
            self._sent.clear()
        self._move(anchor, action)
        return action.state not in {AnchorState.REVERTED, AnchorState.FINALITY_VIOLATION}

    def _prepare(self, anchor: Anchor) -> None:
        """Sign, and store nonce, calldata, bytes and hash in one transaction; nothing is sent before."""
        nonce = self._chain.next_nonce()
        with self._store.read() as view:
            last = view.last_nonce(chain_id=anchor.target.chain_id, sender=self._chain.sender)
        if last is not None and nonce <= last:
            # All our earlier attempts have ended, so the chain must have counted their nonces.
            raise CannotCheck(
                f"The chain knows {nonce} transactions of our account, fewer than we have seen final: it lost blocks, "
                "or the endpoint is behind.",
                code="chain-behind",
            )
        signed = self._chain.sign(size=anchor.size, root=anchor.root, nonce=nonce)
        now = self._clock.now_ms()
        with self._store.write() as view:
            view.add_attempt(anchor_id=anchor.id, signed=signed, time=now)
            reason = f"Signed with nonce {nonce}: 0x{signed.tx_hash.hex()}."
            view.move_anchor(anchor, state=AnchorState.PREPARED, time=now, reason=reason, place=None)

    def _send(self, anchor: Anchor, attempt: Attempt) -> bool:
        sending = self._chain.send(attempt.raw)
        self._sent.add(attempt.id)
        now = self._clock.now_ms()
        with self._store.write() as view:
            view.mark_sent(attempt.id, time=now)
            if anchor.state is AnchorState.PREPARED and sending.outcome is not SendOutcome.REFUSED:
                reason = "Handed to an endpoint." if sending.outcome is SendOutcome.TAKEN else sending.message
                view.move_anchor(anchor, state=AnchorState.MAYBE_SENT, time=now, reason=reason, place=None)
        if sending.outcome is SendOutcome.TAKEN:
            return True
        self._problem = Problem(f"blocked-{sending.code}", sending.message)
        return False

    def _capture(self, anchor: Anchor, place: Place) -> None:
        proof = self._chain.capture(place, size=anchor.size, root=anchor.root)
        check_proof(anchor, place, proof)
        now = self._clock.now_ms()
        with self._store.write() as view:
            view.add_anchor_proof(anchor.id, proof)
            view.move_anchor(
                anchor, state=AnchorState.PROVEN, time=now, reason="The receipt's proof was checked.", place=place
            )

    def _move(self, anchor: Anchor, move: Move) -> None:
        with self._store.write() as view:
            view.move_anchor(anchor, state=move.state, time=self._clock.now_ms(), reason=move.reason, place=move.place)


def check_proof(anchor: Anchor, place: Place, proof: AnchorProof) -> None:
    """Require that a captured proof shows this anchor in this block, by the function that every verifier runs.

    Raises :class:`ProofFailed`.
    """
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


def _kind(error: CannotCheck) -> str:
    """Return which of the three hindrances this is: the fee cap, the funds, or everything else about the chain."""
    return error.code if error.code in {"fee", "funds"} else "chain"
