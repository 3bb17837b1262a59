"""Checking a copy in a real Chromium, against the really served application: what is pasted, dropped, fetched."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Page, Route, expect

from notary.service.lookup import LineIndexer
from scripts._dev import assets
from tests.browser.giving import DROP, PASTE
from tests.weblog import WebLog
from tests.webserver import Server, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ARTICLE = [
    "Old Mill Bridge closed to heavy vehicles",
    "Vehicles over 7.5 tonnes may not cross the Old Mill Bridge until further notice.",
    "Cars, bicycles and pedestrians are not affected by the closure.",
    "The city’s engineers found cracks in two bearings on 3 March.",
    "A diversion is signposted – follow the yellow signs.",
]
HAN = [
    "关于调整城市轨道交通首末班车时间的公告",
    "为方便市民出行，自2025年4月1日起，首末班车时间调整如下。",
    "请乘客提前安排行程，以车站公布的时刻表为准。",
]
WATER = [
    "Boil water in the northern districts",
    "Boil all drinking water for five minutes.",
    "The order holds until it is lifted.",
]
RIGHT = [WATER[0], "Boil all drinking water for ten minutes, please.", WATER[2]]
PROFILE = {"spec": "notary-profile/1", "title": "h1", "body": "#text"}


@dataclass
class Site:
    """A served log, and entries of it by name."""

    server: Server
    leaves: dict[str, str]
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert assets.is_current(), assets.ADVICE
    log = WebLog(Path(tmp_path_factory.mktemp("check")) / "data", development=True)
    leaves = {"bridge": log.submit("\n".join(ARTICLE), document="bridge", language="en")}
    leaves["han"] = log.submit("\n".join(HAN), language="zh-Hans")
    leaves["older"] = log.submit("\n".join(WATER), document="water")
    leaves["newer"] = log.submit("\n".join(RIGHT), document="water", status="correction", previous=leaves["older"])
    leaves["retracted"] = log.submit(
        "Pool opens on Monday morning\nThe pool opens at nine in the morning.", document="pool"
    )
    leaves["gone"] = log.submit(
        "Pool: withdrawn\nNothing of that.", document="pool", status="retraction", previous=leaves["retracted"]
    )
    page = f"<h1>Library hours in the summer</h1><div id=text><p>{'</p><p>'.join(LIBRARY)}</div>"
    leaves["page"] = log.submit(page, type="html", profile=PROFILE)
    log.integrate()
    log.anchor()
    while LineIndexer(log.services.store).step():
        pass
    with serving(log.root) as server:
        yield Site(server, leaves)
    log.close()


LIBRARY = ["The library is open from eight to noon in July.", "In August it is closed on Saturdays and Sundays."]


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 900}, locale="en-GB")
    opened = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A page that says 404, a request that a test stops, a handler in markup that the policy stops: their point.
        if not re.search("responded with a status of 4|ERR_FAILED|Executing inline event handler", message.text):
            complaints.append(message.text)

    opened.on("console", heard)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda asked: None if asked.url.startswith(site.server.url) else complaints.append(asked.url))
    opened.goto(site.server.url + "/check")
    expect(opened.locator("html[data-ready]")).to_have_count(1)
    yield opened
    context.close()
    assert complaints == []


# A page whose columns are a table, with the headline in the middle, as portals have them.
COLUMNS = (
    "<!doctype html><table><tr><td><p>News</p></td><td><p>{}</p><h1>Library hours in the summer</h1>"
    "<div id=text><p>{}</p></div></td></tr></table>"
)


def html(lines: list[str], before: str = "<ul><li>Home<li>News</ul>", behind: str = "<p>print】 【close</p>") -> str:
    return f"{before}<h1>{lines[0]}</h1>" + "".join(f"<p>{line}</p>" for line in lines[1:]) + behind


def result(page: Page) -> tuple[str, str, str]:
    """Wait for the result; return how it looks, the verdict, and what was found."""
    expect(page.locator("#result[data-state=done]")).to_have_count(1)
    found = page.locator("#result").evaluate("({ dataset: d }) => [d.kind, d.verdict, d.found]")
    return found[0], found[1], found[2]


def forget(page: Page) -> None:
    """Take away the result that stands, so that it is not taken for the next one."""
    page.locator("#result").evaluate("result => { result.dataset.state = ''; }")


def paste(page: Page, plain: str, rich: str = "") -> tuple[str, str, str]:
    forget(page)
    page.evaluate(PASTE, [plain, rich])
    return result(page)


def choose(page: Page, name: str, data: bytes) -> tuple[str, str, str]:
    payload: FilePayload = {"name": name, "mimeType": "", "buffer": data}
    forget(page)
    page.locator("#file").set_input_files(payload)
    return result(page)


def marks(page: Page) -> list[str]:
    expect(page.locator("#comparison")).to_be_visible()
    return [" ".join(text.split()) for text in page.locator("#comparison :is(ins, del)").all_inner_texts()]


def test_rich_text_with_menus_around_it_is_found(page: Page, site: Site) -> None:
    assert paste(page, "Home News …", html(ARTICLE)) == ("open", "cannot-check", "same-with-more")
    expect(page.get_by_role("heading", level=2).first).to_have_text(
        "The article in your copy is the recorded text, word for word. Around it stands other text."
    )
    expect(page.locator("#when")).to_contain_text("is still to be asked")
    expect(page.locator("#notes")).to_contain_text("2 before the article, 1 behind it")
    expect(page.locator("#record-link a")).to_have_attribute("href", f"/e/{site.leaves['bridge']}")
    assert marks(page) == []
    # What was sent: digests of lines, nothing of the text.
    assert page.evaluate("document.activeElement.id") == "result"


def test_only_digests_leave_the_browser(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.post_data or ""))
    paste(page, "\n".join(ARTICLE))
    assert any('"lines"' in body for body in sent)
    for line in ARTICLE:
        assert not any(line[:12] in body for body in sent)


def test_plain_text_alone_is_the_same_and_han_is_found(page: Page) -> None:
    assert paste(page, "\n".join(ARTICLE))[2] == "same"
    assert paste(page, "首页\n" + "\n".join(HAN) + "\n【打印】【关闭】")[2] == "same-with-more"


def test_soft_hyphens_are_named_and_do_not_count(page: Page) -> None:
    hyphenated = [line.replace("Bridge", "Brid\u00adge\u200b") for line in ARTICLE]
    assert paste(page, "x", html(hyphenated))[2] == "same-with-more"
    expect(page.locator("#notes")).to_contain_text("soft hyphen (U+00AD) × 2, zero-width space (U+200B) × 2")


def test_typography_is_named_and_never_green(page: Page) -> None:
    straight = [line.replace("’", "'").replace("–", "-") for line in ARTICLE]
    assert paste(page, "\n".join(straight)) == ("open", "typography-only", "typography-only")
    expect(page.locator("#headline")).to_contain_text("in typography only")
    assert page.locator(".hunk.is-typography").count() == 2


def test_changed_inserted_and_missing_are_shown_for_eyes_and_ears(page: Page) -> None:
    lines = [ARTICLE[0], ARTICLE[1].replace("not cross", "always cross"), "Not on Sundays, though.", *ARTICLE[2:4]]
    assert paste(page, "x", html(lines)) == ("fail", "changed", "changed")
    assert marks(page) == [
        "deleted: not end of the change.",
        "inserted: always end of the change.",
        "inserted: Not on Sundays, though. end of the change.",
        "deleted: A diversion is signposted – follow the yellow signs. end of the change.",
    ]
    # The next change, and from the last to the first.
    button = page.get_by_role("button", name="Next change")
    seen = []
    for _ in range(4):
        button.click()
        seen.append(page.evaluate("document.activeElement.className"))
    assert seen == ["hunk is-changed", "hunk is-inserted", "hunk is-missing", "hunk is-changed"]
    expect(page.locator("#comparison-count")).to_have_text("Place 1 of 3")


def test_nothing_of_this_is_a_match(page: Page) -> None:
    cases = [
        ([*ARTICLE[:2], "This does not apply on Sundays.", *ARTICLE[2:]], ("fail", "changed", "inserted")),
        ([*ARTICLE[:2], *ARTICLE[3:]], ("fail", "changed", "missing")),
        (ARTICLE[1:3], ("open", "changed", "part")),
        ([line.replace("not affected", "affected") for line in ARTICLE], ("fail", "changed", "changed")),
        ([*ARTICLE[:2], ARTICLE[2].replace("not", "\u202enot"), *ARTICLE[3:]], ("fail", "changed", "changed")),
    ]
    for lines, found in cases:
        assert paste(page, "x", html(lines, behind="")) == found, lines


def test_an_image_inside_the_article_is_not_covered(page: Page) -> None:
    rich = html(ARTICLE, before="", behind="").replace("</h1>", "</h1><img src='/x.png' alt='The bridge'>")
    assert paste(page, "x", rich) == ("open", "cannot-check", "uncovered")
    expect(page.locator("#notes")).to_contain_text("an image: /x.png “The bridge”")


def test_older_and_retracted_versions_say_so(page: Page, site: Site) -> None:
    assert paste(page, "\n".join(WATER))[2] == "same"
    expect(page.locator("#when")).to_contain_text("But the recorded text was replaced since: there is a later version.")
    expect(page.locator("#record-link a")).to_have_attribute("href", f"/e/{site.leaves['older']}")
    assert paste(page, "Pool opens on Monday morning\nThe pool opens at nine in the morning.")[0] == "old"
    expect(page.locator("#when")).to_contain_text("But the publisher retracted the recorded text since.")


def test_what_is_not_there_is_never_called_altered(page: Page) -> None:
    other = "Something else altogether\nThat nobody ever logged anywhere.\n"
    assert paste(page, other) == ("open", "not-found", "not-found")
    expect(page.locator("#when")).to_contain_text("Nothing here says that it was altered.")
    shared = f"{other}{ARTICLE[2]}\n{other}{other}And much more about something else, for lines and lines.\n" * 2
    assert paste(page, shared)[2] == "not-found"
    expect(page.locator("#record-link")).to_contain_text("lines in common")


def test_a_saved_page_is_read_as_its_publisher_reads_it(page: Page) -> None:
    body = f"<h1>Library hours in the summer</h1><div id=text><p>{'</p><p>'.join(LIBRARY)}</div>"
    whole = f"<!doctype html><nav>Menu</nav>{body}<footer>Foot</footer>"
    assert choose(page, "saved.html", whole.encode())[2] in {"same", "same-with-more"}
    # The recorded text somewhere on the page does not help where another stands as the article.
    other = whole.replace("closed on", "open on") + f"<aside>{body.replace('h1', 'h2').replace('id=text', '')}</aside>"
    assert choose(page, "saved.html", other.encode()) == ("fail", "changed", "elsewhere")


def test_a_file_is_dropped(page: Page) -> None:
    page.evaluate(DROP, ["article.txt", "\n".join(ARTICLE)])
    assert result(page)[2] == "same"


def test_a_bundle_is_verified(page: Page, site: Site) -> None:
    status, _, bundle = site.server.get(f"/api/v1/entries/{site.leaves['bridge']}/bundle")
    assert status == 200
    assert choose(page, "x.bundle.json", bundle) == ("open", "cannot-check", "bundle")
    assert choose(page, "x.json", bundle.replace(b"tonnes", b"tonners"))[0:2] == ("fail", "refuted")
    value = json.loads(bundle)
    value["entry"]["record"]["origin"] = "other.example/log"
    foreign = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    assert choose(page, "x.bundle.json", foreign)[1:] == ("cannot-check", "cannot.origin")
    expect(page.locator("#when")).to_contain_text("other.example/log")


UNREADABLE = [
    ("x.bundle.json", b"<!doctype html><p>Not found", "cannot.not-a-bundle"),
    ("x.bundle.json", b"[" * 100_000, "cannot.not-a-bundle"),
    ("x.bundle.json", b"{}", "cannot.not-a-bundle"),
    ("x.html", b"<div>" * 2000, "cannot.unreadable"),
    ("x.html", b"<frameset><frame src=x></frameset>", "cannot.unreadable"),
    ("x.txt", b"\xff\xfe\x00\xd8", "cannot.unreadable"),
    ("x.txt", b"a\n" * 100_001, "cannot.unreadable"),
    ("x.txt", b"a" * (9 << 20), "cannot.unreadable"),
    (
        "x.mht",
        b"From: <x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n",
        "cannot.archive",
    ),
    ("x.txt", b"", "cannot.empty"),
]


def test_what_cannot_be_checked_says_why(page: Page) -> None:
    for name, data, key in UNREADABLE:
        assert choose(page, name, data) == ("open", "invalid", key), (name, data[:20])
        expect(page.locator("#headline")).to_have_text("This could not be checked. That says nothing against it.")
        expect(page.locator("#when")).not_to_be_empty()


def test_an_unknown_file_is_looked_for_by_its_digest(page: Page) -> None:
    assert choose(page, "x.pdf", b"%PDF-1.7\0\1\2")[2] == "not-found"


def test_a_page_by_its_address(page: Page, site: Site) -> None:
    page.get_by_label("Or give an address").fill("http://127.0.0.1/")
    page.get_by_role("button", name="Fetch and check").click()
    assert result(page) == ("open", "cannot-check", "cannot.fetch")
    expect(page.locator("#when")).to_contain_text("does not lead to a public server")

    def fetched(route: Route) -> None:
        body = base64.b64encode(html(ARTICLE).encode()).decode()
        value = {"url": "https://news.example/a", "content_type": "text/html; charset=utf-8", "body_base64": body}
        route.fulfill(json=value)

    page.route("**/api/v1/fetch", fetched)
    page.get_by_role("button", name="Fetch and check").click()
    assert result(page)[2] == "same-with-more"
    expect(page.locator("#notes")).to_contain_text("fetched by this server from https://news.example/a")


def test_a_server_that_does_not_answer_is_no_evidence(page: Page) -> None:
    page.route("**/api/v1/lookup", lambda route: route.abort())
    assert paste(page, "\n".join(ARTICLE))[1:] == ("cannot-check", "cannot.search")
    page.unroute("**/api/v1/lookup")
    page.route("**/bundle", lambda route: route.fulfill(body="<p>no"))
    assert paste(page, "\n".join(ARTICLE))[1:] == ("invalid", "cannot.unreadable")


def test_pasted_markup_does_nothing(page: Page) -> None:
    rich = html(
        ARTICLE, before="<img src=x onerror='window.ran=1'><script>window.ran=1</script><iframe srcdoc='<p>'></iframe>"
    )
    assert paste(page, "x", rich)[2] == "same-with-more"
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize("width", [360, 1200])
def test_it_fits(browser: Browser, site: Site, width: int) -> None:
    view = browser.new_page(viewport={"width": width, "height": 900})
    view.goto(site.server.url + "/check?lang=zh")
    expect(view.locator("html[data-ready]")).to_have_count(1)
    assert view.locator("html").get_attribute("lang") == "zh-Hans"
    paste(view, "\n".join([*HAN[:2], "长" * 3000, "x" * 3000, HAN[2]]))
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    view.context.close()


def test_without_javascript_it_is_the_servers_word(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    view = context.new_page()
    view.goto(site.server.url + "/check")
    expect(view.get_by_label("Or give an address")).to_be_hidden()
    view.get_by_label("Paste the article").fill("\n".join(ARTICLE).replace("not affected", "affected"))
    view.get_by_role("button", name="Check this text").click()
    expect(view.get_by_text("This server’s own word", exact=True)).to_be_visible()
    expect(view.get_by_text("Your text differs from the logged one.")).to_be_visible()
    assert view.locator("del").count() == 1
    context.close()


def test_a_page_with_columns_is_found_and_read_by_its_profile(page: Page) -> None:
    page.evaluate(DROP, ["saved.html", COLUMNS.format("Culture", "</p><p>".join(LIBRARY))])
    assert result(page)[2] == "same"
    # By the profile nothing differs: what the lines of the whole page look like is not shown beside that.
    expect(page.locator("#comparison")).to_be_hidden()


def test_a_page_with_columns_that_was_altered(page: Page) -> None:
    altered = COLUMNS.format("Culture", "</p><p>".join(LIBRARY).replace("noon", "one"))
    page.evaluate(DROP, ["saved.html", altered])
    kind, verdict, _found = result(page)
    assert (kind, verdict) == ("fail", "changed")


def test_lines_that_only_stand_elsewhere_are_no_alarm_and_no_match(page: Page) -> None:
    page.evaluate(PASTE, ["x", html([ARTICLE[1], ARTICLE[0], *ARTICLE[2:]])])
    assert result(page) == ("open", "changed", "moved")
    expect(page.locator("#headline")).to_contain_text("some lines stand in another place")
