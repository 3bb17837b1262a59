"""A chain in a few lines of Python that does what chains do: mempool, base fee, blocks, reorganisations, finality."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from notary.fees import GWEI
from notary.model.anchors import Attempt, Place
from notary.model.chain import Market, Observation, SendOutcome, Sighting

GAS = 52_700
RICH = 10**20


@dataclass(frozen=True)
class Tx:
    """A transaction of our account; ``payload`` is None where somebody else made it with our key."""

    nonce: int
    hash: bytes
    payload: bytes | None
    max_fee: int
    tip: int


@dataclass(frozen=True)
class Block:
    """A block with the transaction of ours that is in it, if there is one, and whether that succeeded."""

    hash: bytes
    base_fee: int
    tx: Tx | None = None
    succeeded: bool = True


class Fate(StrEnum):
    """What becomes of a transaction that is sent."""

    TAKEN = "taken"
    LOST = "lost"  # nobody has it and nobody says so
    SWALLOWED = "swallowed"  # "yes", and nobody has it
    UNANSWERED = "unanswered"  # the node has it, the answer is lost
    REFUSED = "refused"


@dataclass
class FakeChain:
    """One account on a chain. Faults are attributes; :meth:`calm` ends them all."""

    blocks: list[Block] = field(default_factory=lambda: [Block(bytes(32), GWEI)])
    pool: dict[int, Tx] = field(default_factory=dict)
    gone: list[Place] = field(default_factory=list)
    final: int = 0
    made: int = 0
    base_fee: int = GWEI
    tip_floor: int = 0
    balance: int = RICH
    frozen: bool = False
    operator: bool = True
    stale: bool = False
    fate: Fate = Fate.TAKEN
    swallows_replacements: bool = False
    lost: int = 0

    def calm(self) -> None:
        """End all faults."""
        self.base_fee, self.tip_floor, self.balance = GWEI, 0, RICH
        self.frozen, self.operator, self.stale, self.fate = False, True, False, Fate.TAKEN
        self.swallows_replacements = False

    @property
    def head(self) -> int:
        """The height of the latest block."""
        return len(self.blocks) - 1

    def nonce(self, height: int) -> int:
        """Return how many transactions our account has up to a height."""
        return sum(block.tx is not None for block in self.blocks[: height + 1])

    def where(self, tx_hash: bytes) -> int | None:
        """Return the height of the canonical block that has a transaction."""
        for height, block in enumerate(self.blocks):
            if block.tx is not None and block.tx.hash == tx_hash:
                return height
        return None

    # ------------------------------------------------------------------------------------------------ what happens

    def add(self, tx: Tx | None) -> None:
        """Append a block."""
        self.made += 1
        self.blocks.append(Block(self.made.to_bytes(32, "big"), self.base_fee, tx, self.operator))
        if tx is not None:
            self.pool.pop(tx.nonce, None)
            self.balance -= GAS * min(tx.max_fee, self.base_fee + tx.tip)
        if not self.frozen:
            self.final = max(self.final, self.head - 2)

    def mine(self) -> None:
        """Append a block with what the pool has for it."""
        tx = self.pool.get(self.nonce(self.head))
        pays = tx is not None and tx.max_fee >= self.base_fee and tx.tip >= self.tip_floor
        self.add(tx if pays and self.balance >= GAS * self.base_fee else None)

    def steal(self, number: int) -> None:
        """Use the key elsewhere, at once."""
        nonce = self.nonce(self.head)
        self.add(Tx(nonce, b"thief%d" % number, None, self.base_fee, 0))

    def reorganise(self, depth: int, *, keep: bool, theft: int | None) -> int:
        """Replace the last blocks, final ones not among them; return how many.

        ``keep`` puts their transactions back into the pool; ``theft`` has somebody else's in the first new block.
        """
        removed = 0
        while removed < depth and self.head > self.final:
            block = self.blocks.pop()
            removed += 1
            if block.tx is not None:
                self.gone.append(Place(block.tx.hash, self.head + 1, block.hash))
                if keep:
                    self.pool[block.tx.nonce] = block.tx
        for i in range(removed):
            if i == 0 and theft is not None:
                self.steal(theft)
            else:
                self.add(None)
        return removed

    # ------------------------------------------------------------------------------------------- what the worker sees

    def send(self, attempt: Attempt) -> SendOutcome:
        """Take a transaction as geth does: a replacement must offer a tenth more of both fees."""
        fate, self.fate = self.fate, Fate.TAKEN
        old = self.pool.get(attempt.nonce)
        if self.swallows_replacements and old is not None and old.hash != attempt.tx_hash:
            fate = Fate.SWALLOWED
        if fate in {Fate.LOST, Fate.SWALLOWED}:
            self.lost += 1
            return SendOutcome.UNKNOWN if fate is Fate.LOST else SendOutcome.TAKEN
        if fate is Fate.REFUSED or attempt.fees.cost > self.balance:
            return SendOutcome.REFUSED
        if attempt.nonce < self.nonce(self.head):
            return SendOutcome.UNKNOWN
        tx = Tx(attempt.nonce, attempt.tx_hash, attempt.calldata, attempt.fees.max_fee, attempt.fees.tip)
        if old is not None and old.hash != tx.hash and not _outbids(tx, old):
            return SendOutcome.REFUSED
        self.pool[tx.nonce] = tx
        return SendOutcome.UNKNOWN if fate is Fate.UNANSWERED else SendOutcome.TAKEN

    def observe(self, attempts: list[Attempt], place: Place | None) -> Observation:
        """Return what an endpoint says; a stale one also tells receipts from blocks that are gone."""
        sightings = []
        for attempt in attempts:
            height = self.where(attempt.tx_hash)
            if height is not None:
                block = self.blocks[height]
                sightings.append(Sighting(Place(attempt.tx_hash, height, block.hash), block.succeeded, canonical=True))
            if self.stale:
                sightings += [
                    Sighting(one, True, canonical=False) for one in self.gone if one.tx_hash == attempt.tx_hash
                ]
        known = place is not None and place.block_number <= self.head
        return Observation(
            final_height=self.final,
            final_nonce=self.nonce(self.final),
            sightings=tuple(sightings),
            hash_at_place=self.blocks[place.block_number].hash if place is not None and known else None,
            head_height=self.head,
        )

    def market(self) -> Market:
        """Return what a transaction takes."""
        return Market(self.base_fee, max(self.tip_floor, 1), GAS, self.balance)


def _outbids(tx: Tx, old: Tx) -> bool:
    return tx.max_fee * 10 >= old.max_fee * 11 and tx.tip * 10 >= old.tip * 11
