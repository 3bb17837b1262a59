"""Signed notes: one spelling each, nothing accepted that a known key did not sign."""

from __future__ import annotations

import base64
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from notary.core import note
from notary.core.note import Note, Signature, VerifierKey
from notary.errors import IntegrityError, InvalidNote, ProofFailed

# The key and note in the documentation of Go's note package.
NEUMANN_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
NEUMANN_TEXT = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NEUMANN_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NEUMANN_NOTE = NEUMANN_TEXT + f"\n— PeterNeumann {NEUMANN_SIGNATURE}\n".encode()

PRIVATE = [Ed25519PrivateKey.from_private_bytes(bytes([i] * 32)) for i in range(3)]
PUBLIC = [private.public_key().public_bytes_raw() for private in PRIVATE]
NAMES = ["notary.example/log", "witness.example", "übung.example/ñ"]
KEYS = [note.verifier_key(name, public) for name, public in zip(NAMES, PUBLIC, strict=True)]
TEXT = b"first line\n\nthird line\n"


def signature(i: int, text: bytes = TEXT) -> Signature:
    return Signature(KEYS[i].name, KEYS[i].key_id, PRIVATE[i].sign(text))


def test_the_note_of_the_go_documentation() -> None:
    key = note.parse_vkey(NEUMANN_VKEY)
    assert key.name == "PeterNeumann"
    assert key.key_id == bytes.fromhex("c74f20a3")
    assert key.encode() == NEUMANN_VKEY
    parsed = note.parse_note(NEUMANN_NOTE)
    assert parsed.text == NEUMANN_TEXT
    assert note.verify_note(parsed, [key], strict=True) == key
    assert note.format_note(parsed) == NEUMANN_NOTE
    private = Ed25519PrivateKey.from_private_bytes(NEUMANN_SEED)
    assert note.sign_note(NEUMANN_TEXT, name=key.name, sign=private.sign, public=key.public) == NEUMANN_NOTE


def test_no_flipped_bit_of_a_note_verifies() -> None:
    key = note.parse_vkey(NEUMANN_VKEY)
    for bit in range(8 * len(NEUMANN_NOTE)):
        changed = bytearray(NEUMANN_NOTE)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((InvalidNote, ProofFailed)):
            note.verify_note(note.parse_note(bytes(changed)), [key])


def test_no_part_of_a_vkey_is_a_vkey() -> None:
    for start in range(len(NEUMANN_VKEY) + 1):
        for end in range(start, len(NEUMANN_VKEY) + 1):
            if end - start < len(NEUMANN_VKEY):
                with pytest.raises(InvalidNote):
                    note.parse_vkey(NEUMANN_VKEY[start:end])
    for bit in range(7 * len(NEUMANN_VKEY)):
        at = bit // 7
        changed = NEUMANN_VKEY[:at] + chr(ord(NEUMANN_VKEY[at]) ^ 1 << bit % 7) + NEUMANN_VKEY[at + 1 :]
        with pytest.raises(InvalidNote):
            note.parse_vkey(changed)


@given(st.text(max_size=20), st.sampled_from(PUBLIC))
def test_vkeys_come_back(name: str, public: bytes) -> None:
    if re.fullmatch(r"[^\s+\x00-\x20]+", name):
        key = note.verifier_key(name, public)
        assert note.parse_vkey(key.encode()) == key
    else:
        with pytest.raises(InvalidNote):
            note.verifier_key(name, public)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\nb", "a\u00a0b", "a\u2028", "\u3000", "\x00", "\ud800"])
def test_names_that_no_key_has(name: str) -> None:
    with pytest.raises(InvalidNote) as caught:
        note.verifier_key(name, PUBLIC[0])
    assert caught.value.code == "wrong-name"


