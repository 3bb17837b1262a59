"""Pages are decoded as Chromium decodes them: its TextDecoder, its choice of an encoding, and our modules in it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.cases import load

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
# Answered below and never looked up: `.test` is the name of no host.
ORIGIN = "http://encodings.test"

ALL = {name: case for name, case in load("encoding", bad=False).items() if "sets" in case}
PAGES = {name: case for name, case in load("encoding").items() if "page" in case}

RESULTS = """async ([encoding, set]) => {
  const { decodeAs } = await import("/notary/web/static/verify/encoding.js");
  const { results, SETS } = await import("/tests/js/encodingsets.js");
  const native = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const ours = (bytes) => {
    try { return decodeAs(bytes, encoding); } catch (error) { return error.position ?? -1; }
  };
  const theirs = (bytes) => { try { return native.decode(bytes); } catch { return -1; } };
  let different = 0;
  for (const bytes of SETS[set]()) {
    const [our, their] = [ours(bytes), theirs(bytes)];
    if (typeof our === "number" ? their !== -1 : their !== our) different += 1;
  }
  return [different, results(set, ours)];
}"""
DECODED = """async ([page, charset]) => {
  const { decodeHtml } = await import("/notary/web/static/verify/encoding.js");
  try {
    return decodeHtml(Uint8Array.from(page, (character) => character.charCodeAt(0)), charset);
  } catch (error) {
    return { error: error.code, position: error.position ?? null };
  }
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    opened.route(f"{ORIGIN}/**", answer)
    opened.goto(f"{ORIGIN}/")
    yield opened
    context.close()


def answer(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN)
    if path.endswith(".js"):
        route.fulfill(body=(ROOT / path[1:]).read_bytes(), content_type="text/javascript; charset=utf-8")
    elif path.startswith("/page/"):
        case = PAGES[path.removeprefix("/page/")]
        charset = "" if case["charset"] is None else f"; charset={case['charset'].strip()}"
        route.fulfill(body=case["page"].encode("latin-1"), content_type=f"text/html{charset}")
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html; charset=utf-8")


@pytest.mark.parametrize("name", ALL)
def test_our_modules_its_decoder_and_the_standard_agree_on_every_sequence(page: Page, name: str) -> None:
    case: dict[str, Any] = ALL[name]
    for which, digest in case["sets"].items():
        different, results = page.evaluate(RESULTS, [case["encoding"], which])
        assert different == 0, which
        assert sha256(results.encode()).hexdigest() == digest, which


def test_our_modules_read_pages_in_it_as_elsewhere(page: Page) -> None:
    for name, case in PAGES.items():
        wanted = (
            {"error": case["error"], "position": case.get("position")}
            if "error" in case
            else {member: case[member] for member in ("text", "encoding", "source")}
        )
        assert page.evaluate(DECODED, [case["page"], case["charset"]]) == wanted, name


def test_it_chooses_the_encoding_of_a_page_as_we_do(page: Page) -> None:
    # Where nothing is declared it guesses, and we do not. To it that includes a declaration in a script; the standard's
    # prescan knows of no scripts.
    declared = {name: case for name, case in PAGES.items() if case.get("source") in {"bom", "transport", "meta"}}
    cases = {name: case for name, case in declared.items() if name != "meta-in-script"}
    assert len(cases) > 30
    opened = page.context.new_page()
    opened.route(f"{ORIGIN}/**", answer)
    different = []
    for name, case in cases.items():
        opened.goto(f"{ORIGIN}/page/{name}")
        chosen = opened.evaluate("document.characterSet.toLowerCase()")
        if chosen != case["encoding"]:
            different.append((name, chosen, case["encoding"]))
    opened.close()
    assert different == []
