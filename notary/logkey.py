"""The log's Ed25519 key in a file, PKCS #8 PEM that nobody but its owner may read: a :class:`notary.ports.Signer`.

With a password, which comes from a file of its own, the PEM is encrypted.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from notary.core.note import VerifierKey, verifier_key
from notary.errors import InvalidConfig

_MAX_KEY_FILE = 1 << 14
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


class LogKey:
    """A log's signing key under the log's name."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        """Use ``private`` under ``name``, the log's origin."""
        self._name = name
        self._private = private
        self._public = private.public_key().public_bytes_raw()

    @property
    def name(self) -> str:
        """The key's name in signed notes: the log's origin."""
        return self._name

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._public

    @property
    def verifier(self) -> VerifierKey:
        """The key by which others check signatures."""
        return verifier_key(self._name, self._public)

    def sign(self, data: bytes) -> bytes:
        """Return the Ed25519 signature of ``data``, 64 bytes."""
        return self._private.sign(data)


def create_log_key(path: Path, *, name: str, password_file: Path | None = None) -> LogKey:
    """Make a new key and write it to ``path`` with mode 0600, encrypted where a password is given.

    Raises :class:`FileExistsError` rather than overwrite, and :class:`InvalidConfig` as :func:`read_password`.
    """
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password_file is not None:
        protection = serialization.BestAvailableEncryption(read_password(password_file))
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return LogKey(name, private)


def load_log_key(path: Path, *, name: str, password_file: Path | None = None) -> LogKey:
    """Return the key in ``path``; a password is used where the file needs one.

    Raises :class:`InvalidConfig`: ``no-log-key``, ``key-file-readable`` when group or others have any right to the
    file, ``bad-log-key``, ``log-key-password`` (none is given, or not the right one), and as :func:`read_password`.
    """
    pem = read_secret_file(path, missing="no-log-key")
    password: bytes | None = None
    if _ENCRYPTED in pem:
        if password_file is None:
            raise InvalidConfig(
                f"{path} is encrypted: set log.key_password_file to the file with its password.",
                code="log-key-password",
            )
        password = read_password(password_file)
    try:
        private = serialization.load_pem_private_key(pem, password=password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if password is not None:
            raise InvalidConfig(
                f"The password in {password_file} is not that of {path}, or the file is damaged.",
                code="log-key-password",
            ) from None
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise InvalidConfig(f"{path} does not hold an Ed25519 key in PEM form.", code="bad-log-key")
    return LogKey(name, private)


def is_encrypted(path: Path) -> bool:
    """Say whether a password protects the key in ``path``. Raises :class:`InvalidConfig` as :func:`load_log_key`."""
    return _ENCRYPTED in read_secret_file(path, missing="no-log-key")


def read_password(path: Path) -> bytes:
    """Return the password in a file (0600), without the one line end that editors put there.

    Raises :class:`InvalidConfig`: ``no-password-file``, ``key-file-readable``, ``empty-password``.
    """
    password = read_secret_file(path, missing="no-password-file").removesuffix(b"\n").removesuffix(b"\r")
    if not password:
        raise InvalidConfig(f"{path} must hold a password.", code="empty-password")
    return password


def read_secret_file(path: Path, *, missing: str) -> bytes:
    """Return the content of a small file with a secret in it.

    Raises :class:`InvalidConfig`: the code given as ``missing``, and ``key-file-readable``.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_MAX_KEY_FILE + 1)
    except OSError as error:
        raise InvalidConfig(f"{path} cannot be read: {error.strerror}.", code=missing) from None
    if stat.S_IMODE(mode) & 0o077:
        raise InvalidConfig(f"{path} can be read by others; run: chmod 600 {path}", code="key-file-readable")
    return data
