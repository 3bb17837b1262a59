"""The check in the reader's browser: a real service, a real node, endpoints and servers that are not as they should."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from notary.core.record import Status
from scripts._dev import assets
from tests.browser.anchored import BUNDLES, Filling, Site, asking, ended, opened, result, row, served, site_on
from tests.endpoint import Request, Script, always, answer, serve
from tests.node.anvil import Anvil, running
from tests.node.world import in_front_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "content-type"}
FIRST = "Boil water\n\nFor five minutes, everywhere.\nThe pool is open."
SECOND = "Boil water\n\nFor ten minutes, everywhere.\nThe pool is open."
HOSTILE = (
    f"✅✅✅ Checked \u2067by the\u2069 State\n\n{'x' * 10_000}\n&lt;h1&gt;This text was in this log&lt;/h1&gt; ✓ Holds"
)


def filled(log: Filling) -> None:
    log.submit("plain", "Bridge\n\nIt is closed.", document="bridge")
    log.submit("older", FIRST, document="water", language="en")
    log.submit("retracted", "Pool\n\nIt is open.", document="pool")
    log.submit("hostile", HOSTILE)
    log.submit("other", "Bridge\n\nAnother publisher's.", document="bridge", by_another=True)
    log.submit("current", SECOND, document="water", after="older", language="en")
    log.submit("gone", "Gone\n\nSorry.", document="pool", after="retracted", status=Status.RETRACTION)
    log.anchor()
    log.submit("waiting", "Late\n\nNot anchored.")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert assets.is_current(), assets.ADVICE
    root = Path(tmp_path_factory.mktemp("verification")) / "data"
    with running() as node, site_on(node, root, filled) as served_log:
        yield served_log


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def open_to_all(script: Script) -> Script:
    """Let pages of any site ask the endpoint; answer what browsers ask before they ask."""

    def opened_script(connection: socket.socket, request: Request) -> None:
        if request.line.startswith("OPTIONS"):
            connection.sendall(answer(b"", headers=OPEN))
            return
        script(WithHeaders(connection), request)  # type: ignore[arg-type]

    return opened_script


class WithHeaders:
    """A socket that adds the headers of :data:`OPEN` to a whole response."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def recv(self, size: int) -> bytes:
        return self._connection.recv(size)

    def sendall(self, data: bytes) -> None:
        head, _, body = data.partition(b"\r\n\r\n")
        added = "".join(f"\r\n{name}: {value}" for name, value in OPEN.items()).encode()
        self._connection.sendall(head + added + b"\r\n\r\n" + body)


def changing(method: str, change: Callable[[dict[str, Any], Any], Any], node: Anvil) -> Script:
    """Return an endpoint in front of the node that lies about one method."""

    def changed(call: dict[str, Any], response: Any) -> Any:
        return response | {"result": change(call, response["result"])} if call["method"] == method else response

    return open_to_all(in_front_of(node.url, changed))


def test_nothing_is_asked_elsewhere_before_the_reader_says_so(page: Page, site: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, site, "plain")
    assert [url for url in asked if not url.startswith(site.server.url + "/")] == []
    kind, sentence = result(page)
    assert (kind, sentence[:29]) == ("open", "The recorded text is intact, ")
    assert sentence.endswith(" Local test chain: proves nothing to others.")
    # The way to the form that asks, far below on a phone, as long as there is something to ask.
    assert page.get_by_role("link", name="Ask the chain now, whom you choose").get_attribute("href") == "#ask"
    assert "Not checked" in row(page, "Date")
    assert "Holds" in row(page, "Text")
    assert page.locator("#server-steps").is_hidden()
    assert page.get_by_label("Endpoints (JSON-RPC)").input_value() == site.node.url


def test_a_match_with_a_node_of_the_chain(page: Page, site: Site) -> None:
    asking(opened(page, site, "plain"), site.node.url)
    kind, sentence = result(page)
    assert kind == "test"
    assert sentence.endswith("on a local test chain: proves nothing to others.")
    assert page.locator("#ask-link").is_hidden()
    assert "On or before" in row(page, "Date")
    for name in ("Text", "Log", "Anchor", "Corrections"):
        assert "Holds" in row(page, name)
    assert site.node.url in page.locator("#word").inner_text()
    assert "Local test chain: proves nothing to others." in page.locator("#shows-list").inner_text()


def test_each_row_shows_its_bytes(page: Page, site: Site) -> None:
    opened(page, site, "plain")
    for name in ("Text", "Date", "Publisher", "Log", "Anchor", "Corrections"):
        line = page.locator(".row").filter(has=page.locator(f".name:text-is('{name}')"))
        line.locator("summary").click()
        assert line.locator("dd").first.is_visible(), name
    assert site.leaves["plain"] in row(page, "Log")
    assert "Block hash, computed here" in row(page, "Anchor")


