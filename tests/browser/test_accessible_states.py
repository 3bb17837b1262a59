"""The pages as readers see them, with a result on them: axe-core and 360 px, in both languages and both schemes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from notary.compose import open_services
from notary.core.record import Status
from notary.service.lookup import LineIndexer
from notary.service.submit import Submission
from scripts._dev import assets
from tests.browser.axe import NARROW, faults
from tests.node.anvil import running
from tests.node.logs import finalize, make_log, publisher, settings, until, working
from tests.webserver import Server, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = ("en", "zh-Hans")
BUNDLES = "**/api/v1/entries/*/bundle"
TRUST = "**/.well-known/notary-log.json"
FIRST = [
    "Boil water in the northern districts",
    "Boil all drinking water for five minutes.",
    "The order holds until it is lifted.",
]
TEXT = [
    "Old Mill Bridge closed to heavy vehicles",
    "Vehicles over 7.5 tonnes may not cross the Old Mill Bridge until further notice.",
    "Cars, bicycles and pedestrians are not affected by the closure.",
    "A diversion is signposted: follow the yellow signs.",
]


@dataclass(frozen=True)
class Site:
    """A served log that is anchored on a real node: its entries by name, and what a reader has saved of it."""

    server: Server
    leaves: dict[str, str]
    trust: bytes
    bundle: bytes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert assets.is_current(), assets.ADVICE
    root = Path(tmp_path_factory.mktemp("states")) / "data"
    with running() as node:
        services = open_services(settings(make_log(root, node, endpoints=(node.url,))))
        services.ensure_manifest()
        tenant = publisher(services)

        def submit(lines: list[str], **fields: Any) -> bytes:
            submission = Submission(text="\n".join(lines).encode(), kind="plain", language="en", **fields)
            return services.submissions.submit(tenant, submission).leaf_hash

        leaves = {"plain": submit(TEXT, document="bridge"), "older": submit(FIRST, document="water")}
        second = [FIRST[0], FIRST[1].replace("five", "ten"), FIRST[2]]
        leaves["newer"] = submit(second, document="water", status=Status.CORRECTION, previous=leaves["older"])
        with working(services):
            until(lambda: services.reader.size() > len(leaves), what="integration")
            finalize(node, services, *leaves.values())
        while LineIndexer(services.store).step():
            pass
        leaves["waiting"] = submit(["Late", "This is not anchored yet."])
        with serving(root) as server:
            bundle = services.bundles.bundle(leaves["plain"])
            names = {name: leaf.hex() for name, leaf in leaves.items()}
            yield Site(server, names, services.reader.trust_file(), bundle)
        services.close()


def ended(page: Page, kind: str) -> None:
    expect(page.locator("#result")).to_have_attribute("data-state", "done", timeout=20_000)
    expect(page.locator("#result")).to_have_attribute("data-kind", kind)


def asked(page: Page, kind: str) -> None:
    ended(page, "open")
    page.locator("#ask button[type=submit]").click()
    expect(page.locator("#result")).to_be_focused(timeout=20_000)
    ended(page, kind)


def forged(bundle: bytes) -> bytes:
    """Change the text of a bundle."""
    value = json.loads(bundle)
    value["text"] = value["text"].replace("7.5", "3.5")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def lasting(trust: bytes) -> bytes:
    """Take from a trust file that its chain is one for tests: only of such a log is a match green."""
    value = json.loads(trust)
    value["development"] = False
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def entry(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.server.url}/e/{site.leaves[name]}")


def matching(page: Page, site: Site) -> None:
    page.route(TRUST, lambda route: route.fulfill(body=lasting(site.trust), content_type="application/json"))
    entry(page, site, "plain")
    asked(page, "pass")


def on_a_test_chain(page: Page, site: Site) -> None:
    entry(page, site, "plain")
    asked(page, "test")


def refuted(page: Page, site: Site) -> None:
    def lie(route: Route) -> None:
        route.fulfill(body=forged(route.fetch().body()), content_type="application/json")

    page.route(BUNDLES, lie)
    entry(page, site, "plain")
    ended(page, "fail")


def older(page: Page, site: Site) -> None:
    entry(page, site, "older")
    asked(page, "old")
    page.locator("#other").select_option(index=0)
    expect(page.locator("#changes-list ins")).to_have_count(1)


def pending(page: Page, site: Site) -> None:
    entry(page, site, "waiting")
    ended(page, "open")


def pasted(page: Page, site: Site, lines: list[str], kind: str) -> None:
    page.goto(f"{site.server.url}/check")
    expect(page.locator("html[data-ready]")).to_have_count(1)
    page.locator("#text").fill("\n".join(lines))
    page.locator("#give button[type=submit]").click()
    expect(page.locator("#result")).to_be_focused(timeout=20_000)
    ended(page, kind)


def changed(page: Page, site: Site) -> None:
    lines = ["Home", TEXT[0], TEXT[1].replace("7.5", "3.5"), "Something in between.", TEXT[3], "Print"]
    pasted(page, site, lines, "fail")
    page.locator("#next").click()
    expect(page.locator("#comparison .hunk").first).to_be_focused()


def not_found(page: Page, site: Site) -> None:
    pasted(page, site, ["Something else altogether", "Of which nobody has logged a word."], "open")


def saved(page: Page, **files: bytes) -> None:
    page.goto((assets.BUILT / assets.VERIFIER).as_uri())
    for role, data in files.items():
        payload: FilePayload = {"name": f"{role}.json", "mimeType": "application/octet-stream", "buffer": data}
        page.locator(f"#file-{role}").set_input_files(payload)
        expect(page.locator(f"#state-{role}")).to_contain_text(f"{role}.json")


def saved_matching(page: Page, site: Site) -> None:
    saved(page, trust=lasting(site.trust), bundle=site.bundle, copy="\n".join(TEXT).encode())
    asked(page, "pass")


def saved_changed(page: Page, site: Site) -> None:
    saved(page, trust=site.trust, bundle=site.bundle, copy="\n".join(TEXT).replace("7.5", "3.5").encode())
    ended(page, "fail")
    expect(page.locator("#comparison-list ins")).to_have_count(1)


def saved_refuted(page: Page, site: Site) -> None:
    saved(page, trust=site.trust, bundle=forged(site.bundle))
    ended(page, "fail")


def saved_erring(page: Page, site: Site) -> None:
    saved(page, trust=b"{", bundle=b"<!doctype html><p>Welcome")
    ended(page, "open")
    expect(page.locator("#answer-trust")).not_to_be_empty()


STATES: tuple[Callable[[Page, Site], None], ...] = (
    matching, on_a_test_chain, refuted, older, pending, changed, not_found,
    saved_matching, saved_changed, saved_refuted, saved_erring,
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_serious_in_any_state(browser: Browser, site: Site, language: str) -> None:
    found: list[tuple[str, str, str]] = []
    for reach in STATES:
        # axe-core is put into the page, which its own policy would not allow.
        context = browser.new_context(locale=language, bypass_csp=True, viewport={"width": NARROW, "height": 800})
        page = context.new_page()
        reach(page, site)
        assert page.locator("html").get_attribute("lang") == language
        found += faults(page, reach.__name__)
        context.close()
    assert found == []
