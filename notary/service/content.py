"""What a submission is about: its canonical text and the digests that a record will hold of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from notary.config import LimitSettings
from notary.core.html import Page, canonical_page
from notary.core.profile import Profile
from notary.core.record import TextDigest
from notary.core.text import CanonicalText, canonical
from notary.errors import InvalidText, Unconfirmed

Kind = Literal["plain", "canonical", "html"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInput:
    """How a submitted page is to be read.

    ``images`` holds the SHA-256 of image files that the page names, by their ``src``; ``confirmed`` says that the
    publisher knows what the page shows, or hides, beside its text.
    """

    profile: Profile
    charset: str | None = None
    images: Mapping[str, bytes] = field(default_factory=dict)
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """The digests of a text, and, unless its publisher keeps it, the text and the page that it came from, if any."""

    digest: TextDigest
    text: CanonicalText | None = None
    media: tuple[bytes, ...] = ()
    profile: Profile | None = None
    page: Page | None = None


def read_content(text: bytes | TextDigest, kind: Kind, page: PageInput | None, limits: LimitSettings) -> Content:
    """Return what was handed in, in canonical form; of a digest there is nothing more to know.

    Raises :class:`InvalidText`, and :class:`Unconfirmed` (``unconfirmed-asides``) for a page that shows or hides
    something which no digest will cover, unless that is confirmed. docs/spec/html.md, "Asides".
    """
    if isinstance(text, TextDigest):
        _require_lines(text.lines, limits, field="text")
        return Content(text)
    if kind != "html":
        found = canonical(text, kind, max_bytes=limits.max_text_bytes)
        _require_lines(len(found.lines), limits, field="text")
        return Content(_digest(found), found)
    if page is None:
        raise InvalidText("A page needs a profile that says where the article is.", code="no-profile")
    return _read_page(text, page, limits)


def _read_page(data: bytes, given: PageInput, limits: LimitSettings) -> Content:
    page = canonical_page(
        data, given.profile, charset=given.charset, supplied=given.images, max_bytes=limits.max_text_bytes
    )
    _require_lines(len(page.text.lines), limits, field="text")
    if page.asides and not given.confirmed:
        raise Unconfirmed(
            f"The page has content ({len(page.asides)} items) that readers may see, or not see, and that the record "
            "will not cover. Look at it, then confirm it or take it out of the page.",
            code="unconfirmed-asides",
            field="confirm_hidden",
            asides=tuple((aside.kind, aside.text) for aside in page.asides),
        )
    digest = replace(_digest(page.text), profile_sha256=given.profile.digest(), links_sha256=page.links_sha256)
    return Content(digest, page.text, media=page.media, profile=given.profile, page=page)


def _digest(text: CanonicalText) -> TextDigest:
    return TextDigest(sha256=text.sha256, lines=len(text.lines), lines_root=text.lines_root)


def _require_lines(lines: int, limits: LimitSettings, *, field: str) -> None:
    if lines > limits.max_lines:
        # Lines are hashed one by one wherever the text is checked: many short ones cost far more than their bytes.
        raise InvalidText(
            f"The text has {lines} lines; this log takes {limits.max_lines}.", code="too-many-lines", field=field
        )
