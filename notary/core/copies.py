"""The reader's copy of an article: how it is read, and what holding it against a record says.

A copy is a text, or a page, which a profile turns into one. What a page shows beyond its canonical text (hidden or
embedded content, images and links that no digest covers) is never a match: it is listed word for word. See
``docs/spec/verify.md`` and ``docs/spec/html.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from notary.core.bundle import Bundle
from notary.core.outcome import Outcome, failed, not_applicable, passed, unchecked
from notary.core.record import FileDigest, Record, TextDigest
from notary.core.text import CanonicalText, canonical, canonical_document, compare
from notary.errors import InvalidText, NotaryError, Unselectable

if TYPE_CHECKING:
    # Parsing pages is needed by few verifications, and slow to load.
    from notary.core.html import Page
    from notary.core.profile import Profile

# Refusals of what could be read well, but is too little for a text.
_PARTIAL = ("empty-title", "empty-body")

WITH_UNCHECKED = "same-text-with-unchecked"
"""The outcome of a page whose text is the recorded one, but which shows more than the record covers."""
NOT_LOOKED_AT = "Where images stand, and what style sheets and scripts show, hide or move, was not looked at."
SAME_PAGE = "same-page"
"""The outcome of a page whose text, images and links are the recorded ones, with nothing beside them that is known."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The reader's copy: its bytes and what they are.

    For a page (``html``): the profile to read it with (by default the bundle's), the charset that came with it over
    the network, and the SHA-256 of those image files that the reader holds, by the ``src`` that names them.
    """

    data: bytes
    kind: Literal["plain", "canonical", "html"]
    profile: Profile | None = None
    charset: str | None = None
    images: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """A copy as it was read: its text, or why it has none; for a page the rest of it as well."""

    text: CanonicalText | None = None
    page: Page | None = None
    error: InvalidText | None = None


def read_copy(bundle: Bundle, copy: Copy | None) -> Reading:
    """Return the canonical text of the copy, if it is one of a record about a text; ``error`` says why there is none.

    Bytes that already are the recorded document are taken as they are.
    """
    content = bundle.entry.record.content
    if copy is None or not isinstance(content, TextDigest):
        return Reading()
    try:
        if hashlib.sha256(copy.data).digest() == content.sha256:
            return Reading(canonical_document(copy.data))
        if copy.kind != "html":
            return Reading(canonical(copy.data, copy.kind))
        page = _read_page(bundle, copy)
        return Reading(page.text, page)
    except InvalidText as error:
        return Reading(error=error)


def _read_page(bundle: Bundle, copy: Copy) -> Page:
    from notary.core.html import canonical_page
    from notary.core.profile import parse_profile

    profile = copy.profile
    if profile is None:
        if bundle.profile is None:
            raise Unselectable(
                "The copy is a page, and there is no profile that says where in it the article is."
                " Give one with it, or the text of the article instead of the page.",
                code="no-profile",
            )
        try:
            profile = parse_profile(bundle.profile)
        except NotaryError as error:
            raise Unselectable(f"The profile in the bundle cannot be used: {error.message}", code=error.code) from None
    return canonical_page(copy.data, profile, charset=copy.charset, supplied=copy.images)


def check_copy(bundle: Bundle, copy: Copy | None, reading: Reading) -> Outcome:
    """Compare the copy in hand, as :func:`read_copy` read it, with what was recorded.

    Raises :class:`InvalidText` where the copy cannot be read as a text: that says nothing about alteration.
    """
    if copy is None:
        return not_applicable("no-copy", "No copy was given to compare.")
    record = bundle.entry.record
    content = record.content
    digest = hashlib.sha256(copy.data).digest()
    if isinstance(content, FileDigest):
        if digest == content.sha256 and len(copy.data) == content.size:
            return passed("identical-file", "The copy is byte for byte the recorded file.")
        return failed("changed", "The copy is not the recorded file.")
    if not isinstance(content, TextDigest):
        return unchecked("not-revealed", "The text is committed to but has not been revealed.")
    if digest == content.sha256:
        return passed("identical", "The copy is byte for byte the recorded canonical text.")
    if reading.text is None:
        return _unread(reading, copy)
    extra = "" if reading.page is None else _listed(uncovered(reading.page, record))
    if reading.text.sha256 != content.sha256:
        return _difference(bundle, content, reading.text, extra)
    if reading.page is None:
        return passed("same-text", "The copy has the recorded text.")
    if extra:
        return unchecked(WITH_UNCHECKED, f"The copy has the recorded text.{extra}")
    return passed(SAME_PAGE, f"The page has the recorded text, images and links. {NOT_LOOKED_AT}")


def _unread(reading: Reading, copy: Copy) -> Outcome:
    """Return what a copy without a text comes to; raise where it is not readable at all."""
    error = reading.error
    assert error is not None  # noqa: S101 - a reading of a record about a text has one or the other
    if isinstance(error, Unselectable):
        return unchecked(error.code, f"The article could not be found in the page: {error.message}")
    # In a page the regions were found: nothing in them is something to compare.
    if error.code in _PARTIAL or (copy.kind == "html" and error.code == "empty-text"):
        return failed("changed", f"The copy is not the recorded text, but a part of a text at most: {error.message}")
    raise error


def _difference(bundle: Bundle, content: TextDigest, text: CanonicalText, extra: str) -> Outcome:
    recorded = bundle.text.encode() if bundle.text is not None else None
    if recorded is None or hashlib.sha256(recorded).digest() != content.sha256:
        return failed(
            "changed", f"The copy does not have the recorded text, which is not disclosed for a comparison.{extra}"
        )
    try:
        typography = compare(recorded, text.data) == "typography-only"
    except InvalidText:
        typography = False  # the recorded text is none: the check `text` says so
    if typography:
        return failed("typography-only", f"The copy differs from the recorded text in typography only.{extra}")
    return failed("changed", f"The copy differs from the recorded text.{extra}")


_ASIDES = {
    "hidden": "hidden content",
    "ignored": "content that the profile ignores",
    "skipped": "a control",
    "embedded": "embedded content",
}


def uncovered(page: Page, record: Record) -> list[str]:
    """Return, word for word, what a reader of the page may see that no digest in the record covers."""
    found = [_ASIDES[aside.kind] + (f": “{aside.text}”" if aside.text else " (without words)") for aside in page.asides]
    digests = [image.sha256 for image in page.images]
    # The record has each digest once, so it cannot say which of several images one that is there again stands for.
    if None in digests or len(set(digests)) < len(digests) or page.media != record.media:
        found += [f"an image: {image.src[:200]} “{image.alt}”" for image in page.images]
        if not page.images:
            found.append(f"the images of the record ({len(record.media)}), none of which is in the page")
    content = record.content
    if page.links and not (isinstance(content, TextDigest) and page.links_sha256 == content.links_sha256):
        found += [f"a link: “{link.text}” to {link.href}" for link in page.links]
    return found


def _listed(found: list[str]) -> str:
    if not found:
        return ""
    return " Not covered by any digest in the record: " + "; ".join(found) + "."
