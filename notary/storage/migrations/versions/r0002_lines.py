"""An index of the lines of disclosed texts, which the worker fills."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "notary_0002"
down_revision = "notary_0001"

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables; nothing is indexed yet."""
    op.create_table(
        "line_keys",
        sa.Column("line_key", BIG, nullable=False),
        sa.Column("leaf_index", BIG, nullable=False),
        sa.PrimaryKeyConstraint("line_key", "leaf_index", name="pk_line_keys"),
        sqlite_with_rowid=False,
    )
    size = op.create_table(
        "line_index",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_line_index"),
    )
    op.bulk_insert(size, [{"id": 1, "size": 0}])