def test_an_altered_text_is_seen(page: Page, site: Site) -> None:
    served(page, lambda bundle: bundle.update(text=bundle["text"].replace("closed", "open")))
    kind, sentence = result(opened(page, site, "plain"))
    assert (kind, sentence) == ("fail", "This text is not the one that was recorded. Do not rely on this page.")
    assert "Does not hold" in row(page, "Text")
    assert "altered" in page.locator("#article .recorded").inner_text()
    assert page.locator("#shows-list").inner_text() == "Nothing, as it stands."


def test_false_evidence_is_seen(page: Page, site: Site) -> None:
    def change(bundle: dict[str, Any]) -> None:
        receipt = bundle["anchors"][0]["receipt"]
        last = "00" if receipt["nodes"][0][-2:] != "00" else "01"
        receipt["nodes"][0] = receipt["nodes"][0][:-2] + last

    served(page, change)
    assert result(opened(page, site, "plain")) == ("fail", "The evidence is false. Do not rely on this page.")
    assert "Does not hold" in row(page, "Anchor")


def test_another_entrys_evidence_is_seen(page: Page, site: Site) -> None:
    other = f"{site.server.url}/api/v1/entries/{site.leaves['hostile']}/bundle"
    page.route(BUNDLES, lambda route: route.fulfill(response=route.fetch(url=other)))
    kind, sentence = result(opened(page, site, "plain"))
    assert (kind, sentence[:48]) == ("fail", "The server sent the evidence of another entry. D")


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (200, "<!doctype html><p>Welcome", "what the server sent as evidence is none"),
        (200, "[" * 5_000, "what the server sent as evidence is none"),
        (200, " " * (17 << 20), "the evidence could not be fetched"),
        (503, "{}", "the evidence could not be fetched"),
    ],
    ids=["HTML", "deep", "huge", "503"],
)
def test_what_is_no_evidence_is_no_verdict(page: Page, site: Site, status: int, body: str, sentence: str) -> None:
    page.route(BUNDLES, lambda route: route.fulfill(status=status, body=body))
    kind, said = result(opened(page, site, "plain"))
    assert kind == "open"
    assert said.startswith("This could not be checked")
    assert sentence in said


def test_an_entry_without_anchor_is_pending(page: Page, site: Site) -> None:
    kind, sentence = result(opened(page, site, "waiting"))
    assert kind == "open"
    assert sentence.endswith("nothing is proven.")
    page.get_by_role("button", name="Ask these endpoints").click()
    expect(page.locator("#ask-answer")).to_have_text("There is no anchor yet that endpoints could be asked about.")


@pytest.mark.parametrize(
    ("name", "notice", "end"),
    [("older", "it was corrected on", "was replaced since"), ("retracted", "was retracted on", "was retracted since")],
)
def test_an_old_copy_says_so(page: Page, site: Site, name: str, notice: str, end: str) -> None:
    opened(page, site, name)
    assert notice in page.get_by_role("heading", level=1).inner_text()
    asking(page, site.node.url)
    kind, sentence = result(page)
    assert kind == "old"
    assert end in sentence
    assert sentence.endswith("Local test chain: proves nothing to others.")
    assert "Superseded" in row(page, "Corrections")


def test_a_server_that_hides_a_retraction_is_contradicted(page: Page, site: Site) -> None:
    def hide(route: Route) -> None:
        html = route.fetch().text()
        start = html.index('<div class="notice"')
        body = html[:start] + html[html.index("</div>", start) + 6 :]
        route.fulfill(status=200, content_type="text/html", body=body)

    page.route(f"**/e/{site.leaves['retracted']}", hide)
    opened(page, site, "retracted")
    assert "The publisher retracted this text." in page.locator("#notice").inner_text()
    assert page.locator("#notice a").get_attribute("href") == f"/e/{site.leaves['gone']}"


def wrong_chain(site: Site) -> Script:
    return changing("eth_chainId", lambda _call, _value: "0x1", site.node)


def other_block(site: Site) -> Script:
    def lie(call: dict[str, Any], value: Any) -> Any:
        return value if call["params"][0] in {"0x0", "finalized"} else value | {"hash": "0x" + "ab" * 32}

    return changing("eth_getBlockByNumber", lie, site.node)


def other_code(site: Site) -> Script:
    return changing("eth_getCode", lambda _call, _value: "0x00", site.node)


def other_number(site: Site) -> Script:
    return changing("eth_getBlockByNumber", lambda _call, value: value | {"number": "0x77"}, site.node)


def hypertext(_site: Site) -> Script:
    return open_to_all(lambda connection, _request: connection.sendall(answer(b"<p>Rate limit")))


