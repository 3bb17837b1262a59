"""The record: what is claimed about one revision of an article. No free text, so that it may stay public for ever.

A record is a JSON object in canonical form (RFC 8785). Its digest, SHA-256("notary-record/1" LF ‖ canonical bytes), is
what a publisher signs and what makes a submission idempotent. Optional members are left out when absent, never null.
See ``docs/spec/record.md``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from notary.core import jcs
from notary.core.checkpoint import MAX_ORIGIN_LENGTH, ORIGIN_PATTERN
from notary.core.jcs import Json
from notary.core.shape import HEX, Fields
from notary.errors import InvalidRecord

SPEC = "notary-record/1"
# A leaf's bytes: the C2SP entry bundles give each leaf a length of 16 bits.
MAX_LEAF_BYTES = 65_535
# The last millisecond of the year 9999: beyond it common date libraries fail.
MAX_TIME = 253_402_300_799_999
MAX_MEDIA = 256
# A text of 2 MiB has at most this many lines of one byte and their line feeds, and the empty line after its title.
MAX_LINES = 1 << 21
PUBLISHER_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
DOCUMENT_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/~-]{0,127}")

_DIGEST_PREFIX = b"notary-record/1\n"
_COMMITMENT_PREFIX = b"notary-commitment/1\n"
# RFC 5646 §2.1, well-formed, in the letter case of its §2.1.1: one spelling for each tag.
_LANGUAGE = re.compile(
    r"[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
)
# RFC 6838 §4.2, in lower case and without parameters.
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
# RFC 3339 with a few choices made: capital T and Z, no leap second, no "-00:00" (it says that the local time is not
# known), years that every common date library can hold at every offset.
_TIME = re.compile(
    r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:Z|(?!-00:00)[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


class Status(StrEnum):
    """What a revision is to the one before it."""

    ORIGINAL = "original"
    CORRECTION = "correction"
    UPDATE = "update"
    RETRACTION = "retraction"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who claims: an id given by the log's operator and, for signed entries, an Ethereum address (20 bytes)."""

    id: str
    key: bytes | None = None


@dataclass(frozen=True, slots=True)
class TextDigest:
    """A canonical text: SHA-256 of its bytes, the number of its lines, the root of the tree over its lines.

    ``profile_sha256`` names the extraction profile that the text was taken from HTML with, ``links_sha256`` is the
    digest of that page's links.
    """

    sha256: bytes
    lines: int
    lines_root: bytes
    profile_sha256: bytes | None = None
    links_sha256: bytes | None = None


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file as it is: SHA-256, size in bytes, media type."""

    sha256: bytes
    size: int
    type: str


@dataclass(frozen=True, slots=True)
class Commitment:
    """A salted digest of a text or file to be revealed by the time ``reveal_by``; see :func:`commitment_digest`."""

    sha256: bytes
    reveal_by: str


Content: TypeAlias = TextDigest | FileDigest | Commitment


@dataclass(frozen=True, slots=True)
class Previous:
    """The entry that this revision follows: the log it is in and its leaf hash."""

    origin: str
    leaf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record. Made by :func:`parse_record`, or by hand, and then checked when it is encoded."""

    origin: str
    publisher: Publisher
    status: Status
    content: Content
    document: str | None = None
    previous: Previous | None = None
    language: str | None = None
    published: str | None = None
    media: tuple[bytes, ...] = ()
    meta_sha256: bytes | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the JSON value of the record, without checking it."""
        publisher: dict[str, Json] = {"id": self.publisher.id}
        if self.publisher.key is not None:
            publisher["key"] = "0x" + self.publisher.key.hex()
        name, content = _content_json(self.content)
        value: dict[str, Json] = {
            "spec": SPEC,
            "origin": self.origin,
            "publisher": publisher,
            "status": str(self.status),
            name: content,
        }
        if self.document is not None:
            value["document"] = self.document
        if self.previous is not None:
            value["previous"] = {"origin": self.previous.origin, "leaf": self.previous.leaf.hex()}
        if self.language is not None:
            value["language"] = self.language
        if self.published is not None:
            value["published"] = self.published
        if self.media:
            value["media"] = [digest.hex() for digest in self.media]
        if self.meta_sha256 is not None:
            value["meta_sha256"] = self.meta_sha256.hex()
        return value

    def encode(self) -> bytes:
        """Return the canonical bytes of the record.

        Raises :class:`InvalidRecord` where the record was made by hand and breaks a rule.
        """
        value = self.to_json()
        parse_record(value)
        return jcs.dumps(value)

    def digest(self) -> bytes:
        """Return the record's digest, SHA-256("notary-record/1" LF ‖ canonical bytes). Raises as :meth:`encode`."""
        return record_digest(self.encode())


