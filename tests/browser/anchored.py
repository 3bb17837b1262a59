"""Logs that are anchored on a real node and served by the real service, and what a reader does on their pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

from notary.compose import open_services
from notary.core.record import Status
from notary.service.integrate import Integrator
from notary.service.lookup import LineIndexer
from notary.service.services import Services
from notary.service.submit import Submission
from tests.node.anvil import Anvil
from tests.node.logs import finalize, make_log, publisher, settings, until, working
from tests.webserver import Server, serving

BUNDLES = "**/api/v1/entries/*/bundle"
WITHIN_MS = 20_000


@dataclass(frozen=True)
class Site:
    """A served log that is anchored on a real node, and entries of it by name."""

    server: Server
    node: Anvil
    leaves: dict[str, str]
    trust: bytes


@dataclass
class Filling:
    """A log that is being filled: what comes before :meth:`anchor` gets a final anchor."""

    services: Services
    node: Anvil
    leaves: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the publishers."""
        self.tenant = publisher(self.services)
        self.other = publisher(self.services, "Water board")

    def submit(
        self, name: str, text: str, *, after: str | None = None, by_another: bool = False, **fields: Any
    ) -> None:
        """Submit an entry and remember it by ``name``; by default it corrects the one called ``after``."""
        made = {"kind": "canonical", "previous": None if after is None else self.leaves[after]}
        made |= {"status": Status.ORIGINAL if after is None else Status.CORRECTION}
        submission = Submission(text=text.encode(), **(made | fields))
        self.leaves[name] = self.services.submissions.submit(
            self.other if by_another else self.tenant, submission
        ).leaf_hash

    def anchor(self) -> None:
        """Have a worker bring everything so far to a final anchor on the node."""
        with working(self.services):
            until(lambda: self.services.reader.size() > len(self.leaves), what="integration")
            finalize(self.node, self.services, *self.leaves.values())

    def integrate(self) -> None:
        """Take everything so far into the log, without an anchor."""
        integrator = Integrator(self.services.store, self.services.signer, self.services.clock)
        while integrator.step():
            pass


@contextmanager
def site_on(node: Anvil, root: Path, fill: Callable[[Filling], None], *, development: bool = True) -> Iterator[Site]:
    """Serve a log at ``root`` that is anchored on ``node`` and holds what ``fill`` submits and anchors."""
    services = open_services(settings(make_log(root, node, endpoints=(node.url,), development=development)))
    services.ensure_manifest()
    filling = Filling(services, node)
    fill(filling)
    while LineIndexer(services.store).step():
        pass
    names = {name: leaf.hex() for name, leaf in filling.leaves.items()}
    with serving(root) as server:
        yield Site(server, node, names, services.reader.trust_file())
    services.close()


def opened(page: Page, site: Site, name: str, query: str = "") -> Page:
    """Go to an entry's page, and wait until its check came to an end."""
    page.goto(f"{site.server.url}/e/{site.leaves[name]}{query}")
    return ended(page)


def ended(page: Page) -> Page:
    """Wait until the check came to an end."""
    page.locator("#result[data-state=done]").wait_for(state="attached", timeout=WITHIN_MS)
    return page


def asking(page: Page, *urls: str) -> Page:
    """Type in endpoints and ask them, and wait for the result."""
    page.get_by_label("Endpoints (JSON-RPC)").fill("\n".join(urls))
    page.get_by_role("button", name="Ask these endpoints").click()
    page.locator("#result[data-state=done]:focus").wait_for(state="attached", timeout=WITHIN_MS)
    return page


def result(page: Page) -> tuple[str | None, str]:
    """Return how the result looks, and its sentence."""
    kind = page.locator("#result").get_attribute("data-kind")
    return kind, page.locator("#headline").inner_text().replace("\u00a0", " ")


def row(page: Page, name: str) -> str:
    """Return what the row of that name says."""
    found = page.locator(".row").filter(has=page.locator(f".name:text-is('{name}')"))
    return found.inner_text().replace("\u00a0", " ")


def served(page: Page, change: Callable[[dict[str, Any]], None]) -> None:
    """Have the server lie about its bundles."""

    def lie(route: Route) -> None:
        bundle = json.loads(route.fetch().body())
        change(bundle)
        body = json.dumps(bundle, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        route.fulfill(status=200, content_type="application/json", body=body)

    page.route(BUNDLES, lie)
