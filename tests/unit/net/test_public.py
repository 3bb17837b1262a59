"""Fetching what a stranger names: from a real server, with a policy that allows just that one."""

from __future__ import annotations

import gzip
import http.server
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from notary.errors import EndpointFailed, PolicyRefused
from notary.net.public import MAX_REDIRECTS, Fetched, Policy, fetch

Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def serving(answer: Callable[[str, dict[str, str]], Answer]) -> Iterator[int]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = answer(self.path, {k.lower(): v for k, v in self.headers.items()})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def get(port: int, path: str = "/", *, names: dict[str, list[str]] | None = None, max_bytes: int = 10_000) -> Fetched:
    """Fetch from a host whose name leads to 127.0.0.1, the one address that is allowed."""
    known = {"news.example": ["127.0.0.1"], "127.0.0.1": ["127.0.0.1"], **(names or {})}

    def resolve(host: str, _: int) -> list[str]:
        if host not in known:
            raise OSError("no such host")
        return known[host]

    policy = Policy(allows=lambda address: address == "127.0.0.1", ports=frozenset({port}))
    return fetch(f"http://news.example:{port}{path}", timeout=10, max_bytes=max_bytes, policy=policy, resolve=resolve)


def code_of(port: int, path: str = "/", **given: object) -> str:
    with pytest.raises((EndpointFailed, PolicyRefused)) as caught:
        get(port, path, **given)  # type: ignore[arg-type]
    return caught.value.code


def page(body: bytes = b"<p>Hello", status: int = 200, **headers: str) -> Answer:
    return (
        status,
        {"Content-Type": "text/html; charset=gbk", **{k.replace("_", "-"): v for k, v in headers.items()}},
        body,
    )


def test_a_page_comes_with_its_address_and_type() -> None:
    seen: list[dict[str, str]] = []

    def answer(_: str, headers: dict[str, str]) -> Answer:
        seen.append(headers)
        return page()

    with serving(answer) as port:
        found = get(port, "/a?b=c")
    assert found == Fetched(f"http://news.example:{port}/a?b=c", "text/html; charset=gbk", b"<p>Hello")
    assert seen[0]["host"] == f"news.example:{port}"
    assert "cookie" not in seen[0]


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    asked: list[str] = []

    def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with serving(lambda *_: page()) as port:
        policy = Policy(allows=lambda address: address == "127.0.0.1", ports=frozenset({port}))
        url = f"http://no-such-host.invalid:{port}/"
        assert fetch(url, timeout=10, max_bytes=100, policy=policy, resolve=resolve).body == b"<p>Hello"
    assert asked == ["no-such-host.invalid"]


def test_one_address_that_is_not_public_is_enough_to_refuse() -> None:
    with serving(lambda *_: page()) as port:
        assert code_of(port, names={"news.example": ["127.0.0.1", "10.0.0.1"]}) == "forbidden-url"
        assert code_of(port, names={"news.example": []}) == "forbidden-url"


def test_without_a_policy_of_its_own_loopback_is_refused() -> None:
    for url in ("http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://2130706433/", "http://0x7f.1/"):
        with pytest.raises(PolicyRefused) as caught:
            fetch(url, timeout=5, max_bytes=100)
        assert caught.value.code == "forbidden-url"


def test_redirects_are_followed_and_each_is_checked_anew() -> None:
    def answer(path: str, _: dict[str, str]) -> Answer:
        places = {
            "/far": "/near",
            "/near": "page?x=1",
            "/inside": f"http://10.0.0.1:{port}/",
            "/port": "http://news.example:22/",
        }
        places["/file"] = "file:///etc/passwd"
        places["/user"] = f"http://a:b@news.example:{port}/"
        return page(status=302, Location=places[path]) if path in places else page(path.encode())

    with serving(answer) as port:
        assert get(port, "/far").body == b"/page?x=1"
        assert get(port, "/far").url == f"http://news.example:{port}/page?x=1"
        for path in ("/port", "/file", "/user"):
            assert code_of(port, path) == "forbidden-url"
        assert code_of(port, "/inside", names={"10.0.0.1": ["10.0.0.1"]}) == "forbidden-url"


def test_redirects_end() -> None:
    asked: list[str] = []

    def answer(path: str, _: dict[str, str]) -> Answer:
        asked.append(path)
        return page(status=301, Location="/again")

    with serving(answer) as port:
        assert code_of(port) == "page-redirects"
    assert len(asked) == MAX_REDIRECTS + 1


def test_status_and_size_and_form() -> None:
    answers = {
        "/404": page(status=404),
        "/302": page(status=302),
        "/large": page(b"x" * 10_001),
        "/said": page(b"x", Content_Length="999999"),
        "/cut": page(b"x", Content_Length="99"),
        "/br": page(b"x", Content_Encoding="br"),
        "/bad": page(b"no gzip", Content_Encoding="gzip"),
        "/gzip": page(gzip.compress(b"<p>Hello"), Content_Encoding="gzip"),
        "/deflate": page(zlib.compress(b"<p>Hello"), Content_Encoding="deflate"),
        "/half": page(gzip.compress(b"<p>Hello")[:-4], Content_Encoding="gzip"),
        "/bomb": page(gzip.compress(b"0" * 10_000_000), Content_Encoding="gzip"),
    }
    with serving(lambda path, _: answers[path]) as port:
        assert get(port, "/gzip").body == get(port, "/deflate").body == b"<p>Hello"
        assert code_of(port, "/404") == code_of(port, "/302") == "page-status"
        assert code_of(port, "/large") == code_of(port, "/bomb") == "page-too-large"
        assert code_of(port, "/cut") == code_of(port, "/said") == "page-protocol"
        assert code_of(port, "/br") == code_of(port, "/bad") == code_of(port, "/half") == "page-protocol"


def test_nobody_there_and_no_such_name() -> None:
    with serving(lambda *_: page()) as port:
        pass
    assert code_of(port) == "page-unreachable"
    assert code_of(port, names={"news.example": []}) == "forbidden-url"


def test_a_server_that_is_silent_is_given_up() -> None:
    wait = threading.Event()

    def answer(*_: object) -> Answer:
        wait.wait(10)
        return page()

    policy = Policy(allows=lambda address: address == "127.0.0.1")
    with serving(answer) as port:
        policy = Policy(allows=policy.allows, ports=frozenset({port}))
        with pytest.raises(EndpointFailed) as caught:
            fetch(
                f"http://127.0.0.1:{port}/", timeout=0.2, max_bytes=9, policy=policy, resolve=lambda *_: ["127.0.0.1"]
            )
        wait.set()
    assert caught.value.code == "page-timeout"
