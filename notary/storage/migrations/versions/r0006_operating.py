"""What the leader saw of the chain, what an operator asked it for, and an index for what was spent."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "notary_0006"
down_revision = "notary_0005"

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and the index."""
    op.create_table(
        "chain_reports",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("time", BIG, nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chain_reports"),
    )
    op.create_table(
        "anchor_requests",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("time", BIG, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_anchor_requests"),
    )
    op.create_index("ix_attempts_created_gas_used_gas_price", "attempts", ["created", "gas_used", "gas_price"])