@pytest.mark.parametrize(
    ("public", "code"),
    [
        (b"", "wrong-length"),
        (PUBLIC[0][:31], "wrong-length"),
        (PUBLIC[0] + b"\0", "wrong-length"),
        (bytes(32), "wrong-key"),
        (b"\x01" + bytes(31), "wrong-key"),
        (b"\xff" * 32, "wrong-key"),
        (b"\x02" + bytes(31), "wrong-key"),
    ],
)
def test_public_keys_that_no_key_has(public: bytes, code: str) -> None:
    with pytest.raises(InvalidNote) as caught:
        note.verifier_key("name", public)
    assert caught.value.code == code


def test_a_key_has_the_id_of_its_name_and_public_key() -> None:
    with pytest.raises(InvalidNote) as caught:
        VerifierKey(NAMES[1], KEYS[0].key_id, PUBLIC[0])
    assert caught.value.code == "key-id-mismatch"


names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="+"), min_size=1, max_size=12)
signatures = st.builds(Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))
texts = st.text(st.one_of(st.just("\n"), st.characters(exclude_categories=["Cs", "Cc"])), max_size=60).map(
    lambda text: (text + "\n").encode()
)
notes = st.builds(
    Note,
    texts,
    st.lists(signatures, min_size=1, max_size=5, unique_by=lambda one: (one.name, one.key_id)).map(tuple),
)


@given(notes)
def test_notes_come_back(value: Note) -> None:
    data = note.format_note(value)
    assert note.parse_note(data) == value


@settings(max_examples=300)
@given(notes, st.data())
def test_bytes_that_parse_are_the_bytes_that_are_written(value: Note, data: st.DataObject) -> None:
    encoded = bytearray(note.format_note(value))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(encoded) - 1))
        encoded[at : at + data.draw(st.integers(0, 1))] = data.draw(st.binary(max_size=2))
    try:
        parsed = note.parse_note(bytes(encoded))
    except InvalidNote:
        return
    assert note.format_note(parsed) == encoded


@given(st.binary(max_size=200))
def test_anything_is_a_note_or_an_invalid_one(data: bytes) -> None:
    with pytest.raises(InvalidNote):
        note.parse_note(data)


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\n\n", b"\n\n\n", b"text\n", b"text\n\n", "text\n— a AAAAAAA=\n".encode()]
)
def test_a_note_has_a_signature(data: bytes) -> None:
    with pytest.raises(InvalidNote) as caught:
        note.parse_note(data)
    assert caught.value.code == "no-signature"


def test_the_text_of_a_note_may_be_an_empty_line_or_look_like_a_signature() -> None:
    for text in (b"\n", b"\n\n", "a\n\n— b AAAAAAA=\n".encode()):
        signed = note.sign_note(text, name=NAMES[0], sign=PRIVATE[0].sign, public=PUBLIC[0])
        assert note.parse_note(signed).text == text
        assert note.verify_note(note.parse_note(signed), KEYS) == KEYS[0]


@pytest.mark.parametrize("control", [c for c in range(32) if c != 10])
def test_control_characters_are_refused_wherever_they_are(control: int) -> None:
    for at in (0, 5, NEUMANN_NOTE.index(b"Peter"), len(NEUMANN_NOTE) - 1, len(NEUMANN_NOTE)):
        with pytest.raises(InvalidNote) as caught:
            note.parse_note(NEUMANN_NOTE[:at] + bytes([control]) + NEUMANN_NOTE[at:])
        assert (caught.value.code, caught.value.position) == ("control-character", at)


def test_a_note_is_utf8() -> None:
    for wrong in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80"):
        with pytest.raises(InvalidNote) as caught:
            note.parse_note(b"ab" + wrong + NEUMANN_NOTE)
        assert (caught.value.code, caught.value.position) == ("note-encoding", 2)


