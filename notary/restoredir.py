"""What backup and restore do with a data directory beside its database: instance id, settings, keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from notary.config import StorageSettings
from notary.datadir import DataDir, storage_lines, write_bytes_durably, write_durably
from notary.errors import InvalidConfig

_KEY_FILE: Final = re.compile(r"keys/([A-Za-z0-9_-][A-Za-z0-9._-]{0,99})")
_TABLE: Final = re.compile(r"\s*\[")
_STORAGE: Final = re.compile(r"\s*\[\s*storage\s*\]")
_PLACE: Final = re.compile(r"\s*(url|password_file|allow_unsafe)\s*=")


def hold_instance(directory: DataDir, found: bytes) -> None:
    """Require that the database, whose instance id was ``found``, is the one that belongs to this directory.

    A directory without an id, of a time before there were any, takes this one. Raises :class:`InvalidConfig`
    (``other-instance``).
    """
    try:
        known = directory.instance.read_text("ascii").strip()
    except FileNotFoundError:
        with suppress(OSError):
            write_durably(directory.instance, f"{found.hex()}\n")
        return
    except (OSError, UnicodeDecodeError):
        known = ""
    if known != found.hex():
        raise InvalidConfig(
            f"The database is another instance of this log than the one that belongs to {directory.root}: it was "
            "restored or cloned. Never run two copies of one log. If the other one is gone for good and this is to "
            f"take its place, remove {directory.instance}.",
            code="other-instance",
        )


def saved_files(directory: DataDir, *, with_keys: bool) -> dict[str, bytes]:
    """Return what a backup needs beside the database, by path: the settings, and the keys if they are asked for.

    Raises :class:`InvalidConfig` (``unreadable-file``).
    """
    paths = [directory.settings]
    if with_keys:
        paths += sorted(path for path in directory.log_key.parent.iterdir() if path.is_file())
    try:
        return {path.relative_to(directory.root).as_posix(): path.read_bytes() for path in paths}
    except OSError as error:
        raise InvalidConfig(f"{error.filename} cannot be read: {error.strerror}.", code="unreadable-file") from None


def restore_keys(directory: DataDir, files: Mapping[str, bytes]) -> None:
    """Write the keys that a backup has, readable by their owner only; names that lead elsewhere are left out."""
    for name, data in files.items():
        found = _KEY_FILE.fullmatch(name)
        if found is not None:
            write_bytes_durably(directory.log_key.parent / found[1], data, mode=0o600)


def with_storage(settings: str, storage: StorageSettings) -> str:
    """Return the text of settings with another place for the database, whatever place it named before."""
    lines: list[str] = []
    inside = placed = False
    for line in settings.splitlines(keepends=True):
        if _TABLE.match(line):
            inside = _STORAGE.match(line) is not None
        if inside and _PLACE.match(line):
            continue
        lines.append(line if line.endswith("\n") else line + "\n")
        if inside and not placed:
            placed = True
            lines.append(storage_lines(storage))
    return "".join(lines) if placed else "".join(lines) + "\n[storage]\n" + storage_lines(storage)
