"""The saved verifier, from disk in a real Chromium: it needs no server, asks nobody, and is not fooled by one."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Locator, Page, expect

from notary.cli.main import main
from notary.compose import open_services
from notary.service.submit import Submission
from scripts._dev import assets
from tests.browser.contrast import CONTRAST
from tests.node.anvil import Anvil, running
from tests.node.logs import ORIGIN, finalize, make_log, publisher, settings, until, working
from tests.webserver import Server, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = "Bridge\n\nIt is closed to lorries until further notice.\nCars may pass."
OTHER_LOG = "notary.example/log/another"
CANNOT = "This could not be checked: what you gave as a bundle is none."


@dataclass(frozen=True)
class Log:
    """A served log on a real node, and what a reader has saved of it."""

    server: Server
    node: Anvil
    leaf: str
    bundle: bytes
    trust: bytes
    strange: bytes


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    assert assets.is_current(), assets.ADVICE
    root = Path(tmp_path_factory.mktemp("offline")) / "data"
    with running() as node:
        services = open_services(settings(make_log(root, node, endpoints=(node.url,))))
        services.ensure_manifest()
        leaf = services.submissions.submit(
            publisher(services), Submission(text=TEXT.encode(), kind="canonical", document="bridge")
        ).leaf_hash
        with working(services):
            until(lambda: services.reader.size() > 1, what="integration")
            finalize(node, services, leaf)
        strange = bundle_of_another_log(tmp_path_factory.mktemp("another") / "data", node)
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


@pytest.fixture
def saved(browser: Browser, tmp_path: Path) -> Iterator[Saved]:
    file = tmp_path / "notary-verifier.html"
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


def test_a_match_and_no_request_before_the_reader_asks(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.bundle)
    saved.give("copy", TEXT, "copy.txt")
    kind, sentence = saved.result()
    assert kind == "open"
    assert sentence.startswith(
        "Your copy has the recorded text, word for word. Everything that could be checked so far"
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


def forged(bundle: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    value = json.loads(bundle)
    change(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


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


@pytest.mark.parametrize("copy", [None, TEXT, TEXT.replace("closed", "open")], ids=["alone", "same", "changed"])
def test_a_bundle_of_another_log(saved: Saved, log: Log, copy: str | None) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.strange)
    if copy is not None:
        saved.give("copy", copy, "copy.txt")
    expected = (
        f"This could not be checked: the bundle is of the log {OTHER_LOG}, and your trust file is for the log "
        f"{ORIGIN}. Nothing is shown to be wrong."
    )
    assert saved.result() == ("open", expected)
    assert saved.page.locator("#result").get_attribute("data-verdict") == "cannot-check"
    assert "The trust file is about another log." in saved.row("Log")
    assert "Holds" in saved.row("Text")
    saved.page.get_by_role("button", name="中文").click()
    expect(saved.page.locator("#headline")).to_contain_text(f"证据包属于日志 {OTHER_LOG}")
    assert saved.result()[0] == "open"


def test_the_program_says_the_same_of_a_bundle_of_another_log(
    log: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trust.json").write_bytes(log.trust)
    (tmp_path / "x.bundle.json").write_bytes(log.strange)
    arguments = [
        "verify",
        str(tmp_path / "x.bundle.json"),
        "--trust",
        str(tmp_path / "trust.json"),
        "--rpc",
        log.node.url,
    ]
    assert main(arguments) == 3
    said = capsys.readouterr().out
    assert said.startswith("cannot-check")
    assert "This says nothing about whether the text was altered." in said


def test_a_false_bundle_of_another_log_is_false(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give(
        "bundle", forged(log.strange, lambda bundle: bundle.update(text=bundle["text"].replace("closed", "open")))
    )
    assert saved.result()[0] == "fail"


def test_the_trust_file_of_another_log(saved: Saved, log: Log) -> None:
    trust = json.loads(log.trust)
    origin = trust["log"]["origin"]
    saved.give("trust", log.trust.replace(origin.encode(), OTHER_LOG.encode()))
    saved.give("bundle", log.bundle)
    kind, sentence = saved.result()
    # A key's id is made from its name, so this file is none at all: nothing is green, and nothing is altered.
    assert (kind, "altered" in sentence) == ("open", False)


def test_a_page_that_is_given_as_a_bundle(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", "<!doctype html><p>Welcome", "x.html")
    sentence = "This is a web page (HTML), not what belongs here."
    expect(saved.page.locator("#answer-bundle")).to_contain_text(sentence)
    assert saved.result() == ("open", CANNOT)


def drop(page: Page, place: str, name: str, text: str, times: int = 1) -> None:
    """Drop a file on a place of the page, with a text that is repeated."""
    page.evaluate(DROP, [place, name, text, times])


DROP = """([place, name, text, times]) => {
    const data = new DataTransfer();
    data.items.add(new File([text.repeat(times)], name));
    const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector(place).dispatchEvent(event);
}"""


@pytest.mark.parametrize("place", ["[data-role=bundle]", "[data-role=copy]", "body"])
def test_a_trust_file_and_a_bundle_find_their_places(saved: Saved, log: Log, place: str) -> None:
    page = saved.page
    drop(page, place, "notary-log.json", log.trust.decode())
    expect(page.locator("#state-trust")).to_contain_text("notary-log.json")
    moved = place.removeprefix("[data-role=").removesuffix("]")
    if place != "body":
        sentence = "notary-log.json is a trust file: it was put where trust files belong."
        expect(page.locator(f"#answer-{moved}")).to_have_text(sentence)
        expect(page.locator(f"#state-{moved}")).to_have_text("Nothing given yet.")
    drop(page, place.replace("bundle", "trust"), "x.bundle.json", log.bundle.decode())
    expect(page.locator("#state-bundle")).to_contain_text("x.bundle.json")
    if place != "body":
        answer = page.locator(f"#answer-{moved.replace('bundle', 'trust')}")
        expect(answer).to_have_text("x.bundle.json is a bundle: it was put where bundles belong.")
    kind, sentence = saved.result()
    assert (kind, sentence[:39]) == ("open", "Everything that could be checked so far")


def test_what_is_pasted_into_the_wrong_place_is_put_into_the_right_one(saved: Saved, log: Log) -> None:
    for place, data in (("#paste-bundle", log.trust), ("#paste-trust", log.bundle)):
        saved.page.locator(place).fill(data.decode())
        saved.page.locator(place).blur()
    saved.press("Check")
    assert saved.result()[1].startswith("Everything that could be checked so far")
    assert saved.page.locator("#trust-fingerprint").inner_text() != ""
    moved = "What you pasted is a bundle: it was put where bundles belong."
    expect(saved.page.locator("#answer-trust")).to_have_text(moved)


ODD = {
    "empty": ("", 1),
    "deep": ("[", 100_000),
    "deep object": ('{"a":', 50_000),
    "20 MiB": ("x", 20 << 20),
}


@pytest.mark.parametrize("role", ["trust", "bundle", "copy"])
@pytest.mark.parametrize("content", ODD)
def test_what_is_no_good_is_named_and_never_green(saved: Saved, log: Log, role: str, content: str) -> None:
    for one, data in (("trust", log.trust), ("bundle", log.bundle), ("copy", TEXT)):
        if one != role:
            saved.give(one, data)
    drop(saved.page, f"[data-role={role}]", "odd.json", *ODD[content])
    answer = saved.page.locator(f"#answer-{role}")
    if content == "empty":
        expect(answer).to_contain_text("odd.json is empty.")
    elif role != "copy":
        expect(answer).to_contain_text({"trust": "This is not a trust file.", "bundle": "This is not a bundle."}[role])
    if content == "20 MiB" and role != "copy":
        expect(answer).to_contain_text("odd.json is larger than 16 MiB, the most that is read here.")
        expect(saved.page.locator(f"#state-{role}")).to_contain_text("20,971,520 bytes")
    if content != "empty" and role == "copy":
        expect(saved.page.locator("#headline")).to_contain_text("Your copy could not be", timeout=20_000)
    kind, sentence = saved.result()
    assert kind == "open"
    assert "altered" not in sentence
    assert {"trust": "Without a trust file it is not known", "bundle": CANNOT, "copy": ""}[role] in sentence


@pytest.mark.parametrize("role", ["trust", "bundle", "copy"])
def test_a_folder_that_is_dropped(saved: Saved, log: Log, tmp_path: Path, role: str) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.bundle)
    saved.give("copy", TEXT, "copy.txt")
    (tmp_path / "a folder").mkdir()
    place = saved.page.locator(f"[data-role={role}]")
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box is not None
    session = saved.page.context.new_cdp_session(saved.page)
    for step in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": [str(tmp_path / "a folder")], "dragOperationsMask": 1}
        session.send("Input.dispatchDragEvent", {"type": step, "x": box["x"] + 9, "y": box["y"] + 9, "data": data})
    sentence = "a folder could not be read. If it is a folder, give the file that is in it."
    expect(saved.page.locator(f"#answer-{role}")).to_contain_text(sentence)
    expect(saved.page.locator(f"#state-{role}")).to_have_text("Nothing given yet.")
    if role == "bundle":
        expect(saved.page.locator("#result")).to_be_hidden()
    else:
        kind, sentence = saved.result()
        assert kind == "open"
        assert sentence.startswith("Everything" if role == "copy" else "Your copy has the recorded text")


def test_a_copy_too_large_to_be_read_whole_is_not_judged(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.bundle)
    saved.page.evaluate(
        """() => {
            const data = new DataTransfer();
            const part = new Uint8Array(1 << 20);
            data.items.add(new File(Array(257).fill(part), "film.bin"));
            const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
            document.querySelector("[data-role=copy]").dispatchEvent(event);
        }"""
    )
    sentence = "film.bin is larger than 256 MiB, the most that is read here."
    expect(saved.page.locator("#answer-copy")).to_have_text(sentence)
    assert saved.result()[1].startswith("Everything that could be checked so far holds.")


PASTE = """([plain, html]) => {
    const data = new DataTransfer();
    data.setData("text/plain", plain);
    data.setData("text/html", html);
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    const field = document.getElementById("paste-copy");
    field.focus();
    if (field.dispatchEvent(event)) field.value = plain;
}"""
LINES = TEXT.split("\n")
RICH = f"<h1>{LINES[0]}</h1><p>{LINES[2]}</p><p>{LINES[3]}</p>"


@pytest.mark.parametrize(
    ("html", "kind", "sentence"),
    [
        (RICH, "open", "Your copy has the recorded text, word for word."),
        ("<ul><li>Home<li>News</ul>" + RICH + "<p>Print</p>", "open", "The recorded text stands in your copy"),
        (RICH.replace("Cars", "Carts"), "fail", "Your copy is not what was recorded."),
        (RICH + "<img src='x.png' alt='A sign'>", "open", "The words of your copy are the recorded ones"),
        ("<img src=x onerror='window.ran=1'><script>window.ran=1</script>" + RICH, "open", "The words of your copy"),
    ],
    ids=["same", "around", "changed", "image", "script"],
)
def test_formatted_text_is_pasted_with_its_form(saved: Saved, log: Log, html: str, kind: str, sentence: str) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.bundle)
    # Its plain text is run together: as such it is not the text.
    saved.page.evaluate(PASTE, [" ".join(LINES), html])
    expect(saved.page.locator("#state-copy")).to_contain_text("Pasted with its formatting")
    found, said = saved.result()
    assert (found, said[: len(sentence)]) == (kind, sentence)
    assert saved.page.evaluate("window.ran") is None


def test_formatted_text_that_is_edited_is_the_text_in_the_field(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.bundle)
    saved.page.evaluate(PASTE, [TEXT, RICH])
    expect(saved.page.locator("#state-copy")).to_contain_text("Pasted with its formatting")
    saved.page.locator("#paste-copy").fill(TEXT.replace("Cars", "Carts"))
    saved.press("Check")
    expect(saved.page.locator("#state-copy")).to_have_text(f"Pasted, {len(TEXT) + 1} bytes")
    assert saved.result()[0] == "fail"


def test_an_endpoint_that_is_down(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", log.bundle)
    saved.page.get_by_label("Endpoints (JSON-RPC)").fill("http://127.0.0.1:9")
    saved.press("Ask these endpoints")
    assert saved.result() == ("open", "This could not be checked completely: nothing is shown to be wrong.")
    assert "could not be asked" in saved.row("Anchor")


def open_bytes(page: Page, name: str) -> Locator:
    """Open the bytes of a row and return it."""
    row = page.locator(".row").filter(has=page.locator(f".name:text-is('{name}')"))
    row.locator("summary").click()
    return row


@pytest.mark.parametrize("where", ["file", "page"])
def test_bytes_can_be_saved_and_hashed_as_it_says(
    browser: Browser, saved: Saved, log: Log, tmp_path: Path, where: str
) -> None:
    context = browser.new_context(locale="en-GB", accept_downloads=True)
    page = saved.page if where == "file" else context.new_page()
    if where == "file":
        saved.give("trust", log.trust)
        saved.give("bundle", log.bundle)
    else:
        page.goto(f"{log.server.url}/e/{log.leaf}")
    expect(page.locator("#result")).to_have_attribute("data-state", "done", timeout=20_000)
    expected = {"Text": hashlib.sha256(TEXT.encode()).hexdigest(), "Log": log.leaf}
    for name, digest in expected.items():
        take = open_bytes(page, name).locator(".take")
        command, printed = take.locator(".hash").all_inner_texts()
        assert printed == digest
        with page.expect_download() as waiting:
            take.get_by_role("button").click()
        file = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(file)
        assert take.get_by_role("button").inner_text() == f"Save {file.name}"
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stdout.split()[0] == digest
    context.close()


@pytest.mark.parametrize("where", ["file", "page"])
def test_what_is_printed_is_the_result_and_nothing_to_press(
    browser: Browser, saved: Saved, log: Log, where: str
) -> None:
    context = browser.new_context(locale="en-GB", color_scheme="dark")
    page = saved.page if where == "file" else context.new_page()
    if where == "file":
        saved.give("trust", log.trust)
        saved.give("bundle", log.bundle)
        saved.give("copy", TEXT.replace("closed", "open"), "copy.txt")
    else:
        page.goto(f"{log.server.url}/e/{log.leaf}")
    expect(page.locator("#result")).to_have_attribute("data-state", "done", timeout=20_000)
    page.emulate_media(media="print")
    for part in ("#headline", "#kicker", "#word", "#shows-list", "#article"):
        expect(page.locator(part)).to_be_visible()
    assert page.locator(".row .state:visible").count() == 7
    assert page.locator("#comparison del:visible").count() == (1 if where == "file" else 0)
    assert page.locator(":is(button, input, select, textarea, summary, .button):visible").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(CONTRAST) == []
    assert page.pdf(format="A4").startswith(b"%PDF-")
    context.close()


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
