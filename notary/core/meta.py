"""Meta: the words that go with a record and can be erased, because the log holds only a salted digest of them.

Publisher's name, title, address, note, author and captions live here and in bundles, never in a leaf. The salt keeps
those who can guess the words from testing their guess after an erasure. See ``docs/spec/record.md`` §4.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from notary.core import jcs
from notary.core.jcs import Json
from notary.core.record import check_salt
from notary.core.shape import Fields
from notary.errors import InvalidConfig, InvalidRecord

MAX_META_BYTES = 1 << 16
MAX_CAPTIONS = 256
MAX_CAPTION = 1000
MIN_SECRET = 16

# The free-text members and how many code points each may have.
_LENGTHS = {"publisher": 200, "title": 500, "author": 500, "note": 2000}
_MAX_URL = 2048
_DIGEST_PREFIX = b"notary-meta/1\n"

# Code points that no free text may hold: controls and line ends; what reorders text (bidi); what shows nothing or is
# no character. Joiners (200C, 200D) and variation selectors stay: names and emoji need them.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\uffff"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe-\U000e00ff\U000e01f0-\U0010ffff]"
)
_SPACE = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# RFC 3986, ASCII only, so that what is shown is what is meant: no user information, a host of plain labels or an
# address in brackets, a port without leading zeros. "[" and "]" are let through in queries, where browsers write them.
_URL = re.compile(
    r"https?://"
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
    r"|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?:[/?#](?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
)


@dataclass(frozen=True, slots=True)
class SealedMeta:
    """A meta object as it is kept: its canonical bytes, its salt, and the digest that the record carries."""

    data: bytes
    salt: bytes
    digest: bytes


def parse_meta(value: Json, *, path: str = "meta") -> dict[str, Json]:
    """Return ``value`` after checking that it is a meta object.

    Raises :class:`InvalidRecord` with the dotted ``field``: codes of :class:`notary.core.shape.Fields`, and
    ``forbidden-code-point`` (with ``position``), ``outer-space``, ``empty-meta``, ``meta-too-large``.
    """
    fields = Fields(value, path=path, error=InvalidRecord)
    meta: dict[str, Json] = {}
    for name, length in _LENGTHS.items():
        if fields.has(name):
            meta[name] = _free_text(fields, name, length)
    if fields.has("url"):
        meta["url"] = _url(fields)
    if fields.has("captions"):
        meta["captions"] = _captions(fields)
    fields.done()
    if not meta:
        raise InvalidRecord(f"{path} must be left out when it is empty.", code="empty-meta", field=path)
    if len(jcs.dumps(meta)) > MAX_META_BYTES:
        raise InvalidRecord(f"{path} has more than {MAX_META_BYTES} bytes.", code="meta-too-large", field=path)
    return meta


def meta_digest(meta: dict[str, Json], salt: bytes) -> bytes:
    """Return SHA-256("notary-meta/1" LF ‖ salt ‖ canonical bytes of ``meta``).

    Raises :class:`InvalidRecord` where ``meta`` is not a meta object or the salt has not 32 bytes.
    """
    check_salt(salt, field="meta.salt")
    return _digest(salt, jcs.dumps(parse_meta(meta)))


def salt_for(secret: bytes, meta: dict[str, Json]) -> bytes:
    """Return the salt of ``meta`` for the tenant that holds ``secret``: HMAC-SHA-256(secret, canonical bytes).

    The same submission twice has the same salt, hence the same record; without the secret it cannot be guessed. Raises
    :class:`InvalidRecord` where ``meta`` is not a meta object, :class:`InvalidConfig` for a secret under 16 bytes.
    """
    return seal_meta(meta, secret).salt


def seal_meta(meta: dict[str, Json], secret: bytes) -> SealedMeta:
    """Return ``meta`` with the salt of :func:`salt_for` and the digest of :func:`meta_digest`; raises as they do."""
    if len(secret) < MIN_SECRET:
        raise InvalidConfig(f"A tenant's secret needs at least {MIN_SECRET} bytes.", code="secret-too-short")
    data = jcs.dumps(parse_meta(meta))
    # Not hmac.digest, which lets go of the interpreter's lock each time: under load it takes long to get it back.
    salt = hmac.new(secret, data, hashlib.sha256).digest()
    return SealedMeta(data, salt, _digest(salt, data))


def _digest(salt: bytes, data: bytes) -> bytes:
    return hashlib.sha256(_DIGEST_PREFIX + salt + data).digest()


def _free_text(fields: Fields, name: str, length: int) -> str:
    value = fields.string(name, max_length=length)
    bad = _FORBIDDEN.search(value)
    if bad is not None:
        raise InvalidRecord(
            f"{fields.path}.{name} holds U+{ord(bad.group()):04X}, which is not allowed there.",
            code="forbidden-code-point",
            field=f"{fields.path}.{name}",
            position=bad.start(),
        )
    if _SPACE.match(value) or _SPACE.match(value, len(value) - 1):
        raise fields.fail(name, "must not begin or end with white space", code="outer-space")
    return value


def _url(fields: Fields) -> str:
    value = fields.string("url", max_length=_MAX_URL)
    match = _URL.fullmatch(value)
    if match is None:
        problem = "must be an absolute http or https URL in ASCII, without user name, spaces or control characters"
        raise fields.fail("url", problem, code="wrong-form")
    if match["port"] is not None and int(match["port"]) > 65535:
        raise fields.fail("url", "must have a port up to 65535", code="out-of-range")
    return value


def _captions(fields: Fields) -> list[Json]:
    items = fields.array("captions", max_items=MAX_CAPTIONS)
    if not items:
        raise fields.fail("captions", "must be left out when there is none", code="wrong-length")
    captions: list[Json] = []
    for i, item in enumerate(items):
        name = f"captions[{i}]"
        captions.append(_free_text(Fields({name: item}, path=fields.path, error=InvalidRecord), name, MAX_CAPTION))
    return captions