def test_notes_and_signatures_are_bounded() -> None:
    def numbered(count: int) -> Note:
        return Note(TEXT, tuple(Signature("n", i.to_bytes(4, "big"), b"x") for i in range(count)))

    assert len(note.parse_note(note.format_note(numbered(note.MAX_SIGNATURES))).signatures) == note.MAX_SIGNATURES
    with pytest.raises(InvalidNote) as caught:
        note.format_note(numbered(note.MAX_SIGNATURES + 1))
    assert caught.value.code == "too-many-signatures"

    room = note.MAX_NOTE_BYTES - (len(NEUMANN_NOTE) - len(NEUMANN_TEXT)) - 1
    parsed = note.parse_note(NEUMANN_NOTE)
    assert len(note.format_note(Note(b"x" * room + b"\n", parsed.signatures))) == note.MAX_NOTE_BYTES
    with pytest.raises(InvalidNote) as caught:
        note.format_note(Note(b"x" * (room + 1) + b"\n", parsed.signatures))
    assert caught.value.code == "note-too-large"


LINE = "— witness.example AAAAAAA="


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", "no-signature"),
        ("x", "signature-line"),
        ("—", "signature-line"),
        ("— ", "signature-line"),
        (LINE[1:], "signature-line"),
        ("-" + LINE[1:], "signature-line"),
        ("–" + LINE[1:], "signature-line"),
        (" " + LINE, "signature-line"),
        (LINE + " ", "signature-line"),
        (LINE + " x", "signature-line"),
        (LINE.replace(" ", "  "), "signature-line"),
        (LINE.replace(" ", "\u00a0"), "signature-line"),
        ("—  AAAAAAA=", "signature-line"),
        ("— a+b AAAAAAA=", "signature-line"),
        ("— a\u2003b AAAAAAA=", "signature-line"),
        ("— witness.example ", "wrong-length"),
        ("— witness.example AAAAAA==", "wrong-length"),
        ("— witness.example AAAAAAA", "wrong-base64"),
        ("— witness.example AAAAAAB=", "wrong-base64"),
        ("— witness.example AAAAAAA==", "wrong-base64"),
        ("— witness.example AAA=AAA=", "wrong-base64"),
        ("— witness.example AAAA-_A=", "wrong-base64"),
        ("— witness.example AAAAAAA=é", "wrong-base64"),
        (LINE + "\n\n" + LINE, None),
        (LINE + "\n" + LINE, "duplicate-signature"),
        (LINE + "\n— witness.example AAAAAAE=", "duplicate-signature"),
        (LINE + "\n— witness.example AAAAAQA=", None),
        (LINE + "\n— witness2.example AAAAAAA=", None),
    ],
)
def test_signature_lines(line: str, code: str | None) -> None:
    data = b"text\n\n" + line.encode() + b"\n"
    if code is None:
        assert note.format_note(note.parse_note(data)) == data
        return
    with pytest.raises(InvalidNote) as caught:
        note.parse_note(data)
    assert caught.value.code == code


@pytest.mark.parametrize("data", [NEUMANN_NOTE[:-1], f"text\n\n{LINE}\n{LINE}".encode(), NEUMANN_NOTE + b"x"])
def test_the_last_line_ends_too(data: bytes) -> None:
    with pytest.raises(InvalidNote) as caught:
        note.parse_note(data)
    assert caught.value.code == "no-signature"


