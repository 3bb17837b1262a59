"""One frozen :class:`Settings`, read from flags, then ``NOTARY_*`` variables, then ``notary.toml``.

Every option has a dotted name: ``server.port`` is ``port`` in the table ``[server]`` and ``NOTARY_SERVER_PORT`` in the
environment. Secrets are never options, only the paths of files that hold them. All faults are reported at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from notary.config.options import OPTIONS, TABLES
from notary.config.readers import Value
from notary.config.settings import (
    SQLITE,
    AnchorSettings,
    ChainSettings,
    LimitSettings,
    LoggingSettings,
    ServerSettings,
    Settings,
    StorageSettings,
    WorkerSettings,
)
from notary.errors import InvalidConfig

__all__ = [
    "FILE_NAME",
    "SQLITE",
    "AnchorSettings",
    "ChainSettings",
    "LimitSettings",
    "LoggingSettings",
    "ServerSettings",
    "Settings",
    "StorageSettings",
    "WorkerSettings",
    "load_settings",
    "storage_settings",
]

FILE_NAME: Final = "notary.toml"
ENV_PREFIX: Final = "NOTARY_"


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
            if name in OPTIONS:
                given[name] = (source, value)
            else:
                faults.append(f"{name} ({source}) is not an option.")
    values = _read_all(given, faults)
    if faults:
        raise InvalidConfig("\n".join(["The settings cannot be used:", *faults]), code="bad-settings")
    return _build(data_dir, values)


def storage_settings(*, url: str, password_file: Path | None = None, allow_unsafe: bool = False) -> StorageSettings:
    """Return how a PostgreSQL database is opened. Raises :class:`InvalidConfig` (``bad-settings``)."""
    try:
        OPTIONS["storage.url"].read(url)
    except ValueError as error:
        raise InvalidConfig(f"The address of the database {error}.", code="bad-settings") from None
    return replace(SQLITE, url=url, password_file=password_file, allow_unsafe=allow_unsafe)


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
        if variable.startswith(ENV_PREFIX) and table in TABLES and name:
            if f"{table}.{name}" in OPTIONS:
                result[f"{table}.{name}"] = value
            else:
                faults.append(f"{variable} (environment) is not an option.")
    return result


def _read_all(given: Mapping[str, tuple[str, object]], faults: list[str]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    with_chain = any(name.startswith("chain.") for name in given)
    for name, option in OPTIONS.items():
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
    if with_chain:
        faults += _chain_faults(values, given)
    return values


def _chain_faults(values: Mapping[str, Value], given: Collection[str]) -> list[str]:
    """Return what is wrong with options of the chain that are right one by one."""
    faults: list[str] = []
    endpoints = values.get("chain.rpc")
    if isinstance(endpoints, tuple):
        quorum = values.get("chain.quorum")
        if not endpoints:
            faults.append("chain.rpc needs at least one URL.")
        if len(set(endpoints)) != len(endpoints):
            faults.append("chain.rpc names an endpoint twice: it would count twice in what is called final.")
        if isinstance(quorum, int) and quorum > len(endpoints):
            faults.append(f"chain.quorum is {quorum}, and chain.rpc has {len(endpoints)} endpoints.")
    if ("chain.signer_url" in given) != ("chain.signer_address" in given):
        faults.append("chain.signer_url and chain.signer_address go together.")
    for name in ("chain.keystore", "chain.password_file"):
        if "chain.signer_url" in given and name in given:
            faults.append(f"{name} is not used with chain.signer_url: remove it.")
        elif "chain.signer_url" not in given and name not in given:
            faults.append(f"{name} is missing.")
    return faults


def _build(data_dir: Path, values: Mapping[str, Value]) -> Settings:
    def table(name: str) -> dict[str, object]:
        return {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{name}.")}

    chain = None
    if "chain.rpc" in values:
        members = table("chain")
        for name in ("keystore", "password_file"):
            members[name] = data_dir / str(members[name])
        chain = ChainSettings(**members)  # type: ignore[arg-type]  # the readers above fix the types
    storage = table("storage")
    storage["password_file"] = data_dir / str(storage["password_file"]) if storage["password_file"] else None
    return Settings(
        data_dir=data_dir,
        origin=str(values["log.origin"]),
        development=values["log.development"] is True,
        public_url=table("log")["public_url"],  # type: ignore[arg-type]
        logging=LoggingSettings(
            format=str(values["log.format"]),
            access=values["log.access"] is True,
            client_address=values["log.client_address"] is True,
        ),
        server=ServerSettings(**table("server")),  # type: ignore[arg-type]
        limits=LimitSettings(**table("limits")),  # type: ignore[arg-type]
        storage=StorageSettings(**storage),  # type: ignore[arg-type]
        anchor=AnchorSettings(**table("anchor")),  # type: ignore[arg-type]
        worker=WorkerSettings(**table("worker")),  # type: ignore[arg-type]
        chain=chain,
        key_password_file=data_dir / str(values["log.key_password_file"]) if values["log.key_password_file"] else None,
    )