def record_digest(data: bytes) -> bytes:
    """Return the digest of the record whose canonical bytes ``data`` is."""
    return hashlib.sha256(_DIGEST_PREFIX + data).digest()


def parse_record(value: Json, *, path: str = "record") -> Record:
    """Return the record in a JSON value; its :meth:`Record.to_json` is that value again.

    Raises :class:`InvalidRecord` with the dotted ``field``; codes ``missing-field``, ``unknown-field``, ``wrong-type``,
    ``wrong-form``, ``wrong-length``, ``out-of-range``, ``unknown-version``, ``not-a-date``, ``content-count``,
    ``zero-key``, ``duplicate``, ``document-required``, ``previous-required``, ``unexpected-previous``.
    """
    fields = Fields(value, path=path, error=InvalidRecord)
    fields.constant("spec", SPEC)
    record = Record(
        origin=fields.string("origin", pattern=ORIGIN_PATTERN, max_length=MAX_ORIGIN_LENGTH),
        publisher=_publisher(fields.child("publisher")),
        status=_status(fields),
        content=_content(fields),
        document=fields.optional_string("document", pattern=DOCUMENT_PATTERN, max_length=128),
        previous=_previous(fields.child("previous")) if fields.has("previous") else None,
        language=fields.optional_string(
            "language",
            pattern=_LANGUAGE,
            max_length=63,
            form="a BCP 47 tag in its recommended letter case, like en, zh-Hans or pt-BR",
        ),
        published=_time(fields, "published") if fields.has("published") else None,
        media=_media(fields) if fields.has("media") else (),
        meta_sha256=fields.optional_hex("meta_sha256", size=32),
    )
    fields.done()
    _check_revision(fields, record)
    return record


def commitment_digest(content: TextDigest | FileDigest, *, salt: bytes) -> bytes:
    """Return the digest that commits to ``content`` without disclosing it to those who can guess it.

    Raises :class:`InvalidRecord` (``wrong-length``) for a salt that has not 32 bytes. ``docs/spec/record.md`` §5.
    """
    check_salt(salt, field="commitment.salt")
    name, value = _content_json(content)
    return hashlib.sha256(_COMMITMENT_PREFIX + salt + jcs.dumps({name: value})).digest()


def check_salt(salt: bytes, *, field: str) -> None:
    """Refuse a salt that has not exactly 32 bytes, since a salt of open length could trade bytes with what follows."""
    if len(salt) != 32:
        raise InvalidRecord(f"{field} must have 32 bytes.", code="wrong-length", field=field)


def _publisher(fields: Fields) -> Publisher:
    publisher = Publisher(
        id=fields.string("id", pattern=PUBLISHER_PATTERN, max_length=63),
        key=fields.optional_hex("key", size=20, prefix="0x"),
    )
    fields.done()
    if publisher.key == bytes(20):
        # What Ethereum's ecrecover answers for a bad signature: no verifier shall take it for a publisher.
        raise fields.fail("key", "must not be the zero address", code="zero-key")
    return publisher


