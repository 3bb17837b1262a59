"""An attempt has its fees and what it did cost, an anchor the time of its last move."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from notary.core.rlp import decode

revision = "notary_0003"
down_revision = "notary_0002"

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns, and fill them from what is stored."""
    op.add_column("anchors", sa.Column("moved", BIG, nullable=False, server_default="0"))
    op.execute(
        "UPDATE anchors SET moved = "
        "coalesce((SELECT max(time) FROM anchor_events WHERE anchor_id = anchors.id), created)"
    )
    for column in ("max_fee", "tip", "gas"):
        op.add_column("attempts", sa.Column(column, BIG, nullable=False, server_default="0"))
    for column in ("gas_used", "gas_price"):
        op.add_column("attempts", sa.Column(column, BIG))
    op.create_index("ix_attempts_created", "attempts", ["created"])
    _read_fees()


def _read_fees() -> None:
    """Take the fees of old attempts from what was signed."""
    names = ("id", "raw", "tip", "max_fee", "gas")
    attempts = sa.table("attempts", *(sa.column(name) for name in names))
    connection = op.get_bind()
    for attempt_id, raw in connection.execute(sa.select(attempts.c.id, attempts.c.raw)).all():
        # Chain id, nonce, tip, max fee and gas, in this order, after the type's byte.
        fields = decode(raw[1:]) if raw[:1] == b"\x02" else []
        if isinstance(fields, list) and len(fields) > 4:
            tip, max_fee, gas = (int.from_bytes(field, "big") for field in fields[2:5] if isinstance(field, bytes))
            connection.execute(
                sa.update(attempts).where(attempts.c.id == attempt_id).values(tip=tip, max_fee=max_fee, gas=gas)
            )
