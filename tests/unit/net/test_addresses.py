"""Which addresses are public: every trap that is known has its line."""

from __future__ import annotations

import socket

import pytest

from notary.errors import PolicyRefused
from notary.net.addresses import is_public
from notary.net.public import public_url

TRAPS = [
    "0.0.0.0",  # noqa: S104 (looked at, not bound to)
    "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
    "127.1.2.3", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.9",
    "192.0.0.10", "192.0.0.170", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1",
    "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::a9fe:a9fe", "64:ff9b::8.8.8.8",
    "64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001::1", "2001:1::1", "2001:2::1", "2001:10::1", "2001:20::1",
    "2001:db8::1", "2002:a9fe:a9fe::", "2002:0808:0808::1", "2620:4f:8000::1", "3fff::1", "3fff:fff::1",
    "4000::1", "5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "192.0.1.1", "2001:4860:4860::8888", "2606:4700::1111",
    "2a00:1450:4001::1",
]  # fmt: skip

NONE = [
    "",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f.1",
    "8.8.8.8/32",
    "fe80::1%eth0",
    "2001:4860:4860::8888%1",
    " 8.8.8.8",
]


@pytest.mark.parametrize("address", TRAPS)
def test_traps_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_address_is_not(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("host", ["127.1", "0177.0.0.1", "2130706433", "0x7f.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1"])
def test_spellings_of_loopback_lead_to_an_address_that_is_not_public(host: str) -> None:
    """The system maps these to 127.0.0.1; that is what is looked at, not how it was written."""
    target = public_url(f"http://{host}/")
    found = socket.getaddrinfo(target.host, 80, type=socket.SOCK_STREAM)
    assert {is_public(str(address[0])) for *_, address in found} == {False}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example",
        "//news.example/",
        "ftp://news.example/",
        "file:///etc/passwd",
        "gopher://news.example/",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://user@news.example/",
        "http://user:password@news.example/",
        "http://@news.example/",
        "http://news.example:22/",
        "http://news.example:8080/",
        "https://news.example:0/",
        "http://news.example:99999/",
        "http://news.example:x/",
        "http://news.example\\@10.0.0.1/",
        "http://news.example/\r\nHost: internal",
        "http://news.example/a b",
        "http://news.example/\t",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://" + "a" * 70 + ".example/",
        "http://news..example/",
        "http://news.example/" + "x" * 2000,
    ],
)
def test_addresses_that_are_not_fetched(url: str) -> None:
    with pytest.raises(PolicyRefused) as caught:
        public_url(url)
    assert caught.value.code == "forbidden-url"
    assert caught.value.field == "url"


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("http://news.example", "news.example", "/"),
        ("HTTPS://News.Example/A?b=c#d", "news.example", "/A?b=c"),
        ("https://news.example:443/%E6%96%B0?q=%20", "news.example", "/%E6%96%B0?q=%20"),
        ("http://新闻.example/公告?第=一", "xn--efvy88h.example", "/%E5%85%AC%E5%91%8A?%E7%AC%AC=%E4%B8%80"),
        ("http://[2606:4700::1111]/", "2606:4700::1111", "/"),
    ],
)
def test_addresses_in_their_parts(url: str, host: str, target: str) -> None:
    found = public_url(url)
    assert (found.host, found.target) == (host, target)
