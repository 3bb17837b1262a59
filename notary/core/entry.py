"""The entry: a record, the publisher's signature if there is one, and the log's time. Its bytes are a leaf of the log.

A leaf is either an entry or a manifest (:mod:`notary.core.manifest`); its ``spec`` says which. See
``docs/spec/record.md`` §6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from notary.core import jcs
from notary.core.jcs import Json
from notary.core.merkle import leaf_hash
from notary.core.record import MAX_LEAF_BYTES, MAX_TIME, Record, parse_record
from notary.core.shape import Fields
from notary.errors import InvalidRecord, MalformedJson

if TYPE_CHECKING:
    from notary.core.manifest import Manifest

SPEC = "notary-entry/1"
_MANIFEST_SPEC = "notary-manifest/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One logged entry; ``time`` is milliseconds since 1970-01-01T00:00:00Z by the log's clock.

    ``signature`` is there exactly when the record names a publisher's key; whether it is genuine is another question
    (:func:`notary.core.eip712.verify_signature`).
    """

    record: Record
    time: int
    signature: bytes | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the JSON value of the entry, without checking it."""
        value: dict[str, Json] = {"spec": SPEC, "record": self.record.to_json(), "time": self.time}
        if self.signature is not None:
            value["signature"] = self.signature.hex()
        return value

    def encode(self) -> bytes:
        """Return the canonical bytes of the entry: the leaf.

        Raises :class:`InvalidRecord` where the entry was made by hand and breaks a rule.
        """
        value = self.to_json()
        parse_entry(value)
        return jcs.dumps(value)

    def leaf_hash(self) -> bytes:
        """Return the RFC 6962 leaf hash. Raises as :meth:`encode`."""
        return leaf_hash(self.encode())


def unsigned_entry(record: bytes, *, time: int) -> bytes:
    """Return the canonical bytes of the entry without signature around a record's canonical bytes, as they are.

    The same as :meth:`Entry.encode`, for those who have checked and encoded the record already. Raises
    :class:`InvalidRecord` (``out-of-range``) for a time that an entry cannot have.
    """
    if not 0 <= time <= MAX_TIME:
        raise InvalidRecord(f"entry.time must be within 0 and {MAX_TIME}.", code="out-of-range", field="entry.time")
    return b'{"record":%b,"spec":"%b","time":%d}' % (record, SPEC.encode("ascii"), time)


def parse_entry(value: Json, *, path: str = "entry") -> Entry:
    """Return the entry in a JSON value; its :meth:`Entry.to_json` is that value again.

    Raises :class:`InvalidRecord`: the codes of :func:`notary.core.record.parse_record`, and ``signature-missing``,
    ``signature-without-key``. The limits of the fields together stay below the size limit of a leaf.
    """
    fields = Fields(value, path=path, error=InvalidRecord)
    fields.constant("spec", SPEC)
    entry = Entry(
        record=parse_record(fields.take("record"), path=f"{path}.record"),
        signature=fields.optional_hex("signature", size=65),
        time=fields.integer("time", low=0, high=MAX_TIME),
    )
    fields.done()
    if entry.signature is None and entry.record.publisher.key is not None:
        raise fields.fail("signature", "is required, as the record names a key", code="signature-missing")
    if entry.signature is not None and entry.record.publisher.key is None:
        raise fields.fail("signature", "has no place, as the record names no key", code="signature-without-key")
    return entry


def parse_leaf(data: bytes) -> Entry | Manifest:
    """Return the entry or manifest whose canonical bytes ``data`` is exactly.

    Raises :class:`MalformedJson` for anything but canonical JSON of at most 65,535 bytes, :class:`InvalidRecord` for a
    wrong shape or a ``spec`` that is not known (``unknown-version``).
    """
    value = jcs.loads_exact(data, max_bytes=MAX_LEAF_BYTES)
    if data.endswith(b"\n"):
        # Files may end in LF; a leaf is hashed, so exactly one spelling may be accepted.
        raise MalformedJson("A leaf must not end in a line feed.", code="json-not-canonical", position=len(data) - 1)
    spec = value.get("spec") if isinstance(value, dict) else None
    if spec == _MANIFEST_SPEC:
        # One leaf in a log, so a verification need not load it.
        from notary.core.manifest import parse_manifest

        return parse_manifest(value)
    return parse_entry(value)
