"""Every page that people see, in both languages: axe-core, 360 px, both schemes, the keyboard alone, JavaScript off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from notary.service.lookup import LineIndexer
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
    while LineIndexer(log.services.store).step():
        pass
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
    expect(page.locator("html[data-ready]")).to_have_count(1)
    page.evaluate(LISTEN)
    tab_to(page, "#text")
    # Two places differ. What is in the field is cut into the clipboard, so that it is really pasted.
    page.keyboard.insert_text(TEXT.replace("heavy", "all").replace("Cars are not", "Cars are") + "Bicycles too.\n")
    for keys in ("ControlOrMeta+A", "ControlOrMeta+X", "ControlOrMeta+V"):
        page.keyboard.press(keys)
    reached_the_result(page)
    # Once more, by the button.
    tab_to(page, "#give > button", back=True)
    page.keyboard.press("Enter")
    reached_the_result(page)
    tab_to(page, "#next")
    for number, place in ((1, 0), (2, 1), (1, 0)):
        page.keyboard.press("Enter")
        assert page.evaluate("[...document.querySelectorAll('.hunk')].indexOf(document.activeElement)") == place
        assert page.evaluate(OUTLINE)
        expect(page.locator("#comparison-count[role=status]")).to_have_text(f"Place {number} of 2")
        page.keyboard.press("Tab")  # the button is at hand
        assert page.evaluate("document.activeElement.id") == "next"
    tab_to(page, "#rows summary")
    shut = page.locator("#rows details").first
    expect(shut.locator("dl")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(shut.locator("dl")).to_be_visible()
    assert page.evaluate("document.activeElement === document.querySelector('#rows summary')")
    page.keyboard.press("Space")
    expect(shut.locator("dl")).to_be_hidden()
    page.context.close()


def tab_to(page: Page, selector: str, *, back: bool = False) -> None:
    """Go to the first element of a selector with nothing but the Tab key; what has the focus on the way is seen."""
    for _ in range(page.evaluate(REACHABLE) + 1):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        assert page.evaluate(OUTLINE)
        if page.evaluate("selector => document.activeElement === document.querySelector(selector)", selector):
            return
    pytest.fail(f"{selector} cannot be reached")


def reached_the_result(page: Page) -> None:
    """See that the focus is on the result, whose heading comes first in it, and that its sentence was announced."""
    page.locator("#result[data-state=done]:focus").wait_for(state="attached", timeout=20_000)
    assert page.evaluate(FOCUSED_HEADING) == "Words in your copy are not those that were recorded."
    assert page.get_by_role("status").filter(has=page.locator("#headline")).count() == 1
    heard = page.evaluate("heard.splice(0)")
    assert heard[0] == "Reading what you gave …"
    assert heard[-1].startswith("Words in your copy are not those that were recorded.")
    # Away from it, so that what comes next is not taken for this.
    page.evaluate("document.getElementById('result').dataset.state = ''")


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_javascript(browser: Browser, site: Site, language: str) -> None:
    for address in site.addresses():
        page = opened(browser, address, language, java_script_enabled=False, viewport={"width": 360, "height": 800})
        assert page.locator("h1:visible").count() == 1, address
        page.context.close()


# What a screen reader is told: how the text of the status changed while it was shown.
LISTEN = """() => {
    const status = document.getElementById("status");
    window.heard = [];
    new MutationObserver(() => {
        const text = status.innerText.replace(/\\s+/g, " ").trim();
        if (status.checkVisibility() && text !== "" && text !== heard.at(-1)) heard.push(text);
    }).observe(status, { childList: true, subtree: true, characterData: true });
}"""
FOCUSED_HEADING = "document.activeElement.querySelector('h1, h2, h3, a, button').textContent"

# How many things on the page can have the focus.
REACHABLE = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter(element => element.checkVisibility() && !element.disabled).length"""