def closed_to_others(_site: Site) -> Script:
    return always(answer(b"{}"))


def too_many(_site: Site) -> Script:
    return open_to_all(lambda connection, _request: connection.sendall(answer(b"", status="429 Too Many")))


def in_its_own_time(_site: Site) -> Script:
    def script(connection: socket.socket, _request: Request) -> None:
        connection.recv(1)  # until the browser gives up

    return open_to_all(script)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (wrong_chain, "answers for another chain"),
        (other_code, "does not show the trusted registry"),
        (other_number, "could not be asked"),
        (hypertext, "could not be asked"),
        (closed_to_others, "could not be asked"),
        (too_many, "could not be asked"),
        (in_its_own_time, "could not be asked"),
    ],
)
def test_an_endpoint_that_is_no_good_proves_nothing(
    page: Page, site: Site, script: Callable[[Site], Script], reason: str
) -> None:
    with serve(script(site)) as endpoint:
        asking(opened(page, site, "plain"), endpoint.url)
        kind, sentence = result(page)
        assert (kind, sentence) == ("open", "This could not be checked completely: nothing is shown to be wrong.")
        assert reason in row(page, "Anchor")
        assert "Not checked" in row(page, "Date")


def test_an_endpoint_that_is_down_proves_nothing(page: Page, site: Site) -> None:
    asking(opened(page, site, "plain"), "http://127.0.0.1:9")
    assert result(page)[0] == "open"
    assert "could not be asked" in row(page, "Anchor")
    page.locator(".row").filter(has=page.locator(".name:text-is('Anchor')")).locator("summary").click()
    assert "It could not be reached, or it does not let pages" in row(page, "Anchor")


def test_why_an_endpoint_could_not_be_asked_is_told(page: Page, site: Site) -> None:
    with serve(closed_to_others(site)) as endpoint:
        asking(opened(page, site, "plain"), endpoint.url)
        page.locator(".row").filter(has=page.locator(".name:text-is('Anchor')")).locator("summary").click()
        assert "It is there, but does not let pages of other sites ask it (CORS)." in row(page, "Anchor")


def test_who_was_asked_in_vain_is_told_in_the_result(page: Page, site: Site) -> None:
    asking(opened(page, site, "plain"), "http://127.0.0.1:9", site.node.url)
    said = page.locator("#word").inner_text()
    why = "It could not be reached, or it does not let pages of other sites ask it (CORS)."
    assert f"http://127.0.0.1:9 ({why})" in said
    assert f"{site.node.url} (" not in said


def test_only_the_endpoints_asked_last_count(page: Page, site: Site) -> None:
    with serve(in_its_own_time(site)) as slow:
        opened(page, site, "plain")
        page.get_by_label("Endpoints (JSON-RPC)").fill(slow.url)
        page.get_by_role("button", name="Ask these endpoints").click()
        expect(page.locator("#result")).to_be_focused()
        expect(page.locator("#word")).to_have_text("Asking the endpoints …")
        asking(page, site.node.url)
        assert result(page)[0] == "test"
        assert site.node.url in page.locator("#word").inner_text()
        assert slow.url not in page.locator("#word").inner_text()


def test_who_submitted_it_is_taken_from_the_evidence(page: Page, site: Site) -> None:
    def lie(route: Route) -> None:
        html = route.fetch().text().replace("Submitted by “<bdi>", "Submitted by “<bdi>The Ministry, not ")
        route.fulfill(status=200, content_type="text/html", body=html)

    page.route(f"**/e/{site.leaves['plain']}", lie)
    opened(page, site, "plain")
    assert page.locator("#by").inner_text().startswith("Submitted by “")
    assert "Ministry" not in page.locator("#by").inner_text()


def test_nobody_is_named_by_false_evidence(page: Page, site: Site) -> None:
    served(page, lambda bundle: bundle.update(text=bundle["text"].replace("closed", "open")))
    opened(page, site, "plain")
    assert page.locator("#by").inner_text() == ""


def test_one_liar_among_endpoints_is_a_disagreement(page: Page, site: Site) -> None:
    with serve(other_block(site)) as liar:
        asking(opened(page, site, "plain"), site.node.url, liar.url)
        assert result(page)[0] == "open"
        assert "contradict each other" in row(page, "Anchor")
        # All of the reader's own endpoints naming another block is what they asked for: then it is refuted.
        asking(page, liar.url)
        assert result(page) == ("fail", "The evidence is false. Do not rely on this page.")


