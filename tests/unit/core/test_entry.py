"""Entries: the bytes that are logged."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.core.entry import Entry, parse_entry, parse_leaf, unsigned_entry
from notary.core.manifest import Manifest
from notary.core.record import MAX_LEAF_BYTES, MAX_TIME, Publisher, parse_record
from notary.errors import InvalidInput, InvalidRecord, MalformedJson
from tests import cases
from tests.strategies import entries, manifests

GOOD = cases.load("entry", bad=False)
BAD = cases.load("entry", bad=True)


@pytest.mark.parametrize("name", GOOD)
def test_vector_is_an_entry_with_this_leaf_hash(name: str) -> None:
    case = GOOD[name]
    leaf = case["leaf"].encode()
    entry = parse_leaf(leaf)
    assert isinstance(entry, Entry)
    assert entry.encode() == leaf
    assert entry.leaf_hash().hex() == case["leaf_hash"] == hashlib.sha256(b"\0" + leaf).hexdigest()


@pytest.mark.parametrize("name", BAD)
def test_vector_is_refused(name: str) -> None:
    case = BAD[name]
    with pytest.raises(InvalidInput) as caught:
        parse_leaf(case["leaf"].encode())
    assert (caught.value.code, caught.value.field) == (case["error"], case.get("field"))
    assert isinstance(caught.value, MalformedJson if case["error"].startswith("json-") else InvalidRecord)
    assert caught.value.position == case.get("position", caught.value.position)


@given(entries() | manifests())
def test_format_then_parse_is_the_leaf(leaf: Entry | Manifest) -> None:
    data = leaf.encode()
    assert parse_leaf(data) == leaf
    assert parse_leaf(data).encode() == data
    assert len(data) <= MAX_LEAF_BYTES
    assert leaf.leaf_hash() == hashlib.sha256(b"\0" + data).digest()


@given(entries() | manifests(), st.data())
def test_a_changed_byte_is_refused_or_another_leaf(leaf: Entry | Manifest, data: st.DataObject) -> None:
    good = leaf.encode()
    changed = bytearray(good)
    changed[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        other = parse_leaf(bytes(changed))
    except InvalidInput:
        return
    assert other.encode() == changed
    assert other != leaf


def test_the_largest_record_leaves_room_in_a_leaf() -> None:
    value = copy.deepcopy(cases.load("record")["limits"]["record"])
    value["media"] = [hashlib.sha256(bytes([i])).hexdigest() for i in range(256)]
    entry = Entry(record=parse_record(value), time=MAX_TIME, signature=bytes(65))
    assert parse_leaf(entry.encode()) == entry
    assert len(entry.encode()) < MAX_LEAF_BYTES // 2


def test_an_entry_made_by_hand_is_checked_before_it_is_encoded_or_hashed() -> None:
    good = parse_leaf(GOOD["unsigned"]["leaf"].encode())
    assert isinstance(good, Entry)
    key = Publisher("harbour-office", b"\x01" * 20)
    for entry, code in (
        (replace(good, time=-1), "out-of-range"),
        (replace(good, signature=bytes(65)), "signature-without-key"),
        (replace(good, record=replace(good.record, publisher=key)), "signature-missing"),
        (replace(good, record=replace(good.record, publisher=key), signature=bytes(64)), "wrong-length"),
        (replace(good, record=replace(good.record, language="EN")), "wrong-form"),
    ):
        with pytest.raises(InvalidRecord) as caught:
            entry.encode()
        assert caught.value.code == code
        with pytest.raises(InvalidRecord):
            entry.leaf_hash()


def test_the_path_leads_to_the_field() -> None:
    value: dict[str, Any] = {"spec": "notary-entry/1", "record": {"spec": "x"}, "time": 0}
    with pytest.raises(InvalidRecord) as caught:
        parse_entry(value, path="bundle.entry")
    assert caught.value.field == "bundle.entry.record.spec"


def test_a_file_may_end_in_a_line_feed_but_a_leaf_may_not() -> None:
    leaf = GOOD["unsigned"]["leaf"].encode()
    with pytest.raises(MalformedJson) as caught:
        parse_leaf(leaf + b"\n")
    assert (caught.value.code, caught.value.position) == ("json-not-canonical", len(leaf))


def test_an_entry_is_no_manifest_and_a_manifest_no_entry() -> None:
    assert isinstance(parse_leaf(cases.load("manifest")["one-chain"]["leaf"].encode()), Manifest)
    with pytest.raises(InvalidRecord) as caught:
        parse_leaf(GOOD["unsigned"]["leaf"].replace("notary-entry/1", "notary-manifest/1").encode())
    assert caught.value.field == "manifest.origin"


@given(entries(signed=False))
def test_an_entry_around_an_encoded_record_is_the_entry(entry: Entry) -> None:
    assert unsigned_entry(entry.record.encode(), time=entry.time) == entry.encode()


@pytest.mark.parametrize("time", [-1, MAX_TIME + 1])
def test_an_entry_around_an_encoded_record_has_a_time_that_entries_have(time: int) -> None:
    with pytest.raises(InvalidRecord) as caught:
        unsigned_entry(b"{}", time=time)
    assert (caught.value.code, caught.value.field) == ("out-of-range", "entry.time")
