"""Every verdict of docs/spec/verify.md, reached by a reader in a real Chromium: a real service, a log on a real node.

Each way to a verdict is gone on the pages of two logs: one that says of itself that its chain proves nothing to others
(``development``), and one that does not. Only the second may ever be green, and only for a match.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from notary.core.bundle import Anchor, parse_bundle
from notary.core.evm import parse_header
from notary.core.jcs import Json
from notary.core.profile import parse_profile
from notary.core.record import Status
from notary.core.verify import Verdict
from notary.service.content import PageInput
from scripts._dev import assets
from tests.browser.anchored import BUNDLES, Filling, Site, asking, ended, opened, result, served, site_on
from tests.browser.giving import DROP, PASTE
from tests.node.anvil import Anvil, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BRIDGE = [
    "Old Mill Bridge closed to heavy vehicles",
    "Vehicles over 7.5 tonnes may not cross the Old Mill Bridge until further notice.",
    "The city’s engineers found cracks in two bearings on 3 March.",
    "A diversion is signposted – follow the yellow signs.",
]
WATER = ["Boil water in the north", "Boil all drinking water for five minutes.", "The order holds until it is lifted."]
RIGHT = [WATER[0], "Boil all drinking water for ten minutes, please.", WATER[2]]
POOL = ["Pool opens on Monday morning", "The pool opens at nine in the morning, in every weather."]
LATE = ["Market moves to the harbour", "From Friday on the market is held at the harbour."]
LIBRARY = ["The library is open from eight to noon in July.", "In August it is closed on Saturdays and Sundays."]
PICTURE = ["Storm damage on the coast road", "The road is closed between the two villages for a week."]
PROFILE: Json = {"spec": "notary-profile/1", "title": "h1", "body": "#text"}
IMAGE = b"not really a picture, but a file"


def as_page(lines: list[str], more: str = "") -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in lines[1:])
    return (
        f"<!doctype html><nav>Menu</nav><h1>{lines[0]}</h1><div id=text>{paragraphs}{more}</div><footer>Foot</footer>"
    )


def filled(log: Filling) -> None:
    profile = parse_profile(PROFILE)
    log.submit("bridge", "\n".join(BRIDGE), kind="plain", document="bridge", language="en")
    log.submit("older", "\n".join(WATER), kind="plain", document="water")
    log.submit("newer", "\n".join(RIGHT), kind="plain", document="water", after="older")
    log.submit("pool", "\n".join(POOL), kind="plain", document="pool")
    log.submit("gone", "Pool: withdrawn\nSorry.", kind="plain", document="pool", after="pool", status=Status.RETRACTION)
    log.submit("page", as_page(["Library hours", *LIBRARY]), kind="html", page=PageInput(profile=profile))
    images = PageInput(profile=profile, images={"/road.png": sha256(IMAGE).digest()})
    log.submit("picture", as_page(PICTURE, "<p><img src=/road.png alt=Road></p>"), kind="html", page=images)
    log.anchor()
    log.submit("logged", "\n".join(LATE), kind="plain")
    log.integrate()
    log.submit("accepted", "Later\nNot even in the log.", kind="plain")


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory, node: Anvil) -> Iterator[Site]:
    assert assets.is_current(), assets.ADVICE
    root = Path(tmp_path_factory.mktemp("public")) / "data"
    with site_on(node, root, filled, development=False) as site:
        yield site


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory, node: Anvil) -> Iterator[Site]:
    root = Path(tmp_path_factory.mktemp("development")) / "data"
    with site_on(node, root, filled, development=True) as site:
        yield site


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", color_scheme="light", viewport={"width": 1200, "height": 900})
    yield context  # one for all: what the pages load is kept
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


Steps = Callable[[Page, Site], object]


def read(name: str, *, ask: bool = True) -> Steps:
    """Open an entry's page, and ask the node."""

    def steps(page: Page, site: Site) -> None:
        opened(page, site, name)
        if ask:
            asking(page, site.node.url)

    return steps


