"""What axe-core and a look at the colours find on a page, in both colour schemes."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from playwright.sync_api import Page

from scripts._dev import paths
from tests.browser.contrast import CONTRAST

WORST = {"serious", "critical"}
NARROW = 360
# A colour scheme changes colours only: what else there is to find was found under the first one.
SCHEMES: dict[Literal["light", "dark"], dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]},
}
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true; })"


@cache
def source() -> str:
    """Return the program of axe-core."""
    return (paths.NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def faults(page: Page, state: str) -> list[tuple[str, str, str]]:
    """Return what is serious or critical on a page as it stands, everything on it opened; with the state's name."""
    found: list[tuple[str, str, str]] = []
    page.evaluate(OPEN_ALL)
    page.evaluate(source())
    for scheme, options in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        found += [(f"{state}, {scheme}", "contrast", str(poor)) for poor in page.evaluate(CONTRAST)]
        found += [
            (f"{state}, {scheme}", violation["id"], node["html"][:200])
            for violation in page.evaluate("options => axe.run(options).then(({ violations }) => violations)", options)
            if violation["impact"] in WORST
            for node in violation["nodes"]
        ]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > NARROW:
        found.append((state, "width", str(width)))
    return found
