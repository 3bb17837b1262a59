"""Bytes to characters, strictly: UTF-8, and what a byte order mark announces as UTF-8 or UTF-16. text/1, step 1.

Nothing is guessed and nothing is replaced: a text that decodes to something else than its author wrote would be
anchored for ever. Other encodings belong to HTML input, which can declare them.
"""

from __future__ import annotations

import codecs

from notary.errors import InvalidText

# The longer signature first: UTF-32 in little-endian order starts like UTF-16.
_REFUSED = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (b"\x84\x31\x95\x33", "GB 18030"),
)
_ACCEPTED = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes) -> str:
    """Return the characters of ``data``, without a leading byte order mark.

    Raises :class:`InvalidText` (``unsupported-encoding``, ``undecodable``); ``position`` is an offset in bytes.
    """
    for signature, name in _REFUSED:
        if data.startswith(signature):
            raise InvalidText(
                f"The text is {name}, which is not supported. Save it as UTF-8.",
                code="unsupported-encoding",
                position=0,
            )
    for signature, encoding in _ACCEPTED:
        if data.startswith(signature):
            return _strict(data[len(signature) :], encoding, skipped=len(signature))
    return _strict(data, "utf-8", skipped=0)


def decode_utf8(data: bytes) -> str:
    """Return the characters of UTF-8, a byte order mark included (as U+FEFF).

    Raises :class:`InvalidText` (``undecodable``); ``position`` is an offset in bytes.
    """
    return _strict(data, "utf-8", skipped=0)


def _strict(data: bytes, encoding: str, *, skipped: int) -> str:
    try:
        return data.decode(encoding, "strict")
    except UnicodeDecodeError as error:
        position = skipped + error.start
        name = "UTF-8" if encoding == "utf-8" else "UTF-16"
        raise InvalidText(
            f"Not {name}: the bytes from offset {position} on are no character. Save the text as UTF-8.",
            code="undecodable",
            position=position,
        ) from None
