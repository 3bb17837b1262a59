"""What readers give the saved verifier: bundles of other logs, the wrong things, formatted text; what they take."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from notary.cli.main import main
from tests.browser.contrast import CONTRAST
from tests.browser.savedverifier import OTHER_LOG, TEXT, Log, Saved, drop, forged, opened, served_log
from tests.node.logs import ORIGIN

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CANNOT = "This could not be checked: what you gave as a bundle is none."


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with served_log(Path(tmp_path_factory.mktemp("offline"))) as made:
        yield made


@pytest.fixture
def saved(browser: Browser, tmp_path: Path) -> Iterator[Saved]:
    with opened(browser, tmp_path) as page:
        yield page


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


def test_a_page_that_is_given_as_a_bundle(saved: Saved, log: Log) -> None:
    saved.give("trust", log.trust)
    saved.give("bundle", "<!doctype html><p>Welcome", "x.html")
    sentence = "This is a web page (HTML), not what belongs here."
    expect(saved.page.locator("#answer-bundle")).to_contain_text(sentence)
    assert saved.result() == ("open", CANNOT)


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
    assert (kind, sentence[:29]) == ("open", "The recorded text is intact, ")


def test_what_is_pasted_into_the_wrong_place_is_put_into_the_right_one(saved: Saved, log: Log) -> None:
    for place, data in (("#paste-bundle", log.trust), ("#paste-trust", log.bundle)):
        saved.page.locator(place).fill(data.decode())
        saved.page.locator(place).blur()
    saved.press("Check")
    assert saved.result()[1].startswith("The recorded text is intact, ")
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
        assert sentence.startswith("The recorded text" if role == "copy" else "Your copy has the recorded text")


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
    assert saved.result()[1].startswith("The recorded text is intact, ")


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
