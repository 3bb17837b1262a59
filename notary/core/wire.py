"""Strict readers of the two small encodings inside notes, checkpoints and proofs: one spelling per value."""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING

from notary.core.merkle import MAX_SIZE
from notary.errors import InvalidNote

if TYPE_CHECKING:
    from collections.abc import Sequence

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
# The one spelling of 32 bytes: two bits of the 43rd character are used no more.
_HASH = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
_HASHES = re.compile(rf"{_HASH}(?:\n{_HASH})*")


def decimal(text: str, *, field: str) -> int:
    """Return a number below 2^63 written in ASCII digits without sign or leading zeros.

    Raises :class:`InvalidNote` (``wrong-number``).
    """
    if not _DECIMAL.fullmatch(text) or (value := int(text)) > MAX_SIZE:
        raise InvalidNote(f"{field} must be a decimal number below 2^63.", code="wrong-number", field=field)
    return value


def base64_exact(text: str, *, field: str, size: int | None = None) -> bytes:
    """Return the bytes of standard base64 (RFC 4648 §4), padded, with no stray characters or bits.

    Raises :class:`InvalidNote` (``wrong-base64``; ``wrong-length`` when they are not ``size`` bytes).
    """
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        data = b""
    # Decoders forgive: set bits behind the last byte, for one. Only the spelling that we would write is accepted.
    if base64_text(data) != text:
        raise InvalidNote(f"{field} must be canonical base64.", code="wrong-base64", field=field)
    if size is not None and len(data) != size:
        raise InvalidNote(f"{field} must hold {size} bytes.", code="wrong-length", field=field)
    return data


def hashes_exact(lines: Sequence[str], *, field: str) -> tuple[bytes, ...]:
    """Return what :func:`base64_exact` gives for each line, quickly where each holds 32 bytes."""
    if _HASHES.fullmatch("\n".join(lines)):
        return tuple(map(binascii.a2b_base64, lines))
    return tuple(base64_exact(line, field=field) for line in lines)


def base64_text(data: bytes) -> str:
    """Return standard base64 with padding."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")
