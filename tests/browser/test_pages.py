"""The pages in a real Chromium, from the really served application: layout, policy, keyboard, contrast, print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from notary.model.anchors import AnchorState
from tests.browser.contrast import CONTRAST, OUTLINE
from tests.weblog import WebLog
from tests.webserver import Server, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOWHERE = "cd" * 32
ENGLISH = """Night train between Harbour City and Lindenau resumes on 1 April
The regional railway resumes the night service between Harbour City and Lindenau on Tuesday, 1 April 2025.
Destination\tSeat\tBerth in four\tBerth in two\tBerth alone\tBicycle\tDog
Steinfurt\t€19\t€39\t€62\t€90\t€9\t€12
Lindenau\t€29\t€54\t€88\t€120\t€9\t€12
Passengers who hold a valid ticket from before the suspension may use it until 30 June.
"""
CHINESE = """关于调整城市轨道交通首末班车时间的公告
为方便市民出行，自2025年4月1日起，本市轨道交通1号线、2号线和4号线首末班车时间调整如下。请乘客提前安排行程，以车站公布的时刻表为准。
线路\t首班车\t末班车
1号线\t05:40\t23:20
此前公布的时刻表同时停止使用。
"""
HOSTILE = "x" * 10_000 + "\n<script>alert(1)</script> ✅ verified \u2067rtl\u2069\n" + "长" * 3_000 + "\n"

Scheme = Literal["light", "dark"]


@dataclass
class Site:
    """A served log and the paths of its pages by name."""

    server: Server
    paths: dict[str, str]


@dataclass
class Watched:
    """A page, with everything that its browser complained about or asked elsewhere."""

    page: Page
    server: Server
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start to listen."""
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        # A page that says 404 is reported as a failed load; that is its point.
        if "the server responded with a status of 4" not in message.text:
            self.complaints.append(message.text)

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(self.server.url + "/"):
            self.complaints.append(f"asked {request.url}")

    def open(self, path: str) -> Page:
        """Go to a path of the site."""
        self.page.goto(self.server.url + path)
        return self.page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    log = WebLog(Path(tmp_path_factory.mktemp("browser")) / "data", development=True)
    english = log.submit(ENGLISH, document="night-train", language="en", url="https://rail.example/1", author="Desk")
    chinese = log.submit(CHINESE, document="gonggao/31", language="zh-Hans", published="2025-03-18T09:30:00+08:00")
    wrong = log.submit("Boil water\nFor five minutes.", document="water", language="en")
    changes = {"document": "water", "status": "correction", "previous": wrong}
    right = log.submit("Boil water\nFor ten minutes.", note="The minutes were wrong." * 20, **changes)
    log.integrate()
    log.anchor()
    hostile = log.submit(HOSTILE)
    log.integrate()
    log.anchor(AnchorState.INCLUDED)
    waiting = log.submit("Library open\nOn Monday.")
    leaves = {
        "final": english,
        "chinese": chinese,
        "older": wrong,
        "current": right,
        "hostile": hostile,
        "new": waiting,
    }
    paths = {name: f"/e/{leaf}" for name, leaf in leaves.items()}
    with serving(log.root) as server:
        yield Site(
            server, paths | {"front": "/", "check": "/check", "asked": "/?digest=hello", "none": f"/e/{NOWHERE}"}
        )
    log.close()


def watched(
    browser: Browser, site: Site, *, width: int = 1280, scheme: Scheme = "light", script: bool = True
) -> Watched:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=script
    )
    return Watched(context.new_page(), site.server)


NAMES = ("front", "check", "asked", "none", "final", "chinese", "older", "current", "hostile", "new")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_layout_policy_and_contrast(browser: Browser, site: Site, width: int, scheme: Scheme) -> None:
    view = watched(browser, site, width=width, scheme=scheme)
    for name in NAMES:
        page = view.open(site.paths[name])
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(CONTRAST) == [], name
        banner = page.locator(".test-chain")
        assert banner.inner_text() == "Local test chain: proves nothing to others"
        box = banner.bounding_box()
        assert box is not None
        assert (box["x"], box["y"], box["width"]) == (0, 0, width)
        assert page.locator("h1").count() == 1
        # The style sheet was let through by the policy, and the icon is the only other thing a page may load.
        assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith('"Iowan Old Style"')
    assert view.complaints == []
    view.page.context.close()


