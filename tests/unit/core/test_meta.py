"""Meta: words that can be erased."""

from __future__ import annotations

import hashlib
import hmac
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given

from notary.core import jcs
from notary.core.meta import SealedMeta, meta_digest, parse_meta, salt_for, seal_meta
from notary.errors import InvalidConfig, InvalidRecord
from tests import cases
from tests.strategies import hashes, json_values, metas

GOOD = cases.load("meta", bad=False)
BAD = cases.load("meta", bad=True)
SECRET = bytes(range(32))
# Format characters that are drawn: Arabic, Syriac and Kaithi number signs; and what joins hieroglyphs.
DRAWN = {0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x600, 0x606), *range(0x13430, 0x13440)}


@pytest.mark.parametrize("name", GOOD)
def test_vector_has_this_digest(name: str) -> None:
    case = GOOD[name]
    salt = bytes.fromhex(case["salt"])
    assert parse_meta(case["meta"]) == case["meta"]
    assert jcs.dumps(case["meta"]) == case["canonical"].encode()
    assert meta_digest(case["meta"], salt).hex() == case["digest"]
    assert hashlib.sha256(b"notary-meta/1\n" + salt + case["canonical"].encode()).hexdigest() == case["digest"]
    if "secret" in case:
        secret = bytes.fromhex(case["secret"])
        assert salt_for(secret, case["meta"]) == salt
        assert hmac.new(secret, case["canonical"].encode(), "sha256").digest() == salt


@pytest.mark.parametrize("name", BAD)
def test_vector_is_refused(name: str) -> None:
    case = BAD[name]
    with pytest.raises(InvalidRecord) as caught:
        parse_meta(case["meta"])
    assert (caught.value.code, caught.value.field) == (case["error"], case["field"])
    assert caught.value.position == case.get("position")
    with pytest.raises(InvalidRecord):
        meta_digest(case["meta"], bytes(32))
    with pytest.raises(InvalidRecord):
        salt_for(SECRET, case["meta"])


@given(metas())
def test_format_then_parse_is_the_meta(meta: dict[str, jcs.Json]) -> None:
    assert parse_meta(jcs.loads_exact(jcs.dumps(meta), max_bytes=1 << 16)) == meta


@given(metas(), metas(), hashes, hashes)
def test_the_digest_depends_on_meta_and_salt(
    one: dict[str, jcs.Json], other: dict[str, jcs.Json], salt: bytes, other_salt: bytes
) -> None:
    same = one == other and salt == other_salt
    assert (meta_digest(one, salt) == meta_digest(other, other_salt)) == same


@given(json_values)
def test_any_json_is_refused_in_an_orderly_way(value: Any) -> None:
    with pytest.raises(InvalidRecord):
        parse_meta(value)


def test_the_salt_is_the_same_for_the_same_and_different_for_another_tenant_or_meta() -> None:
    meta: dict[str, jcs.Json] = {"publisher": "A"}
    assert salt_for(SECRET, meta) == salt_for(SECRET, dict(meta))
    assert len({salt_for(SECRET, meta), salt_for(SECRET[::-1], meta), salt_for(SECRET, {"publisher": "B"})}) == 3
    assert len(salt_for(SECRET, meta)) == 32


@pytest.mark.parametrize("secret", [b"", bytes(15)])
def test_a_short_secret_makes_no_salt(secret: bytes) -> None:
    assert len(salt_for(bytes(16), {"publisher": "A"})) == 32
    with pytest.raises(InvalidConfig) as caught:
        salt_for(secret, {"publisher": "A"})
    assert caught.value.code == "secret-too-short"


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_salt_has_32_bytes(size: int) -> None:
    with pytest.raises(InvalidRecord) as caught:
        meta_digest({"publisher": "A"}, bytes(size))
    assert (caught.value.code, caught.value.field) == ("wrong-length", "meta.salt")


def test_no_character_that_is_not_seen_or_reorders_is_let_through() -> None:
    kept = {0x200C, 0x200D}  # joiners
    for code in range(0x110000):
        character = chr(code)
        category = unicodedata.category(character)
        if category in {"Cc", "Cs", "Zl", "Zp"} or (category == "Cf" and code not in kept | DRAWN):
            with pytest.raises(InvalidRecord):
                parse_meta({"title": f"a{character}b"})


def test_the_error_names_path_and_code_point() -> None:
    with pytest.raises(InvalidRecord, match=r"bundle\.meta\.value\.note holds U\+202E") as caught:
        parse_meta({"note": "abc\u202e"}, path="bundle.meta.value")
    assert (caught.value.field, caught.value.position) == ("bundle.meta.value.note", 3)


@pytest.mark.parametrize("url", ["https://" + "a" * 2040, "https://" + "a." * 1020, "https://" + "a-" * 1020])
def test_hostile_urls_take_no_time(url: str) -> None:
    start = time.process_time()
    for end in ("", "-", "..", "/" + chr(0x20), ":1:"):
        try:
            parse_meta({"url": url[: 2048 - len(end)] + end})
        except InvalidRecord as error:
            assert error.code in {"wrong-form", "outer-space"}  # noqa: PT017 - either way is right; this is about time
    assert time.process_time() - start < 1


def test_a_sealed_meta_has_its_salt_and_its_digest() -> None:
    meta: dict[str, jcs.Json] = {"note": "n", "publisher": "A"}
    salt = hmac.digest(SECRET, jcs.dumps(meta), "sha256")
    sealed = seal_meta(meta, SECRET)
    assert sealed == SealedMeta(jcs.dumps(meta), salt, meta_digest(meta, salt))
    with pytest.raises(InvalidRecord):
        seal_meta({"unknown": "x"}, SECRET)
