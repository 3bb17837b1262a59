"""The publisher's signature: EIP-712 typed data, so that a wallet shows a person what is being signed.

The message holds the record's digest, which binds everything, and beside it what a person can judge; all of it is
recomputed from the record by whoever verifies. The domain has no chain id and no contract: the signature is for a log,
not for a chain. See ``docs/spec/record.md`` §7.
"""

from __future__ import annotations

import hashlib

from notary.core.jcs import Json
from notary.core.keccak import keccak256
from notary.core.record import Commitment, Content, FileDigest, Record, Status
from notary.core.secp256k1 import recover
from notary.errors import InvalidRecord, ProofFailed

NAME = "Notary"
VERSION = "1"
PRIMARY_TYPE = "Publication"

DOMAIN_TYPE = (("name", "string"), ("version", "string"), ("salt", "bytes32"))
MESSAGE_TYPE = (
    ("statement", "string"),
    ("log", "string"),
    ("publisher", "string"),
    ("document", "string"),
    ("status", "string"),
    ("follows", "string"),
    ("language", "string"),
    ("published", "string"),
    ("content", "string"),
    ("contentSha256", "bytes32"),
    ("recordDigest", "bytes32"),
)
STATEMENTS = {
    Status.ORIGINAL: "I issue this publication under my name.",
    Status.CORRECTION: "I issue this correction of my earlier publication.",
    Status.UPDATE: "I issue this update of my earlier publication.",
    Status.RETRACTION: "I retract my earlier publication.",
}


def signing_hash(record: Record) -> bytes:
    """Return the 32 bytes that the publisher's key signs. EIP-712, "encode".

    Raises :class:`InvalidRecord` (``no-key``) for a record that names no key: no signature could belong to it.
    """
    message = _message(record)
    domain = _hash_struct("EIP712Domain", DOMAIN_TYPE, _domain(record))
    return keccak256(b"\x19\x01" + domain + _hash_struct(PRIMARY_TYPE, MESSAGE_TYPE, message))


def typed_data(record: Record) -> dict[str, Json]:
    """Return the argument of a wallet's ``eth_signTypedData_v4``. Raises as :func:`signing_hash`."""
    return {
        "types": {"EIP712Domain": _type_json(DOMAIN_TYPE), PRIMARY_TYPE: _type_json(MESSAGE_TYPE)},
        "primaryType": PRIMARY_TYPE,
        "domain": _values_json(_domain(record)),
        "message": _values_json(_message(record)),
    }


def verify_signature(record: Record, signature: bytes) -> None:
    """Require that the key the record names signed the record.

    Raises :class:`ProofFailed`: ``no-key``, ``signature-other-key``, and the codes of
    :func:`notary.core.secp256k1.recover`.
    """
    if record.publisher.key is None:
        raise ProofFailed("The record names no key that could have signed it.", code="no-key")
    signer = recover(signing_hash(record), signature)
    if signer != record.publisher.key:
        raise ProofFailed(
            f"The key 0x{signer.hex()} signed, or the record was changed; it names 0x{record.publisher.key.hex()}.",
            code="signature-other-key",
        )


def _domain(record: Record) -> dict[str, str | bytes]:
    return {"name": NAME, "version": VERSION, "salt": hashlib.sha256(record.origin.encode()).digest()}


def _message(record: Record) -> dict[str, str | bytes]:
    if record.publisher.key is None:
        raise InvalidRecord("The record names no key to sign with.", code="no-key", field="record.publisher.key")
    return {
        "statement": STATEMENTS[record.status],
        "log": record.origin,
        "publisher": record.publisher.id,
        "document": record.document or "",
        "status": str(record.status),
        "follows": record.previous.leaf.hex() if record.previous is not None else "",
        "language": record.language or "",
        "published": record.published or "",
        "content": _content(record.content),
        "contentSha256": record.content.sha256,
        "recordDigest": record.digest(),
    }


def _content(content: Content) -> str:
    if isinstance(content, Commitment):
        return f"sealed, to be revealed by {content.reveal_by}"
    if isinstance(content, FileDigest):
        return f"file, bytes: {content.size}, type: {content.type}"
    return f"text, lines: {content.lines}"


def _hash_struct(name: str, members: tuple[tuple[str, str], ...], values: dict[str, str | bytes]) -> bytes:
    encoded_type = f"{name}({','.join(f'{kind} {member}' for member, kind in members)})"
    parts = [keccak256(encoded_type.encode())]
    for member, _ in members:
        value = values[member]
        # Strings are hashed; the only other type here, bytes32, stands as it is.
        parts.append(keccak256(value.encode()) if isinstance(value, str) else value)
    return keccak256(b"".join(parts))


def _type_json(members: tuple[tuple[str, str], ...]) -> list[Json]:
    return [{"name": member, "type": kind} for member, kind in members]


def _values_json(values: dict[str, str | bytes]) -> dict[str, Json]:
    return {name: value if isinstance(value, str) else "0x" + value.hex() for name, value in values.items()}
