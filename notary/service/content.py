"""What a submission is about: its canonical text and the digests that a record will hold of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """A canonical text, the digests of it, and the page that it came from, if any."""

    text: CanonicalText
    digest: TextDigest
    media: tuple[bytes, ...] = ()
    profile: Profile | None = None
    page: Page | None = None


def read_content(data: bytes, kind: Kind, page: PageInput | None, limits: LimitSettings) -> Content:
    """Return what was handed in, in canonical form.

    Raises :class:`InvalidText`, and :class:`Unconfirmed` (``unconfirmed-asides``) for a page that shows or hides
    something which no digest will cover, unless that is confirmed. docs/spec/html.md, "Asides".
    """
    if page is None or kind != "html":
        if kind == "html":
            raise InvalidText("A page needs a profile that says where the article is.", code="no-profile")
        text = canonical(data, kind, max_bytes=limits.max_text_bytes)
        _require_lines(text, limits)
        return Content(text, TextDigest(sha256=text.sha256, lines=len(text.lines), lines_root=text.lines_root))
    read = canonical_page(
        data, page.profile, charset=page.charset, supplied=page.images, max_bytes=limits.max_text_bytes
    )
    _require_lines(read.text, limits)
    if read.asides and not page.confirmed:
        raise Unconfirmed(
            f"The page has {len(read.asides)} passages that its readers may see, or not see, and that the record will "
            "not cover. Look at them, then confirm them or take them out of the page.",
            code="unconfirmed-asides",
            field="confirm_hidden",
            asides=tuple((aside.kind, aside.text) for aside in read.asides),
        )
    digest = TextDigest(
        sha256=read.text.sha256,
        lines=len(read.text.lines),
        lines_root=read.text.lines_root,
        profile_sha256=page.profile.digest(),
        links_sha256=read.links_sha256,
    )
    return Content(read.text, digest, media=read.media, profile=page.profile, page=read)


def _require_lines(text: CanonicalText, limits: LimitSettings) -> None:
    if len(text.lines) > limits.max_lines:
        # Lines are hashed one by one wherever the text is checked: many short ones cost far more than their bytes.
        raise InvalidText(
            f"The text has {len(text.lines)} lines; this log takes {limits.max_lines}.",
            code="too-many-lines",
            field="text",
        )
