"""Hypothesis strategies for the values of the formats; every value they draw is a valid one."""

from __future__ import annotations

import string
from datetime import date
from typing import Any

from hypothesis import strategies as st

from notary.core.entry import Entry
from notary.core.jcs import MAX_INTEGER, Json
from notary.core.manifest import ChainId, KeyRange, Manifest, Predecessor
from notary.core.note import verifier_key
from notary.core.record import (
    MAX_LINES,
    MAX_TIME,
    Commitment,
    FileDigest,
    Previous,
    Publisher,
    Record,
    Status,
    TextDigest,
)

# Verifier keys must be real ones: RFC 8032 §7.1, tests 1 to 3.
PUBLIC_KEYS = tuple(
    bytes.fromhex(key)
    for key in (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    )
)

hashes = st.binary(min_size=32, max_size=32)
addresses = st.binary(min_size=20, max_size=20).filter(any)
times = st.integers(0, MAX_TIME)
sizes = st.integers(1, MAX_INTEGER)

_characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
strings = st.text(_characters, max_size=20)
integers = st.integers(-MAX_INTEGER, MAX_INTEGER)
json_values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | integers | strings,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(strings, inner, max_size=5),
    max_leaves=30,
)


def _names(first: str, rest: str, max_size: int) -> st.SearchStrategy[str]:
    # Much faster than from_regex.
    return st.builds(str.__add__, st.sampled_from(first), st.text(st.sampled_from(rest), max_size=max_size - 1))


_LOWER, _UPPER, _DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
_ALPHANUMERIC = _LOWER + _UPPER + _DIGITS
_SEGMENTS = st.text(st.sampled_from(_ALPHANUMERIC + "._~-"), min_size=1, max_size=12)
origins = st.lists(_SEGMENTS, min_size=1, max_size=4).map("/".join)
documents = _names(_ALPHANUMERIC, _ALPHANUMERIC + "._:/~-", 128)
publisher_ids = _names(_LOWER + _DIGITS, _LOWER + _DIGITS + "-", 63)
languages = st.sampled_from(
    ["en", "zh-Hans", "zh-Hant-TW", "pt-BR", "es-419", "de-1996", "sl-rozaj-biske", "en-x-press"]
)
media_types = st.sampled_from(["application/pdf", "image/svg+xml", "text/plain", "application/vnd.ms-excel"])


@st.composite
def rfc3339(draw: st.DrawFn) -> str:
    day = draw(st.dates(date(1000, 1, 1), date(2999, 12, 31)))
    clock = draw(st.times()).strftime("%H:%M:%S")
    fraction = draw(st.sampled_from(["", ".5", ".123", ".000000001"]))
    offset = draw(st.sampled_from(["Z", "+00:00", "+08:00", "-03:30", "+14:00", "-12:00"]))
    return f"{day.isoformat()}T{clock}{fraction}{offset}"


texts = st.builds(TextDigest, hashes, st.integers(1, MAX_LINES), hashes, st.none() | hashes)
files = st.builds(FileDigest, hashes, sizes, media_types)
commitments = st.builds(Commitment, hashes, rfc3339())


@st.composite
def records(draw: st.DrawFn, /, *, signed: bool | None = None, **fixed: Any) -> Record:
    """Draw a record; ``signed`` fixes whether it names a key, ``fixed`` fixes members."""
    status = fixed.pop("status", None) or draw(st.sampled_from(Status))
    revises = status is not Status.ORIGINAL
    with_key = draw(st.booleans()) if signed is None else signed
    members: dict[str, Any] = {
        "origin": draw(origins),
        "publisher": Publisher(draw(publisher_ids), draw(addresses) if with_key else None),
        "status": status,
        "content": draw(texts | files | commitments),
        "document": draw(documents if revises else st.none() | documents),
        "previous": Previous(draw(origins), draw(hashes)) if revises else None,
        "language": draw(st.none() | languages),
        "published": draw(st.none() | rfc3339()),
        "media": tuple(draw(st.lists(hashes, max_size=3, unique=True))),
        "meta_sha256": draw(st.none() | hashes),
    }
    return Record(**(members | fixed))


@st.composite
def entries(draw: st.DrawFn, *, signed: bool | None = None) -> Entry:
    """Draw an entry; a signature in it has the right size and is not genuine."""
    record = draw(records(signed=signed))
    signature = draw(st.binary(min_size=65, max_size=65)) if record.publisher.key is not None else None
    return Entry(record=record, time=draw(times), signature=signature)


chains = st.builds(ChainId, chain_id=sizes, genesis=hashes, registry=addresses, registry_codehash=hashes, log_id=hashes)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    origin = draw(origins)
    count = draw(st.integers(1, len(PUBLIC_KEYS)))
    bounds = sorted(draw(st.lists(st.integers(0, MAX_INTEGER), min_size=2 * count, max_size=2 * count, unique=True)))
    is_open = draw(st.booleans())
    keys = tuple(
        KeyRange(
            vkey=verifier_key(origin, PUBLIC_KEYS[i]).encode(),
            first=bounds[2 * i],
            last=None if is_open and i == count - 1 else bounds[2 * i + 1],
        )
        for i in range(count)
    )
    predecessor = st.builds(Predecessor, origin=origins.filter(lambda other: other != origin), size=sizes, root=hashes)
    return Manifest(
        origin=origin,
        vkeys=keys,
        chains=tuple(draw(st.lists(chains, max_size=3, unique_by=lambda chain: chain.log_id))),
        time=draw(times),
        predecessor=draw(st.none() | predecessor),
    )


_words = st.sampled_from(
    ["Ministry of Weather", "气象局", "O’Neill & Co.", "مکتب‌خانه", "葛\U000e0100城", "👩‍🔬 lab", "x"]
)


@st.composite
def metas(draw: st.DrawFn) -> dict[str, Json]:
    meta: dict[str, Json] = {
        name: draw(_words) for name in ("publisher", "title", "author", "note") if draw(st.booleans())
    }
    if draw(st.booleans()):
        meta["captions"] = list(draw(st.lists(_words, min_size=1, max_size=3)))
    if draw(st.booleans()) or not meta:
        meta["url"] = draw(
            st.sampled_from(["https://news.example/a/1?x[]=1#top", "http://[2001:db8::1]:8080/%E6%96%B0"])
        )
    return meta
