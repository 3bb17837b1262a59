"""The composition root that web, worker and command line share: it builds adapters, and nothing else does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from notary.client.tiles import TileClient
from notary.config import Settings, load_settings
from notary.core.checkpoint import is_origin
from notary.datadir import DataDir, FileMark
from notary.errors import InvalidConfig
from notary.logkey import LogKey, create_log_key, load_log_key
from notary.model import Target
from notary.ports import Chain, Clock, LogStore
from notary.service.services import Services, assemble
from notary.storage.engine import open_engine
from notary.storage.migrations import create_schema, migrate
from notary.storage.store import SqlStore

_PUBLIC_SECONDS: Final = 5.0


class SystemClock:
    """The machine's wall clock. Implements :class:`notary.ports.Clock`."""

    def now_ms(self) -> int:
        """Return milliseconds since the epoch."""
        return time.time_ns() // 1_000_000


def init_log(root: Path, *, origin: str, development: bool = False) -> LogKey:
    """Make the data directory of a new log, and return the log's key.

    Raises :class:`InvalidConfig` (``bad-origin``, ``not-empty``, ``not-writable``) before anything is made.
    """
    if not is_origin(origin):
        raise InvalidConfig(
            f"{origin!r} cannot name a log: use something like notary.example/log/2026.", code="bad-origin"
        )
    directory = DataDir(root)
    directory.start(origin=origin, development=development)
    key = create_log_key(directory.log_key, name=origin)
    engine = open_engine(directory.database, create=True)
    try:
        create_schema(engine, origin=origin, public_key=key.public, time=SystemClock().now_ms())
        directory.hold_instance(SqlStore(engine, busy_timeout=1).instance())
    finally:
        engine.dispose()
    directory.finish()
    return key


def open_settings(
    root: Path, *, flags: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of a data directory; the process's own environment counts unless one is given."""
    DataDir(root).check_format()
    return load_settings(root, flags=flags, environ=os.environ if environ is None else environ)


def open_services(
    settings: Settings, *, clock: Clock | None = None, wrap: Callable[[LogStore], LogStore] | None = None
) -> Services:
    """Return the use cases over a log's data directory; the caller closes them.

    ``clock`` is the machine's unless another is given; ``wrap`` puts something between the use cases and the store
    (tests put a killer there). Raises
    :class:`InvalidConfig` where directory, key, database and settings are not a log's.
    """
    directory = DataDir(settings.data_dir)
    directory.check_format()
    signer = load_log_key(directory.log_key, name=settings.origin)
    storage = settings.storage
    engine = open_engine(directory.database, synchronous=storage.synchronous, busy_timeout=storage.busy_timeout)
    migrate(engine)
    store = SqlStore(engine, busy_timeout=storage.busy_timeout)
    store.check_identity(origin=settings.origin, public_key=signer.public)
    directory.hold_instance(store.instance())
    return assemble(
        settings,
        store=store if wrap is None else wrap(store),
        signer=signer,
        clock=clock or SystemClock(),
        mark=FileMark(directory.verified),
        public=[(url, TileClient(url, timeout=_PUBLIC_SECONDS)) for url in settings.public_url],
    )


def open_chain(settings: Settings) -> Chain | None:
    """Return the chain that the settings name, with the key that pays; None where they name none. Nobody is asked yet.

    Raises :class:`InvalidConfig` where the keystore cannot be used.
    """
    if settings.chain is None:
        return None
    from notary.ethereum.chain import EthereumChain, Identity
    from notary.ethereum.keys import load_keystore
    from notary.ethereum.tx import GWEI, FeeCaps

    chain = settings.chain
    identity = Identity(
        target=Target(chain_id=chain.chain_id, registry=chain.registry, log_id=chain.log_id),
        genesis=chain.genesis,
        registry_codehash=chain.registry_codehash,
    )
    account = load_keystore(chain.keystore, chain.password_file)
    caps = FeeCaps(max_fee=int(settings.anchor.max_fee_gwei * GWEI))
    return EthereumChain(chain.rpc, account, identity, caps=caps)
