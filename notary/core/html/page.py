"""A page and a profile to a canonical text, and to what else of the page a reader sees. docs/spec/html.md.

The parser is lexbor; it builds the tree, and no rule of ours rests on anything else of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from notary.core import jcs
from notary.core.encodings import decode_html
from notary.core.html.characters import Characters, tidy
from notary.core.html.document import write_document
from notary.core.html.guard import check_before_parsing
from notary.core.html.match import Matcher
from notary.core.html.media import Image, read_image
from notary.core.html.select import check_regions, select, tags_around
from notary.core.html.tree import is_element
from notary.core.html.walk import ASCII_SPACE, Aside, Link, Walk
from notary.core.selectors import parse_selector
from notary.core.text import MAX_TEXT_BYTES, CanonicalText
from notary.errors import InvalidText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from selectolax.lexbor import LexborNode

    from notary.core.jcs import Json
    from notary.core.profile import Profile

MAX_PAGE_BYTES = 8 * 1024 * 1024
# Browsers flatten what is deeper than 512.
MAX_TREE_DEPTH = 500
MAX_MATCHING_WORK = 5_000_000

_BASE = parse_selector("base[href]", field="base")
_LINKS_PREFIX = b"notary-links/1\n"


@dataclass(frozen=True, slots=True)
class Tree:
    """A page as it was parsed: its `html` element, and the encoding its bytes were in."""

    root: LexborNode
    encoding: str


@dataclass(frozen=True, slots=True)
class Region:
    """What a selector of the profile took, for people: its lines, tidied."""

    name: str
    characters: Characters

    @property
    def text(self) -> str:
        """The lines that have any text, without tags and markup."""
        return "\n".join(filter(None, map(tidy, self.characters.text.split("\n"))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The canonical text of a page, and what of the page it does not hold."""

    text: CanonicalText
    asides: tuple[Aside, ...]
    images: tuple[Image, ...]
    links: tuple[Link, ...]
    encoding: str
    regions: tuple[Region, ...]

    @property
    def links_sha256(self) -> bytes | None:
        """What a record carries as ``text.links_sha256``; None for a page without links."""
        if not self.links:
            return None
        value: list[Json] = [{"href": link.href, "text": link.text} for link in self.links]
        return hashlib.sha256(_LINKS_PREFIX + jcs.dumps(value)).digest()

    @property
    def media(self) -> tuple[bytes, ...]:
        """The known digests of the images, in their order, each once: what a record carries as ``media``."""
        return tuple(dict.fromkeys(image.sha256 for image in self.images if image.sha256 is not None))


def canonical_page(
    data: bytes,
    profile: Profile,
    *,
    charset: str | None = None,
    supplied: Mapping[str, bytes] | None = None,
    max_bytes: int = MAX_TEXT_BYTES,
) -> Page:
    """Return the canonical text of a page, cut as the profile says, and what stands beside it.

    ``charset`` is what the transport named; ``supplied`` are digests of image files by `src`. Raises
    :class:`notary.errors.Unselectable` where the profile does not fit the page, which says nothing about the text
    (``selector-no-match``, ``selector-ambiguous``, ``page-too-deep``, ``selected-hidden``, ``profile-overlap``), and
    :class:`InvalidText` otherwise: ``page-too-large``, ``page-too-complex``, ``page-ambiguous``, ``page-too-deep``,
    ``style-escape``, ``inline-direction``, ``table-too-large``, those of :func:`notary.core.encodings.decode_html`
    and of :func:`notary.core.text.canonical_plain`.
    """
    return read_tree(parse_page(data, charset=charset), profile, supplied=supplied, max_bytes=max_bytes)


def parse_page(data: bytes, *, charset: str | None = None) -> Tree:
    """Return the tree of a page; the first half of :func:`canonical_page`, with its errors up to the parse."""
    if len(data) > MAX_PAGE_BYTES:
        raise InvalidText(f"The page has {len(data)} bytes; the limit is {MAX_PAGE_BYTES}.", code="page-too-large")
    decoded = decode_html(data, charset=charset)
    check_before_parsing(decoded.text)
    # Without events: with them an `option` is copied into a `selectedcontent`, which is script's work.
    root = LexborHTMLParser(decoded.text, options=LexborDocumentOptions.WO_EVENTS).root
    if root is None:
        raise InvalidText("The page is empty.", code="empty-text")
    return Tree(root, decoded.encoding)


def read_tree(
    tree: Tree, profile: Profile, *, supplied: Mapping[str, bytes] | None = None, max_bytes: int = MAX_TEXT_BYTES
) -> Page:
    """Return what the profile takes of a parsed page; the second half of :func:`canonical_page`, with its errors."""
    _require_bounded(tree.root, profile)
    matcher = Matcher(tree.root)
    regions = select(matcher, profile)
    ignored = {node.mem_id for node in matcher.find(profile.ignore)} if profile.ignore else set()
    walk = Walk({region.node.mem_id for region in regions}, ignored)
    check_regions(regions, walk)
    around = [tags_around(region, walk) for region in regions]
    walked = [
        Region(region.name, walk.region(region.node, depth=len(region.ancestors), tags=tags))
        for region, tags in zip(regions, around, strict=True)
    ]
    title = walked[0].characters if profile.title is not None else None
    parts = [region.characters for region in (walked[1:] if profile.title is not None else walked)]
    return Page(
        text=write_document(title, parts, max_bytes=max_bytes),
        asides=tuple(walk.asides),
        images=tuple(read_image(node, supplied or {}) for node in walk.images),
        links=(*(_base(matcher) if walk.links or walk.images else ()), *walk.links),
        encoding=tree.encoding,
        regions=tuple(walked),
    )


def _base(matcher: Matcher) -> tuple[Link, ...]:
    """Return what all addresses of the page are relative to, if it says so: it leads readers elsewhere."""
    found = matcher.find([_BASE])
    return (Link((found[0].attributes["href"] or "").strip(ASCII_SPACE), ""),) if found else ()


def _require_bounded(root: LexborNode, profile: Profile) -> None:
    """Refuse a tree that is too deep, or has too many elements for the selectors that they are held against."""
    nodes = [root]
    level = [root]
    for _ in range(MAX_TREE_DEPTH + 1):
        level = [child for node in level for child in node.iter()]
        nodes += level
        if not level:
            break
    # Comments are among the nodes.
    if any(map(is_element, level)):
        raise InvalidText(f"The page has an element inside more than {MAX_TREE_DEPTH} others.", code="page-too-deep")
    compounds = sum(len(chain) for selector in profile.selectors() for chain in selector.chains)
    if len(nodes) * compounds > MAX_MATCHING_WORK and sum(map(is_element, nodes)) * compounds > MAX_MATCHING_WORK:
        raise InvalidText("The page has too many elements for a profile of this size.", code="page-too-complex")
