"""Signed transactions, read and written on one connection: what was offered, when it was sent, what it did cost."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from notary.errors import IntegrityError
from notary.model.anchors import Attempt, Fees, SignedTransaction
from notary.storage.tables import anchors, attempts


class AttemptReader:
    """The reading half; a part of :class:`notary.ports.AnchorView`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def attempts(self, anchor_id: int) -> list[Attempt]:
        """Return an anchor's attempts, oldest first."""
        return self._attempts(select(attempts).where(attempts.c.anchor_id == anchor_id).order_by(attempts.c.id))

    def attempts_since(self, *, chain_id: int, sender: bytes, time: int) -> list[Attempt]:
        """Return what ``sender`` signed for this chain at ``time`` or later, oldest first."""
        conditions = (attempts.c.created >= time, attempts.c.sender == sender, anchors.c.chain_id == chain_id)
        return self._attempts(_of_anchors().where(*conditions).order_by(attempts.c.id))

    def attempts_from(self, *, chain_id: int, sender: bytes, nonce: int) -> list[Attempt]:
        """Return what ``sender`` signed for this chain with ``nonce`` or a higher one, oldest first."""
        conditions = (attempts.c.nonce >= nonce, attempts.c.sender == sender, anchors.c.chain_id == chain_id)
        return self._attempts(_of_anchors().where(*conditions).order_by(attempts.c.id))

    def last_nonce(self, *, chain_id: int, sender: bytes) -> int | None:
        """Return the highest nonce that ``sender`` ever signed with for this chain."""
        query = (
            select(func.max(attempts.c.nonce))
            .join(anchors, anchors.c.id == attempts.c.anchor_id)
            .where(anchors.c.chain_id == chain_id, attempts.c.sender == sender)
        )
        found: int | None = self._connection.execute(query).scalar_one()
        return found

    def _attempts(self, query: Select[Any]) -> list[Attempt]:
        return [
            Attempt(
                id=row.id,
                anchor_id=row.anchor_id,
                sender=row.sender,
                nonce=row.nonce,
                tx_hash=row.tx_hash,
                raw=row.raw,
                calldata=row.calldata,
                fees=Fees(max_fee=row.max_fee, tip=row.tip, gas=row.gas),
                created=row.created,
                last_sent=row.last_sent,
                gas_used=row.gas_used,
                gas_price=row.gas_price,
            )
            for row in self._connection.execute(query)
        ]


class AttemptWriter(AttemptReader):
    """The writing half; its connection holds the write lock."""

    def add_attempt(self, *, anchor_id: int, signed: SignedTransaction, time: int) -> Attempt:
        """Store a signed transaction. Raises :class:`IntegrityError` (``nonce-reused``)."""
        chain_id = select(anchors.c.chain_id).where(anchors.c.id == anchor_id).scalar_subquery()
        query = (
            select(attempts.c.id)
            .join(anchors, anchors.c.id == attempts.c.anchor_id)
            .where(anchors.c.chain_id == chain_id, attempts.c.sender == signed.sender)
            .where(attempts.c.nonce == signed.nonce, attempts.c.calldata != signed.calldata)
        )
        if self._connection.execute(query).first() is not None:
            raise IntegrityError(f"Nonce {signed.nonce} was used for another anchor.", code="nonce-reused")
        values = {
            "anchor_id": anchor_id,
            "sender": signed.sender,
            "nonce": signed.nonce,
            "tx_hash": signed.tx_hash,
            "raw": signed.raw,
            "calldata": signed.calldata,
            "max_fee": signed.fees.max_fee,
            "tip": signed.fees.tip,
            "gas": signed.fees.gas,
            "created": time,
        }
        attempt_id = self._connection.execute(insert(attempts).values(values).returning(attempts.c.id)).scalar_one()
        return Attempt(
            id=attempt_id,
            anchor_id=anchor_id,
            sender=signed.sender,
            nonce=signed.nonce,
            tx_hash=signed.tx_hash,
            raw=signed.raw,
            calldata=signed.calldata,
            fees=signed.fees,
            created=time,
            last_sent=None,
        )

    def mark_sent(self, attempt_id: int, *, time: int) -> None:
        """Remember that the attempt was handed to an endpoint."""
        self._connection.execute(update(attempts).where(attempts.c.id == attempt_id).values(last_sent=time))

    def mark_spent(self, tx_hash: bytes, *, gas_used: int, gas_price: int) -> None:
        """Remember what an attempt did cost, as its receipt in a final block says."""
        values = {"gas_used": gas_used, "gas_price": gas_price}
        self._connection.execute(update(attempts).where(attempts.c.tx_hash == tx_hash).values(values))


def _of_anchors() -> Select[Any]:
    return select(attempts).join(anchors, anchors.c.id == attempts.c.anchor_id)
