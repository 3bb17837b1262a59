"""The images of a page, and the digests of those that are known. docs/spec/html.md, "Images"."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notary.core.html.characters import tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from selectolax.lexbor import LexborNode

_SPACE = "\t\n\f\r "
_TO_NOTHING = str.maketrans("", "", _SPACE)
_DATA = re.compile(r"data:[^,]*;base64,", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Image:
    """An image: its source as written, its text, and SHA-256 of its file if that is known."""

    src: str
    alt: str
    sha256: bytes | None


def read_image(node: LexborNode, supplied: Mapping[str, bytes]) -> Image:
    """Return an `img`; ``supplied`` are the digests of files, by `src`."""
    attributes = node.attributes
    src = (attributes.get("src") or "").strip(_SPACE)
    alt = tidy(attributes.get("alt") or "")
    parent = node.parent
    if "srcset" in attributes or (parent is not None and parent.tag == "picture"):
        return Image(src, alt, None)
    data = _inline(src)
    return Image(src, alt, supplied.get(src) if data is None else hashlib.sha256(data).digest())


def _inline(src: str) -> bytes | None:
    """Return the bytes that a `data:` address holds in canonical base64; None for every other address."""
    src = src.translate(_TO_NOTHING)
    found = _DATA.match(src)
    if found is None:
        return None
    text = src[found.end() :]
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if data and base64.b64encode(data).decode("ascii") == text else None