def pasted(lines: list[str], *, ask: bool = True, rich: str = "") -> Steps:
    """Paste into the page that checks copies, and ask the node."""

    def steps(page: Page, site: Site) -> None:
        checking(page, site)
        page.evaluate(PASTE, ["\n".join(lines), rich])
        ended(page)
        if ask:
            asking(page, site.node.url)

    return steps


def typed(lines: list[str]) -> Steps:
    """Fill in the field, press the button, and ask the node."""

    def steps(page: Page, site: Site) -> None:
        checking(page, site)
        page.get_by_label("Paste the article").fill("\n".join(lines))
        page.get_by_role("button", name="Check this text").click()
        asking(ended(page), site.node.url)

    return steps


def dropped(name: str, text: str, *, ask: bool = True) -> Steps:
    """Drop a file onto the page that checks copies, and ask the node."""

    def steps(page: Page, site: Site) -> None:
        checking(page, site)
        page.evaluate(DROP, [name, text])
        ended(page)
        if ask:
            asking(page, site.node.url)

    return steps


def checking(page: Page, site: Site) -> None:
    page.goto(f"{site.server.url}/check")
    page.locator("html[data-ready]").wait_for(state="attached")


def lied_to(steps: Steps, change: Callable[[dict[str, Any]], object]) -> Steps:
    """Do the same with a server that changes every bundle."""

    def lied(page: Page, site: Site) -> None:
        served(page, lambda bundle: void(change(bundle)))
        steps(page, site)

    return lied


def answered(steps: Steps, status: int, body: str) -> Steps:
    """Do the same with a server that has no bundle to give."""

    def other(page: Page, site: Site) -> None:
        page.route(BUNDLES, lambda route: route.fulfill(status=status, body=body, content_type="text/html"))
        steps(page, site)

    return other


def unasked(steps: Steps) -> Steps:
    """Do the same, but no node can be reached where one is asked."""

    def alone(page: Page, site: Site) -> None:
        steps(page, site)
        asking(page, "http://127.0.0.1:9")

    return alone


def void(_value: object) -> None:
    """Make nothing of it."""


def other_text(bundle: dict[str, Any]) -> None:
    bundle["text"] = bundle["text"].replace("7.5", "3.5")


def other_receipt(bundle: dict[str, Any]) -> None:
    nodes = bundle["anchors"][0]["receipt"]["nodes"]
    nodes[0] = nodes[0][:-2] + ("01" if nodes[0].endswith("00") else "00")


BEFORE = "This text was in this log no later than {time}"
RECORDED = "The recorded text was in this log no later than {time}."
TO_ASK = "Whether block {number}, which dates it, is on the chain is still to be asked below."
INTACT = (
    "The recorded text is intact, and the log signed for it. Its date is not proven yet: nobody was asked about "
    "block {number}."
)
FALSE = "The evidence for this record is false. Do not rely on it."
SAME = "Your copy is the recorded text, word for word."
IMAGELESS = "The text of your copy is the recorded one, word for word. Its images were not compared."
MORE = "The article in your copy is the recorded text, word for word. Around it stands other text."
TYPOGRAPHY = "Your copy differs from the recorded text in typography only: quotes, dashes, spaces."
WORDS = "Words in your copy are not those that were recorded."
REPLACED = "But the recorded text was replaced since: there is a later version."
WITHDRAWN = "But the publisher retracted the recorded text since."
NOTHING = "This could not be checked. That says nothing against it."
PENDING = "The recorded text is not anchored yet: nothing about its time is proven."


@dataclass(frozen=True)
class Way:
    """How a reader comes to a verdict, and what the page then says and looks like.

    ``says`` is the headline and, on the page that checks copies, the sentence about time behind it; ``{time}`` and
    ``{number}`` are those of the block that holds the entry called ``leaf``. On a log that is flagged ``development``
    the page says ``tested`` instead, where that is given.
    """

    verdict: Verdict
    name: str
    kind: str
    says: str
    steps: Steps
    leaf: str = "bridge"
    tested: str = ""


