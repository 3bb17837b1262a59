"""Which later entries count as revisions."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from eth_account import Account
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from notary.core.eip712 import typed_data
from notary.core.entry import Entry, parse_entry
from notary.core.record import Previous, Publisher, Record, Status
from notary.core.revision import NotARevision, why_not_a_revision
from tests import cases
from tests.strategies import records

VECTORS = cases.load("revision")
SECRET = hashlib.sha256(b"some key").digest()
ADDRESS = bytes.fromhex(Account.from_key(SECRET).address[2:])


@pytest.mark.parametrize("name", VECTORS)
def test_vector_counts_or_does_not(name: str) -> None:
    case = VECTORS[name]
    reason = why_not_a_revision(earlier=parse_entry(case["earlier"]), later=parse_entry(case["later"]))
    assert reason == case.get("error")


def test_every_reason_has_a_vector() -> None:
    assert {case["error"] for case in VECTORS.values() if "error" in case} == set(NotARevision)


def entry(record: Record) -> Entry:
    if record.publisher.key is None:
        return Entry(record=record, time=1)
    signature = bytes(Account.sign_typed_data(SECRET, full_message=typed_data(record)).signature)
    return Entry(record=record, time=1, signature=signature)


@settings(max_examples=30)
@given(records(), records(), st.booleans())
def test_a_later_record_made_to_follow_counts(old: Record, new: Record, signed: bool) -> None:
    assume(old.document is not None and new.status is not Status.ORIGINAL)
    publisher = Publisher(old.publisher.id, ADDRESS if signed else None)
    earlier = entry(replace(old, publisher=publisher))
    follows = Previous(old.origin, earlier.leaf_hash())
    fitted = replace(new, origin=old.origin, publisher=publisher, document=old.document, previous=follows)
    assert why_not_a_revision(earlier=earlier, later=entry(fitted)) is None
    # Nor does it work backwards.
    assert why_not_a_revision(earlier=entry(fitted), later=earlier) is not None


def test_entries_made_by_hand_that_no_parser_lets_through_do_not_count() -> None:
    earlier = parse_entry(VECTORS["signed-update"]["earlier"])
    later = parse_entry(VECTORS["signed-update"]["later"])
    follows = later.record
    for broken, reason in (
        (replace(later, record=replace(follows, status=Status.ORIGINAL)), NotARevision.ORIGINAL),
        (replace(later, record=replace(follows, previous=None)), NotARevision.ORIGINAL),
        (replace(later, signature=None), NotARevision.UNSIGNED),
        (replace(later, record=replace(follows, publisher=Publisher(follows.publisher.id))), NotARevision.UNSIGNED),
    ):
        assert why_not_a_revision(earlier=earlier, later=broken) is reason


@given(records(signed=False), records(signed=False))
def test_unrelated_records_do_not_count(old: Record, new: Record) -> None:
    assert why_not_a_revision(earlier=entry(old), later=entry(new)) is not None
