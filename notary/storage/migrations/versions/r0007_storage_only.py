"""What a registry holds of anchors that no receipt can prove."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "notary_0007"
down_revision = "notary_0006"

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "anchor_records",
        sa.Column("anchor_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block_number", BIG, nullable=False),
        sa.Column("block_hash", sa.LargeBinary(), nullable=False),
        sa.Column("time", BIG, nullable=False),
        sa.ForeignKeyConstraint(["anchor_id"], ["anchors.id"], name="fk_anchor_records_anchor_id"),
        sa.PrimaryKeyConstraint("anchor_id", name="pk_anchor_records"),
    )
