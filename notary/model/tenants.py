"""Who may submit: publishers with an account, their keys, what was submitted twice. Plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tenant:
    """A publisher with an account here. ``publisher`` is the id that records carry, ``name`` is for people."""

    id: int
    publisher: str
    name: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as stored: only the digest of its secret."""

    key_id: str
    tenant_id: int
    secret_sha256: bytes


@dataclass(frozen=True, slots=True)
class Replay:
    """What an idempotency key was used for."""

    request_digest: bytes
    leaf_hash: bytes
