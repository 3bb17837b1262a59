"""What an operator can set, by table; every class is frozen and its values were checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final


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
    """``lease`` is how long a leader leads without a sign of life, in seconds.

    ``metrics`` is ``off``, or the address and port of a worker that runs apart from the server.
    """

    lease: float
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
    """Which database, and how it is opened; without ``url`` it is the SQLite file of the data directory."""

    synchronous: str
    allow_unsafe: bool
    busy_timeout: float
    url: str
    password_file: Path | None


SQLITE: Final = StorageSettings(synchronous="FULL", allow_unsafe=False, busy_timeout=5.0, url="", password_file=None)


@dataclass(frozen=True, slots=True)
class AnchorSettings:
    """When anchors are made, how often the chain is asked, what may be spent: seconds, gwei, the chain's ether."""

    interval: float
    poll: float
    resend: float
    max_fee_gwei: float
    replace_after: float
    max_spend_per_day: float
    min_new: int
    max_delay: float


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """The one chain that new anchors go to, and how it is recognised.

    The key that pays is in ``keystore``, or with the service at ``signer_url`` under ``signer_address``. ``quorum`` 0
    is the only endpoint, or a majority.
    """

    rpc: tuple[str, ...]
    chain_id: int
    genesis: bytes
    registry: bytes
    registry_codehash: bytes
    log_id: bytes
    keystore: Path
    password_file: Path
    endpoints: tuple[str, ...]
    quorum: int = 0
    timeout: float = 10.0
    gas: str = "eip1559"
    finality: str = "finalized"
    signer_url: str = ""
    signer_address: bytes = b""

    @property
    def depth(self) -> int | None:
        """How many blocks must stand above one that is final; None where the tag ``finalized`` says it."""
        return None if self.finality == "finalized" else int(self.finality.removeprefix("depth-"))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an operator can set. While ``chain`` is None nothing is anchored."""

    data_dir: Path
    origin: str
    development: bool
    public_url: tuple[str, ...]
    logging: LoggingSettings
    server: ServerSettings
    worker: WorkerSettings
    limits: LimitSettings
    storage: StorageSettings
    anchor: AnchorSettings
    chain: ChainSettings | None
    key_password_file: Path | None = None
