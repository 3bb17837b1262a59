from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.core.rlp import MAX_DEPTH, Rlp, decode, decode_integer, encode, encode_integer
from notary.errors import InvalidRlp
from tests.cases import load

GOOD = load("rlp", bad=False)
BAD = load("rlp", bad=True)

items = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=6), max_leaves=30)


def from_json(item: Any) -> Rlp:
    return [from_json(one) for one in item] if isinstance(item, list) else bytes.fromhex(item[2:])


@pytest.mark.parametrize("name", GOOD)
def test_vector(name: str) -> None:
    data, item = bytes.fromhex(GOOD[name]["data"][2:]), from_json(GOOD[name]["item"])
    assert decode(data) == item
    assert encode(item) == data


@pytest.mark.parametrize("name", BAD)
def test_refused_vector(name: str) -> None:
    with pytest.raises(InvalidRlp) as refused:
        decode(bytes.fromhex(BAD[name]["data"][2:]))
    assert refused.value.code == BAD[name]["error"]
    assert refused.value.position is not None


@given(items)
def test_decode_undoes_encode(item: Rlp) -> None:
    assert decode(encode(item)) == item


@given(st.binary(max_size=80))
def test_what_decodes_has_no_other_encoding(data: bytes) -> None:
    try:
        item = decode(data)
    except InvalidRlp:
        return
    assert encode(item) == data


@given(items, st.data())
def test_a_proper_beginning_is_refused(item: Rlp, data: st.DataObject) -> None:
    encoded = encode(item)
    cut = data.draw(st.integers(0, len(encoded) - 1))
    with pytest.raises(InvalidRlp):
        decode(encoded[:cut])


@pytest.mark.parametrize("size", [0, 1, 55, 56, 255, 256, 65535, 65536])
def test_lengths_on_both_sides_of_each_step(size: int) -> None:
    string: Rlp = b"\xff" * size
    empties: Rlp = [b"" for _ in range(size)]
    assert decode(encode(string)) == string
    assert decode(encode(empties)) == empties


def test_depth_is_the_callers_choice() -> None:
    assert decode(b"\xc0", max_depth=1) == []
    with pytest.raises(InvalidRlp, match="deep"):
        decode(b"\xc1\xc0", max_depth=1)
    assert decode(b"\x01", max_depth=0) == b"\x01"


def test_hostile_nesting_is_refused_before_recursion_ends() -> None:
    data = b"\xc0"
    for _ in range(3000):
        data = encode_list(data)
    with pytest.raises(InvalidRlp) as refused:
        decode(data)
    assert refused.value.code == "rlp-depth"


def encode_list(payload: bytes) -> bytes:
    if len(payload) < 56:
        return bytes([0xC0 + len(payload)]) + payload
    size = encode_integer(len(payload))
    return bytes([0xF7 + len(size)]) + size + payload


@pytest.mark.parametrize(("value", "data"), [(0, ""), (1, "01"), (127, "7f"), (128, "80"), (256, "0100")])
def test_integers(value: int, data: str) -> None:
    assert encode_integer(value) == bytes.fromhex(data)
    assert decode_integer(bytes.fromhex(data), bits=63, field="n") == value


@given(st.integers(0, 2**256 - 1))
def test_integers_round_trip(value: int) -> None:
    assert decode_integer(encode_integer(value), bits=256, field="n") == value


@pytest.mark.parametrize("item", [b"\x00", b"\x00\x01", b"\x80" + bytes(7), b"\x01" + bytes(8), [], [b"\x01"]])
def test_what_is_no_integer_below_2_63(item: Rlp) -> None:
    with pytest.raises(InvalidRlp) as refused:
        decode_integer(item, bits=63, field="header.number")
    assert refused.value.code == "rlp-integer"
    assert refused.value.field == "header.number"


def test_negative_integers_do_not_exist() -> None:
    with pytest.raises(InvalidRlp, match="negative"):
        encode_integer(-1)


def test_default_depth_is_the_one_of_the_specification() -> None:
    assert MAX_DEPTH == 64
