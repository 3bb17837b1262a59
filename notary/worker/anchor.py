"""The anchoring loop's step: look at what is stored and at the chain, do the next thing, say what hinders.

Every step can be repeated: what it decides upon is stored, and what it does is stored before anybody outside sees it.
"""

from __future__ import annotations

import logging
from typing import Final

from notary.config import AnchorSettings, ChainSettings
from notary.core.evm import parse_header, verify_anchored
from notary.core.jcs import MAX_INTEGER
from notary.errors import CannotCheck, IntegrityError, InvalidRlp, ProofFailed
from notary.fees import ETHER, GWEI, FeeCaps
from notary.model.anchors import (
    Anchor,
    AnchorRecord,
    AnchorState,
    Attempt,
    Captured,
    Obstacle,
    Place,
    SignedTransaction,
)
from notary.model.chain import Observation, SendOutcome
from notary.model.log import SignedHead
from notary.ports import Chain, Clock, LogStore, Signer
from notary.service.manifests import ensure_manifest
from notary.worker.decide import Action, Ask, Capture, Move, Policy, Prepare, Replace, Send, decide
from notary.worker.lookout import LARGEST, Lookout
from notary.worker.problem import Problem
from notary.worker.registrycheck import hold_against_registry
from notary.worker.schedule import Schedule, Standing, is_due

log = logging.getLogger(__name__)

