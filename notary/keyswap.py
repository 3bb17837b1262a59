"""A new key of the log takes the old one's place: made beside it, and put there once the database has it.

Whoever opens a log whose database names the new key while the old one still is in its place, because somebody was
stopped in between, finishes that. The old key is kept as ``log.pem.KEYID``, readable by its owner only.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from notary.errors import InvalidConfig
from notary.logkey import LogKey, create_log_key, is_encrypted, load_log_key


def new_log_key(path: Path, *, name: str, password_file: Path | None) -> LogKey:
    """Make the key that is to follow the one in ``path``, or return the one that an earlier attempt made.

    It is encrypted where the old one is, with the same password. Raises :class:`InvalidConfig` (``key-file-unwritable``
    and those of :func:`notary.logkey.load_log_key`).
    """
    new, half = beside(path, "new"), beside(path, "half")
    try:
        if not new.exists():
            half.unlink(missing_ok=True)  # left by an attempt that was stopped while it wrote; nobody heard of that key
            create_log_key(half, name=name, password_file=password_file if is_encrypted(path) else None)
            half.replace(new)
            sync_folder(path.parent)
    except OSError as error:
        raise InvalidConfig(f"{new} cannot be written: {error.strerror}.", code="key-file-unwritable") from None
    return load_log_key(new, name=name, password_file=password_file)


def keep(path: Path, old: LogKey) -> None:
    """Keep the old key beside its place too, before anything hangs on it that this can be done.

    Raises :class:`InvalidConfig` (``key-file-unwritable``).
    """
    try:
        _link(path, old)
    except OSError as error:
        raise InvalidConfig(
            f"The old key cannot be kept beside {path}: {error.strerror}. Its directory must be writable, on a file "
            "system that has hard links.",
            code="key-file-unwritable",
        ) from None


def settled(path: Path, key: LogKey, *, public: bytes, password_file: Path | None) -> LogKey:
    """Return the key whose public part is ``public``, with it in ``path``, where it may still be beside ``key``.

    Where neither is that key, ``key`` is returned, for its caller to refuse. Safe to call from several processes at
    once. Raises :class:`InvalidConfig` (``key-swap-unfinished`` where the directory cannot be written, and those of
    :func:`notary.logkey.load_log_key`).
    """
    if key.public == public:
        return key
    new = beside(path, "new")
    try:
        beside_it = load_log_key(new, name=key.name, password_file=password_file)
    except InvalidConfig as error:
        if error.code != "no-log-key":
            raise
        # Another process may have put it into its place since the old one was read.
        return load_log_key(path, name=key.name, password_file=password_file)
    if beside_it.public == public:
        _swap(path, key)
        return load_log_key(path, name=key.name, password_file=password_file)
    return key


def _swap(path: Path, old: LogKey) -> None:
    try:
        _link(path, old)
        with suppress(FileNotFoundError):
            beside(path, "new").replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise InvalidConfig(
            f"The log's key was replaced, but {path} still holds the old one and cannot be exchanged: "
            f"{error.strerror}. Run 'notary key rotate log' for this directory as a user who may write there.",
            code="key-swap-unfinished",
        ) from None


def _link(path: Path, old: LogKey) -> None:
    # Once the old one is kept, whoever comes second finds it so, whatever is in its place by then.
    with suppress(FileExistsError):
        os.link(path, beside(path, old.verifier.key_id.hex()))
    sync_folder(path.parent)


def beside(path: Path, what: str) -> Path:
    """Return the neighbour of a key's file with this ending."""
    return path.with_name(f"{path.name}.{what}")


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
