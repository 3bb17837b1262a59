"""One frozen :class:`Settings`, read from flags, then ``NOTARY_*`` variables, then ``notary.toml``.

Every option has a dotted name: ``server.port`` is ``port`` in the table ``[server]`` and ``NOTARY_SERVER_PORT`` in the
environment. Secrets are never options, only the paths of files that hold them. All faults are reported at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from notary.core.checkpoint import is_origin
from notary.errors import InvalidConfig

_URL: Final = re.compile(r"https?://[!-~]{1,500}")
FILE_NAME: Final = "notary.toml"
ENV_PREFIX: Final = "NOTARY_"

Value: TypeAlias = "bool | int | float | str | tuple[str, ...] | bytes | None"
Reader: TypeAlias = Callable[[object], Value]


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
    server: ServerSettings
    limits: LimitSettings
    storage: StorageSettings
    anchor: AnchorSettings
    chain: ChainSettings | None


def _text(pattern: str, advice: str) -> Reader:
    compiled = re.compile(pattern)

    def read(value: object) -> Value:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(advice)
        return value

    return read


def _origin(value: object) -> Value:
    if not isinstance(value, str) or not is_origin(value):
        raise ValueError("must look like notary.example/log/2026: no scheme, no spaces, at most 200 characters")
    return value


def _hex(size: int) -> Reader:
    compiled = re.compile(rf"0x[0-9a-fA-F]{{{2 * size}}}")

    def read(value: object) -> Value:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(f"must be 0x and {2 * size} hex digits")
        return bytes.fromhex(value[2:])

    return read


def _integer(low: int, high: int) -> Reader:
    def read(value: object) -> Value:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be an integer within {low} and {high}")
        return value

    return read


def _number(low: float, high: float) -> Reader:
    def read(value: object) -> Value:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", value):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"must be a number within {low:g} and {high:g}")
        return float(value)

    return read


def _flag(value: object) -> Value:
    if value in ("true", "false"):
        return value == "true"
    if value in (True, False) and isinstance(value, bool):
        return value
    raise ValueError("must be true or false")


def _urls(value: object) -> Value:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) and _URL.fullmatch(item) for item in items):
        raise ValueError("must be a list of http:// and https:// URLs")
    return tuple(items)


@dataclass(frozen=True, slots=True)
class _Option:
    read: Reader
    default: Value = None


_PATH = _text(r"[^\x00]{1,4096}", "must be a path")
_WORD = _text(r"[!-~]{1,255}", "must be a host name or an address")

_OPTIONS: Final[Mapping[str, _Option]] = {
    "log.origin": _Option(_origin),
    "log.development": _Option(_flag, default=False),
    "server.host": _Option(_WORD, "127.0.0.1"),
    "server.port": _Option(_integer(0, 65535), 8080),
    "server.workers": _Option(_integer(1, 64), 1),
    "server.name": _Option(_text(r"[^\x00-\x1f\x7f]{1,200}", "must be one line of 1 to 200 characters"), "Notary"),
    "limits.max_text_bytes": _Option(_integer(1024, 2 * 1024 * 1024), 2 * 1024 * 1024),
    "limits.max_lines": _Option(_integer(2, 2**21), 20_000),
    "limits.max_body_bytes": _Option(_integer(1024, 64 * 1024 * 1024), 13 * 1024 * 1024),
    "limits.max_pending": _Option(_integer(1, 10_000_000), 100_000),
    "limits.max_waiting": _Option(_integer(1, 1000), 72),
    "storage.synchronous": _Option(_text("FULL|EXTRA|NORMAL|OFF", "must be FULL, EXTRA, NORMAL or OFF"), "FULL"),
    "storage.allow_unsafe": _Option(_flag, default=False),
    "storage.busy_timeout": _Option(_number(0, 60), 5.0),
    "anchor.interval": _Option(_number(0, 86400), 60.0),
    "anchor.poll": _Option(_number(0.05, 600), 1.0),
    "anchor.resend": _Option(_number(0.05, 3600), 15.0),
    "anchor.max_fee_gwei": _Option(_number(0, 1_000_000), 500.0),
    "chain.rpc": _Option(_urls),
    "chain.chain_id": _Option(_integer(1, 2**53 - 1)),
    "chain.genesis": _Option(_hex(32)),
    "chain.registry": _Option(_hex(20)),
    "chain.registry_codehash": _Option(_hex(32)),
    "chain.log_id": _Option(_hex(32)),
    "chain.keystore": _Option(_PATH),
    "chain.password_file": _Option(_PATH),
    "chain.endpoints": _Option(_urls, ()),
}
_TABLES: Final = frozenset(name.partition(".")[0] for name in _OPTIONS)


def load_settings(
    data_dir: Path, *, flags: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of a data directory; ``flags`` maps dotted names to values and wins.

    Raises :class:`InvalidConfig` (``no-settings``, ``settings-syntax``, ``bad-settings``); the last one's message has
    one line for every fault.
    """
    faults: list[str] = []
    given: dict[str, tuple[str, object]] = {}
    for source, options in (
        (FILE_NAME, _from_file(data_dir / FILE_NAME, faults)),
        ("environment", _from_environ(environ or {}, faults)),
        ("flags", dict(flags or {})),
    ):
        for name, value in options.items():
            if name in _OPTIONS:
                given[name] = (source, value)
            else:
                faults.append(f"{name} ({source}) is not an option.")
    values = _read_all(given, faults)
    if faults:
        raise InvalidConfig("\n".join(["The settings cannot be used:", *faults]), code="bad-settings")
    return _build(data_dir, values)


