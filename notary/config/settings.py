"""What an operator can set, by table; every class is frozen and its values were checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the HTTP server listens, with how many processes, and how it ends.

    ``metrics`` is ``off`` or an address and port of their own; ``drain`` are the seconds for which a stopping server
    says that it stops before it does; what ``trusted_proxies`` (networks) say about a request is believed.
    """

    host: str
    port: int
    workers: int
    name: str
    metrics: str
    drain: float
    trusted_proxies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """``metrics`` is ``off``, or the address and port of a worker that runs apart from the server."""

    metrics: str


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """How the processes say what they do. ``format`` is ``json``, ``text``, or ``auto``: text on a terminal."""

    format: str
    access: bool
    client_address: bool


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What a single request may cost, and how much may wait; ``key_rate`` is per second and key, 0 for no limit."""

    max_text_bytes: int
    max_lines: int
    max_body_bytes: int
    max_pending: int
    max_waiting: int
    key_rate: float


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """How the database is opened."""

    synchronous: str
    allow_unsafe: bool
    busy_timeout: float


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
    logging: LoggingSettings
    server: ServerSettings
    worker: WorkerSettings
    limits: LimitSettings
    storage: StorageSettings
    anchor: AnchorSettings
    chain: ChainSettings | None
