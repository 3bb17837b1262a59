"""The composition root that web, worker and command line share: it builds adapters, and nothing else does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from notary.client.tiles import TileClient
from notary.config import FILE_NAME, SQLITE, ChainSettings, Settings, StorageSettings, load_settings
from notary.core.checkpoint import is_origin
from notary.datadir import DataDir, FileMark
from notary.errors import InvalidArchive, InvalidConfig
from notary.keyswap import settled
from notary.logkey import LogKey, create_log_key, load_log_key, read_password, read_secret_file
from notary.model.anchors import Target
from notary.ports import Chain, Clock, LogStore, TransactionSigner
from notary.restoredir import hold_instance, restore_keys, saved_files, with_storage
from notary.service.backup import Backup, Progress, back_up, check_backup, load_backup, quiet
from notary.service.services import Services, assemble
from notary.storage.dump import SqlDump, SqlLoad
from notary.storage.engine import open_engine
from notary.storage.migrations import create_schema, migrate
from notary.storage.store import SqlStore

_PUBLIC_SECONDS: Final = 5.0


class SystemClock:
    """The machine's wall clock. Implements :class:`notary.ports.Clock`."""

    def now_ms(self) -> int:
        """Return milliseconds since the epoch."""
        return time.time_ns() // 1_000_000


def init_log(
    root: Path,
    *,
    origin: str,
    development: bool = False,
    key_password_file: Path | None = None,
    storage: StorageSettings = SQLITE,
) -> LogKey:
    """Make the data directory of a new log, and return the log's key, which a password protects where one is given.

    With ``storage.url`` the log is kept in that PostgreSQL database. Raises before anything is made
    :class:`InvalidConfig` (``bad-origin``, ``not-empty``, ``not-writable``, those of the password file), and where
    there is a URL what :func:`notary.storage.postgresql.open_postgresql` raises.
    """
    if not is_origin(origin):
        raise InvalidConfig(
            f"{origin!r} cannot name a log: use something like notary.example/log/2026.", code="bad-origin"
        )
    directory = DataDir(root)
    if key_password_file is not None:
        read_password(key_password_file)
    directory.check_empty()
    # PostgreSQL is reached, and its database seen to be empty, before anything is made.
    engine = _engine(directory, storage, create=True)
    try:
        directory.start(origin=origin, development=development, key_password_file=key_password_file, storage=storage)
        key = create_log_key(directory.log_key, name=origin, password_file=key_password_file)
        create_schema(engine, origin=origin, public_key=key.public, time=SystemClock().now_ms())
        hold_instance(directory, SqlStore(engine, busy_timeout=1).instance())
    finally:
        engine.dispose()
    directory.finish()
    return key


def _engine(directory: DataDir, storage: StorageSettings, *, create: bool = False) -> Engine:
    if not storage.url:
        return open_engine(
            directory.database, synchronous=storage.synchronous, busy_timeout=storage.busy_timeout, create=create
        )
    # Only who has a PostgreSQL waits for its driver to be loaded.
    from notary.storage.postgresql import open_postgresql

    password = None
    if storage.password_file is not None:
        password = read_secret_file(storage.password_file, missing="no-database-password").decode("utf-8").strip("\r\n")
    return open_postgresql(
        storage.url,
        password=password,
        busy_timeout=storage.busy_timeout,
        allow_unsafe=storage.allow_unsafe,
        create=create,
    )


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
    :class:`InvalidConfig` where directory, key, database and settings are not a log's, and
    :class:`notary.errors.CannotCheck` (``database-unreachable``).
    """
    directory = DataDir(settings.data_dir)
    directory.check_format()
    signer = load_log_key(directory.log_key, name=settings.origin, password_file=settings.key_password_file)
    engine = _engine(directory, settings.storage)
    store = SqlStore(engine, busy_timeout=settings.storage.busy_timeout)
    try:
        migrate(engine)
        # A rotation of the key may have been stopped between the database and the file.
        signer = settled(directory.log_key, signer, public=store.public_key(), password_file=settings.key_password_file)
        store.check_identity(origin=settings.origin, public_key=signer.public)
        hold_instance(directory, store.instance())
    except BaseException:
        engine.dispose()
        raise
    return assemble(
        settings,
        store=store if wrap is None else wrap(store),
        signer=signer,
        clock=clock or SystemClock(),
        mark=FileMark(directory.verified),
        public=[(url, TileClient(url, timeout=_PUBLIC_SECONDS)) for url in settings.public_url],
    )


def back_up_log(settings: Settings, path: Path, *, with_keys: bool, progress: Progress = quiet) -> Backup:
    """Save a log to a file, its settings with it, and its keys where that is asked for.

    Raises as :func:`open_services` and :func:`notary.service.backup.back_up`, and :class:`InvalidConfig`
    (``files-changed``): then there is no file of that name.
    """
    directory = DataDir(settings.data_dir)
    directory.check_format()
    engine = _engine(directory, settings.storage)
    try:
        migrate(engine)
        files = saved_files(directory, with_keys=with_keys)
        made = back_up(SqlDump(engine), path, files=files, keys=with_keys, clock=SystemClock(), progress=progress)
        if saved_files(directory, with_keys=with_keys) != files:
            # A key that was replaced meanwhile would be missing beside the database that it belongs to.
            path.unlink()
            raise InvalidConfig("Settings or keys have changed while they were saved; try again.", code="files-changed")
        return made
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: from which backup, the new instance id, and whether the log's key was in it."""

    backup: Backup
    instance: bytes
    keys: bool