def _from_file(path: Path, faults: list[str]) -> dict[str, object]:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InvalidConfig(
            f"{path} is missing: not a data directory? See 'notary init'.", code="no-settings"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfig(f"{path} is not TOML: {error}.", code="settings-syntax") from None
    result: dict[str, object] = {}
    for table, members in tables.items():
        if isinstance(members, dict):
            result.update({f"{table}.{name}": value for name, value in members.items()})
        else:
            faults.append(f"{table} ({FILE_NAME}) is not inside a table.")
    return result


def _from_environ(environ: Mapping[str, str], faults: list[str]) -> dict[str, object]:
    result: dict[str, object] = {}
    for variable, value in environ.items():
        table, _, name = variable.removeprefix(ENV_PREFIX).lower().partition("_")
        # Other programs of the project have variables of their own; only those in our tables can be misspelt options.
        if variable.startswith(ENV_PREFIX) and table in _TABLES and name:
            if f"{table}.{name}" in _OPTIONS:
                result[f"{table}.{name}"] = value
            else:
                faults.append(f"{variable} (environment) is not an option.")
    return result


def _read_all(given: Mapping[str, tuple[str, object]], faults: list[str]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    with_chain = any(name.startswith("chain.") for name in given)
    for name, option in _OPTIONS.items():
        if name in given:
            source, raw = given[name]
            try:
                values[name] = option.read(raw)
            except ValueError as error:
                faults.append(f"{name} ({source}) {error}.")
        elif option.default is not None:
            values[name] = option.default
        elif with_chain or not name.startswith("chain."):
            faults.append(f"{name} is missing.")
    if values.get("storage.synchronous") in {"NORMAL", "OFF"} and values.get("storage.allow_unsafe") is False:
        faults.append(
            "storage.synchronous below FULL loses accepted entries when power fails; "
            "set storage.allow_unsafe = true to have it anyway."
        )
    if values.get("chain.rpc") == ():
        faults.append("chain.rpc needs at least one URL.")
    return values


def _build(data_dir: Path, values: Mapping[str, Value]) -> Settings:
    def table(name: str) -> dict[str, object]:
        return {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{name}.")}

    chain = None
    if "chain.rpc" in values:
        members = table("chain")
        for name in ("keystore", "password_file"):
            members[name] = data_dir / str(members[name])
        chain = ChainSettings(**members)  # type: ignore[arg-type]  # the readers above fix the types
    return Settings(
        data_dir=data_dir,
        origin=str(values["log.origin"]),
        development=values["log.development"] is True,
        server=ServerSettings(**table("server")),  # type: ignore[arg-type]
        limits=LimitSettings(**table("limits")),  # type: ignore[arg-type]
        storage=StorageSettings(**table("storage")),  # type: ignore[arg-type]
        anchor=AnchorSettings(**table("anchor")),  # type: ignore[arg-type]
        chain=chain,
    )
