"""Records: what is claimed about a revision."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.core import jcs
from notary.core.record import (
    MAX_MEDIA,
    Commitment,
    FileDigest,
    Previous,
    Publisher,
    Record,
    Status,
    TextDigest,
    commitment_digest,
    parse_record,
)
from notary.errors import InvalidRecord
from tests import cases
from tests.strategies import json_values, records

GOOD = cases.load("record", bad=False)
BAD = cases.load("record", bad=True)
HASH = bytes(range(32))
MINIMAL = Record(
    origin="log.example",
    publisher=Publisher("office"),
    status=Status.ORIGINAL,
    content=TextDigest(sha256=HASH, lines=3, lines_root=HASH),
)


@pytest.mark.parametrize("name", GOOD)
def test_vector_has_these_bytes_and_this_digest(name: str) -> None:
    case = GOOD[name]
    record = parse_record(case["record"])
    assert record.to_json() == case["record"]
    assert record.encode() == case["canonical"].encode()
    assert record.digest().hex() == case["digest"]
    assert hashlib.sha256(b"notary-record/1\n" + case["canonical"].encode()).hexdigest() == case["digest"]


@pytest.mark.parametrize("name", BAD)
def test_vector_is_refused(name: str) -> None:
    case = BAD[name]
    with pytest.raises(InvalidRecord) as caught:
        parse_record(case["record"])
    assert (caught.value.code, caught.value.field) == (case["error"], case["field"])
    assert case["field"] in caught.value.message


@given(records())
def test_format_then_parse_is_the_record(record: Record) -> None:
    data = record.encode()
    again = parse_record(jcs.loads_exact(data, max_bytes=1 << 16))
    assert again == record
    assert again.encode() == data


@given(records(), st.data())
def test_a_member_more_less_or_other_is_refused_or_another_record(record: Record, data: st.DataObject) -> None:
    value: dict[str, Any] = record.to_json()
    name = data.draw(st.sampled_from(sorted(value)))
    changed = copy.deepcopy(value)
    if data.draw(st.booleans()):
        del changed[name]
    else:
        changed[name] = data.draw(json_values)
    try:
        other = parse_record(changed)
    except InvalidRecord as error:
        assert error.field is not None  # noqa: PT017 - either way is right
    else:
        assert other.to_json() == changed
        assert (other.digest() == record.digest()) == (changed == value)


@given(json_values)
def test_any_json_is_a_record_or_refused(value: Any) -> None:
    with pytest.raises(InvalidRecord):
        parse_record(value)


def test_the_path_leads_to_the_field() -> None:
    with pytest.raises(InvalidRecord) as caught:
        parse_record({"spec": "notary-record/1"}, path="bundle.entry.record")
    assert caught.value.field == "bundle.entry.record.origin"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (replace(MINIMAL, origin="a b"), "wrong-form"),
        (replace(MINIMAL, publisher=Publisher("Office")), "wrong-form"),
        (replace(MINIMAL, publisher=Publisher("office", bytes(19))), "wrong-length"),
        (replace(MINIMAL, status=Status.UPDATE), "document-required"),
        (replace(MINIMAL, status=Status.UPDATE, document="a"), "previous-required"),
        (replace(MINIMAL, previous=Previous("log.example", HASH)), "unexpected-previous"),
        (replace(MINIMAL, content=TextDigest(HASH, 0, HASH)), "out-of-range"),
        (replace(MINIMAL, content=FileDigest(HASH, 2**53, "text/plain")), "out-of-range"),
        (replace(MINIMAL, media=(HASH, HASH)), "duplicate"),
        (replace(MINIMAL, media=tuple(i.to_bytes(32, "big") for i in range(MAX_MEDIA + 1))), "wrong-length"),
        (replace(MINIMAL, meta_sha256=b""), "wrong-length"),
    ],
)
def test_a_record_made_by_hand_is_checked_before_it_is_encoded_or_hashed(record: Record, code: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        record.encode()
    assert caught.value.code == code
    with pytest.raises(InvalidRecord):
        record.digest()


def test_a_commitment_depends_on_content_and_salt_and_on_which_kind_of_content() -> None:
    text, file = TextDigest(HASH, 3, HASH), FileDigest(HASH, 3, "text/plain")
    digests = {
        commitment_digest(text, salt=bytes(32)),
        commitment_digest(text, salt=HASH),
        commitment_digest(replace(text, lines=4), salt=bytes(32)),
        commitment_digest(file, salt=bytes(32)),
    }
    assert len(digests) == 4
    hidden = f'{{"text":{{"lines":3,"lines_root":"{HASH.hex()}","sha256":"{HASH.hex()}"}}}}'.encode()
    expected = hashlib.sha256(b"notary-commitment/1\n" + bytes(32) + hidden).digest()
    assert commitment_digest(text, salt=bytes(32)) == expected


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33)])
def test_a_commitment_needs_a_salt_of_32_bytes(salt: bytes) -> None:
    with pytest.raises(InvalidRecord) as caught:
        commitment_digest(TextDigest(HASH, 3, HASH), salt=salt)
    assert caught.value.code == "wrong-length"


def test_a_record_carries_no_free_text() -> None:
    # Every string in the largest record is one of: a hash, a tag of a format, a name of limited alphabet.
    record = parse_record(GOOD["limits"]["record"])
    stack: list[Any] = [record.to_json()]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, str):
            assert item.isascii()
            assert " " not in item


def test_a_commitment_is_told_from_a_text() -> None:
    record = replace(MINIMAL, content=Commitment(HASH, "2026-06-01T00:00:00Z"))
    assert parse_record(record.to_json()) == record
