"""What was restored from backups, and when it was held against what is public."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "notary_0005"
down_revision = "notary_0004"

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "restores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("time", BIG, nullable=False),
        sa.Column("made", BIG, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("instance", sa.LargeBinary(), nullable=False),
        sa.Column("nothing_published", sa.SmallInteger(), nullable=False),
        sa.Column("checked", BIG),
        sa.PrimaryKeyConstraint("id", name="pk_restores"),
    )
