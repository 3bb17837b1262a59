"""The tables of one log's database.

Portable types only. A leaf's index is assigned by us under the write lock, never by a database's own sequence, which
may leave gaps and does not follow the order of commits.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes a column the row's own address only if its type is spelt INTEGER.
_BIG: Final = BigInteger().with_variant(Integer, "sqlite")

# The format's number before Alembic. The table stays, with one more than the last: so a program of that time says that
# it is too old.
schema_version: Final = Table("schema_version", metadata, Column("version", Integer, primary_key=True))
UNDER_ALEMBIC: Final = 3

# Alembic's own table, which it makes with just these names; not in the metadata, which it compares with the database.
alembic_version: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

log: Final = Table(
    "log",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("origin", String(200), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("instance", LargeBinary, nullable=False),
    Column("created", _BIG, nullable=False),
    Column("next_index", _BIG, nullable=False),
    Column("last_time", _BIG, nullable=False),
    Column("tree_size", _BIG, nullable=False),
    Column("tree_root", LargeBinary, nullable=False),
)

tenants: Final = Table(
    "tenants",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("publisher", String(63), nullable=False, unique=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("secret", LargeBinary, nullable=False),
    Column("created", _BIG, nullable=False),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("key_id", String(32), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("secret_sha256", LargeBinary, nullable=False),
    Column("created", _BIG, nullable=False),
    Column("revoked", _BIG),
)

entries: Final = Table(
    "entries",
    metadata,
    Column("leaf_index", _BIG, primary_key=True, autoincrement=False),
    Column("leaf_hash", LargeBinary, nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("time", _BIG, nullable=False),
    Column("tenant_id", ForeignKey("tenants.id")),
    Column("record_digest", LargeBinary),
    Column("text_sha256", LargeBinary, index=True),
    Column("document", String(128)),
    Column("status", String(16)),
    UniqueConstraint("tenant_id", "record_digest"),
    Index(None, "tenant_id", "document"),
    Index(None, "kind", "leaf_index"),
)

documents: Final = Table(
    "documents",
    metadata,
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("document", String(128), nullable=False),
    Column("head", ForeignKey("entries.leaf_index"), nullable=False),
    PrimaryKeyConstraint("tenant_id", "document"),
)

disclosures: Final = Table(
    "disclosures",
    metadata,
    Column("leaf_index", ForeignKey("entries.leaf_index"), primary_key=True, autoincrement=False),
    Column("text", LargeBinary),
    Column("title", Text),
    Column("meta", LargeBinary),
    Column("salt", LargeBinary),
    Column("profile", LargeBinary),
)

# Which entries have a line: an index that is made from the texts, and can be made anew.
line_keys_table: Final = Table(
    "line_keys",
    metadata,
    Column("line_key", _BIG, nullable=False),
    Column("leaf_index", _BIG, nullable=False),
    PrimaryKeyConstraint("line_key", "leaf_index"),
    sqlite_with_rowid=False,
)

line_index: Final = Table(
    "line_index",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", _BIG, nullable=False),
)

replays: Final = Table(
    "replays",
    metadata,
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("key", String(255), nullable=False),
    Column("request_digest", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("created", _BIG, nullable=False),
    PrimaryKeyConstraint("tenant_id", "key"),
)

tiles: Final = Table(
    "tiles",
    metadata,
    Column("level", SmallInteger, nullable=False),
    Column("number", _BIG, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "number"),
)

checkpoints: Final = Table(
    "checkpoints",
    metadata,
    Column("size", _BIG, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("time", _BIG, nullable=False),
)

anchors: Final = Table(
    "anchors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("chain_id", _BIG, nullable=False),
    Column("registry", LargeBinary, nullable=False),
    Column("log_id", LargeBinary, nullable=False),
    Column("size", _BIG, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("state", String(32), nullable=False),
    Column("created", _BIG, nullable=False),
    Column("tx_hash", LargeBinary),
    Column("block_number", _BIG),
    Column("block_hash", LargeBinary),
    Column("moved", _BIG, nullable=False, server_default="0"),
    Index(None, "state", "size"),
)

attempts: Final = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("anchor_id", ForeignKey("anchors.id"), nullable=False, index=True),
    Column("sender", LargeBinary, nullable=False),
    Column("nonce", _BIG, nullable=False),
    Column("tx_hash", LargeBinary, nullable=False, unique=True),
    Column("raw", LargeBinary, nullable=False),
    Column("calldata", LargeBinary, nullable=False),
    Column("created", _BIG, nullable=False, index=True),
    Column("last_sent", _BIG),
    Column("max_fee", _BIG, nullable=False, server_default="0"),
    Column("tip", _BIG, nullable=False, server_default="0"),
    Column("gas", _BIG, nullable=False, server_default="0"),
    Column("gas_used", _BIG),
    Column("gas_price", _BIG),
    # All that the sum of what was spent needs, without reading the transactions.
    Index(None, "created", "gas_used", "gas_price"),
)

anchor_proofs: Final = Table(
    "anchor_proofs",
    metadata,
    Column("anchor_id", ForeignKey("anchors.id"), primary_key=True, autoincrement=False),
    Column("block_number", _BIG, nullable=False),
    Column("block_hash", LargeBinary, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("tx_index", Integer, nullable=False),
    Column("log_position", Integer, nullable=False),
    Column("nodes", Text, nullable=False),
)

# What takes the place of a proof on a chain whose block hashes are not those of its headers.
anchor_records: Final = Table(
    "anchor_records",
    metadata,
    Column("anchor_id", ForeignKey("anchors.id"), primary_key=True, autoincrement=False),
    Column("block_number", _BIG, nullable=False),
    Column("block_hash", LargeBinary, nullable=False),
    Column("time", _BIG, nullable=False),
)

anchor_events: Final = Table(
    "anchor_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("anchor_id", ForeignKey("anchors.id"), nullable=False, index=True),
    Column("time", _BIG, nullable=False),
    Column("state", String(32), nullable=False),
    Column("reason", Text, nullable=False),
)

restores: Final = Table(
    "restores",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("time", _BIG, nullable=False),
    Column("made", _BIG, nullable=False),
    Column("size", _BIG, nullable=False),
    Column("instance", LargeBinary, nullable=False),
    Column("nothing_published", SmallInteger, nullable=False),
    Column("checked", _BIG),
)

heartbeats: Final = Table(
    "heartbeats",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("time", _BIG, nullable=False),
    Column("problem_code", String(64)),
    Column("problem", Text),
)

leases: Final = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("token", _BIG, nullable=False),
    Column("since", _BIG, nullable=False),
    Column("renewed", _BIG, nullable=False),
    Column("expires", _BIG, nullable=False),
)

# What the leader last saw of the chain, as JSON: for people and metrics, never for a decision.
chain_reports: Final = Table(
    "chain_reports",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("time", _BIG, nullable=False),
    Column("report", Text, nullable=False),
)

# That an operator wants an anchor at once, until the leader has begun one.
anchor_requests: Final = Table(
    "anchor_requests",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("time", _BIG, nullable=False),
    Column("size", _BIG, nullable=False),
)
