"""A small page, its profile, and a world whose record is about it; tests change one thing at a time."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from notary.core.bundle import Bundle
from notary.core.html import canonical_page
from notary.core.jcs import Json
from notary.core.profile import parse_profile
from notary.core.record import TextDigest
from tests import worlds
from tests.worlds import World

PROFILE: dict[str, Json] = {"spec": "notary-profile/1", "title": "h1", "body": "#article", "ignore": [".share"]}
PICTURE = b"\x89PNG\r\n\x1a\n not a real picture, but a file"
SRC = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Roads office</title></head><body>'
    '<div class="nav">Home &gt; Notices</div><h1>Old Mill Bridge closed</h1><div id="article">'
    "<p>Vehicles over 7.5 tonnes may <b>not</b> cross it.</p><p>Cars are not affected; see "
    f'<a href="/map">the map</a>.</p><p><img src="{SRC}" alt="The bridge"></p></div>'
    '<div class="foot">Views: 1,204</div></body></html>'
)


def page(change: Callable[[str], str] = lambda text: text) -> bytes:
    """Return the page after a change, which must change it."""
    return change(PAGE).encode()


def page_record_changes(data: bytes, profile: dict[str, Json]) -> dict[str, object]:
    """Return what a record says of a page."""
    read = canonical_page(data, parse_profile(profile))
    content = TextDigest(
        sha256=read.text.sha256,
        lines=len(read.text.lines),
        lines_root=read.text.lines_root,
        profile_sha256=parse_profile(profile).digest(),
        links_sha256=read.links_sha256,
    )
    return {"content": content, "media": read.media}


class PageWorld(World):
    """A log with one entry about :data:`PAGE`, or another page."""

    def __init__(self, recorded: bytes = PAGE.encode()) -> None:
        super().__init__(entry=worlds.entry(worlds.record(**page_record_changes(recorded, PROFILE))))
        self._recorded = recorded

    def page_bundle(self, **changes: object) -> Bundle:
        """Return the bundle: the text of the page, and its profile."""
        text = canonical_page(self._recorded, parse_profile(PROFILE)).text.data.decode()
        return self.bundle(**{"text": text, "profile": PROFILE, **changes})


def picture_digest() -> bytes:
    """Return the SHA-256 of the picture."""
    return hashlib.sha256(PICTURE).digest()
