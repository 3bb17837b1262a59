"""The JavaScript in a real Chromium, with the browser's own parser: what readers will run, against Python."""

from __future__ import annotations

import json
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.parity.answers import by_parsers, differences, expected, histogram, load_vectors, python_answer, tally
from tests.parity.cases import make_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SERVED = ("/notary/web/static/verify/", "/tests/js/")
CASES = 1_500
AREAS = ("html", "selector", "profile", "text", "text-compare")


class Files(SimpleHTTPRequestHandler):
    """Serves the modules, the tests' own ones, and a blank page."""

    def do_GET(self) -> None:
        if self.path == "/":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
        elif self.path.startswith(SERVED):
            super().do_GET()
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (likewise)
        del format, args


@contextmanager
def served() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Files(*args, directory=str(ROOT))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with served() as address:
        page = browser.new_context().new_page()
        page.goto(address)
        yield page
        page.context.close()


def chromium_answers(page: Page, vectors: list[dict[str, Any]]) -> list[Any]:
    answers: list[Any] = []
    for start in range(0, len(vectors), 250):
        script = "async vectors => (await import('/tests/js/browser.js')).answerAll(JSON.parse(vectors))"
        answers += page.evaluate(script, json.dumps(vectors[start : start + 250]))
    return answers


def report(found: list[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(difference, ensure_ascii=False) for difference in found[:5])


@pytest.mark.parametrize("area", AREAS)
def test_chromium_agrees_with_the_vectors(page: Page, area: str) -> None:
    vectors = load_vectors(area)
    found = differences(vectors, [expected(vector) for vector in vectors], chromium_answers(page, vectors))
    assert not found, report(found)


def test_chromium_agrees_with_python_on_pages_by_chance(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("NOTARY_FUZZ_SEED") or random.randrange(10**9))
    vectors = [make_page(seed, number, for_parse5=False) for number in range(CASES)]
    ours = [python_answer(vector) for vector in vectors]
    counts = tally(ours)
    found = differences(vectors, ours, chromium_answers(page, vectors))
    faults = by_parsers(found, chromium_answers(page, [{"tree_of": difference["vector"]} for difference in found]))
    with capsys.disabled():
        print(f"\n{histogram(counts, seed)}\n{len(faults):6} read differently by lexbor and Chromium, and left out")
    found = [difference for difference in found if difference not in faults]
    assert not found, f"seed {seed}\n{report(found)}"
    assert len(faults) <= 2, report(faults)
    assert counts["accepted"] >= 0.3 * CASES
