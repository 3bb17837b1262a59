"""The worked example of the specification is made anew from its stated secrets, and must stand there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_account import Account

from notary.core import eip712
from notary.core.current import CurrentStatement
from notary.core.entry import Entry, parse_leaf
from notary.core.jcs import Json, dumps
from notary.core.keccak import keccak256
from notary.core.meta import meta_digest, salt_for
from notary.core.note import sign_note
from notary.core.record import Publisher, Record, Status, TextDigest
from notary.core.text import canonical_document
from tests import cases

SPEC = (Path(__file__).parents[3] / "docs" / "spec" / "record.md").read_text(encoding="utf-8")
# The example breaks long lines; joined again, the JSON is one line.
EXAMPLE = SPEC[SPEC.index("## 11. Example") :]
JOINED = EXAMPLE.replace(",\n    ", ",")

TEXT = b"Ferry timetable changes on 1 April\n\nThe first boat leaves at 06:40."
META: dict[str, Json] = {"publisher": "Harbour Office", "url": "https://harbour.example/news/412"}
TIME = 1772674205123


def secret(name: str) -> bytes:
    assert f'SHA-256("{name}")' in EXAMPLE.replace("\n", " ")
    return hashlib.sha256(name.encode()).digest()


@pytest.fixture
def record() -> Record:
    text = canonical_document(TEXT)
    return Record(
        origin="log.example/2026",
        publisher=Publisher(
            "harbour-office", bytes.fromhex(Account.from_key(secret("example publisher key")).address[2:])
        ),
        status=Status.ORIGINAL,
        content=TextDigest(text.sha256, len(text.lines), text.lines_root),
        document="timetable/2026-04",
        language="en",
        published="2026-03-05T09:30:00+08:00",
        meta_sha256=meta_digest(META, salt_for(secret("example tenant secret"), META)),
    )


@pytest.fixture
def entry(record: Record) -> Entry:
    signed = Account.sign_typed_data(secret("example publisher key"), full_message=eip712.typed_data(record))
    return Entry(record=record, time=TIME, signature=bytes(signed.signature))


def test_text_and_meta() -> None:
    assert TEXT.decode().replace("\n", "\n    ").replace("    \n", "\n") in EXAMPLE
    assert f"{len(TEXT)} bytes, three lines" in EXAMPLE
    salt = salt_for(secret("example tenant secret"), META)
    for line in (dumps(META).decode(), salt.hex(), meta_digest(META, salt).hex()):
        assert f"    {line}\n" in EXAMPLE


def test_record_and_entry(record: Record, entry: Entry) -> None:
    encoded = record.encode().decode()
    assert f"    {encoded}\n" in JOINED
    assert f"Record, {len(encoded)} bytes" in EXAMPLE
    assert f"    {record.digest().hex()}\n" in EXAMPLE
    leaf = entry.encode().decode()
    assert f"    {leaf.replace(encoded, '<record>')}\n" in JOINED
    assert f"Entry, {len(leaf)} bytes" in EXAMPLE
    assert f"    {entry.leaf_hash().hex()}\n" in EXAMPLE
    assert leaf == cases.load("entry")["signed"]["leaf"]


def test_signature(record: Record) -> None:
    case = cases.load("eip712")["example"]
    assert case["record"] == record.to_json()
    for name in ("domain_separator", "message_hash", "signing_hash"):
        assert f"    {case[name]}\n" in EXAMPLE
    for name, members in (("EIP712Domain", eip712.DOMAIN_TYPE), (eip712.PRIMARY_TYPE, eip712.MESSAGE_TYPE)):
        kind = f"{name}({','.join(f'{kind} {member}' for member, kind in members)})"
        assert kind in SPEC.replace(",\n             ", ",")
        assert f"    {keccak256(kind.encode()).hex()}\n" in EXAMPLE
    for sentence in eip712.STATEMENTS.values():
        assert f"`{sentence}`" in SPEC


def test_current_statement(entry: Entry) -> None:
    case = cases.load("current")["example"]
    statement = CurrentStatement(
        origin="log.example/2026",
        publisher="harbour-office",
        document="timetable/2026-04",
        latest=entry.leaf_hash(),
        size=48211,
        root=hashlib.sha256(b"root").digest(),
        time=TIME,
    )
    signer = Ed25519PrivateKey.from_private_bytes(secret("example log key"))
    public = signer.public_key().public_bytes_raw()
    note = sign_note(statement.encode(), name="log.example/2026", sign=signer.sign, public=public).decode()
    assert note == case["note"]
    assert "".join(f"    {line}\n" if line else "\n" for line in note.splitlines()) in EXAMPLE


def test_manifest() -> None:
    case = cases.load("manifest")["one-chain"]
    assert f"    {case['leaf']}\n" in JOINED
    assert f"    {parse_leaf(case['leaf'].encode()).leaf_hash().hex()}\n" in EXAMPLE
