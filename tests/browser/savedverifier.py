"""The saved verifier in a browser, and the logs that it is tried with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Page, expect

from notary.compose import open_services
from notary.service.submit import Submission
from scripts._dev import assets
from tests.node.anvil import Anvil, running
from tests.node.logs import finalize, make_log, publisher, settings, until, working
from tests.webserver import Server, serving

TEXT = "Bridge\n\nIt is closed to lorries until further notice.\nCars may pass."
OTHER_LOG = "notary.example/log/another"


@dataclass(frozen=True)
class Log:
    """A served log on a real node, and what a reader has saved of it."""

    server: Server
    node: Anvil
    leaf: str
    bundle: bytes
    trust: bytes
    strange: bytes


@contextmanager
def served_log(folder: Path) -> Iterator[Log]:
    """Serve a log with one final entry, beside another log on the same node."""
    assert assets.is_current(), assets.ADVICE
    root = folder / "data"
    with running() as node:
        services = open_services(settings(make_log(root, node, endpoints=(node.url,))))
        services.ensure_manifest()
        leaf = services.submissions.submit(
            publisher(services), Submission(text=TEXT.encode(), kind="canonical", document="bridge")
        ).leaf_hash
        with working(services):
            until(lambda: services.reader.size() > 1, what="integration")
            finalize(node, services, leaf)
        strange = bundle_of_another_log(folder / "another", node)
        with serving(root) as server:
            status, _, bundle = server.get(f"/api/v1/entries/{leaf.hex()}/bundle")
            assert status == 200
            yield Log(server, node, leaf.hex(), bundle, services.reader.trust_file(), strange)
        services.close()


def bundle_of_another_log(root: Path, node: Anvil) -> bytes:
    """Return the bundle of the same text in a log with keys, an origin and a registry's log of its own."""
    services = open_services(settings(make_log(root, node, origin=OTHER_LOG)))
    services.ensure_manifest()
    submission = Submission(text=TEXT.encode(), kind="canonical", document="bridge")
    leaf = services.submissions.submit(publisher(services), submission).leaf_hash
    with working(services):
        until(lambda: services.reader.size() > 1, what="integration")
        finalize(node, services, leaf)
    bundle = services.bundles.bundle(leaf)
    services.close()
    return bundle


@dataclass
class Saved:
    """The file as it was saved, in a browser; every address that it asked."""

    page: Page
    asked: list[str]

    def give(self, role: str, data: bytes | str, name: str = "file.json") -> None:
        """Choose a file for a role."""
        content = data.encode() if isinstance(data, str) else data
        payload: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        self.page.locator(f"#file-{role}").set_input_files(payload)
        expect(self.page.locator(f"#state-{role}")).to_contain_text(name)

    def result(self) -> tuple[str | None, str]:
        """Return how the result looks, and its sentence."""
        box = self.page.locator("#result")
        expect(box).to_have_attribute("data-state", "done", timeout=20_000)
        return box.get_attribute("data-kind"), self.page.locator("#headline").inner_text().replace("\u00a0", " ")

    def press(self, name: str) -> None:
        """Press a button and wait for the result that follows."""
        self.page.get_by_role("button", name=name, exact=True).click()
        expect(self.page.locator("#result")).to_be_focused(timeout=20_000)

    def row(self, name: str) -> str:
        """Return what a row says."""
        return self.page.locator(".row").filter(has=self.page.locator(f".name:text-is('{name}')")).inner_text()


@contextmanager
def opened(browser: Browser, folder: Path) -> Iterator[Saved]:
    """Open the saved verifier from a folder; what is complained of on its console fails."""
    file = folder / "notary-verifier.html"
    file.write_bytes((assets.BUILT / assets.VERIFIER).read_bytes())
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def heard(message: ConsoleMessage) -> None:
        # What its policy stops, and an endpoint that is not there: the point of the tests that do that.
        if message.type == "error" and not re.search("Content Security Policy|net::ERR|Trusted", message.text):
            complaints.append(message.text)

    page.on("console", heard)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    asked.clear()
    yield Saved(page, asked)
    context.close()
    assert complaints == []


def forged(bundle: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return a bundle with a change, in canonical form."""
    value = json.loads(bundle)
    change(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def drop(page: Page, place: str, name: str, text: str, times: int = 1) -> None:
    """Drop a file on a place of the page, with a text that is repeated."""
    page.evaluate(DROP, [place, name, text, times])


DROP = """([place, name, text, times]) => {
    const data = new DataTransfer();
    data.items.add(new File([text.repeat(times)], name));
    const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector(place).dispatchEvent(event);
}"""
