"""What an operator can set, by table; every class is frozen and its values were checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the HTTP server listens, and with how many processes."""

    host: str
    port: int
    workers: int
    name: str


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What a single request may cost."""

    max_text_bytes: int
    max_lines: int
    max_body_bytes: int
    max_pending: int
    max_waiting: int


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Which database, and how it is opened; without ``url`` it is the SQLite file of the data directory."""

    synchronous: str
    allow_unsafe: bool
    busy_timeout: float
    url: str
    password_file: Path | None


SQLITE: Final = StorageSettings(synchronous="FULL", allow_unsafe=False, busy_timeout=5.0, url="", password_file=None)


@dataclass(frozen=True, slots=True)
class AnchorSettings:
    """When anchors are made and how often the chain is asked; seconds."""

    interval: float
    poll: float
    resend: float
    max_fee_gwei: float


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """The one chain that new anchors go to, and how it is recognised."""

    rpc: tuple[str, ...]
    chain_id: int
    genesis: bytes
    registry: bytes
    registry_codehash: bytes
    log_id: bytes
    keystore: Path
    password_file: Path
    endpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an operator can set. While ``chain`` is None nothing is anchored."""

    data_dir: Path
    origin: str
    development: bool
    public_url: tuple[str, ...]
    server: ServerSettings
    limits: LimitSettings
    storage: StorageSettings
    anchor: AnchorSettings
    chain: ChainSettings | None