_MAX_STEPS: Final = 8
_WATCH_MS: Final = 60_000
_BLOCKED: Final = {"fee": "fee", "budget": "fee", "funds": "funds"}
_BAD_ENDS: Final = {AnchorState.REVERTED, AnchorState.FINALITY_VIOLATION}


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
        self._policy = Policy(
            resend_ms=int(settings.resend * 1000),
            replace_after_ms=int(settings.replace_after * 1000),
            caps=FeeCaps(max_fee=int(settings.max_fee_gwei * GWEI)),
        )
        self._schedule = Schedule(int(settings.interval * 1000), settings.min_new, int(settings.max_delay * 1000))
        self._look = Lookout(store, chain, budget=int(settings.max_spend_per_day * GWEI) * (ETHER // GWEI))
        self._chain_settings = chain_settings
        self._problem: Problem | None = None
        self._refused: Obstacle | None = None
        self._registry_checked = False
        self._watched: int | None = None
        self._storage_only = False

    def tick(self) -> Problem | None:
        """Do what can be done now, and return what hinders. One tick is safe to repeat and to stop anywhere.

        Nothing that an endpoint says ends it. Raises :class:`IntegrityError` where stored state contradicts itself,
        and :class:`notary.errors.Overloaded`.
        """
        self._problem = None
        try:
            self._chain.check()
            self._tell_storage_only()
            self._refused = self._why_not_allowed()
            if self._refused is None:
                self._introduce()
            self._watch()
            for _ in range(_MAX_STEPS):
                anchor = self._in_flight() or self._enqueue()
                if anchor is None or not self._step(anchor):
                    break
        except CannotCheck as error:
            return _blocked(Obstacle(error.code, error.message))
        except (ProofFailed, InvalidRlp) as error:
            return Problem("proof-failed", error.message)
        return self._problem

    def _tell_storage_only(self) -> None:
        """Say once when the chain turns out to be one on which no receipt can be proven, and when it is no more."""
        if self._chain.storage_only != self._storage_only:
            self._storage_only = self._chain.storage_only
            if self._storage_only:
                log.warning("alarm=anchor-storage-only block hashes are not those of headers: no receipt can be proven")
            else:
                log.warning("anchors are proven by receipts again")

    def _why_not_allowed(self) -> Obstacle | None:
        """Return why nothing may be signed for this registry; what was signed is followed all the same."""
        try:
            self._chain.may_anchor()
        except CannotCheck as error:
            return Obstacle(error.code, error.message)
        return None

    def _introduce(self) -> None:
        """Write the chain into the log, once; hold the registry against the log, once in a process's life."""
        # Only a chain that was seen to be the right one is written into the log, where it stays for ever.
        ensure_manifest(self._store, signer=self._signer, clock=self._clock, chain=self._chain_settings)
        if not self._registry_checked:
            hold_against_registry(self._store, self._chain)
            self._registry_checked = True

    def _in_flight(self) -> Anchor | None:
        with self._store.read() as view:
            return view.anchor_in_flight(self._chain.target)

    def _enqueue(self) -> Anchor | None:
        """Queue the newest checkpoint if it is time, and we may anchor."""
        if self._refused is not None:
            self._problem = _blocked(self._refused)
            return None
        now = self._clock.now_ms()
        head, standing = self._look.standing(now=now)
        if head is None:
            return None
        last = standing.last
        asked = self._is_asked_for(head, standing)
        if not asked and not is_due(standing, self._schedule, now=now):
            if last is not None and last.state in _BAD_ENDS:
                self._problem = Problem(last.state.value, f"The last anchor, of size {last.size}, ended so.")
            return None
        target = self._chain.target
        reason = "Newest checkpoint, as an operator asked." if asked else "Newest checkpoint."
        with self._store.write() as view:
            view.drop_anchor_request()
            return view.add_anchor(target=target, size=head.size, root=head.root, time=now, reason=reason)

    def _is_asked_for(self, head: SignedHead, standing: Standing) -> bool:
        """Say whether an operator wants an anchor at once; a wish that is fulfilled is forgotten."""
        with self._store.read() as view:
            request = view.anchor_request()
        if request is None:
            return False
        if standing.covered >= request.size:
            with self._store.write() as view:
                view.drop_anchor_request()
            return False
        return head.size >= (0 if standing.last is None else standing.last.size)

    def _watch(self) -> None:
        """Look from time to time whether the newest proven anchor is where it was: final blocks do not go away."""
        now = self._clock.now_ms()
        if self._watched is not None and 0 <= now - self._watched < _WATCH_MS:
            return
        with self._store.read() as view:
            anchor = view.last_proven(self._chain.target)
        if anchor is not None:
            seen = self._chain.observe(tx_hashes=[], size=anchor.size, root=anchor.root, place=anchor.place)
            self._tell_doubts(seen)
            action = decide(anchor, (), seen, now=now, policy=self._policy).action
            if isinstance(action, Move):
                self._move(anchor, action, seen)
                return  # the one before it is looked at in the next step
        self._watched = now

    def _step(self, anchor: Anchor) -> bool:
        """Do one thing for the anchor in flight; say whether there may be more to do at once."""
        with self._store.read() as view:
            attempts = self._look.as_sent(view.attempts(anchor.id))
        seen = self._look.observe(anchor, attempts)
        self._tell_doubts(seen)
        now = self._clock.now_ms()
        step = decide(anchor, attempts, seen, now=now, policy=self._policy)
        if isinstance(step.action, Ask):
            asked = step.action.first
            terms = self._refused or self._look.terms(anchor, attempts, now=now, first=asked)
            step = decide(anchor, attempts, seen, now=now, policy=self._policy, terms=terms)
        if step.hindrance is not None:
            self._problem = _blocked(step.hindrance)
        return step.action is not None and self._do(anchor, step.action, seen)

    def _tell_doubts(self, seen: Observation) -> None:
        """Say why the endpoints are not believed as a whole; what can be decided all the same is."""
        for doubt in seen.doubts:
            self._problem = Problem(doubt.code, doubt.message)

    def _do(self, anchor: Anchor, action: Action, seen: Observation) -> bool:
        if isinstance(action, Prepare):
            self._prepare(anchor, action)
        elif isinstance(action, Replace):
            self._replace(anchor, action)
        elif isinstance(action, Send):
            return self._send(anchor, action.attempts)
        elif isinstance(action, Capture):
            self._capture(anchor, action.place)
        elif isinstance(action, Move):
            if action.state is AnchorState.MAYBE_SENT:
                self._look.sent.clear()
            self._move(anchor, action, seen)
            return action.state not in _BAD_ENDS
        return True

    def _prepare(self, anchor: Anchor, action: Prepare) -> None:
        """Sign, and store nonce, calldata, bytes and hash in one transaction; nothing is sent before."""
        head, nonce = action.head, action.nonce
        signed = self._chain.sign(size=head.size, root=head.root, nonce=nonce, fees=action.fees)
        now = self._clock.now_ms()
        with self._store.write() as view:
            if head.size != anchor.size:
                reason = f"Of size {head.size} now, the newest checkpoint's."
                anchor = view.retarget_anchor(anchor, size=head.size, root=head.root, time=now, reason=reason)
            view.add_attempt(anchor_id=anchor.id, signed=signed, time=now)
            reason = f"Signed with nonce {nonce}: {_told(signed)}."
            view.move_anchor(anchor, state=AnchorState.PREPARED, time=now, reason=reason, place=None)

    def _replace(self, anchor: Anchor, action: Replace) -> None:
        """Sign the same for higher fees, and store it beside what it replaces; nothing is sent before."""
        old = action.old
        signed = self._chain.sign(size=anchor.size, root=anchor.root, nonce=old.nonce, fees=action.fees)
        if signed.calldata != old.calldata:
            raise IntegrityError("A replacement would carry something else.", code="nonce-reused")
        now = self._clock.now_ms()
        with self._store.write() as view:
            view.add_attempt(anchor_id=anchor.id, signed=signed, time=now)
            reason = (
                f"Not mined at {old.fees.max_fee} wei for a unit of gas. Replaced, nonce {old.nonce}: {_told(signed)}."
            )
            view.move_anchor(anchor, state=anchor.state, time=now, reason=reason, place=None)

    def _send(self, anchor: Anchor, attempts: tuple[Attempt, ...]) -> bool:
        """Send the first of these, and the ones after it while they are refused; say whether one was taken."""
        for attempt in attempts:
            sending = self._chain.send(attempt.raw)
            self._look.sent.add(attempt.id)
            now = self._clock.now_ms()
            with self._store.write() as view:
                view.mark_sent(attempt.id, time=now)
                if anchor.state is AnchorState.PREPARED and sending.outcome is not SendOutcome.REFUSED:
                    reason = "Handed to an endpoint." if sending.outcome is SendOutcome.TAKEN else sending.message
                    view.move_anchor(anchor, state=AnchorState.MAYBE_SENT, time=now, reason=reason, place=None)
            taken = sending.outcome is SendOutcome.TAKEN
            if attempt is attempts[0] and not taken and self._problem is None:
                self._problem = _blocked(Obstacle(sending.code, sending.message))
            if sending.outcome is not SendOutcome.REFUSED:
                return taken and attempt is attempts[0]
        return False

    def _capture(self, anchor: Anchor, place: Place) -> None:
        proof = self._chain.capture(place, size=anchor.size, root=anchor.root)
        check_proof(anchor, place, proof)
        now = self._clock.now_ms()
        with self._store.write() as view:
            view.add_captured(anchor.id, proof)
            reason = "The receipt's proof was checked."
            if isinstance(proof, AnchorRecord):
                reason = "The registry's storage was asked; no receipt can be proven on this chain."
            view.move_anchor(anchor, state=AnchorState.PROVEN, time=now, reason=reason, place=place)

    def _move(self, anchor: Anchor, move: Move, seen: Observation) -> None:
        with self._store.write() as view:
            view.move_anchor(anchor, state=move.state, time=self._clock.now_ms(), reason=move.reason, place=move.place)
            if move.state in {AnchorState.FINAL, AnchorState.REVERTED}:
                for one in seen.sightings:
                    used, price = one.gas_used, one.gas_price
                    if one.canonical and used is not None and price is not None and max(used, price) <= LARGEST:
                        view.mark_spent(one.place.tx_hash, gas_used=used, gas_price=price)
        if move.state in _BAD_ENDS or move.state is AnchorState.NONCE_TAKEN:
            log.error("alarm=anchor-%s anchor %d of size %d: %s", move.state.value, anchor.id, anchor.size, move.reason)
        if move.state in _BAD_ENDS:
            self._problem = Problem(move.state.value, move.reason)


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


def _blocked(obstacle: Obstacle) -> Problem:
    """Return which of the three hindrances it is: what it costs, the funds, or everything else about the chain."""
    return Problem(f"blocked-{_BLOCKED.get(obstacle.code, 'chain')}", obstacle.message)


def _told(signed: SignedTransaction) -> str:
    fees = signed.fees
    return f"0x{signed.tx_hash.hex()}, at most {fees.max_fee} wei for a unit of gas, {fees.tip} of it as a tip"