@pytest.mark.parametrize(
    "value",
    [
        Note(b"no line end", (signature(0),)),
        Note(b"", (signature(0),)),
        Note(TEXT, ()),
        Note(b"\xff\n", (signature(0),)),
        Note(b"\t\n", (signature(0),)),
        Note(TEXT, (Signature("a b", b"1234", b"x"),)),
        Note(TEXT, (Signature("a\n— b", b"1234", b"x"),)),
        Note(TEXT, (Signature("\ud800", b"1234", b"x"),)),
        Note(TEXT, (Signature("a", b"123", b"xyz"),)),
        Note(TEXT, (Signature("a", b"1234", b""),)),
        Note(TEXT, (signature(0), signature(0))),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_what_cannot_be_read_is_not_written(value: Note) -> None:
    with pytest.raises(InvalidNote):
        note.format_note(value)


def test_signers_are_found_among_unknown_keys() -> None:
    value = Note(TEXT, (signature(2), signature(1), signature(0)))
    assert note.verify_note(value, [KEYS[0]]) == KEYS[0]
    assert note.verify_note(value, [KEYS[0], KEYS[1]]) == KEYS[1]
    assert note.verify_note(value, [KEYS[0], KEYS[0]]) == KEYS[0]
    assert note.verify_note(value, KEYS, strict=True) == KEYS[2]


def failure(value: Note, keys: list[VerifierKey], *, strict: bool = False) -> str:
    with pytest.raises(ProofFailed) as caught:
        note.verify_note(value, keys, strict=strict)
    return caught.value.code


def test_a_note_without_a_known_signature_fails() -> None:
    assert failure(Note(TEXT, (signature(1),)), [KEYS[0]]) == "no-known-signature"
    assert failure(Note(TEXT, (signature(1),)), [KEYS[0]], strict=True) == "no-known-signature"
    assert failure(Note(TEXT, (signature(1),)), []) == "no-known-signature"
    # The same key under another name, or another id with the same name, is another key.
    renamed = Signature(NAMES[1], KEYS[0].key_id, PRIVATE[0].sign(TEXT))
    assert failure(Note(TEXT, (renamed,)), KEYS) == "no-known-signature"
    other_id = Signature(NAMES[0], KEYS[1].key_id, PRIVATE[0].sign(TEXT))
    assert failure(Note(TEXT, (other_id,)), KEYS) == "no-known-signature"


def test_strictly_every_line_is_by_a_known_key() -> None:
    for lines in ((signature(0), signature(1)), (signature(1), signature(0))):
        assert note.verify_note(Note(TEXT, lines), [KEYS[0]]) == KEYS[0]
        assert failure(Note(TEXT, lines), [KEYS[0]], strict=True) == "unknown-signature"


@pytest.mark.parametrize(
    "value",
    [
        PRIVATE[1].sign(TEXT),
        PRIVATE[0].sign(TEXT + b"\n"),
        PRIVATE[0].sign(TEXT)[:63],
        PRIVATE[0].sign(TEXT) + b"\0",
        bytes(64),
        b"x",
    ],
)
def test_every_signature_of_a_known_key_must_be_valid(value: bytes) -> None:
    bad = Signature(NAMES[0], KEYS[0].key_id, value)
    assert failure(Note(TEXT, (bad,)), [KEYS[0]]) == "bad-signature"
    # A valid one does not make up for it, in whatever order.
    assert failure(Note(TEXT, (bad, signature(1))), KEYS) == "bad-signature"
    assert failure(Note(TEXT, (signature(1), bad)), KEYS) == "bad-signature"
    assert note.verify_note(Note(TEXT, (signature(1), bad)), [KEYS[1]]) == KEYS[1]


def test_keys_that_cannot_be_told_apart_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two public keys with the same 4-byte id take 2^32 hashes to find; here ids are made equal.
    monkeypatch.setattr(note, "key_id", lambda _name, _public: b"same")
    keys = [VerifierKey("name", b"same", public) for public in PUBLIC[:2]]
    with pytest.raises(InvalidNote) as caught:
        note.verify_note(Note(TEXT, (signature(0),)), keys)
    assert caught.value.code == "ambiguous-key"


def test_a_wrong_signer_is_found_out() -> None:
    for sign in (PRIVATE[1].sign, lambda _text: b"", lambda _text: bytes(64)):
        with pytest.raises(IntegrityError) as caught:
            note.sign_note(TEXT, name=NAMES[0], sign=sign, public=PUBLIC[0])
        assert caught.value.code == "bad-signature"


@pytest.mark.parametrize("text", [b"", b"no line end", b"\xff\n", b"tab\t\n", b"\r\n"])
def test_texts_that_no_note_has_are_not_signed(text: bytes) -> None:
    with pytest.raises(InvalidNote):
        note.sign_note(text, name=NAMES[0], sign=PRIVATE[0].sign, public=PUBLIC[0])
