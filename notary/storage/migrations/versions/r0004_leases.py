"""Workers elect one among them."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "notary_0004"
down_revision = "notary_0003"

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of leases."""
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("token", BIG, nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("renewed", BIG, nullable=False),
        sa.Column("expires", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
