"""Every vector under tests/vectors/html and selector, and that they are as many and as varied as they should be."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from notary.core.html import Page, canonical_page
from notary.core.html.match import Matcher
from notary.core.html.names import BLOCKS, CONTROLS, EMBEDDED
from notary.core.profile import parse_profile
from notary.core.selectors import parse_selector
from notary.core.text import canonical_document
from notary.errors import InvalidText
from tests import cases

PAGES = cases.load("html")
SELECTORS = cases.load("selector", bad=False)


def read(case: dict[str, Any]) -> Page:
    data = bytes.fromhex(case["page_hex"]) if "page_hex" in case else case["page"].encode()
    return canonical_page(data, parse_profile(case["profile"]), charset=case.get("charset"))


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str) -> None:
    case = PAGES[name]
    if "error" in case:
        with pytest.raises(InvalidText) as caught:
            read(case)
        error = caught.value
        assert (error.code, error.field, error.position) == (case["error"], case.get("field"), case.get("position"))
        return
    page = read(case)
    assert page.text.data.decode() == case["document"]
    assert [{"kind": aside.kind, "text": aside.text} for aside in page.asides] == case.get("asides", [])
    assert [shown_image(image.src, image.alt, image.sha256) for image in page.images] == case.get("images", [])
    assert [{"href": link.href, "text": link.text} for link in page.links] == case.get("links", [])
    assert canonical_document(page.text.data).data == page.text.data


def shown_image(src: str, alt: str, digest: bytes | None) -> dict[str, str]:
    return {"src": src, "alt": alt} | ({} if digest is None else {"sha256": digest.hex()})


@pytest.mark.parametrize("name", SELECTORS)
def test_selector(name: str) -> None:
    case = SELECTORS[name]
    root = LexborHTMLParser(case["page"]).root
    assert root is not None
    found = Matcher(root).find([parse_selector(case["selector"], field="x")])
    assert [node.attributes.get("id") for node in found] == case["ids"]


def test_the_vectors_cover_every_code_and_kind() -> None:
    assert len(PAGES) >= 150
    errors = Counter(case["error"] for case in PAGES.values() if "error" in case)
    assert set(errors) == {
        *(
            "forbidden-code-point",
            "undecodable",
            "unsupported-encoding",
            "conflicting-encodings",
            "page-too-complex",
            "page-ambiguous",
            "page-too-deep",
        ),
        *("selector-no-match", "selector-ambiguous", "selected-hidden", "profile-overlap"),
        *("style-escape", "inline-direction", "table-too-large"),
        *("unassigned-code-point", "too-many-marks", "leading-mark", "unbalanced-isolate"),
        *("empty-text", "empty-title", "empty-body"),
    }
    kinds = Counter(aside["kind"] for case in PAGES.values() for aside in case.get("asides", []))
    assert set(kinds) == {"hidden", "ignored", "skipped", "embedded"}
    pages = "".join(case.get("page", "") for case in PAGES.values()).lower()
    named = (BLOCKS | CONTROLS | EMBEDDED) - {"search"}
    assert [name for name in sorted(named) if f"<{name}" not in pages] == []
