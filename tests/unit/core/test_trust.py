"""The trust file: strict in, exact out."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from notary.core.trust import parse_trust
from notary.errors import InvalidTrust
from tests.worlds import World


def value() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(World().trust().encode())
    made["endpoints"] = {"31337": ["http://127.0.0.1:8545"], "1": ["https://a.example", "https://b.example/x"]}
    return made


def encoded(changed: object) -> bytes:
    return json.dumps(changed).encode()


def test_round_trip() -> None:
    trust = parse_trust(encoded(value()))
    assert parse_trust(trust.encode()) == trust
    assert json.loads(trust.encode()) == value()
    assert trust.endpoints[1] == ("https://a.example", "https://b.example/x")


def test_the_fingerprint_is_the_digest_of_the_canonical_bytes_however_it_was_written() -> None:
    trust = parse_trust(json.dumps(value(), indent=4).encode() + b"\n")
    assert trust.fingerprint == hashlib.sha256(trust.encode()).hexdigest()
    assert trust.fingerprint == parse_trust(trust.encode()).fingerprint


def test_keys_by_size() -> None:
    made = value()
    key = made["log"]["vkeys"][0]
    made["log"]["vkeys"] = [{**key, "last": 9}, {**key, "first": 10}]
    trust = parse_trust(encoded(made))
    assert [len(trust.keys_for(size)) for size in (0, 9, 10, 10**9)] == [1, 1, 1, 1]
    assert trust.keys[0].covers(9)
    assert not trust.keys[0].covers(10)
    assert not trust.keys[1].covers(9)
    assert parse_trust(trust.encode()) == trust


def at(path: str, new: object) -> dict[str, Any]:
    """Return the value with the member at a dotted path replaced, or removed where ``new`` is ``...``."""
    made = value()
    *parents, last = path.split(".")
    place: Any = made
    for name in parents:
        place = place[int(name)] if isinstance(place, list) else place[name]
    if new is ...:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = new
    return made


OTHER_VKEY = "other.example/log" + value()["log"]["vkeys"][0]["vkey"].partition("+")[2].join("++")[:-1]


@pytest.mark.parametrize(
    ("path", "new", "code"),
    [
        ("spec", "notary-trust/2", "unknown-version"),
        ("spec", ..., "missing-field"),
        ("extra", 1, "unknown-field"),
        ("log.extra", 1, "unknown-field"),
        ("log.origin", "has space", "wrong-form"),
        ("log.origin", "x" * 201, "wrong-length"),
        ("log.vkeys", [], "wrong-length"),
        ("log.vkeys", "x", "wrong-type"),
        ("log.vkeys.0.vkey", "x", None),
        ("log.vkeys.0.vkey", OTHER_VKEY, None),
        ("log.vkeys.0.first", -1, "out-of-range"),
        ("log.vkeys.0.first", True, "wrong-type"),
        ("log.vkeys.0.extra", 1, "unknown-field"),
        ("log.origin", "other.example/log", "wrong-name"),
        ("chains", {}, "wrong-type"),
        ("chains.0.chain_id", 0, "out-of-range"),
        ("chains.0.genesis", "0x" + "0" * 62, "wrong-length"),
        ("chains.0.genesis", "0" * 64, "wrong-form"),
        ("chains.0.registry", "0x" + "A" * 40, "wrong-form"),
        ("chains.0.registry_codehash", 5, "wrong-type"),
        ("chains.0.log_id", ..., "missing-field"),
        ("chains.0.finality", "latest", "wrong-form"),
        ("chains.0.extra", 1, "unknown-field"),
        ("development", "yes", "wrong-type"),
        ("development", ..., "missing-field"),
        ("endpoints", [], "wrong-type"),
        ("endpoints", {}, "wrong-type"),
        ("endpoints", {str(i + 1): ["http://a"] for i in range(17)}, "wrong-type"),
        ("endpoints.x", ["http://a"], "wrong-form"),
        ("endpoints.01", ["http://a"], "wrong-form"),
        ("endpoints.1", [], "wrong-form"),
        ("endpoints.1", "http://a", "wrong-form"),
        ("endpoints.1", {"http://a": 1}, "wrong-form"),
        ("endpoints.1", ["http://a"] * 17, "wrong-form"),
        ("endpoints.1", ["ftp://a"], "wrong-form"),
        ("endpoints.1", ["http://a b"], "wrong-form"),
        ("endpoints.1", ["http://" + "a" * 2048], "wrong-form"),
        ("endpoints.1", [1], "wrong-form"),
    ],
)
def test_what_is_refused(path: str, new: object, code: str | None) -> None:
    with pytest.raises(InvalidTrust) as caught:
        parse_trust(encoded(at(path, new)))
    assert code is None or caught.value.code == code


def test_a_key_range_that_ends_before_it_begins() -> None:
    made = value()
    made["log"]["vkeys"][0].update(first=10, last=9)
    with pytest.raises(InvalidTrust):
        parse_trust(encoded(made))


def test_the_same_place_twice() -> None:
    made = value()
    made["chains"] *= 2
    with pytest.raises(InvalidTrust) as caught:
        parse_trust(encoded(made))
    assert caught.value.code == "duplicate"


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", b"{", b"<html>", b'{"spec":"notary-trust/1","spec":1}', b" " * (1 << 20) + b"{}"]
)
def test_what_is_no_trust_file_at_all(data: bytes) -> None:
    with pytest.raises(InvalidTrust):
        parse_trust(data)
