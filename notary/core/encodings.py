"""The bytes of an HTML page to characters, strictly and as a browser reads them. docs/spec/encoding.md.

The WHATWG Encoding standard says what a label means and what a sequence of bytes stands for; Python's codecs agree with
it in UTF-8 and UTF-16, nearly in GB 18030 (see :data:`_GB18030`) and not in single-byte encodings, which are decoded by
the standard's own tables. An encoding for which equality is not proven over all its sequences is refused, so that no
text is ever anchored that a reader does not see.

Only what reads HTML needs this module; nothing on the path of a plain copy may import it.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Literal

import webencodings

from notary.core.encoding_tables import SINGLE_BYTE
from notary.core.prescan import declarations, prescan
from notary.errors import InvalidText

__all__ = ["SUPPORTED", "Decoded", "Source", "decode_as", "decode_html"]

Source = Literal["bom", "transport", "meta", "default"]

_ASCII = "".join(map(chr, range(0x80)))

SUPPORTED = frozenset({"utf-8", "utf-16le", "utf-16be", "gb18030", "gbk", *SINGLE_BYTE})

_REFUSED_SIGNATURES = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)

# Where the standard follows GB 18030-2022 (or, in A3A0, the pages there are) and Python's codec is older. No other
# sequence of the codec gives these characters, so they can be exchanged after decoding.
_GB18030 = {
    "a3a0": "\u3000",
    "a6d9": "\ufe10",
    "a6da": "\ufe12",
    "a6db": "\ufe11",
    "a6dc": "\ufe13",
    "a6dd": "\ufe14",
    "a6de": "\ufe15",
    "a6df": "\ufe16",
    "a6ec": "\ufe17",
    "a6ed": "\ufe18",
    "a6f3": "\ufe19",
    "a8bc": "\u1e3f",
    "fe59": "\u9fb4",
    "fe61": "\u9fb5",
    "fe66": "\u9fb6",
    "fe67": "\u9fb7",
    "fe6d": "\u9fb8",
    "fe7e": "\u9fb9",
    "fe90": "\u9fba",
    "fea0": "\u9fbb",
    "8135f437": "\ue7c7",
}


def _gb18030_patch() -> dict[str, str]:
    # A later Python may have caught up: what its codec gives is looked at, not assumed.
    given = ((bytes.fromhex(sequence).decode("gb18030"), right) for sequence, right in _GB18030.items())
    return {wrong: right for wrong, right in given if wrong != right}


def _euro(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0x80:
        return "€", error.start + 1
    raise error


_PATCH = _gb18030_patch()
_PATCHED = re.compile(f"[{''.join(_PATCH)}]")
_EURO = "notary.gb18030"
codecs.register_error(_EURO, _euro)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of a page, the encoding by the name that the standard has for it, and what named it."""

    text: str
    encoding: str
    source: Source


def decode_html(data: bytes, *, charset: str | None = None) -> Decoded:
    """Return the characters of a page, without a byte order mark; ``charset`` is the label that came over HTTP.

    Raises :class:`InvalidText` (``unsupported-encoding``, ``conflicting-encodings``, ``undecodable``; with the last,
    ``position`` is an offset in bytes).
    """
    if data.startswith(_REFUSED_SIGNATURES):
        raise _unsupported("The page is UTF-32, which browsers do not read.")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return Decoded(_decode(data, encoding, skipped=len(mark)), encoding, "bom")
    if charset is not None:
        return _decoded(data, _of_label(charset), "transport")
    declared = prescan(data)
    encoding = declared or "utf-8"
    for other in declarations(data):
        if other is None or _decoder(other) != _decoder(encoding):
            raise _conflicting(encoding, other)
    return _decoded(data, encoding, "default" if declared is None else "meta")


def decode_as(data: bytes, encoding: str) -> str:
    """Return the characters of ``data`` in one of :data:`SUPPORTED`; a byte order mark is a character like others.

    Raises :class:`InvalidText` (``unsupported-encoding``, ``undecodable``).
    """
    return _decode(data, encoding, skipped=0)


def _decoded(data: bytes, encoding: str, source: Source) -> Decoded:
    return Decoded(_decode(data, encoding, skipped=0), encoding, source)


def _of_label(label: str) -> str:
    encoding = webencodings.lookup(label)
    if encoding is None:
        raise _unsupported(f"The page was sent as {label[:40]!r}, which is the name of no encoding.")
    return str(encoding.name)


def _decode(data: bytes, encoding: str, *, skipped: int) -> str:
    if encoding not in SUPPORTED:
        raise _unsupported(f"The page is encoded as {encoding}, which is not supported.")
    try:
        return _strict(data[skipped:], encoding)
    except UnicodeDecodeError as error:
        position = skipped + error.start
        raise InvalidText(
            f"Not {encoding}: the bytes from offset {position} on are no character. Save the page as UTF-8.",
            code="undecodable",
            position=position,
        ) from None


def _strict(data: bytes, encoding: str) -> str:
    upper_half = SINGLE_BYTE.get(encoding)
    if upper_half is not None:
        return codecs.charmap_decode(data, "strict", _ASCII + upper_half)[0]
    if _decoder(encoding) != "gb18030":
        return data.decode(encoding, "strict")
    text = data.decode("gb18030", _EURO)
    # Looking for each of a few characters is much faster than looking at each character.
    if any(wrong in text for wrong in _PATCH):
        text = _PATCHED.sub(lambda match: _PATCH[match[0]], text)
    return text


def _decoder(encoding: str) -> str:
    return "gb18030" if encoding == "gbk" else encoding


def _unsupported(what: str) -> InvalidText:
    return InvalidText(f"{what} Save the page as UTF-8.", code="unsupported-encoding")


def _conflicting(encoding: str, other: str | None) -> InvalidText:
    if other is None:
        what = "The page holds too many broken <meta> tags to tell what they declare."
    else:
        what = f"The page would be read as {encoding}, but has a declaration of {other} as well."
    return InvalidText(f"{what} Save the page as UTF-8, with one declaration.", code="conflicting-encodings")
