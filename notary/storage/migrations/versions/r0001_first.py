"""What stood when Alembic came: every table of the first formats."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "notary_0001"
down_revision = None

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _log()
    _publishers()
    _entries()
    _anchors()


def _log() -> None:
    op.create_table(
        "schema_version",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_schema_version"),
    )
    op.create_table(
        "log",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("instance", sa.LargeBinary(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.Column("next_index", BIG, nullable=False),
        sa.Column("last_time", BIG, nullable=False),
        sa.Column("tree_size", BIG, nullable=False),
        sa.Column("tree_root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log"),
    )
    op.create_table(
        "tiles",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name="pk_tiles"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("time", BIG, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoints"),
    )


def _publishers() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publisher", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
        sa.UniqueConstraint("name", name="uq_tenants_name"),
        sa.UniqueConstraint("publisher", name="uq_tenants_publisher"),
    )
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.Column("revoked", BIG),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_api_keys_tenant_id"),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
    )


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("leaf_index", BIG, autoincrement=False, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("time", BIG, nullable=False),
        sa.Column("tenant_id", sa.Integer()),
        sa.Column("record_digest", sa.LargeBinary()),
        sa.Column("text_sha256", sa.LargeBinary()),
        sa.Column("document", sa.String(length=128)),
        sa.Column("status", sa.String(length=16)),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_entries_tenant_id"),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_entries"),
        sa.UniqueConstraint("leaf_hash", name="uq_entries_leaf_hash"),
        sa.UniqueConstraint("tenant_id", "record_digest", name="uq_entries_tenant_id_record_digest"),
    )
    op.create_index("ix_entries_kind_leaf_index", "entries", ["kind", "leaf_index"])
    op.create_index("ix_entries_tenant_id_document", "entries", ["tenant_id", "document"])
    op.create_index("ix_entries_text_sha256", "entries", ["text_sha256"])
    op.create_table(
        "documents",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(length=128), nullable=False),
        sa.Column("head", BIG, nullable=False),
        sa.ForeignKeyConstraint(["head"], ["entries.leaf_index"], name="fk_documents_head"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_documents_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "document", name="pk_documents"),
    )
    op.create_table(
        "disclosures",
        sa.Column("leaf_index", BIG, autoincrement=False, nullable=False),
        sa.Column("text", sa.LargeBinary()),
        sa.Column("title", sa.Text()),
        sa.Column("meta", sa.LargeBinary()),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("profile", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["leaf_index"], ["entries.leaf_index"], name="fk_disclosures_leaf_index"),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_disclosures"),
    )
    op.create_table(
        "replays",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_replays_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "key", name="pk_replays"),
    )


def _anchors() -> None:
    op.create_table(
        "anchors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain_id", BIG, nullable=False),
        sa.Column("registry", sa.LargeBinary(), nullable=False),
        sa.Column("log_id", sa.LargeBinary(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.Column("tx_hash", sa.LargeBinary()),
        sa.Column("block_number", BIG),
        sa.Column("block_hash", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_anchors"),
    )
    op.create_index("ix_anchors_state_size", "anchors", ["state", "size"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("anchor_id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", BIG, nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("calldata", sa.LargeBinary(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.Column("last_sent", BIG),
        sa.ForeignKeyConstraint(["anchor_id"], ["anchors.id"], name="fk_attempts_anchor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("tx_hash", name="uq_attempts_tx_hash"),
    )
    op.create_index("ix_attempts_anchor_id", "attempts", ["anchor_id"])
    op.create_table(
        "anchor_proofs",
        sa.Column("anchor_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block_number", BIG, nullable=False),
        sa.Column("block_hash", sa.LargeBinary(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("tx_index", sa.Integer(), nullable=False),
        sa.Column("log_position", sa.Integer(), nullable=False),
        sa.Column("nodes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["anchor_id"], ["anchors.id"], name="fk_anchor_proofs_anchor_id"),
        sa.PrimaryKeyConstraint("anchor_id", name="pk_anchor_proofs"),
    )
    op.create_table(
        "anchor_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("anchor_id", sa.Integer(), nullable=False),
        sa.Column("time", BIG, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["anchor_id"], ["anchors.id"], name="fk_anchor_events_anchor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_anchor_events"),
    )
    op.create_index("ix_anchor_events_anchor_id", "anchor_events", ["anchor_id"])
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("time", BIG, nullable=False),
        sa.Column("problem_code", sa.String(length=64)),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )
