"""The data directory of one log: what is in it, how it is made, and who may use it at the same time.

::

    DIR/format         the format's number; written last, so that a half-made directory is never taken for a whole one
    DIR/notary.toml    settings, no secrets
    DIR/notary.db      the database (beside it SQLite's -wal and -shm), unless it is one of PostgreSQL
    DIR/keys/log.pem   the log's key, mode 0600
    DIR/instance       the id of the database that belongs to this directory
    DIR/verified       size and root up to which the database was verified; may be removed: then all is checked anew
    DIR/locks/         one file per role, locked while a process has that role; with SQLite only
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from notary.config import FILE_NAME, SQLITE, ChainSettings, StorageSettings
from notary.errors import InvalidConfig
from notary.model.log import TreeState

FORMAT: Final = 1
_FORMAT_FILE: Final = "format"
_MARK: Final = re.compile(r"([0-9]{1,19}) ([0-9a-f]{64})\n")

_SETTINGS: Final = """\
# Settings of this log. Every option can also be given as an environment variable: [server] port is NOTARY_SERVER_PORT.

[log]
origin = "{origin}"        # the log's name for ever: it is in every record and checkpoint
development = {development}          # true marks everything as a test that proves nothing to others
# public_url = []          # where the log is public: its own address, mirrors; what they show is never contradicted
# format = "auto"          # what the processes say on standard error: "json", "text", or "auto": text on a terminal
# access = true            # a line for every request
# client_address = false   # with the address that it came from
{protected}
[server]
# host = "127.0.0.1"
# port = 8080
# workers = 1
# name = "Notary"
# metrics = "off"          # where Prometheus gets them: an address and port of their own, like "127.0.0.1:9464"
# drain = 1                # seconds for which a stopping server answers /readyz with 503 before it stops
# trusted_proxies = []     # networks whose X-Request-Id and X-Forwarded-For are believed, like ["10.0.0.0/8"]

[worker]
# lease = 10               # seconds after which another worker takes over from one that went silent
# metrics = "off"          # the same for a worker that runs by itself (notary worker)

[limits]
# max_text_bytes = 2097152
# max_lines = 20000
# max_body_bytes = 13631488
# max_pending = 100000     # entries that are accepted and not yet in the tree
# max_waiting = 72         # requests of one web process that wait to be stored; further ones get 503
# key_rate = 0             # submissions a second by one key at one web process, 0 for no limit; further ones get 429

[storage]
# synchronous = "FULL"     # less needs allow_unsafe = true and loses accepted entries when power fails
# busy_timeout = 5
{storage}
[anchor]
# interval = 60            # seconds between anchors, at least
# min_new = 1              # entries that a new anchor covers, at least ...
# max_delay = 3600         # ... unless one of them has waited so many seconds
# poll = 1                 # seconds between questions to the chain
# resend = 15              # seconds after which an unconfirmed transaction is sent again
# replace_after = 180      # seconds after which one that is in no block is replaced by one with higher fees
# max_fee_gwei = 500       # no transaction offers more per gas
# max_spend_per_day = 1    # what one day's (UTC) transactions may cost at most, in the chain's own money
"""

_CHAIN: Final = """
[chain]
rpc = [{rpc}]
chain_id = {chain_id}
genesis = "0x{genesis}"
registry = "0x{registry}"
registry_codehash = "0x{registry_codehash}"
log_id = "0x{log_id}"
keystore = "{keystore}"
password_file = "{password_file}"
endpoints = [{endpoints}]         # suggested to readers in the trust file
gas = "{gas}"            # "legacy" for chains without a base fee
# quorum = 2               # endpoints in rpc that must agree on what is final; default: the only one, or a majority
# finality = "finalized"   # "depth-64" only for a chain without that tag; the trust file says it too
# timeout = 10             # seconds for one answer of an endpoint
"""


@dataclass(frozen=True, slots=True)
class DataDir:
    """The paths of a data directory."""

    root: Path

    @property
    def database(self) -> Path:
        """The database file."""
        return self.root / "notary.db"

    @property
    def log_key(self) -> Path:
        """The log's key."""
        return self.root / "keys" / "log.pem"

    @property
    def verified(self) -> Path:
        """The file of the head up to which the database was verified."""
        return self.root / "verified"

    @property
    def instance(self) -> Path:
        """The file of the database's instance id."""
        return self.root / "instance"

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.root / FILE_NAME

    def check_format(self) -> None:
        """Raise :class:`InvalidConfig` unless this is a whole data directory of a known format.

        Codes ``no-data-directory``, ``half-made-directory``, ``newer-format``.
        """
        try:
            text = (self.root / _FORMAT_FILE).read_text("ascii")
        except (FileNotFoundError, NotADirectoryError):
            if self.settings.exists():
                raise InvalidConfig(
                    f"{self.root} was not finished by 'notary init' or 'notary restore': remove it and start over.",
                    code="half-made-directory",
                ) from None
            raise InvalidConfig(
                f"{self.root} is not a data directory. Make one: notary init {self.root} --origin NAME",
                code="no-data-directory",
            ) from None
        if not text.strip().isdigit() or int(text) != FORMAT:
            raise InvalidConfig(
                f"{self.root} has format {text.strip()[:20]!r}; this program knows {FORMAT}. "
                "Use a newer version of Notary.",
                code="newer-format",
            )

    @contextmanager
    def lock(self, role: str) -> Iterator[None]:
        """Hold the lock of ``role`` (``web``, ``worker``) while the block runs; it falls with the process.

        Raises :class:`InvalidConfig` (``locked``) when another process has it.
        """
        folder = self.root / "locks"
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder / f"{role}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InvalidConfig(f"Another process already is the {role} of {self.root}.", code="locked") from None
            yield
        finally:
            os.close(descriptor)

    def start(
        self,
        *,
        origin: str,
        development: bool,
        key_password_file: Path | None = None,
        storage: StorageSettings = SQLITE,
    ) -> None:
        """Make the directory with its settings, empty otherwise; :meth:`finish` completes it.

        Raises :class:`InvalidConfig` (``not-empty``) rather than touch what is there.
        """
        protected = "" if key_password_file is None else f"key_password_file = {_quoted(str(key_password_file))}\n"
        values = {"origin": origin, "development": str(development).lower(), "protected": protected}
        self.start_with(_SETTINGS.format(**values, storage=storage_lines(storage)))

    def check_empty(self) -> None:
        """Raise :class:`InvalidConfig` (``not-empty``, ``not-writable``) unless there is nothing here yet."""
        try:
            if self.root.exists() and any(self.root.iterdir()):
                raise InvalidConfig(f"{self.root} is not empty: nothing was changed.", code="not-empty")
        except OSError as error:
            raise InvalidConfig(f"{self.root} cannot be used: {error.strerror}.", code="not-writable") from None

    def start_with(self, settings: str) -> None:
        """Make the directory with the text of its settings; as :meth:`start`."""
        self.check_empty()
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.log_key.parent.mkdir(mode=0o700)
        except OSError as error:
            raise InvalidConfig(f"{self.root} cannot be made: {error.strerror}.", code="not-writable") from None
        write_durably(self.settings, settings)

    def finish(self) -> None:
        """Mark the directory as whole."""
        write_durably(self.root / _FORMAT_FILE, f"{FORMAT}\n")

    def add_chain(self, chain: ChainSettings) -> None:
        """Append a ``[chain]`` table to the settings, in one step.

        Raises :class:`InvalidConfig` (``chain-exists``) when there is one.
        """
        text = self.settings.read_text("utf-8")
        if any(line.strip().startswith("[chain]") for line in text.splitlines()):
            raise InvalidConfig(f"{self.settings} already has a [chain] table.", code="chain-exists")
        table = _CHAIN.format(
            rpc=", ".join(map(_quoted, chain.rpc)),
            chain_id=chain.chain_id,
            genesis=chain.genesis.hex(),
            registry=chain.registry.hex(),
            registry_codehash=chain.registry_codehash.hex(),
            log_id=chain.log_id.hex(),
            keystore=_escaped(str(chain.keystore)),
            password_file=_escaped(str(chain.password_file)),
            endpoints=", ".join(map(_quoted, chain.endpoints)),
            gas=chain.gas,
        )
        write_durably(self.settings, text.rstrip("\n") + "\n" + table)


class FileMark:
    """A verified head in a file. Implements :class:`notary.ports.Mark`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> TreeState | None:
        """Return the head, or None where there is no such file or it holds something else."""
        try:
            found = _MARK.fullmatch(self._path.read_text("ascii"))
        except (OSError, UnicodeDecodeError):
            return None
        return None if found is None else TreeState(size=int(found[1]), root=bytes.fromhex(found[2]))

    def write(self, head: TreeState) -> None:
        """Remember a head, if the directory can be written."""
        with suppress(OSError):
            write_durably(self._path, f"{head.size} {head.root.hex()}\n")


def write_durably(path: Path, text: str) -> None:
    """Write a file so that after a crash it is whole or as before."""
    write_bytes_durably(path, text.encode("utf-8"), mode=0o666)


def write_bytes_durably(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file with these rights, less the process's mask, as :func:`write_durably`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_lines(storage: StorageSettings) -> str:
    """Return what the table ``[storage]`` of the settings says about the place of the database."""
    lines = [f"url = {_quoted(storage.url)}"] if storage.url else ['# url = "postgresql://user@host/database"']
    if storage.password_file is not None:
        lines.append(f"password_file = {_quoted(str(storage.password_file))}")
    if storage.allow_unsafe:
        lines.append("allow_unsafe = true")
    return "".join(f"{line}\n" for line in lines)


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Return ``text`` for a basic TOML string; paths and URLs hold no control characters."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
