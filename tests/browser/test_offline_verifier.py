"""The saved verifier, from disk in a real Chromium: it needs no server, asks nobody, and is not fooled by one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from scripts._dev import assets
from tests.browser.savedverifier import OTHER_LOG, TEXT, Log, Saved, forged, opened, served_log

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with served_log(Path(tmp_path_factory.mktemp("offline"))) as made:
        yield made


@pytest.fixture
def saved(browser: Browser, tmp_path: Path) -> Iterator[Saved]:
    with opened(browser, tmp_path) as page:
        yield page


def test_a_match_and_no_request_before_the_reader_asks(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.bundle)
    saved.give("copy", TEXT, "copy.txt")
    kind, sentence = saved.result()
    assert kind == "open"
    assert sentence.startswith(
        "Your copy has the recorded text, word for word. The recorded text is intact, and the log"
    )
    assert saved.asked == []
    assert saved.page.get_by_label("Endpoints (JSON-RPC)").input_value() == log.node.url
    saved.press("Ask these endpoints")
    kind, sentence = saved.result()
    assert (kind, sentence[:48]) == ("test", "Your copy has the recorded text, word for word. ")
    assert sentence.endswith("on a local test chain: proves nothing to others.")
    assert {url.rstrip("/") for url in saved.asked} == {log.node.url}


def test_a_changed_copy(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.bundle)
    saved.give("copy", TEXT.replace("closed", "open"), "copy.txt")
    assert saved.result() == ("fail", "Your copy is not what was recorded.")
    changes = saved.page.locator("#comparison-list")
    assert changes.locator("del bdi").inner_text() == "closed"
    assert changes.locator("ins bdi").inner_text() == "open"


@pytest.mark.parametrize(
    ("copy", "name", "kind", "sentence"),
    [
        ("Menu\nHome\n" + TEXT.replace("\n\n", "\n") + "\nPrint", "copy.txt", "open", "The recorded text stands"),
        ("<!doctype html><h1>Bridge</h1><p>It is closed to lorries until further notice.<p>Cars may pass.", "p.html",
         "open", "Your copy has the recorded text"),
        ("Something else altogether, of many words.", "copy.txt", "open", "Your copy could not be matched"),
        (b"%PDF-1.7\x00\xff\xfe\x00\x01", "copy.pdf", "open", "Your copy could not be"),
        (TEXT.replace("Cars", "\u201cCars\u201d"), "copy.txt", "fail", "Your copy is not"),
    ],
    ids=["among other text", "page", "another", "binary", "quotes added"],
)  # fmt: skip
def test_other_copies(saved: Saved, log: Log, copy: bytes | str, name: str, kind: str, sentence: str) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.bundle)
    saved.give("copy", copy, name)
    found, said = saved.result()
    assert (found, said[: len(sentence)]) == (kind, sentence)


def false_receipt(bundle: dict[str, Any]) -> None:
    receipt = bundle["anchors"][0]["receipt"]
    last = "00" if receipt["nodes"][0][-2:] != "00" else "01"
    receipt["nodes"][0] = receipt["nodes"][0][:-2] + last


def test_a_false_proof(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", forged(log.bundle, false_receipt))
    saved.give("copy", TEXT, "copy.txt")
    assert saved.result() == ("fail", "The evidence is false. Do not rely on it, nor on whoever gave it to you.")


def test_without_a_trust_file(saved: Saved, log: Log) -> None:
    saved.give("bundle", log.bundle)
    kind, sentence = saved.result()
    assert kind == "open"
    assert sentence.endswith("Without a trust file it is not known whose log this is.")


def test_the_trust_file_of_another_log(saved: Saved, log: Log) -> None:
    trust = json.loads(log.trust)
    origin = trust["log"]["origin"]
    saved.give("trust", log.trust.replace(origin.encode(), OTHER_LOG.encode()))
    saved.give("bundle", log.bundle)
    kind, sentence = saved.result()
    # A key's id is made from its name, so this file is none at all: nothing is green, and nothing is altered.
    assert (kind, "altered" in sentence) == ("open", False)


def test_an_endpoint_that_is_down(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.bundle)
    saved.page.get_by_label("Endpoints (JSON-RPC)").fill("http://127.0.0.1:9")
    saved.press("Ask these endpoints")
    assert saved.result() == ("open", "This could not be checked completely: nothing is shown to be wrong.")
    assert "could not be asked" in saved.row("Anchor")


def test_pasting_and_dropping(saved: Saved, log: Log) -> None:
    page = saved.page
    page.locator("#paste-trust").fill(log.trust.decode())
    page.locator("#paste-copy").fill(TEXT)
    # Dropped somewhere on the page: it goes where it belongs.
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.items.add(new File([text], "saved.json"));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        log.bundle.decode(),
    )
    expect(page.locator("#state-bundle")).to_contain_text("saved.json")
    saved.press("Check")
    kind, sentence = saved.result()
    assert (kind, sentence[:40]) == ("open", "Your copy has the recorded text, word fo")
    assert saved.asked == []
    page.get_by_role("button", name="中文").click()
    expect(page.locator("#headline")).to_contain_text("您的副本与记录的文本逐字相同。")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"


def test_its_policy_lets_nothing_in_or_out(saved: Saved) -> None:
    said: list[str] = []
    saved.page.on("console", lambda message: said.append(message.text))
    saved.page.evaluate(
        """() => {
            const image = document.createElement("img");
            image.src = "http://127.0.0.1:9/x.png";
            const script = document.createElement("script");
            script.append("window.ran = true");
            document.body.append(image, script);
            try { document.body.innerHTML = "<b>markup</b>"; } catch (error) { console.log(String(error)); }
        }"""
    )
    saved.page.wait_for_timeout(200)
    assert saved.page.evaluate("window.ran") is None
    assert "img-src" in " ".join(said)
    assert "TrustedHTML" in " ".join(said)


SAYS_GENUINE = b"""
const say = (id, text) => document.getElementById(id).replaceChildren(text);
say("headline", "This text was in this log no later than 1 March 2025, 12:00:00 UTC.");
say("kicker", "Checked just now in your own browser");
document.getElementById("result").dataset.kind = "pass";
document.getElementById("result").dataset.state = "done";
"""


@contextmanager
def hostile(log: Log, bundle: bytes) -> Iterator[str]:
    """Stand before the log with its own pages, but with a script that says "genuine", and with another bundle."""

    class Lying(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, headers, body = log.server.get(self.path)
            if self.path.startswith("/static/built/"):
                body = SAYS_GENUINE
            elif self.path.endswith("/bundle"):
                body = bundle
            self.send_response(200)
            for name in ("content-type", "content-security-policy"):
                self.send_header(name, headers[name])
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Lying) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_it_catches_a_server_whose_page_says_genuine(browser: Browser, saved: Saved, log: Log, tmp_path: Path) -> None:
    tampered = forged(log.bundle, lambda bundle: bundle.update(text=bundle["text"].replace("closed", "open")))
    context = browser.new_context(locale="en-GB", accept_downloads=True)
    page = context.new_page()
    file = tmp_path / "served.bundle.json"
    with hostile(log, tampered) as url:
        page.goto(f"{url}/e/{log.leaf}")
        expect(page.locator("#result")).to_have_attribute("data-kind", "pass")
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Download the bundle").click()
        waiting.value.save_as(file)
        context.close()
    assert file.read_bytes() == tampered
    saved.give("trust", log.trust)
    saved.give("bundle", file.read_bytes(), "served.bundle.json")
    assert saved.result() == ("fail", "The text in this bundle is not the one that was recorded. Do not rely on it.")
    assert "Does not hold" in saved.row("Text")


def test_the_service_gives_the_very_file(browser: Browser, log: Log, tmp_path: Path) -> None:
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto(f"{log.server.url}/e/{log.leaf}")
    page.get_by_role("link", name="A lying server can also serve lying JavaScript").click()
    page.wait_for_url("**/verifier")
    assert assets.verifier_sha256() in page.locator("main").inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download notary-verifier.html").click()
    waiting.value.save_as(tmp_path / "downloaded.html")
    assert (tmp_path / "downloaded.html").read_bytes() == (assets.BUILT / assets.VERIFIER).read_bytes()
    context.close()
