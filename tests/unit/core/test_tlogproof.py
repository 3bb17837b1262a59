"""Offline proofs: one spelling, every part of the right form."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notary.core import tlogproof
from notary.core.checkpoint import Checkpoint
from notary.core.note import Note, Signature, format_note
from notary.core.tlogproof import TlogProof
from notary.errors import InvalidNote

ROOT = bytes(range(32))
HASHES = (b"\x01" * 32, b"\x02" * 32)
CHECKPOINT = format_note(
    Note(Checkpoint("notary.example/log", 3, ROOT).encode(), (Signature("notary.example/log", b"1234", b"x" * 64),))
)
LINES = [base64.b64encode(one).decode() for one in HASHES]
TEXT = f"c2sp.org/tlog-proof@v1\nindex 1\n{LINES[0]}\n{LINES[1]}\n\n".encode() + CHECKPOINT

proofs = st.builds(
    TlogProof,
    index=st.integers(0, 2**63 - 2),
    hashes=st.lists(st.binary(min_size=32, max_size=32), max_size=4).map(tuple),
    checkpoint=st.just(CHECKPOINT),
    extra=st.one_of(st.none(), st.binary(min_size=1, max_size=40)),
)


def test_a_proof_byte_for_byte() -> None:
    proof = TlogProof(1, HASHES, CHECKPOINT)
    assert proof.encode() == TEXT
    assert tlogproof.parse_tlog_proof(TEXT) == proof
    with_extra = TEXT.replace(b"index", b"extra /w==\nindex")
    assert tlogproof.parse_tlog_proof(with_extra) == TlogProof(1, HASHES, CHECKPOINT, b"\xff")
    alone = b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + CHECKPOINT
    assert tlogproof.parse_tlog_proof(alone) == TlogProof(0, (), CHECKPOINT)
    assert TlogProof(0, (), CHECKPOINT).encode() == alone


@given(proofs)
def test_proofs_come_back(proof: TlogProof) -> None:
    assert tlogproof.parse_tlog_proof(proof.encode()) == proof


@settings(max_examples=300)
@given(proofs, st.data())
def test_bytes_that_parse_are_the_bytes_that_are_written(proof: TlogProof, data: st.DataObject) -> None:
    encoded = bytearray(proof.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(encoded) - 1))
        encoded[at : at + data.draw(st.integers(0, 1))] = data.draw(
            st.one_of(st.binary(max_size=2), st.sampled_from([b"0", b"+", b" ", b"\n", b"=", b"_"]))
        )
    try:
        parsed = tlogproof.parse_tlog_proof(bytes(encoded))
    except InvalidNote:
        return
    assert parsed.encode() == encoded


def changed(old: str, new: str) -> bytes:
    assert TEXT.count(old.encode()) == 1
    return TEXT.replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "proof-version"),
        (b"\n" + TEXT, "proof-version"),
        (changed("@v1", "@v2"), "proof-version"),
        (changed("@v1", "@v1 "), "proof-version"),
        (changed("@v1\n", "@v1\r\n"), "proof-version"),
        (b"c2sp.org/tlog-proof@v1", "proof-lines"),
        (b"c2sp.org/tlog-proof@v1\n", "proof-lines"),
        (b"c2sp.org/tlog-proof@v1\n\n" + CHECKPOINT, "proof-lines"),
        (b"c2sp.org/tlog-proof@v1\nextra /w==\n\n" + CHECKPOINT, "proof-lines"),
        (b"c2sp.org/tlog-proof@v1\nindex 1\n" + LINES[0].encode(), "proof-lines"),
        (changed("index 1", "Index 1"), "proof-lines"),
        (changed("index 1", "index\t1"), "proof-lines"),
        (changed("index 1\n", ""), "proof-lines"),
        (changed("index 1\n", "\nindex 1\n"), "proof-lines"),
        (changed("index 1", "extra AA==\nextra AA==\nindex 1"), "proof-lines"),
        (changed("index 1", "index 1\nextra AA=="), "wrong-base64"),
        (changed("index 1", "extra \nindex 1"), "wrong-length"),
        (changed("index 1", "extra AB==\nindex 1"), "wrong-base64"),
        (changed("index 1", "extra AA\nindex 1"), "wrong-base64"),
        (changed("index 1", "extra é\nindex 1"), "wrong-base64"),
        (changed("index 1", "index 01"), "wrong-number"),
        (changed("index 1", "index +1"), "wrong-number"),
        (changed("index 1", "index -1"), "wrong-number"),
        (changed("index 1", "index "), "wrong-number"),
        (changed("index 1", "index  1"), "wrong-number"),
        (changed("index 1", "index 1 "), "wrong-number"),
        (changed("index 1", f"index {2**63 - 1}"), "wrong-number"),
        (changed("index 1", f"index {2**63}"), "wrong-number"),
        (changed("index 1", "index ١"), "wrong-number"),
        (changed(LINES[0], LINES[0] + " "), "wrong-base64"),
        (changed(LINES[0], LINES[0][:-1]), "wrong-base64"),
        (changed(LINES[0], LINES[0][:-2] + "F="), "wrong-base64"),
        (changed(LINES[0], HASHES[0].hex()), "wrong-length"),
        (changed(LINES[0], "AAAA"), "wrong-length"),
        (changed(LINES[0], "\n" + LINES[0]), "checkpoint-lines"),
        (changed(LINES[1] + "\n\n", LINES[1] + "\n\n\n"), "checkpoint-lines"),
        (changed("index 1\n", "index 1\n" + (LINES[0] + "\n") * 62), "proof-length"),
        (TEXT[: -len(CHECKPOINT)], "no-signature"),
        (TEXT[:-1], "no-signature"),
        (TEXT + b"\n", "no-signature"),
        (TEXT + b"x\n", "signature-line"),
        (changed("\n3\n", "\n03\n"), "wrong-number"),
        (b"x" * (tlogproof.MAX_TLOG_PROOF_BYTES + 1), "proof-too-large"),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_other_bytes_are_no_proofs(data: bytes, code: str) -> None:
    with pytest.raises(InvalidNote) as caught:
        tlogproof.parse_tlog_proof(data)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("index", "hashes", "checkpoint", "extra", "code"),
    [
        (-1, HASHES, CHECKPOINT, None, "wrong-number"),
        (2**63 - 1, HASHES, CHECKPOINT, None, "wrong-number"),
        (1, HASHES * 32, CHECKPOINT, None, "proof-length"),
        (1, (b"\x01" * 31,), CHECKPOINT, None, "wrong-length"),
        (1, (b"\x01" * 33,), CHECKPOINT, None, "wrong-length"),
        (1, HASHES, CHECKPOINT, b"", "wrong-length"),
        (1, HASHES, CHECKPOINT, bytes(tlogproof.MAX_EXTRA_BYTES + 1), "wrong-length"),
        (1, HASHES, b"", None, "no-signature"),
        (1, HASHES, b"\n" + CHECKPOINT, None, "checkpoint-lines"),
    ],
)
def test_there_are_no_other_proofs(
    index: int, hashes: tuple[bytes, ...], checkpoint: bytes, extra: bytes | None, code: str
) -> None:
    with pytest.raises(InvalidNote) as caught:
        TlogProof(index, hashes, checkpoint, extra)
    assert caught.value.code == code


def test_the_largest_proof_comes_back() -> None:
    proof = TlogProof(2**63 - 2, HASHES[:1] * 63, CHECKPOINT, bytes(tlogproof.MAX_EXTRA_BYTES))
    assert tlogproof.parse_tlog_proof(proof.encode()) == proof