def _status(fields: Fields) -> Status:
    name = fields.string("status")
    if name not in {str(status) for status in Status}:
        raise fields.fail("status", f"must be one of {', '.join(Status)}", code="wrong-form")
    return Status(name)


def _content(fields: Fields) -> Content:
    present = [name for name in ("text", "file", "commitment") if fields.has(name)]
    if len(present) != 1:
        raise InvalidRecord(
            f"{fields.path} must have exactly one of text, file and commitment.",
            code="content-count",
            field=fields.path,
        )
    child = fields.child(present[0])
    content: Content
    if present[0] == "text":
        content = TextDigest(
            sha256=child.hex("sha256", size=32),
            lines=child.integer("lines", low=1, high=MAX_LINES),
            lines_root=child.hex("lines_root", size=32),
            profile_sha256=child.optional_hex("profile_sha256", size=32),
            links_sha256=child.optional_hex("links_sha256", size=32),
        )
        if content.links_sha256 is not None and content.profile_sha256 is None:
            raise child.fail("links_sha256", "has no place without profile_sha256", code="unexpected-field")
    elif present[0] == "file":
        content = FileDigest(
            sha256=child.hex("sha256", size=32),
            size=child.integer("size", low=1, high=jcs.MAX_INTEGER),
            type=child.string("type", pattern=_MEDIA_TYPE, form="a media type in lower case, like application/pdf"),
        )
    else:
        content = Commitment(sha256=child.hex("sha256", size=32), reveal_by=_time(child, "reveal_by"))
    child.done()
    return content


def _content_json(content: Content) -> tuple[str, dict[str, Json]]:
    value: dict[str, Json] = {"sha256": content.sha256.hex()}
    if isinstance(content, TextDigest):
        value |= {"lines": content.lines, "lines_root": content.lines_root.hex()}
        if content.profile_sha256 is not None:
            value["profile_sha256"] = content.profile_sha256.hex()
        if content.links_sha256 is not None:
            value["links_sha256"] = content.links_sha256.hex()
        return "text", value
    if isinstance(content, FileDigest):
        return "file", value | {"size": content.size, "type": content.type}
    return "commitment", value | {"reveal_by": content.reveal_by}


def _previous(fields: Fields) -> Previous:
    previous = Previous(
        origin=fields.string("origin", pattern=ORIGIN_PATTERN, max_length=MAX_ORIGIN_LENGTH),
        leaf=fields.hex("leaf", size=32),
    )
    fields.done()
    return previous


def _time(fields: Fields, name: str) -> str:
    form = "a time with its offset, like 2025-03-05T09:30:00+08:00 (RFC 3339)"
    value = fields.string(name, pattern=_TIME, form=form)
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        raise fields.fail(name, "must be on a day that exists", code="not-a-date") from None
    return value


def _media(fields: Fields) -> tuple[bytes, ...]:
    digests: list[bytes] = []
    for i, item in enumerate(fields.array("media", max_items=MAX_MEDIA)):
        name = f"media[{i}]"
        if not isinstance(item, str) or len(item) != 64 or not HEX.fullmatch(item):
            raise fields.fail(name, "must be 64 lower-case hex digits", code="wrong-form")
        digests.append(bytes.fromhex(item))
    if not digests:
        raise fields.fail("media", "must be left out when there is none", code="wrong-length")
    if len(set(digests)) != len(digests):
        raise fields.fail("media", "names a digest twice", code="duplicate")
    return tuple(digests)


def _check_revision(fields: Fields, record: Record) -> None:
    if record.status is Status.ORIGINAL:
        if record.previous is not None:
            raise fields.fail("previous", "has no place in an original", code="unexpected-previous")
        return
    if record.document is None:
        raise fields.fail("document", f"is required in a {record.status}", code="document-required")
    if record.previous is None:
        raise fields.fail("previous", f"is required in a {record.status}", code="previous-required")
