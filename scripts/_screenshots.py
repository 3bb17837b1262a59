"""Pictures of the pages, from the running demonstration, for docs/screenshots: run by ``scripts/screenshots``."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from notary.core.bundle import parse_bundle
from scripts._dev import assets
from scripts._dev.paths import ROOT, VENV

FOLDER = ROOT / "docs" / "screenshots"
START_SECONDS = 180
SAMPLE = "02-bridge-closure"


@dataclass(frozen=True)
class Demo:
    """A running demonstration: its folder, and the address of its pages."""

    folder: Path
    url: str

    def bundle(self, name: str) -> bytes:
        """Return a bundle by its path without the ending."""
        return (self.folder / f"{name}.bundle.json").read_bytes()

    def entry(self, name: str) -> str:
        """Return the address of the page about a bundle."""
        return f"{self.url}/e/{parse_bundle(self.bundle(name)).entry.leaf_hash().hex()}"


@contextmanager
def demo() -> Iterator[Demo]:
    """Run the demonstration while the block runs."""
    with tempfile.TemporaryDirectory(prefix="notary-screenshots-") as scratch:
        folder = Path(scratch, "demo")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        command = [str(VENV / "bin" / "notary"), "demo", "--data", str(folder), "--port", str(port)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            _wait_for(folder / "demo.json", process)
            yield Demo(folder, f"http://127.0.0.1:{port}")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait_for(file: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("screenshots: the demonstration did not start; see what it said above")
        time.sleep(0.2)


def main() -> None:
    """Make all pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with demo() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["NOTARY_CHROMIUM"], args=["--no-sandbox"])
        _pictures(browser, site)
        browser.close()


def _pictures(browser: Browser, site: Demo) -> None:
    plain, older, retraction = site.entry(f"bundles/{SAMPLE}"), *_revised(site)
    text = (site.folder / "samples" / f"{SAMPLE}.txt").read_text(encoding="utf-8")
    changed = text.replace("7.5", "3.5")
    saved = (assets.BUILT / assets.VERIFIER).as_uri()
    take = _taker(browser)

    def check(page: Page) -> None:
        _checked(page, changed)

    take("front", site.url + "/")
    take("front-360", site.url + "/", width=360)
    take("front-zh", site.url + "/", language="zh-CN")
    take("entry-match", plain, then=_asked)
    take("entry-match-360-dark", plain, then=_asked, width=360, scheme="dark")
    take("entry-match-zh", plain, then=_asked, language="zh-CN")
    take("entry-older", older, then=_asked)
    take("entry-retracted", retraction, then=_asked)
    take("entry-altered", plain, before=_altering, then=_ended)
    take("entry-false-proof", plain, before=_forging, then=_ended)
    take("check-changed", site.url + "/check", then=check)
    take(
        "check-changed-360-zh",
        site.url + "/check",
        then=check,
        width=360,
        language="zh-CN",
    )
    take("verifier", saved, then=lambda page: _given(page, site, text))
    take("verifier-360-zh", saved, then=lambda page: _given(page, site, changed), width=360, language="zh-CN")


def _revised(site: Demo) -> tuple[str, str]:
    names = sorted(path.name.removesuffix(".bundle.json") for path in (site.folder / "revisions").iterdir())
    after = [name for name in names if name.endswith("-after")]
    return site.entry(f"revisions/{after[0]}"), site.entry(f"revisions/{after[-1]}")


def _taker(browser: Browser) -> Callable[..., None]:
    def take(
        name: str,
        address: str,
        *,
        before: Callable[[Page], object] | None = None,
        then: Callable[[Page], object] | None = None,
        width: int = 1200,
        scheme: Literal["light", "dark"] = "light",
        language: str = "en-GB",
    ) -> None:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, locale=language, timezone_id="UTC"
        )
        page = context.new_page()
        if before is not None:
            before(page)
        page.goto(address)
        if then is not None:
            then(page)
        page.evaluate("scrollTo(0, 0)")
        height = min(int(page.evaluate("document.documentElement.scrollHeight")), 1400 if width < 600 else 1000)
        # What was given stands above the result, and fills a screen.
        box = page.locator("#result").bounding_box() if name.startswith(("check", "verifier")) else None
        start = 0 if box is None else int(box["y"]) - 30
        page.screenshot(
            path=FOLDER / f"{name}.png", full_page=True, clip={"x": 0, "y": start, "width": width, "height": height}
        )
        context.close()

    return take


def _ended(page: Page) -> None:
    expect(page.locator("#result")).to_have_attribute("data-state", "done", timeout=20_000)


def _asked(page: Page) -> None:
    _ended(page)
    page.locator("#ask button[type=submit]").click()
    expect(page.locator("#result")).to_be_focused(timeout=20_000)
    _ended(page)


def _altering(page: Page) -> None:
    _lying(page, lambda body: body.replace("7.5", "3.5"))


def _forging(page: Page) -> None:
    """Change the last byte of the first node of a receipt proof."""

    def forged(body: str) -> str:
        bundle = json.loads(body)
        nodes = bundle["anchors"][0]["receipt"]["nodes"]
        nodes[0] = nodes[0][:-2] + ("00" if nodes[0][-2:] != "00" else "01")
        return json.dumps(bundle, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    _lying(page, forged)


def _lying(page: Page, change: Callable[[str], str]) -> None:
    def lie(route: Any) -> None:
        body = change(route.fetch().text())
        route.fulfill(status=200, content_type="application/json", body=body)

    page.route("**/api/v1/entries/*/bundle", lie)


def _checked(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#give button[type=submit]").click()
    expect(page.locator("#result")).to_be_focused(timeout=20_000)
    expect(page.locator("#comparison")).to_be_visible(timeout=20_000)


def _given(page: Page, site: Demo, text: str) -> None:
    files = {
        "trust": ("notary-log.json", (site.folder / "trust.json").read_bytes()),
        "bundle": (f"{SAMPLE}.bundle.json", site.bundle(f"bundles/{SAMPLE}")),
        "copy": (f"{SAMPLE}.txt", text.encode()),
    }
    for role, (name, data) in files.items():
        page.locator(f"#file-{role}").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        )
        expect(page.locator(f"#state-{role}")).to_contain_text(name)
    _asked(page)


if __name__ == "__main__":
    main()
