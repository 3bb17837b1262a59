"""The page that checks copies: what the server says where there is no JavaScript, and the pages that it fetches."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notary.net.public import Policy
from notary.service.lookup import LineIndexer
from notary.web import fetching
from notary.web.security import PAGE_POLICY
from tests.weblog import WebLog

TITLE = "Old Mill Bridge closed to heavy vehicles"
LINES = [
    TITLE,
    "Vehicles over 7.5 tonnes may not cross it until further notice.",
    "Cars, bicycles and pedestrians are not affected by the closure.",
]
PAGE = "<title>x</title><script>alert(1)</script><p>新闻".encode("gbk")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    made = WebLog(Path(tmp_path_factory.mktemp("check")) / "data")
    made.submit("\n".join(LINES), document="bridge")
    made.integrate()
    while LineIndexer(made.services.store).step():
        pass
    yield made
    made.close()


def word(log: WebLog, lines: list[str]) -> str:
    response = log.client.post("/check", data={"text": "\r\n".join(lines)})
    assert response.status_code == 200
    return response.text


def test_the_page_may_parse_pages_and_no_other_may(log: WebLog) -> None:
    response = log.client.get("/check")
    assert "Check your copy" in response.text
    assert "trusted-types notary-inert" in response.headers["Content-Security-Policy"]
    assert "trusted-types 'none'" in log.client.get("/").headers["Content-Security-Policy"]
    assert response.headers["Content-Security-Policy"].replace("notary-inert", "'none'") == PAGE_POLICY


@pytest.mark.parametrize(
    ("lines", "sentence", "marked"),
    [
        (LINES, "This text is the logged one, word for word.", []),
        (["Home", "News", *LINES, "Contact"], "The logged text is in yours, word for word", []),
        ([*LINES[:2], LINES[2].replace("not affected", "affected")], "Your text differs", ["<del>", "not"]),
        ([*LINES[:2], "This does not apply on Sundays at all.", LINES[2]], "Your text differs", ["<ins>", "Sundays"]),
        (["Home", *LINES[1:], "Foot"], "Your text differs", ["<del>", TITLE]),
        (
            ["Another text altogether that nobody logged", "With a second line that nobody knows."],
            "Nothing like this",
            [],
        ),
        (["One line"], "This could not be checked", []),
        ([], "This could not be checked", []),
        (["A\u202eB", "C"], "This could not be checked", []),
    ],
)
def test_the_servers_word(log: WebLog, lines: list[str], sentence: str, marked: list[str]) -> None:
    text = word(log, lines)
    assert "This server’s own word" in text
    assert sentence in text
    shown = text.split("What differs")[-1] if "What differs" in text else ""
    assert bool(shown) == bool(marked)
    for part in marked:
        assert part in shown


def test_what_the_form_sends_is_bounded_and_never_markup(log: WebLog) -> None:
    assert log.client.post("/check", data={"text": "x" * 7_000_000}).status_code == 413
    evil = [*LINES[:2], "<script>alert(1)</script> is what stands here now", LINES[2]]
    assert "<script>alert" not in word(log, evil)
    assert log.client.post("/check", data={"other": "x"}).status_code == 200
    assert log.client.post("/check", data=b"\xff\xfe", content_type="text/plain").status_code == 200


@pytest.fixture
def upstream(log: WebLog) -> Iterator[int]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/page" else 404)
            self.send_header("Content-Type", "text/html; charset=gbk")
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        policy = Policy(allows=lambda address: address == "127.0.0.1", ports=frozenset({server.server_port}))
        log.app.extensions[fetching.POLICY] = policy
        yield server.server_port
        del log.app.extensions[fetching.POLICY]
        server.shutdown()
        thread.join()


def fetched(log: WebLog, url: object, status: int) -> dict[str, Any]:
    response = log.client.post("/api/v1/fetch", json={"url": url})
    assert response.status_code == status, response.text
    return dict(json.loads(response.data))


def test_a_page_comes_as_data_that_can_do_nothing(log: WebLog, upstream: int) -> None:
    response = log.client.post("/api/v1/fetch", json={"url": f"http://127.0.0.1:{upstream}/page#top"})
    found = json.loads(response.data)
    assert base64.b64decode(found["body_base64"]) == PAGE
    assert found["url"] == f"http://127.0.0.1:{upstream}/page"
    assert found["content_type"] == "text/html; charset=gbk"
    assert response.mimetype == "application/json"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_what_goes_wrong_upstream_is_a_502(log: WebLog, upstream: int) -> None:
    assert fetched(log, f"http://127.0.0.1:{upstream}/none", 502)["code"] == "page-status"


def test_a_page_that_does_not_come_is_a_504(log: WebLog, upstream: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT_SECONDS", 0.0)
    assert fetched(log, f"http://127.0.0.1:{upstream}/page", 504)["code"] == "page-timeout"


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost/", "http://169.254.169.254/latest/", "http://[::1]/", "file:///etc/passwd"],
)
def test_addresses_inside_are_a_422(log: WebLog, url: str) -> None:
    found = fetched(log, url, 422)
    assert (found["code"], found["field"]) == ("forbidden-url", "url")


def test_other_bad_requests(log: WebLog) -> None:
    assert fetched(log, "", 422)["code"] == "wrong-length"
    assert fetched(log, 1, 422)["code"] == "wrong-type"
    assert log.client.post("/api/v1/fetch", data=b"{}", content_type="text/plain").status_code == 415
    assert log.client.get("/api/v1/fetch").status_code == 405


def test_too_many_at_the_same_time_are_sent_away(log: WebLog) -> None:
    taken = [fetching._places.acquire(blocking=False) for _ in range(4)]
    assert all(taken)
    try:
        assert fetched(log, "http://news.example/", 503)["code"] == "too-many-fetches"
    finally:
        for _ in taken:
            fetching._places.release()
