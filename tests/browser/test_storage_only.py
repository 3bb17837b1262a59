"""The page of an entry whose anchor only the registry's storage shows: a real service, a real node behind a proxy.

The proxy makes it a chain on which no receipt can be proven: what it says of a block does not hash to the block's hash.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from notary.compose import open_services
from notary.core.bundle import StorageAnchor, parse_bundle
from notary.core.jcs import Json
from scripts._dev import assets
from tests import faultproxy
from tests.browser.anchored import asking, ended, result, row
from tests.browser.test_verification import open_to_all
from tests.endpoint import Endpoint, serve
from tests.faultproxy import FaultProxy
from tests.node.anvil import running
from tests.node.logs import finalize, make_log, publisher, settings, submit, until, working
from tests.node.world import in_front_of
from tests.webserver import Server, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOT_ASKED = "Only the registry itself shows this anchor, and it has not been asked."
HOLDS = "The registry holds the fingerprint of that list: your endpoints say so."
DOES_NOT_HOLD = "The registry does not hold the fingerprint of this list since that block."
SILENT = "An endpoint does not say what the registry holds."
Change = Callable[[dict[str, Any], Any], Json]


@dataclass(frozen=True)
class Site:
    """A served log with one entry, the proxy in front of its node, and what its bundle says of its anchor."""

    server: Server
    proxy: FaultProxy
    leaf: str
    anchor: StorageAnchor
    trust: bytes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert assets.is_current(), assets.ADVICE
    root = Path(tmp_path_factory.mktemp("storage-only")) / "data"
    with running() as node, FaultProxy(node.url) as proxy:
        proxy.add(faultproxy.own_headers())
        services = open_services(settings(make_log(root, node, rpc=(proxy.url,))))
        services.ensure_manifest()
        leaf = submit(services, publisher(services), 1)
        with working(services):
            until(lambda: services.reader.size() > 1, what="integration")
            finalize(node, services, leaf)
        [anchor] = parse_bundle(services.bundles.bundle(leaf)).anchors
        assert isinstance(anchor, StorageAnchor)
        with serving(root) as server:
            yield Site(server, proxy, leaf.hex(), anchor, services.reader.trust_file())
        services.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """The entry's page, on a phone; nobody was asked yet."""
    context = browser.new_context(locale="en-GB", viewport={"width": 360, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{site.server.url}/e/{site.leaf}")
    yield ended(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
    assert errors == []


@pytest.fixture
def ask(page: Page, site: Site) -> Callable[..., Endpoint]:
    """Type the address of an endpoint that changes what the node says, and have it asked."""

    def asked(change: Change = lambda _call, response: response) -> Endpoint:
        with serve(open_to_all(in_front_of(site.proxy.url, change))) as endpoint:
            asking(page, endpoint.url)
        return endpoint

    return asked


def saying(data: str) -> Change:
    """Return what an endpoint does that has every call of a contract return this."""
    return lambda call, response: response | {"result": data} if call["method"] == "eth_call" else response


def time_of(site: Site) -> str:
    """Return the anchor's time as the page writes it."""
    time = datetime.fromtimestamp(site.anchor.time, tz=UTC)
    return f"{time.day} {time:%B %Y, %H:%M:%S} UTC"


def test_before_anyone_is_asked_nothing_is_green(page: Page) -> None:
    kind, sentence = result(page)
    assert (kind, sentence[:29]) == ("open", "The recorded text is intact, ")
    for name in ("Anchor", "Date"):
        assert "Not checked" in row(page, name)
        assert "Holds" not in row(page, name)
    assert NOT_ASKED in row(page, "Anchor")
    assert "On or before" not in row(page, "Date")
    assert "Holds" in row(page, "Log")


def test_a_match_as_the_registry_shows_it(page: Page, site: Site, ask: Callable[..., Endpoint]) -> None:
    endpoint = ask()
    kind, sentence = result(page)
    assert kind == "test"
    assert sentence.endswith("on a local test chain: proves nothing to others.")
    assert HOLDS in row(page, "Anchor")
    date = row(page, "Date")
    assert "On or before" in date
    assert time_of(site) in date
    assert f"block {site.anchor.block}" in date
    for name in ("Text", "Date", "Log", "Anchor"):
        assert "Holds" in row(page, name), name
    assert endpoint.url in page.locator("#word").inner_text()
    methods = [call["method"] for request in endpoint.requests if request.body for call in request.json]
    assert methods.count("eth_call") == 1
    assert "eth_blockNumber" not in methods
    line = page.locator(".row").filter(has=page.locator(".name:text-is('Anchor')"))
    line.locator("summary").click()
    assert f"{site.anchor.block}, {site.anchor.time}" in line.inner_text()
    assert "Receipt proof" not in line.inner_text()


def test_with_a_trust_file_for_a_real_chain_it_is_green_when_asked_and_only_then(
    page: Page, site: Site, ask: Callable[..., Endpoint]
) -> None:
    trust = json.dumps(json.loads(site.trust) | {"development": False}).encode()
    file = {"name": "trust.json", "mimeType": "application/json", "buffer": trust}
    page.get_by_label("Use a trust file of your own").set_input_files(file)  # type: ignore[arg-type]
    page.locator("#trust-source").filter(has_text="Given by you.").wait_for()
    assert result(page)[0] == "open"
    ask()
    kind, sentence = result(page)
    assert (kind, sentence[:21]) == ("pass", "This text was in this")
    assert time_of(site) in sentence


@pytest.mark.parametrize("which", ["never", "another block", "another time"])
def test_a_registry_that_does_not_hold_it_refutes_it(
    page: Page, site: Site, ask: Callable[..., Endpoint], which: str
) -> None:
    block, time = site.anchor.block, site.anchor.time
    words = {"never": (0, 0, 0), "another block": (time, 0, block - 1), "another time": (time - 1, 0, block)}[which]
    ask(saying("0x" + "".join(word.to_bytes(32, "big").hex() for word in words)))
    assert result(page) == ("fail", "The evidence is false. Do not rely on this page.")
    assert DOES_NOT_HOLD in row(page, "Anchor")
    assert "Does not hold" in row(page, "Date")
    assert "On or before" not in row(page, "Date")


def test_an_endpoint_that_does_not_say_proves_nothing(page: Page, ask: Callable[..., Endpoint]) -> None:
    ask(saying("0x"))
    kind, sentence = result(page)
    assert (kind, sentence) == ("open", "This could not be checked completely: nothing is shown to be wrong.")
    assert SILENT in row(page, "Anchor")
    assert "Not checked" in row(page, "Date")
