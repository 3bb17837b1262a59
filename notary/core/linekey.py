"""The keys by which the lines of a logged text are found. docs/spec/find.md.

A key is the start of a line's SHA-256: it tells nothing of a line that cannot be guessed. It only finds; what a line
says is compared with the text itself.
"""

from __future__ import annotations

import re
from hashlib import sha256

from notary.errors import InvalidInput

KEY_BYTES = 8
MIN_LINE_BYTES = 24
"""A shorter line is in too many texts to find one by."""

_HEX = re.compile(r"[0-9a-f]{16}")


def line_keys(document: bytes) -> set[int]:
    """Return the keys of all lines of a canonical document that are long enough to have one."""
    return {_key(line) for line in document.split(b"\n") if len(line) >= MIN_LINE_BYTES}


def parse_line_key(text: str) -> int:
    """Return the key that is written as 16 lower-case hex digits. Raises :class:`InvalidInput` (``wrong-form``)."""
    if not _HEX.fullmatch(text):
        raise InvalidInput("The key of a line is 16 lower-case hex digits.", code="wrong-form")
    return _signed(bytes.fromhex(text))


def _key(line: bytes) -> int:
    return _signed(sha256(line).digest()[:KEY_BYTES])


def _signed(data: bytes) -> int:
    # Databases have signed integers of 64 bits, and no others.
    return int.from_bytes(data, "big", signed=True)
