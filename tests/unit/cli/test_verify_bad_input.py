"""What `notary verify` is given can be anything: the answer is exit 2 and a sentence, and never a traceback."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from notary.core.evm import parse_header
from tests.program import Done, call
from tests.worlds import ALTERED, TEXT, World

WORLD = World()
GENUINE = WORLD.bundle().encode()
HEADER = parse_header(WORLD.anchor().header).hash.hex()
DEEP = 200_000


def changed(**members: object) -> bytes:
    """Return the bundle with top members replaced, in canonical form otherwise."""
    value = {**json.loads(GENUINE), **members}
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


NOT_BUNDLES: dict[str, bytes] = {
    "empty": b"",
    "a line feed": b"\n",
    "cut in half": GENUINE[: len(GENUINE) // 2],
    "cut by one byte": GENUINE[:-1],
    "two line feeds at the end": GENUINE + b"\n\n",
    "a space at the end": GENUINE + b" ",
    "twice": GENUINE * 2,
    "byte order mark": b"\xef\xbb\xbf" + GENUINE,
    "utf-16": GENUINE.decode().encode("utf-16"),
    "indented": json.dumps(json.loads(GENUINE), indent=1).encode(),
    "other json": b'{"name":"notary-log","version":"0.1.0"}',
    "a trust file": WORLD.trust().encode(),
    "a list": b"[1,2,3]",
    "null": b"null",
    "a number": b"1e999",
    "a huge number": b"1" * 100_000,
    "html": b"<!DOCTYPE html><html><title>404</title></html>",
    "a private key": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "deep arrays": b"[" * DEEP,
    "deep arrays, closed": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "quotes": b'"' * DEEP,
    "nulls": bytes(100_000),
    "noise": random.Random(1).randbytes(100_000),
    "17 MiB of a string": b'"' + b"a" * (17 << 20) + b'"',
    "17 MiB of nothing": bytes(17 << 20),
    "duplicate names": GENUINE[:-1] + b',"spec":"notary-bundle/1"}',
    "lone surrogate": b'{"spec":"\\ud800"}',
    "another version": changed(spec="notary-bundle/2"),
    "an unknown member": changed(zebra=1),
    "no entry": changed(entry=None),
    "too many anchors": changed(anchors=json.loads(GENUINE)["anchors"] * 17),
    "anchors of another type": changed(anchors={}),
    "a float": changed(anchors=[1.5]),
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.bundle.json").write_bytes(GENUINE)
    Path("trust.json").write_bytes(WORLD.trust().encode())
    Path("same.txt").write_bytes(TEXT.encode())
    Path("altered.txt").write_bytes(ALTERED.encode())
    Path("folder").mkdir()


def verify(bundle: str = "a.bundle.json", *options: str, trust: str = "trust.json") -> Done:
    return call("verify", bundle, "--trust", trust, "--offline", "--header", HEADER, *options)


def invalid(bundle: str = "a.bundle.json", *options: str, trust: str = "trust.json", code: str | None = None) -> None:
    """Hold both ways of reporting against the promise: a sentence, and with ``--json`` a report without checks."""
    plain = verify(bundle, *options, trust=trust)
    assert (plain.code, plain.out) == (2, b"")
    assert plain.err.startswith("notary: ")
    assert plain.err.count("\n") == 1
    assert len(plain.err) < 1000
    told = verify(bundle, *options, "--json", trust=trust)
    assert told.json == {"verdict": "invalid", "exit": 2, "checks": []}
    assert (told.code, told.err) == (2, plain.err)
    if code is not None:
        assert f"({code}" in plain.err


def test_the_genuine_one_is_fine() -> None:
    assert verify().code == 0
    Path("a.bundle.json").write_bytes(GENUINE + b"\n")  # what editors and `curl -w` leave
    assert verify().code == 0


@pytest.mark.parametrize("name", NOT_BUNDLES)
def test_not_a_bundle(name: str) -> None:
    Path("bad").write_bytes(NOT_BUNDLES[name])
    invalid("bad")


@pytest.mark.parametrize("path", ["missing.bundle.json", "folder", "a.bundle.json/x", "", "nul\0byte", "\udcff"])
def test_no_file_at_all(path: str) -> None:
    invalid(path, code="unreadable-file")
    invalid(trust=path, code="unreadable-file")
    invalid("a.bundle.json", "--copy", path, "--type", "plain", code="unreadable-file")


@pytest.mark.parametrize(
    "name", ["empty", "html", "other json", "deep arrays", "17 MiB of nothing", "noise", "twice", "null"]
)
def test_not_a_trust_file(name: str) -> None:
    Path("bad").write_bytes(NOT_BUNDLES[name])
    invalid(trust="bad")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"finality":"finalized"', b'"finality":"latest"'),
        (b"notary-trust/1", b"notary-trust/2"),
        (b'"development":true', b'"development":1'),
        (b'"chains":[', b'"chains":[1,'),
    ],
)
def test_a_trust_file_that_is_almost_right(old: bytes, new: bytes) -> None:
    whole = WORLD.trust().encode()
    assert old in whole
    Path("bad").write_bytes(whole.replace(old, new))
    invalid(trust="bad")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("copy.docx", TEXT.encode(), "unknown-type"),
        ("copy.txt", b"Title\n\xff", "undecodable"),
        ("copy.txt", b"", "empty-text"),
        ("copy.txt", "Title\n\u202ebody".encode(), "forbidden-code-point"),
        ("copy.canon", b"Title\n\nbody\n", "not-canonical"),
        ("copy.txt", bytes(9 << 20), "file-too-large"),
        ("copy.txt", b"T\n" + b"a" * (3 << 20), "text-too-large"),
    ],
)
def test_a_copy_that_cannot_be_read(name: str, data: bytes, code: str) -> None:
    # It says nothing about alteration: not exit 1.
    Path(name).write_bytes(data)
    invalid("a.bundle.json", "--copy", name, code=code)


@pytest.mark.parametrize("url", ["", "no address", "ftp://a.example", "http://", "//a.example"])
def test_an_endpoint_that_is_no_address(url: str) -> None:
    invalid("a.bundle.json", "--rpc", url, code="bad-endpoint")


@pytest.mark.parametrize(
    "value", ["", "0x", "latest", HEADER[:-1], HEADER + "0", "0x0x" + HEADER[4:], "g" * 64, "１" * 64]
)
def test_a_pinned_hash_that_is_none(value: str) -> None:
    invalid("a.bundle.json", "--header", value, code="bad-hash")


def test_no_single_byte_can_change_unnoticed() -> None:
    """Offline with the genuine block pinned: header bytes may end as cannot-check, everything else as 1 or 2."""
    chance = random.Random(2)
    start = GENUINE.index(b'"header":"0x') + len(b'"header":"0x')
    end = GENUINE.index(b'"', start)
    positions = [*chance.sample(range(len(GENUINE)), 150), *chance.sample(range(start, end), 30)]
    for position in positions:
        data = bytearray(GENUINE)
        data[position] ^= chance.randrange(1, 256)
        Path("bad").write_bytes(data)
        code = verify("bad").code
        assert code in ({1, 2, 3} if start <= position < end else {1, 2}), (position, bytes([data[position]]), code)
