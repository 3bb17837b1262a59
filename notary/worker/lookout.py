"""What the decisions are made upon: looked up in the store and asked of the chain. Changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from notary.errors import CannotCheck
from notary.fees import budget_left
from notary.model.anchors import Anchor, Attempt, Obstacle
from notary.model.chain import Observation
from notary.model.log import SignedHead, TreeState
from notary.ports import Chain, LogStore
from notary.worker.decide import Terms
from notary.worker.schedule import Standing

LARGEST: Final = 2**63 - 1
"""What a database's integers hold; no honest endpoint names a larger height, nonce or price."""

_DAY_MS: Final = 86_400_000
_NOTHING: Final = Observation(final_height=None, final_nonce=None, sightings=())


class Lookout:
    """Looks for one worker. ``sent`` are the attempts that this process has sent and not seen lost since."""

    def __init__(self, store: LogStore, chain: Chain, *, budget: int) -> None:
        """Look at a store and at a chain; ``budget`` is what a day's transactions may cost, in wei."""
        self._store = store
        self._chain = chain
        self._budget = budget
        self.sent: set[int] = set()

    def standing(self, *, now: int) -> tuple[SignedHead | None, Standing]:
        """Return the newest checkpoint, and how far anchoring has come while none is in flight."""
        target = self._chain.target
        with self._store.read() as view:
            head, last, proven = view.checkpoint(), view.newest_anchor(target), view.last_proven(target)
            covered = 0 if proven is None else proven.size
            failures = view.failed_anchors(target)
            oldest = view.entries(start=covered, limit=1)
        return head, Standing(
            size=0 if head is None else head.size,
            covered=covered,
            waiting_since=oldest[0].time if oldest else now,
            last=last,
            failures=failures,
        )

    def as_sent(self, stored: list[Attempt]) -> list[Attempt]:
        """Return attempts, those not sent by this process as never sent: a node may have lost what it had before."""
        return [one if one.id in self.sent else replace(one, last_sent=None) for one in stored]

    def observe(self, anchor: Anchor, attempts: list[Attempt]) -> Observation:
        """Return what the chain shows of an anchor. Raises :class:`CannotCheck`."""
        if not attempts:
            return _NOTHING
        hashes = [attempt.tx_hash for attempt in attempts]
        seen = self._chain.observe(tx_hashes=hashes, size=anchor.size, root=anchor.root, place=anchor.place)
        if any(sighting.place.block_number > LARGEST for sighting in seen.sightings):
            raise CannotCheck("An endpoint names a block with an absurd number.", code="absurd-answer")
        return seen

    def terms(self, anchor: Anchor, attempts: list[Attempt], *, now: int, first: bool) -> Terms | Obstacle:
        """Ask what signing takes now; or say why it cannot be."""
        chain_id, sender = anchor.target.chain_id, self._chain.sender
        with self._store.read() as view:
            newest = view.checkpoint()
            today = view.attempts_since(chain_id=chain_id, sender=sender, time=now - now % _DAY_MS)
        head = TreeState(anchor.size, anchor.root)
        if first and not attempts and newest is not None and newest.size > head.size:
            head = TreeState(newest.size, newest.root)
        try:
            if not first:
                market = self._chain.market(size=head.size, root=head.root)
                return Terms(market, budget_left(self._budget, today, nonce=attempts[-1].nonce))
            nonce = self._chain.next_nonce()
            market = self._chain.market(size=head.size, root=head.root)
        except CannotCheck as error:
            return Obstacle(error.code, error.message)
        if nonce > LARGEST:
            return Obstacle("absurd-answer", "An endpoint names an absurd nonce.")
        with self._store.read() as view:
            lost = self.as_sent(view.attempts_from(chain_id=chain_id, sender=sender, nonce=nonce))
        return Terms(market, budget_left(self._budget, today, nonce=nonce), head, nonce, tuple(lost))
