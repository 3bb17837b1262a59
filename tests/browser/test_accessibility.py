"""Every page that people see, in both languages: axe-core, 360 px, both schemes, the keyboard alone, JavaScript off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts._dev import assets
from tests.browser.axe import NARROW, faults
from tests.browser.contrast import OUTLINE
from tests.weblog import TEXT, WebLog
from tests.webserver import Server, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = ("en", "zh-Hans")

# Every route that answers with a page, and where to see it; `{leaf}` and `{older}` are entries.
PAGES = {
    "/": ("/", "/?digest=hello"),
    "/check": ("/check",),
    "/d/<path:document>": ("/d/bridge", "/d/none"),
    "/e/<leaf_hash>": ("/e/{leaf}", "/e/{older}", "/e/" + "cd" * 32),
    "/verifier": ("/verifier",),
}
# Every route that answers programs, or with a file.
NO_PAGES = {
    "/.well-known/notary-log.json",
    "/api/v1/entries",
    "/api/v1/entries/<leaf_hash>",
    "/api/v1/entries/<leaf_hash>/bundle",
    "/api/v1/entries/<leaf_hash>/tlog-proof",
    "/api/v1/entries:batch",
    "/api/v1/fetch",
    "/api/v1/lookup",
    "/healthz",
    "/livez",
    "/log/checkpoint",
    "/log/tile/<path:name>",
    "/readyz",
    "/static/<path:name>",
    "/verifier/notary-verifier.html",
}


@dataclass(frozen=True)
class Site:
    """A served log, its routes, and the addresses of its pages."""

    server: Server
    routes: frozenset[str]
    leaves: dict[str, str]

    def addresses(self) -> list[str]:
        """Return every page to be seen, the saved verifier among them."""
        return [self.server.url + path.format(**self.leaves) for paths_ in PAGES.values() for path in paths_] + [
            (assets.BUILT / assets.VERIFIER).as_uri()
        ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert assets.is_current(), assets.ADVICE
    log = WebLog(Path(tmp_path_factory.mktemp("accessible")) / "data")
    older = log.submit(TEXT, document="bridge", language="en")
    log.integrate()
    leaf = log.submit(TEXT + "Bicycles too.\n", document="bridge", status="correction", previous=older, language="en")
    log.integrate()
    log.anchor()
    routes = frozenset(rule.rule for rule in log.app.url_map.iter_rules())
    with serving(log.root) as server:
        yield Site(server, routes, {"leaf": leaf, "older": older})
    log.close()


def opened(browser: Browser, address: str, language: str, **options: Any) -> Page:
    # axe-core is put into the page, which its own policy would not allow.
    page = browser.new_context(locale=language, bypass_csp=True, **options).new_page()
    page.goto(address)
    if "/e/" in address and "/e/cd" not in address and options.get("java_script_enabled", True):
        expect(page.locator("#result")).to_have_attribute("data-state", "done", timeout=20_000)
    return page


def test_every_route_is_listed(site: Site) -> None:
    assert site.routes == PAGES.keys() | NO_PAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_serious(browser: Browser, site: Site, language: str) -> None:
    found: list[tuple[str, str, str]] = []
    for address in site.addresses():
        page = opened(browser, address, language, viewport={"width": NARROW, "height": 800})
        assert page.locator("html").get_attribute("lang") == language, address
        found += faults(page, address)
        page.context.close()
    assert found == []


@pytest.mark.parametrize("path", ["/e/{leaf}", "/check"])
def test_by_keyboard_alone(browser: Browser, site: Site, path: str) -> None:
    page = opened(browser, site.server.url + path.format(**site.leaves), "en")
    can_be_reached = page.evaluate(REACHABLE)
    reached: list[str] = []
    for _ in range(can_be_reached + 1):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        assert page.evaluate(OUTLINE), reached[-1]
    assert len(reached) >= can_be_reached
    assert reached[0] == "Skip to the content"
    page.context.close()


def test_the_check_page_by_keyboard(browser: Browser, site: Site) -> None:
    page = opened(browser, site.server.url + "/check", "en")
    page.get_by_label("Paste the article").focus()
    page.keyboard.insert_text(TEXT.replace("7.5", "3.5"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#result")).to_be_focused(timeout=20_000)
    expect(page.locator("#headline")).not_to_be_empty()
    page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_javascript(browser: Browser, site: Site, language: str) -> None:
    for address in site.addresses():
        page = opened(browser, address, language, java_script_enabled=False, viewport={"width": 360, "height": 800})
        assert page.locator("h1:visible").count() == 1, address
        page.context.close()


# How many things on the page can have the focus.
REACHABLE = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter(element => element.checkVisibility() && !element.disabled).length"""
