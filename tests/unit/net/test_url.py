from __future__ import annotations

import pytest

from notary.errors import EndpointFailed
from notary.net.proxy import proxy_for
from notary.net.url import Url, parse_url, show_url

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost", Url("http", "localhost", 80, "/")),
        ("http://127.0.0.1:8545", Url("http", "127.0.0.1", 8545, "/")),
        ("https://Node.Example./v3/key?a=1&b=%20", Url("https", "node.example.", 443, "/v3/key?a=1&b=%20")),
        ("HTTPS://node.example:65535?x", Url("https", "node.example", 65535, "/?x")),
        ("http://[::1]:8545/", Url("http", "::1", 8545, "/")),
        ("http://geth_1:8545", Url("http", "geth_1", 8545, "/")),
    ],
)
def test_accepted(text: str, url: Url) -> None:
    assert parse_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:8545",
        "//node.example",
        "ws://node.example",
        "file:///etc/passwd",
        "ftp://node.example",
        "http://",
        "http:///path",
        "http://:8545",
        "http://user@node.example",
        "http://user:secret@node.example/",
        "http://node.example#fragment",
        "http://node.example/a b",
        "http://node.example/a\r\nX: y",
        "http://node.example\n",
        " http://node.example",
        "http://node.example:0",
        "http://node.example:65536",
        "http://node.example:",
        "http://node.example:80a",
        "http://node..example",
        "http://-node.example",
        "http://" + "a" * 64 + ".example",
        "http://nöde.example",
        "http://node.example/ü",
        "http://①②⑦.0.0.1",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://node.example\\@elsewhere.example",
        "http://node.example/" + "a" * 2000,
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(EndpointFailed) as refused:
        parse_url(text)
    assert refused.value.code == "endpoint-url"
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
        ("http://127.0.0.1:8545/", "http://127.0.0.1:8545"),
        (f"https://node.example/v3/{TOKEN}", "https://node.example/…"),
        (f"https://node.example:443?key={TOKEN}", "https://node.example/…"),
        ("http://[::1]:8545/", "http://[::1]:8545"),
        (f"https://user:{TOKEN}@node.example", "an address that is not http"),
    ],
)
def test_what_may_be_a_secret_is_not_shown(text: str, shown: str) -> None:
    assert show_url(text) == shown


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("localhost.", True),
        ("app.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("[::1]", True),
        ("localhost.example", False),
        ("notlocalhost", False),
        ("127.0.0.1.example", False),
        ("10.0.0.1", False),
        ("[::2]", False),
    ],
)
def test_loopback_by_name(host: str, is_loopback: bool) -> None:
    assert parse_url(f"http://{host}/").is_loopback is is_loopback


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def proxy(url: str) -> str | None:
    found = proxy_for(parse_url(url))
    return None if found is None else str(found)


def test_each_scheme_has_its_variable(proxied: pytest.MonkeyPatch) -> None:
    proxied.setenv("https_proxy", "http://proxy.example:3128")
    assert proxy("https://node.example") == "proxy.example:3128"
    assert proxy("http://node.example") is None


def test_the_lower_case_variable_comes_first(proxied: pytest.MonkeyPatch) -> None:
    proxied.setenv("HTTPS_PROXY", "upper.example:1")
    assert proxy("https://node.example") == "upper.example:1"
    proxied.setenv("https_proxy", "lower.example:2")
    assert proxy("https://node.example") == "lower.example:2"
    proxied.setenv("https_proxy", "")
    assert proxy("https://node.example") is None


def test_a_clients_header_is_not_taken_for_the_variable(proxied: pytest.MonkeyPatch) -> None:
    proxied.setenv("HTTP_PROXY", "upper.example:1")
    assert proxy("http://node.example") == "upper.example:1"
    proxied.setenv("REQUEST_METHOD", "POST")
    assert proxy("http://node.example") is None
    proxied.setenv("HTTPS_PROXY", "upper.example:1")
    assert proxy("https://node.example") == "upper.example:1"


@pytest.mark.parametrize(
    ("no_proxy", "exempt"),
    [
        ("*", True),
        ("node.example", True),
        ("NODE.example", True),
        (".example", True),
        ("other.example, example", True),
        ("node.example:8545", True),
        ("node.example:80", False),
        ("ode.example", False),
        ("other.example", False),
        ("", False),
        (" , ", False),
    ],
)
def test_no_proxy(proxied: pytest.MonkeyPatch, no_proxy: str, exempt: bool) -> None:
    proxied.setenv("http_proxy", "proxy.example:3128")
    proxied.setenv("no_proxy", no_proxy)
    assert (proxy("http://node.example:8545") is None) is exempt


@pytest.mark.parametrize(
    "value", ["socks5://proxy.example:1080", "https://proxy.example:3128", "proxy.example", "a b:1"]
)
def test_other_kinds_of_proxy_are_refused(proxied: pytest.MonkeyPatch, value: str) -> None:
    proxied.setenv("http_proxy", value)
    with pytest.raises(EndpointFailed) as refused:
        proxy("http://node.example")
    assert refused.value.code == "endpoint-proxy"
    assert value not in refused.value.message
