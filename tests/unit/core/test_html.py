"""Pages: what the walk makes of them, beyond what the vectors say."""

from __future__ import annotations

from notary.core.html import canonical_page
from notary.core.profile import parse_profile


def test_a_page() -> None:
    profile = parse_profile({"spec": "notary-profile/1", "title": "h1", "body": "#b"})
    page = canonical_page(b"<h1>A <b>b</b></h1><div id=b><p>c<p>10<sup>2</sup><ol><li>x</ol></div>", profile)
    assert page.text.data.decode() == "A b\n\nc\n10<sup>2</sup>\n1. x"