def restore_log(
    path: Path,
    root: Path,
    *,
    nothing_published: bool,
    storage: StorageSettings = SQLITE,
    progress: Progress = quiet,
) -> Restored:
    """Make a data directory from a backup, which is checked first; until all is restored the directory is half-made.

    With ``storage.url`` the log is restored into that PostgreSQL database, which must be empty, wherever it was before.
    Raises :class:`InvalidConfig` (``not-empty``, ``not-writable``), those of checking and loading the backup, and those
    of :func:`init_log`.
    """
    directory = DataDir(root)
    directory.check_empty()
    backup = check_backup(path, progress)
    if FILE_NAME not in backup.files:
        raise InvalidArchive("The backup has no settings in it.", code="backup-false")
    engine = _engine(directory, storage, create=True)
    try:
        directory.start_with(with_storage(backup.files[FILE_NAME].decode("utf-8", "replace"), storage))
        instance = load_backup(
            backup, SqlLoad(engine), nothing_published=nothing_published, clock=SystemClock(), progress=progress
        )
    finally:
        engine.dispose()
    restore_keys(directory, backup.files)
    hold_instance(directory, instance)
    directory.finish()
    return Restored(backup, instance, keys=directory.log_key.exists())


def open_chain(settings: Settings) -> Chain | None:
    """Return the chain that the settings name, with the key that pays; None where they name none. Nobody is asked yet.

    Raises :class:`InvalidConfig` where the keystore cannot be used.
    """
    if settings.chain is None:
        return None
    from notary.ethereum.chain import EthereumChain, Rules
    from notary.ethereum.endpoints import Endpoint, Endpoints
    from notary.ethereum.identity import Identity
    from notary.ethereum.observing import Finality
    from notary.ethereum.rpc import Rpc

    chain = settings.chain
    identity = Identity(
        target=Target(chain_id=chain.chain_id, registry=chain.registry, log_id=chain.log_id),
        genesis=chain.genesis,
        registry_codehash=chain.registry_codehash,
    )
    rules = Rules(
        legacy=chain.gas == "legacy",
        finality=Finality(chain.depth),
    )
    endpoints = Endpoints([Endpoint(Rpc(url, timeout=chain.timeout)) for url in chain.rpc], quorum=chain.quorum)
    return EthereumChain(endpoints, open_signer(chain), identity, rules=rules)


def open_signer(chain: ChainSettings) -> TransactionSigner:
    """Return the account that anchors and pays. Raises :class:`InvalidConfig` where its keystore cannot be used."""
    if chain.signer_url:
        from notary.ethereum.remote import RemoteSigner

        return RemoteSigner(chain.signer_url, chain.signer_address, timeout=chain.timeout)
    from notary.ethereum.keys import load_keystore

    return load_keystore(chain.keystore, chain.password_file)
