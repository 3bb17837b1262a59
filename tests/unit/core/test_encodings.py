"""Bytes of pages to characters: the standard's own answer over every sequence, and nothing where there is doubt."""

from __future__ import annotations

import random
from typing import Any

import pytest
from webencodings.labels import LABELS

from notary.core.encodings import SUPPORTED, decode_as, decode_html
from notary.errors import InvalidText
from tests.cases import load
from tests.encoding_sets import SETS, digest

ALL = {name: case for name, case in load("encoding").items() if "sets" in case}
PAGES = {name: case for name, case in load("encoding").items() if "page" in case}


def result_of(data: bytes, encoding: str) -> str | int:
    try:
        return decode_as(data, encoding)
    except InvalidText as error:
        # Any other error is none of the answers, and no digest is right with it.
        return -1 if error.code != "undecodable" or error.position is None else error.position


def test_every_supported_encoding_has_a_vector() -> None:
    assert {case["encoding"] for case in ALL.values()} == SUPPORTED
    for encoding, sets in {"utf-8": 4, "utf-16le": 4, "utf-16be": 4, "gb18030": 5, "gbk": 2}.items():
        assert len(ALL[f"all-{encoding}"]["sets"]) == sets


@pytest.mark.parametrize("case", ALL.values(), ids=lambda case: str(case["encoding"]))
def test_every_sequence_is_decoded_as_the_standard_says(case: dict[str, Any]) -> None:
    encoding = case["encoding"]
    for data, wanted in case["samples"]:
        assert result_of(bytes.fromhex(data), encoding) == wanted, data
    for name, wanted in case["sets"].items():
        assert digest(name, lambda data: result_of(data, encoding)) == wanted, name


def test_sequences_in_a_row_stand_for_what_they_stand_for_alone() -> None:
    pairs = ((data, result_of(data, "gb18030")) for name in ("two", "gb18030-four") for data in SETS[name]())
    accepted = [(data, text) for data, text in pairs if isinstance(text, str)]
    random.Random(7).shuffle(accepted)
    joined = b"".join(data for data, _ in accepted)
    assert decode_as(joined, "gb18030") == "".join(text for _, text in accepted)
    assert result_of(joined + b"\xff", "gb18030") == len(joined)


def test_every_label_is_known_by_the_name_of_the_standard() -> None:
    for label, name in LABELS.items():
        page = f"<meta charset='{label}'>".encode()
        declared = {"utf-16le": "utf-8", "utf-16be": "utf-8", "x-user-defined": "windows-1252"}.get(name, name)
        for charset, data, wanted in ((label, b"  ", name), (None, page, declared)):
            if wanted in SUPPORTED:
                assert decode_html(data, charset=charset).encoding == wanted
            else:
                with pytest.raises(InvalidText, match=wanted) as raised:
                    decode_html(data, charset=charset)
                assert raised.value.code == "unsupported-encoding"


# Each takes minutes where a part is read again and again. The last is what runs into the limit of readings.
HOSTILE = {
    "tags": (b"<meta charset=utf-8>" + b"<a " * 2_000_000, None),
    "attributes": (b"<meta " + b"a=b c='d' " * 1_000_000 + b"><meta charset=utf-8>", None),
    "one value": (b"<meta charset='" + b" " * 10_000_000 + b"x'>", None),
    "spaces": (b"<meta charset=utf-8><meta a" + b" " * 10_000_000, None),
    "charset": (b"<meta charset=utf-8><meta content='" + b"charset " * 1_000_000 + b"'>", None),
    "euros": (b"<meta charset=gbk>" + b"\x80" * 2_000_000, None),
    "metas in metas": (b"<meta charset=utf-8>" + b"<meta " * 300_000, "conflicting-encodings"),
    "metas in one": (b"<meta charset=utf-8>" + b"<meta " * 300_000 + b">", "conflicting-encodings"),
    "quotes": (b"<meta charset=utf-8>" + b"<meta a='" * 300_001, "conflicting-encodings"),
    "bad at the end": (b"<meta charset=gbk>" + "中".encode("gbk") * 2_000_000 + b"\xff", "undecodable"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_in_bounded_time(name: str) -> None:
    data, error = HOSTILE[name]
    if error is None:
        assert decode_html(data).source in {"meta", "default"}
    else:
        with pytest.raises(InvalidText) as raised:
            decode_html(data)
        assert raised.value.code == error


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_by_what_it_declares(name: str) -> None:
    case = PAGES[name]
    data = case["page"].encode("latin-1")
    if "error" in case:
        with pytest.raises(InvalidText) as raised:
            decode_html(data, charset=case["charset"])
        assert (raised.value.code, raised.value.position) == (case["error"], case.get("position"))
        assert "UTF-8" in raised.value.message
    else:
        decoded = decode_html(data, charset=case["charset"])
        assert (decoded.text, decoded.encoding, decoded.source) == (case["text"], case["encoding"], case["source"])
