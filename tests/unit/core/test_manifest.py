"""Manifests: the log's own statement of its keys and chains."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given

from notary.core.entry import parse_leaf
from notary.core.manifest import (
    MAX_CHAINS,
    MAX_KEYS,
    ChainId,
    KeyRange,
    Manifest,
    Predecessor,
    check_follows,
    parse_manifest,
)
from notary.core.note import verifier_key
from notary.core.record import MAX_LEAF_BYTES, MAX_TIME
from notary.errors import InvalidInput, InvalidRecord
from tests import cases
from tests.strategies import PUBLIC_KEYS, manifests

GOOD = cases.load("manifest", bad=False)
BAD = cases.load("manifest", bad=True)

ORIGIN = "log.example"
KEYS = tuple(verifier_key(ORIGIN, key).encode() for key in PUBLIC_KEYS)
HASH = bytes(range(32))
CHAIN = ChainId(chain_id=1, genesis=HASH, registry=HASH[:20], registry_codehash=HASH, log_id=HASH)
SECOND = replace(CHAIN, chain_id=2)
FIRST_KEY = KeyRange(vkey=KEYS[0], first=0)
MANIFEST = Manifest(origin=ORIGIN, vkeys=(FIRST_KEY,), chains=(CHAIN,), time=1000)


@pytest.mark.parametrize("name", GOOD)
def test_vector_is_a_manifest_with_this_leaf_hash(name: str) -> None:
    leaf = GOOD[name]["leaf"].encode()
    manifest = parse_leaf(leaf)
    assert isinstance(manifest, Manifest)
    assert manifest.encode() == leaf
    assert manifest.leaf_hash().hex() == GOOD[name]["leaf_hash"] == hashlib.sha256(b"\0" + leaf).hexdigest()


@pytest.mark.parametrize("name", BAD)
def test_vector_is_refused(name: str) -> None:
    case = BAD[name]
    with pytest.raises(InvalidInput) as caught:
        parse_leaf(case["leaf"].encode())
    assert (caught.value.code, caught.value.field) == (case["error"], case.get("field"))


@given(manifests())
def test_every_manifest_follows_itself(manifest: Manifest) -> None:
    check_follows(manifest, manifest)
    assert parse_manifest(manifest.to_json()) == manifest


def test_the_largest_manifest_fits_into_a_leaf() -> None:
    origin = "o" * 200
    vkey = verifier_key(origin, PUBLIC_KEYS[0]).encode()
    manifest = Manifest(
        origin=origin,
        vkeys=tuple(KeyRange(vkey=vkey, first=2**52 + 2 * i, last=2**52 + 2 * i + 1) for i in range(MAX_KEYS)),
        chains=tuple(replace(CHAIN, chain_id=2**52 + i) for i in range(MAX_CHAINS)),
        predecessor=Predecessor(origin="p" * 200, size=2**53 - 1, root=HASH),
        time=MAX_TIME,
    )
    assert len(manifest.encode()) <= MAX_LEAF_BYTES
    assert parse_leaf(manifest.encode()) == manifest


def test_a_manifest_made_by_hand_is_checked_before_it_is_encoded_or_hashed() -> None:
    for broken in (replace(MANIFEST, vkeys=()), replace(MANIFEST, chains=(CHAIN, CHAIN)), replace(MANIFEST, time=-1)):
        with pytest.raises(InvalidRecord):
            broken.encode()
        with pytest.raises(InvalidRecord):
            broken.leaf_hash()


@pytest.mark.parametrize(
    "later",
    [
        replace(MANIFEST, time=2000),
        replace(MANIFEST, chains=(CHAIN, SECOND)),
        replace(MANIFEST, vkeys=(replace(FIRST_KEY, last=99),)),
        replace(MANIFEST, vkeys=(replace(FIRST_KEY, last=99), KeyRange(vkey=KEYS[1], first=100))),
    ],
    ids=["later", "chain-added", "key-closed", "key-replaced"],
)
def test_a_later_manifest_may_add(later: Manifest) -> None:
    assert parse_manifest(later.to_json()) == later
    check_follows(MANIFEST, later)


@pytest.mark.parametrize(
    ("later", "code"),
    [
        (replace(MANIFEST, origin="log.other"), "other-log"),
        (replace(MANIFEST, time=999), "earlier-time"),
        (replace(MANIFEST, predecessor=Predecessor(origin="log.old", size=5, root=HASH)), "predecessor-changed"),
        (replace(MANIFEST, vkeys=(KeyRange(vkey=KEYS[1], first=0),)), "key-dropped"),
        (replace(MANIFEST, vkeys=(KeyRange(vkey=KEYS[0], first=1),)), "key-dropped"),
        (replace(MANIFEST, vkeys=()), "key-dropped"),
        (replace(MANIFEST, chains=()), "chain-dropped"),
        (replace(MANIFEST, chains=(SECOND,)), "chain-dropped"),
        (replace(MANIFEST, chains=(SECOND, CHAIN)), "chain-dropped"),
        (replace(MANIFEST, chains=(replace(CHAIN, registry_codehash=bytes(32)),)), "chain-dropped"),
    ],
)
def test_a_later_manifest_may_not_take_back(later: Manifest, code: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        check_follows(MANIFEST, later)
    assert caught.value.code == code


@pytest.mark.parametrize("last", [None, 98, 100])
def test_a_closed_range_stays_as_it_is(last: int | None) -> None:
    closed = replace(MANIFEST, vkeys=(replace(FIRST_KEY, last=99),))
    check_follows(closed, closed)
    with pytest.raises(InvalidRecord) as caught:
        check_follows(closed, replace(MANIFEST, vkeys=(replace(FIRST_KEY, last=last),)))
    assert (caught.value.code, caught.value.field) == ("key-dropped", "manifest.vkeys[0]")