LOGGED = "This text was logged, and anchored on {time} on a local test chain: proves nothing to others."
CLAIMED = " Local test chain: proves nothing to others."
ANCHORED = "The recorded text was anchored on a local test chain: proves nothing to others."
STRAIGHT = [line.replace("’", "'").replace("–", "-") for line in BRIDGE]
CHANGED = [line.replace("may not", "may") for line in BRIDGE]
WITH_MENU = "<ul><li>Home<li>News</ul>" + as_page(BRIDGE)
NOT_COMPARED = f"{BEFORE}. Its images were not compared."
FALSE_COPY = f"{FALSE} Nothing follows from it, neither for your copy nor against it."
STRANGER = ["Something else altogether", "That nobody ever logged, anywhere at all."]
NOT_FOUND = (
    "Nothing like this was found here. That says nothing against your text. It may be recorded in another log, or in "
    "none; or it is too short, or too different, to be found by its lines. Nothing here says that it was altered."
)
WAYS = [
    Way(Verdict.MATCH, "the entry", "pass", f"{BEFORE}.", read("bridge"), tested=LOGGED),
    Way(Verdict.MATCH, "a page's entry", "pass", f"{BEFORE}.", read("page"), leaf="page", tested=LOGGED),
    Way(Verdict.MATCH, "typed", "pass", f"{SAME} {RECORDED}", typed(BRIDGE), tested=f"{SAME} {ANCHORED}"),
    Way(
        Verdict.MATCH,
        "a saved page",
        "pass",
        f"{SAME} {RECORDED}",
        dropped("saved.html", as_page(["Library hours", *LIBRARY])),
        leaf="page",
        tested=f"{SAME} {ANCHORED}",
    ),
    Way(
        Verdict.MATCH_WITH_UNCHECKED,
        "an entry with images",
        "open",
        NOT_COMPARED,
        read("picture"),
        leaf="picture",
        tested=NOT_COMPARED + CLAIMED,
    ),
    Way(
        Verdict.MATCH_WITH_UNCHECKED,
        "pasted with menus around",
        "open",
        f"{MORE} {RECORDED}",
        pasted(["x"], rich=WITH_MENU),
        tested=f"{MORE} {ANCHORED}",
    ),
    Way(
        Verdict.MATCH_WITH_UNCHECKED,
        "the text without the images",
        "open",
        f"{IMAGELESS} {RECORDED}",
        typed(PICTURE),
        leaf="picture",
        tested=f"{IMAGELESS} {ANCHORED}",
    ),
    Way(
        Verdict.TYPOGRAPHY_ONLY,
        "pasted",
        "open",
        f"{TYPOGRAPHY} {RECORDED}",
        pasted(STRAIGHT),
        tested=f"{TYPOGRAPHY} {ANCHORED}",
    ),
    Way(
        Verdict.TYPOGRAPHY_ONLY,
        "a dropped file, unasked",
        "open",
        f"{TYPOGRAPHY} {TO_ASK}",
        dropped("a.txt", "\n".join(STRAIGHT), ask=False),
        tested=f"{TYPOGRAPHY} {TO_ASK}{CLAIMED}",
    ),
    Way(Verdict.CHANGED, "pasted", "fail", f"{WORDS} {RECORDED}", pasted(CHANGED), tested=f"{WORDS} {ANCHORED}"),
    Way(
        Verdict.CHANGED,
        "a dropped file, unasked",
        "fail",
        f"{WORDS} {TO_ASK}",
        dropped("a.txt", "\n".join(CHANGED), ask=False),
        tested=f"{WORDS} {TO_ASK}{CLAIMED}",
    ),
    Way(
        Verdict.OLDER_REVISION,
        "the entry",
        "old",
        f"{BEFORE}, and was replaced since.",
        read("older"),
        leaf="older",
        tested=f"{BEFORE}, and was replaced since.{CLAIMED}",
    ),
    Way(
        Verdict.OLDER_REVISION,
        "pasted",
        "old",
        f"{SAME} {REPLACED}",
        pasted(WATER),
        tested=f"{SAME} {REPLACED}{CLAIMED}",
    ),
    Way(
        Verdict.RETRACTED,
        "the entry",
        "old",
        f"{BEFORE}, and was retracted since.",
        read("pool"),
        leaf="pool",
        tested=f"{BEFORE}, and was retracted since.{CLAIMED}",
    ),
    Way(
        Verdict.RETRACTED,
        "pasted",
        "old",
        f"{SAME} {WITHDRAWN}",
        pasted(POOL),
        tested=f"{SAME} {WITHDRAWN}{CLAIMED}",
    ),
    Way(
        Verdict.PENDING,
        "logged",
        "open",
        "This text is in the log, but not anchored yet: nothing about its time is proven.",
        read("logged", ask=False),
    ),
    Way(
        Verdict.PENDING,
        "accepted",
        "open",
        "This text was accepted, but is not in the log yet: nothing is proven.",
        read("accepted", ask=False),
    ),
    Way(Verdict.PENDING, "pasted", "open", f"{SAME} {PENDING}", pasted(LATE, ask=False)),
    Way(
        Verdict.CANNOT_CHECK,
        "nobody asked yet",
        "open",
        INTACT,
        read("bridge", ask=False),
        tested=INTACT + CLAIMED,
    ),
    Way(
        Verdict.CANNOT_CHECK,
        "no node is there",
        "open",
        "This could not be checked completely: nothing is shown to be wrong.",
        unasked(read("bridge", ask=False)),
    ),
    Way(
        Verdict.CANNOT_CHECK,
        "the server has no evidence now",
        "open",
        "This could not be checked: the evidence could not be fetched.",
        answered(read("bridge", ask=False), 503, "{}"),
    ),
    Way(
        Verdict.CANNOT_CHECK,
        "pasted",
        "open",
        f"{SAME} {TO_ASK}",
        unasked(pasted(BRIDGE, ask=False)),
        tested=f"{SAME} {TO_ASK}{CLAIMED}",
    ),
    Way(
        Verdict.REFUTED,
        "another text",
        "fail",
        "This text is not the one that was recorded. Do not rely on this page.",
        lied_to(read("bridge"), other_text),
    ),
    Way(
        Verdict.REFUTED,
        "a false receipt",
        "fail",
        "The evidence is false. Do not rely on this page.",
        lied_to(read("bridge"), other_receipt),
    ),
    Way(Verdict.REFUTED, "pasted", "fail", FALSE_COPY, lied_to(pasted(BRIDGE), other_receipt)),
    Way(
        Verdict.REFUTED,
        "pasted, and the server agrees",
        "fail",
        FALSE_COPY,
        lied_to(pasted([line.replace("7.5", "3.5") for line in BRIDGE]), other_text),
    ),
    Way(
        Verdict.INVALID,
        "HTML for a bundle",
        "open",
        "This could not be checked: what the server sent as evidence is none.",
        answered(read("bridge", ask=False), 200, "<!doctype html><p>Welcome"),
    ),
    Way(
        Verdict.INVALID,
        "a dropped file that is no bundle",
        "open",
        f"{NOTHING} This file is named like a bundle, but is none: it begins like a web page. "
        "Not a bundle: Not JSON: a value is expected.",
        dropped("a.bundle.json", "<!doctype html><p>Welcome", ask=False),
    ),
    Way(Verdict.NOT_FOUND, "pasted", "open", NOT_FOUND, pasted(STRANGER, ask=False)),
    Way(
        Verdict.NOT_FOUND,
        "a dropped page",
        "open",
        NOT_FOUND,
        dropped("a.html", as_page(STRANGER), ask=False),
    ),
]
# On the log that is flagged: each verdict once, and wherever it says something else there.
FLAGGED = list({way.verdict: way for way in reversed(WAYS)}.values())
RUNS = [(way, "public") for way in WAYS]
RUNS += [(way, "development") for way in WAYS if way.tested or way in FLAGGED]
SHAPES = {"pass": "✓", "test": "△", "fail": "✕", "old": "↷", "open": "○"}
LOOK = """() => {
    const root = getComputedStyle(document.documentElement), panel = document.getElementById("result");
    const seen = getComputedStyle(panel), hex = root.getPropertyValue("--holds-panel").trim();
    const green = `rgb(${[1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16)).join(", ")})`;
    return {
        green: seen.backgroundColor === green,
        dashed: seen.borderTopStyle === "dashed",
        shape: getComputedStyle(document.getElementById("kicker"), "::before").content.slice(1, 2),
    };
}"""
# What is wider than the place it is in, or than the window.
TOO_WIDE = """() => [...document.querySelectorAll(":is(#result, #comparison, .row), :is(#result, #comparison, .row) *")]
    .filter(element => element.checkVisibility() && !element.closest(".spoken, textarea, .bytes"))
    .filter(element => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline"
        || element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(element => element.outerHTML.slice(0, 120))"""


