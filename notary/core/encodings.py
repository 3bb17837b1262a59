"""Bytes of a page to characters: UTF-8 only, until the encodings of the standard are merged."""

from __future__ import annotations

from dataclasses import dataclass

from notary.core.decode import decode


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of a page, the encoding they were in, and what named it."""

    text: str
    encoding: str
    source: str


def decode_html(data: bytes, *, charset: str | None = None) -> Decoded:
    """Return the characters of a page. Raises :class:`notary.errors.InvalidText`."""
    del charset
    return Decoded(decode(data), "UTF-8", "default")
