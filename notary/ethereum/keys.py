"""The key that sends transactions: in a password-protected V3 keystore file, as other Ethereum software keeps keys.

:class:`Account` is the :class:`notary.ports.TransactionSigner` of a key in this process.

Keys and passwords come from files that nobody else may read, never from arguments or the environment, and are in no
message and no ``repr``. ``eth_account`` is imported when a key is first needed: it is slow to load.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from notary.core.jcs import loads
from notary.core.keccak import keccak256
from notary.errors import InvalidConfig, MalformedJson

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

_MAX_BYTES = 64 * 1024
# 128 MiB and a few tenths of a second: what OWASP recommends for scrypt with r = 8, p = 1.
SCRYPT_COST = 2**17


class Account:
    """An account that can sign transactions; ``address`` are its 20 bytes."""

    __slots__ = ("_signer", "address")

    def __init__(self, signer: LocalAccount) -> None:
        """Wrap an account of ``eth_account``."""
        self._signer = signer
        self.address = bytes.fromhex(signer.address[2:])

    def __repr__(self) -> str:
        """Return the address; the key must not get into logs."""
        return f"Account({self.checksum_address})"

    @property
    def checksum_address(self) -> str:
        """The address as people read it, with the checksum of EIP-55."""
        return checksum_address(self.address)

    def sign_transaction(self, fields: Mapping[str, Any]) -> tuple[bytes, bytes]:
        """Return the signed transaction, as it is sent, and its hash."""
        given = dict(fields)
        if given.get("type") == 0:
            del given["type"]  # the library knows type 0 by its gas price
        signed = self._signer.sign_transaction(given)
        return bytes(signed.raw_transaction), bytes(signed.hash)


def checksum_address(address: bytes) -> str:
    """Return an address as people read it, with the checksum of EIP-55."""
    digits = address.hex()
    marks = keccak256(digits.encode("ascii")).hex()
    return "0x" + "".join(c.upper() if int(mark, 16) > 7 else c for c, mark in zip(digits, marks, strict=False))


def load_keystore(file: Path, password_file: Path) -> Account:
    """Return the account in a keystore; both files must be accessible to their owner only (0600).

    Raises :class:`InvalidConfig`: ``key-file-missing``, ``key-file-unreadable``, ``key-file-permissions``,
    ``key-file-malformed``, ``key-file-password``.
    """
    password = read_password(password_file)
    data = _read_private(file)
    from eth_account import Account as EthAccount

    try:
        # Parsed by us, because the standard library's parser can be crashed by nesting.
        stored = cast(dict[str, Any], loads(data, max_bytes=_MAX_BYTES))
        return Account(EthAccount.from_key(EthAccount.decrypt(stored, password)))
    except (MalformedJson, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError) as error:
        # eth_keyfile raises any of these for a malformed file, and for a wrong password a ValueError with this text.
        if str(error) == "MAC mismatch":
            raise InvalidConfig(
                f"The password in {password_file} is not that of {file}.", code="key-file-password"
            ) from None
        raise InvalidConfig(f"{file} is not a version 3 keystore.", code="key-file-malformed") from None


def create_keystore(
    file: Path, password_file: Path, *, private_key: bytes | None = None, cost: int = SCRYPT_COST
) -> Account:
    """Keep a key, by default a new random one, in a new keystore (0600), and return its account.

    An existing file is never overwritten. ``cost`` is scrypt's N, a power of two.

    Raises :class:`InvalidConfig`: ``key-file-exists``, ``key-file-unwritable``, and those for the password file.
    """
    password = read_password(password_file)
    from eth_account import Account as EthAccount

    signer: LocalAccount = EthAccount.create() if private_key is None else EthAccount.from_key(private_key)
    stored = EthAccount.encrypt(signer.key, password, kdf="scrypt", iterations=cost)
    _write_private(file, json.dumps(stored).encode("ascii") + b"\n")
    return Account(signer)


def read_password(file: Path) -> str:
    """Return the password in a file (0600), without the one line end that editors put there.

    Raises :class:`InvalidConfig`: ``key-file-missing``, ``key-file-unreadable``, ``key-file-permissions``,
    ``key-file-password`` where it is empty or not UTF-8.
    """
    data = _read_private(file).removesuffix(b"\n").removesuffix(b"\r")
    try:
        password = data.decode("utf-8")
    except UnicodeDecodeError:
        password = ""
    if not password:
        raise InvalidConfig(f"{file} must hold a password in UTF-8.", code="key-file-password")
    return password


def _read_private(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InvalidConfig(f"{file} is not a regular file.", code="key-file-unreadable")
            if os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077:
                raise InvalidConfig(
                    f"{file} is accessible to others; run: chmod 600 {file}", code="key-file-permissions"
                )
            return stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise InvalidConfig(f"There is no {file}.", code="key-file-missing") from None
    except OSError as error:
        raise InvalidConfig(f"{file} cannot be read: {error.strerror}.", code="key-file-unreadable") from None


def _write_private(file: Path, data: bytes) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise InvalidConfig(f"{file} exists; it is not overwritten.", code="key-file-exists") from None
    except OSError as error:
        raise InvalidConfig(f"{file} cannot be written: {error.strerror}.", code="key-file-unwritable") from None