def test_every_verdict_has_a_way() -> None:
    counts = Counter(way.verdict for way in WAYS)
    print("\n".join(f"{verdict.value:22}{counts[verdict]}" for verdict in Verdict))
    assert counts.keys() == set(Verdict)
    assert {way.verdict for way in WAYS if way.kind == "pass"} == {Verdict.MATCH}


@pytest.mark.parametrize(("way", "log"), RUNS, ids=[f"{way.verdict.value}: {way.name}, {log}" for way, log in RUNS])
def test_a_verdict_on_the_page(page: Page, way: Way, log: str, request: pytest.FixtureRequest) -> None:
    site: Site = request.getfixturevalue(log)
    is_public = log == "public"
    way.steps(page, site)
    assert page.locator("#result").get_attribute("data-verdict") == way.verdict.value
    expected = way.says if is_public else way.tested or way.says
    assert sentence(page) == expected.format(**block_of(site, way.leaf))
    kind, _ = result(page)
    assert kind == (way.kind if is_public or way.kind != "pass" else "test")
    seen = page.evaluate(LOOK)
    assert seen == {"green": kind == "pass", "dashed": kind == "test", "shape": SHAPES[kind]}
    expect(page.get_by_role("status").filter(has=page.locator("#headline"))).to_be_visible()
    expect(page.locator(".test-chain")).to_be_visible(visible=not is_public)
    assert "local test chain" not in page.locator("body").inner_text().lower() or not is_public
    # What false evidence calls the text is nothing to compare with; what was not checked is not called so.
    if way.verdict is Verdict.REFUTED and "check" in page.url:
        expect(page.locator("#comparison")).to_be_hidden()
    if way.verdict is Verdict.INVALID:
        expect(page.locator("#kicker")).to_have_text("Tried just now in your own browser")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate(TOO_WIDE) == []


def sentence(page: Page) -> str:
    parts = [page.locator(f"#{name}") for name in ("headline", "when")]
    return " ".join(part.inner_text() for part in parts if part.count() > 0 and part.is_visible()).replace(
        "\u00a0", " "
    )


def block_of(site: Site, name: str) -> dict[str, object]:
    """Return what the node itself says of the block that holds an entry: its number, and its time in words."""
    _, _, data = site.server.get(f"/api/v1/entries/{site.leaves[name]}/bundle")
    number = min(parse_header(one.header).number for one in parse_bundle(data).anchors if isinstance(one, Anchor))
    at = datetime.fromtimestamp(int(site.node.call("eth_getBlockByNumber", hex(number), False)["timestamp"], 16), UTC)
    return {"number": number, "time": f"{at.day} {at:%B %Y, %H:%M:%S} UTC"}