@pytest.mark.parametrize(
    "line", ["ftp://a.example", "http://node.example:8545", "hello", "https://me:secret@a.example"]
)
def test_addresses_that_may_not_be_asked(page: Page, site: Site, line: str) -> None:
    opened(page, site, "plain")
    page.get_by_label("Endpoints (JSON-RPC)").fill(line)
    page.get_by_role("button", name="Ask these endpoints").click()
    expect(page.locator("#ask-answer")).to_contain_text("is not an address that this page may ask")


def test_a_trust_file_of_the_readers_own(page: Page, site: Site) -> None:
    opened(page, site, "plain")
    expect(page.locator("#trust-source")).to_contain_text("From this server.")
    own = json.loads(site.trust)
    own["log"]["vkeys"][0]["last"] = 1  # by this file the key signs no larger tree
    file = {"name": "trust.json", "mimeType": "application/json", "buffer": json.dumps(own).encode()}
    page.get_by_label("Use a trust file of your own").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator("#result")).to_have_attribute("data-kind", "fail")
    assert "Does not hold" in row(page, "Log")
    expect(page.locator("#trust-source")).to_contain_text("Given by you.")
    page.get_by_label("Keep it in this browser").check()
    ended(page)
    opened(page, site, "plain")
    expect(page.locator("#trust-source")).to_contain_text("kept in this browser")
    assert result(page)[0] == "fail"
    page.get_by_role("button", name="Use this server’s trust file again").click()
    expect(page.locator("#result")).to_have_attribute("data-kind", "open")
    opened(page, site, "plain")
    expect(page.locator("#trust-source")).to_contain_text("From this server.")


def test_a_file_that_is_no_trust_file_changes_nothing(page: Page, site: Site) -> None:
    opened(page, site, "plain")
    file = {"name": "cat.json", "mimeType": "application/json", "buffer": b"{}"}
    page.get_by_label("Use a trust file of your own").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator("#trust-answer")).to_contain_text("This is not a trust file; the one before is still in use.")
    assert result(page)[0] == "open"


def test_a_servers_trust_file_that_cannot_be_had_changes_nothing(page: Page, site: Site) -> None:
    opened(page, site, "plain")
    page.route("**/.well-known/notary-log.json", lambda route: route.abort())
    page.get_by_role("button", name="Use this server’s trust file again").click()
    expect(page.locator("#trust-answer")).to_contain_text("could not be had; the one before is still in use.")
    assert "Holds" in row(page, "Log")


def test_a_kept_trust_file_that_is_none_is_not_replaced_in_silence(page: Page, site: Site) -> None:
    page.goto(site.server.url)
    page.evaluate("localStorage.setItem('notary-trust', '{')")
    opened(page, site, "plain")
    expect(page.locator("#trust-source")).to_contain_text("None is in use")
    assert "Without a trust file" in row(page, "Log")
    page.get_by_role("button", name="Use this server’s trust file again").click()
    expect(page.locator("#trust-source")).to_contain_text("From this server.")


def test_what_changed_is_shown_and_spoken(page: Page, site: Site) -> None:
    opened(page, site, "current")
    expect(page.locator("#changes-answer")).to_have_text("Places that differ: 1.")
    changes = page.locator("#changes-list")
    assert changes.locator("del bdi").inner_text() == "five"
    assert changes.locator("ins bdi").inner_text() == "ten"
    assert "deleted:" in changes.locator("del").inner_text()
    assert "inserted:" in changes.locator("ins").inner_text()


def test_a_document_has_an_address(page: Page, site: Site) -> None:
    page.goto(f"{site.server.url}/d/water")
    ended(page)
    assert page.locator("#result").get_attribute("data-leaf") == site.leaves["current"]
    page.goto(f"{site.server.url}/d/bridge")
    assert page.get_by_role("heading", level=1).inner_text() == "Several publishers have a document of this name"
    page.goto(f"{site.server.url}/d/bridge?publisher=water-board")
    ended(page)
    assert page.locator("#result").get_attribute("data-leaf") == site.leaves["other"]


@pytest.mark.parametrize("width", [360, 1280])
def test_hostile_words_neither_break_nor_fake_the_page(page: Page, site: Site, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    opened(page, site, "hostile")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    assert page.locator("#article h1").count() == 0
    assert "✅" not in page.locator("#live").inner_text()


def test_the_page_in_chinese(page: Page, site: Site) -> None:
    opened(page, site, "plain", "?lang=zh")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert result(page)[1].startswith("存证的文本完好，")
    page.goto(f"{site.server.url}/e/{site.leaves['plain']}")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"


def test_without_javascript_the_servers_report_stands_there(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.server.url}/e/{site.leaves['plain']}")
    assert "This sentence is this server’s own word." in page.locator("#word").inner_text()
    assert page.locator("#server-steps").is_visible()
    assert page.locator("#live").is_hidden()
    context.close()
