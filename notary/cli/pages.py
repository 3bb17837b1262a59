"""Reading pages for the commands: profiles, the images beside a page, and what a page has beside its text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from notary.cli import files, output
from notary.core import jcs
from notary.core.bundle import Bundle
from notary.core.copies import Copy, read_copy
from notary.core.html import MAX_PAGE_BYTES, Page, canonical_page
from notary.core.profile import Profile, parse_profile
from notary.errors import InvalidProfile, NotaryError, Unselectable, UsageError

MAX_PROFILE_BYTES = 64 << 10
_MAX_IMAGE_BYTES = 64 << 20

_ASIDES = {
    "hidden": "hidden content",
    "ignored": "content that the profile ignores",
    "skipped": "a control",
    "embedded": "embedded content",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A page as it was read: its bytes, what is in it, and the SHA-256 of the image files beside it, by ``src``."""

    data: bytes
    page: Page
    images: dict[str, bytes]


def load_profile(path: str) -> Profile:
    """Return the profile in a file.

    Raises :class:`UsageError` where it cannot be read, and :class:`InvalidProfile` where it is none.
    """
    data = files.read_file(path, max_bytes=MAX_PROFILE_BYTES, what="profile")
    try:
        return parse_profile(jcs.loads(data, max_bytes=MAX_PROFILE_BYTES))
    except NotaryError as error:
        raise InvalidProfile(
            f"{path}: {error.message}", code=error.code, field=error.field, position=error.position
        ) from None


def read_page(path: str, profile: Profile, *, charset: str | None) -> PageFile:
    """Return the article in a page, its images looked for beside it; nothing is fetched.

    Raises :class:`UsageError` and what :func:`canonical_page` raises.
    """
    data = files.read_file(path, max_bytes=MAX_PAGE_BYTES, what="page")
    try:
        page = canonical_page(data, profile, charset=charset)
    except Unselectable as error:
        hint = "See what it takes with notary profile check."
        raise Unselectable(f"{error.message} {hint}", code=error.code, field=error.field) from None
    images = local_images(page, path)
    if images:
        page = canonical_page(data, profile, charset=charset, supplied=images)
    return PageFile(data, page, images)


def page_copy(path: str, bundle: Bundle, *, profile: str | None, charset: str | None) -> Copy:
    """Return a saved page as the reader's copy: with their profile, if they named one, and the images beside it."""
    data = files.read_file(path, max_bytes=MAX_PAGE_BYTES, what="copy")
    copy = Copy(data, "html", profile=None if profile is None else load_profile(profile), charset=charset)
    page = read_copy(bundle, copy).page
    return copy if page is None else replace(copy, images=local_images(page, path))


def local_images(page: Page, path: str) -> dict[str, bytes]:
    """Return the SHA-256 of the image files that ``page`` names and that lie in or under the folder of ``path``."""
    if path == "-":
        return {}
    folder = Path(path).resolve().parent
    found: dict[str, bytes] = {}
    for image in page.images:
        if image.sha256 is None and image.src not in found:
            digest = _digest_of(folder, image.src)
            if digest is not None:
                found[image.src] = digest
    return found


def _digest_of(folder: Path, src: str) -> bytes | None:
    name = unquote(src.split("?", 1)[0].split("#", 1)[0])
    if not name or ":" in name or name.startswith(("/", "\\")) or "\0" in name:
        return None  # an address, not a file beside the page
    try:
        file = (folder / name).resolve()
        if not file.is_relative_to(folder) or not file.is_file() or file.stat().st_size > _MAX_IMAGE_BYTES:
            return None
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return None


def say_page(page: Page) -> None:
    """Say on standard error what else a reader of the page sees, or does not see, beside the text."""
    for notice in page.text.notices:
        output.note(f"notary: {notice.code}: U+{notice.codepoint:04X} {notice.name}, {notice.count} times")
    for aside in page.asides:
        words = f"“{aside.text}”" if aside.text else "it has no words"
        output.note(f"notary: {aside.kind}: {_ASIDES[aside.kind]}, not part of the canonical text: {words}")
    for image in page.images:
        known = "without a digest" if image.sha256 is None else f"SHA-256 {image.sha256.hex()}"
        output.note(f"notary: image: {image.src[:100]} “{image.alt}”, {known}")
    for link in page.links:
        output.note(f"notary: link: “{link.text}” to {link.href}")


def require_confirmed(page: Page, *, confirmed: bool) -> None:
    """Ask for ``--confirm-hidden`` where a page has what no digest will cover. Raises :class:`UsageError`."""
    if page.asides and not confirmed:
        raise UsageError(
            f"The page has content ({len(page.asides)} items, named above) that readers may see, or not see, and that "
            "the record will not cover. Take it out of the page, or, if that is right, say --confirm-hidden.",
            code="unconfirmed-asides",
        )