def test_the_policy_stops_what_a_page_must_not_do(browser: Browser, site: Site) -> None:
    view = watched(browser, site)
    page = view.open("/")
    page.evaluate(
        """() => {
            for (const write of [
                () => { document.createElement("script").textContent = "window.ran = true"; },
                () => { document.body.innerHTML = "<b>markup</b>"; },
            ]) {
                try { write(); window.ran = true; } catch (error) { console.log(String(error)); }
            }
            const script = document.createElement("script");
            script.append("window.ran = true");
            document.body.append(script);
            const image = document.createElement("img");
            image.src = "http://127.0.0.1:9/x.png";
            document.body.append(image);
            document.body.setAttribute("style", "color: red");
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None
    text = " ".join(view.complaints)
    assert text.count("TrustedScript") >= 1
    assert "TrustedHTML" in text
    assert "img-src" in text
    view.page.context.close()


def test_everything_without_javascript(browser: Browser, site: Site) -> None:
    view = watched(browser, site, width=360, script=False)
    page = view.open("/")
    page.get_by_label("Find an entry by digest").fill(site.paths["final"].removeprefix("/e/"))
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**" + site.paths["final"])
    assert "local test chain: proves nothing to others" in page.get_by_role("heading", level=1).inner_text()
    page.get_by_text("The logged record, as JSON").click()
    assert page.get_by_label("Record", exact=True).is_visible()
    assert view.complaints == []
    view.page.context.close()


def test_by_keyboard_alone(browser: Browser, site: Site) -> None:
    view = watched(browser, site, width=360)
    page = view.open("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("element => element === document.activeElement")
    box = skip.bounding_box()
    assert box is not None
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    check = page.get_by_role("main").get_by_role("link", name="Check your copy")
    assert check.evaluate("element => element === document.activeElement")
    page.keyboard.press("Tab")
    assert page.get_by_label("Find an entry by digest").evaluate("element => element === document.activeElement")
    assert page.evaluate(OUTLINE)
    page.keyboard.type(site.paths["older"].removeprefix("/e/"))
    page.keyboard.press("Enter")
    page.wait_for_url("**" + site.paths["older"])
    expect(page.locator("#changes-answer")).not_to_be_empty()
    # Everything that can be reached shows where it is, and the way to the current version is the first thing.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    reached: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.textContent.trim()")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate(OUTLINE), name
        reached.append(name)
    assert reached[0] == "Read the current version."
    assert "Download the bundle" in reached
    assert "Correction" in reached
    assert "The logged record, as JSON" in reached
    view.page.context.close()


def test_links_that_stand_alone_can_be_hit_with_a_finger(browser: Browser, site: Site) -> None:
    page = watched(browser, site, width=360).open(site.paths["older"])
    links = page.locator("nav a, .foot a, .history a")
    heights = [box["height"] for box in (one.bounding_box() for one in links.all()) if box is not None]
    assert len(heights) >= 7
    assert min(heights) >= 24
    page.context.close()


def test_a_wide_table_scrolls_in_its_own_box(browser: Browser, site: Site) -> None:
    page = watched(browser, site, width=360).open(site.paths["final"])
    # The article is set anew when the check is done.
    expect(page.locator("#result")).to_have_attribute("data-state", "done", timeout=20_000)
    table = page.get_by_role("region", name="Table")
    assert table.evaluate("element => element.scrollWidth > element.clientWidth")
    assert table.get_attribute("tabindex") == "0"
    page.context.close()


def test_chinese_is_marked_and_set_as_chinese(browser: Browser, site: Site) -> None:
    page = watched(browser, site).open(site.paths["chinese"])
    # The article is set anew when the check is done.
    expect(page.locator("#result")).to_have_attribute("data-state", "done", timeout=20_000)
    article = page.get_by_role("article")
    assert article.get_attribute("lang") == "zh-Hans"
    paragraph = article.locator(".text p").first
    indent = paragraph.evaluate("element => parseFloat(getComputedStyle(element).textIndent)")
    size = paragraph.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert indent == pytest.approx(2 * size)
    page.context.close()


def test_the_bundle_is_downloaded_under_its_leaf_hash(browser: Browser, site: Site, tmp_path: Path) -> None:
    page = watched(browser, site).open(site.paths["final"])
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the bundle").click()
    assert waiting.value.suggested_filename == site.paths["final"].removeprefix("/e/") + ".bundle.json"
    saved = tmp_path / "bundle.json"
    waiting.value.save_as(saved)
    status, _, body = site.server.get("/api/v1/entries/" + site.paths["final"].removeprefix("/e/") + "/bundle")
    assert status == 200
    assert len(saved.read_bytes()) == len(body)
    page.context.close()


def test_print(browser: Browser, site: Site) -> None:
    page = watched(browser, site, scheme="dark").open(site.paths["older"])
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.get_by_role("link", name="Download the bundle").is_visible()
    assert page.locator(".notice h1").is_visible()
    page.context.close()
