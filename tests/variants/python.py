"""What Python takes from a page, in the form of the vectors of ``tests/vectors/html``."""

from __future__ import annotations

from typing import Any

from notary.core.html import Image, canonical_page
from notary.core.profile import parse_profile
from notary.errors import NotaryError
from tests.variants.pages import Page


def taken(page: Page) -> dict[str, Any]:
    """Return document, asides, images and links, or the error with its field and position."""
    try:
        read = canonical_page(page.data, parse_profile(page.profile), charset=page.charset)
    except NotaryError as error:
        return _said(error)
    result: dict[str, Any] = {"document": read.text.data.decode()}
    lists: dict[str, list[dict[str, str]]] = {
        "asides": [{"kind": aside.kind, "text": aside.text} for aside in read.asides],
        "images": [_image(image) for image in read.images],
        "links": [{"href": link.href, "text": link.text} for link in read.links],
    }
    return result | {name: members for name, members in lists.items() if members}


def _image(image: Image) -> dict[str, str]:
    known = {} if image.sha256 is None else {"sha256": image.sha256.hex()}
    return {"src": image.src, "alt": image.alt, **known}


def _said(error: NotaryError) -> dict[str, Any]:
    details = {"field": getattr(error, "field", None), "position": getattr(error, "position", None)}
    return {"error": error.code} | {name: value for name, value in details.items() if value is not None}
