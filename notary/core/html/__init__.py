"""Pages: the canonical text of an announcement, taken from HTML with a profile. See docs/spec/html.md."""

from notary.core.html.media import Image
from notary.core.html.page import MAX_PAGE_BYTES, Page, Region, Tree, canonical_page, parse_page, read_tree
from notary.core.html.walk import Aside, Link

__all__ = [
    "MAX_PAGE_BYTES",
    "Aside",
    "Image",
    "Link",
    "Page",
    "Region",
    "Tree",
    "canonical_page",
    "parse_page",
    "read_tree",
]
