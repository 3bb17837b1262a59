"""The bundle's container: exact bytes, nothing unknown, and no byte that can change unnoticed."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from notary.core import jcs
from notary.core.bundle import MAX_BUNDLE_BYTES, parse_bundle
from notary.core.chain import ChainEvidence
from notary.core.verify import verify
from notary.errors import InvalidBundle
from tests import worlds
from tests.worlds import NOW, World


def full() -> World:
    return World()


def bundle_bytes(world: World) -> bytes:
    second = worlds.revision(world.entry)
    return world.bundle(current=world.current(second)).encode()


def value() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(bundle_bytes(full()))
    return made


def test_round_trip() -> None:
    data = bundle_bytes(full())
    bundle = parse_bundle(data)
    assert bundle.encode() == data
    assert parse_bundle(data + b"\n") == bundle
    for changes in ({"text": None}, {"meta": None}, {"anchors": ()}, {"profile": {"title": "h1"}}):
        made = full().bundle(**changes)
        assert parse_bundle(made.encode()) == made
    pending = full().bundle(anchors=(), proof=full().proof())
    assert parse_bundle(pending.encode()) == pending


def at(path: str, new: object) -> dict[str, Any]:
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


MANIFEST = {"spec": "notary-manifest/1"}


@pytest.mark.parametrize(
    ("path", "new", "code"),
    [
        ("spec", "notary-bundle/2", "unknown-version"),
        ("extra", 1, "unknown-field"),
        ("entry", ..., "missing-field"),
        ("entry", [], None),
        ("entry", MANIFEST, None),
        ("entry.extra", 1, "unknown-field"),
        ("anchors", ..., "missing-field"),
        ("anchors", {}, "wrong-type"),
        ("anchors.0", 7, "wrong-type"),
        ("anchors.0.extra", 1, "unknown-field"),
        ("anchors.0.chain_id", 0, "out-of-range"),
        ("anchors.0.registry", "0x00", "wrong-length"),
        ("anchors.0.log_id", "11" * 32, "wrong-form"),
        ("anchors.0.header", "0x0", "wrong-form"),
        ("anchors.0.proof", "x", None),
        ("anchors.0.receipt.extra", 1, "unknown-field"),
        ("anchors.0.receipt.index", -1, "out-of-range"),
        ("anchors.0.receipt.log", "0", "wrong-type"),
        ("anchors.0.receipt.nodes", ["0x"] * 65, "wrong-length"),
        ("anchors.0.receipt.nodes", ["00"], "wrong-form"),
        ("anchors.0.receipt.nodes", [1], "wrong-type"),
        ("anchors", value()["anchors"] * 2, "duplicate"),
        ("text", "", "wrong-length"),
        ("text", None, "wrong-type"),
        ("meta.salt", "00", "wrong-length"),
        ("meta.extra", 1, "unknown-field"),
        ("meta.value", {}, None),
        ("profile", [], "wrong-type"),
        ("current.extra", 1, "unknown-field"),
        ("current.statement", "", "wrong-length"),
        ("current.later.0.extra", 1, "unknown-field"),
        ("current.later.0.entry", MANIFEST, None),
        ("proof", value()["anchors"][0]["proof"], "unexpected-field"),
    ],
)
def test_what_is_refused(path: str, new: object, code: str | None) -> None:
    with pytest.raises(InvalidBundle) as caught:
        parse_bundle(jcs.dumps(at(path, new)))
    assert code is None or caught.value.code == code


def test_a_manifest_is_no_entry(manifest_json: dict[str, Any]) -> None:
    with pytest.raises(InvalidBundle) as caught:
        parse_bundle(jcs.dumps(at("entry", manifest_json)))
    assert caught.value.code == "not-an-entry"


@pytest.fixture
def manifest_json() -> dict[str, Any]:
    from notary.core.manifest import KeyRange, Manifest
    from notary.core.note import verifier_key

    world = World()
    vkey = verifier_key(worlds.ORIGIN, world.key.public).encode()
    made: dict[str, Any] = json.loads(
        Manifest(origin=worlds.ORIGIN, vkeys=(KeyRange(vkey=vkey, first=0),), chains=(), time=NOW).encode()
    )
    return made


def test_an_unsigned_extra_line_in_a_proof_is_refused() -> None:
    world = full()
    anchor = world.anchor()
    extra = replace(anchor.proof, extra=b"note")
    with pytest.raises(InvalidBundle) as caught:
        parse_bundle(world.bundle(anchors=(replace(anchor, proof=extra),)).encode())
    assert caught.value.code == "unauthenticated"


def test_any_other_spelling_of_the_same_json_is_refused() -> None:
    data = bundle_bytes(full())
    for other in (data + b"\n\n", b" " + data, data.replace(b'"anchors":', b'"anchors": ', 1), data[:-1]):
        with pytest.raises(InvalidBundle):
            parse_bundle(other)
    with pytest.raises(InvalidBundle):
        parse_bundle(json.dumps(json.loads(data)).encode())


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"<!doctype html>", b"\x00" * 64, b"[" * 100_000, b"{}", b"null", b'"' * 1001]
)
def test_what_is_no_bundle_at_all(data: bytes) -> None:
    with pytest.raises(InvalidBundle):
        parse_bundle(data)


def test_a_huge_file_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(InvalidBundle) as caught:
        parse_bundle(b"[" + b"0," * (MAX_BUNDLE_BYTES // 2) + b"0]")
    assert caught.value.code == "json-too-large"


def exit_of(data: bytes, world: World, evidence: ChainEvidence) -> int:
    try:
        bundle = parse_bundle(data)
    except InvalidBundle:
        return 2
    return verify(bundle, trust=world.trust(), evidence=evidence, now=NOW).exit


@pytest.mark.slow
def test_no_byte_can_change_unnoticed() -> None:
    """Every byte is changed once; with the chain at hand the exit is 1 or 2, for bytes of the header also 3."""
    world = full()
    data = bundle_bytes(world)
    evidence = world.evidence()
    assert exit_of(data, world, evidence) == 4
    start = data.index(b'"header":"0x') + len(b'"header":"0x')
    header = range(start, data.index(b'"', start))
    chance = random.Random(20_261_123)
    exits: Counter[int] = Counter()
    for position in range(len(data)):
        new = data[position] ^ chance.choice((1, 2, 4, 8, 16, 32, 64, 128, chance.randrange(1, 256)))
        result = exit_of(data[:position] + bytes([new]) + data[position + 1 :], world, evidence)
        assert result in ({1, 2, 3} if position in header else {1, 2}), (position, data[position], new)
        exits[result] += 1
    assert exits[1] > 500
    assert exits[2] > 500


def test_no_byte_can_be_lost_or_added_unnoticed() -> None:
    world = full()
    data = bundle_bytes(world)
    chance = random.Random(7)
    for _ in range(200):
        position = chance.randrange(len(data))
        shorter = data[:position] + data[position + 1 :]
        longer = data[:position] + bytes([chance.randrange(256)]) + data[position:]
        for changed in (shorter, longer, data[:position]):
            assert changed.rstrip(b"\n") == data or exit_of(changed, world, world.evidence()) in (1, 2, 3)
