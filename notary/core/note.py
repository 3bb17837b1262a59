"""Signed notes and the keys that sign them (C2SP signed-note), Ed25519 only.

A note is a text that ends in LF, an empty line, and signature lines ``— <name> base64(key id ‖ signature)``. Reading is
strict: what :func:`parse_note` accepts, :func:`format_note` writes back byte for byte. See ``docs/spec/log.md``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from notary.core import ed25519
from notary.core.wire import base64_exact, base64_text
from notary.errors import IntegrityError, InvalidNote, ProofFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_NOTE_BYTES = 1 << 18
MAX_SIGNATURES = 32
KEY_ID_SIZE = 4
_ED25519 = b"\x01"
_DASH = "—"
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
# Everything but plus, control characters, the code points with the property White_Space, and what UTF-8 cannot hold.
_NAME = re.compile("[^+\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]+")
_KEY_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the name of the key, its 4-byte id, the signature itself (64 bytes for Ed25519)."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was read: nothing about it is verified. ``text`` ends in LF and is exactly what was signed."""

    text: bytes
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """An Ed25519 key by which signature lines are recognised and checked; every instance is a usable one.

    Raises :class:`InvalidNote` on creation (``wrong-name``, ``wrong-length``, ``wrong-key``, ``key-id-mismatch``).
    """

    name: str
    key_id: bytes
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidNote("A key name must not be empty or hold white space or plus.", code="wrong-name")
        ed25519.check_public_key(self.public)
        if self.key_id != key_id(self.name, self.public):
            raise InvalidNote("The key id does not belong to this name and public key.", code="key-id-mismatch")

    def encode(self) -> str:
        """Return the vkey, ``<name>+<key id, 8 hex digits>+base64(0x01 ‖ public)``."""
        return f"{self.name}+{self.key_id.hex()}+{base64_text(_ED25519 + self.public)}"


def key_id(name: str, public: bytes) -> bytes:
    """Return the first 4 bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ public). C2SP signed-note."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass") + b"\n" + _ED25519 + public).digest()[:KEY_ID_SIZE]


def verifier_key(name: str, public: bytes) -> VerifierKey:
    """Return the key with its id computed. Raises :class:`InvalidNote` as :class:`VerifierKey` does."""
    return VerifierKey(name, key_id(name, public), public)


def parse_vkey(vkey: str) -> VerifierKey:
    """Return the key that a vkey names; :meth:`VerifierKey.encode` gives back the same string.

    Raises :class:`InvalidNote` (``wrong-vkey``, ``wrong-base64``, ``wrong-algorithm``, and those of the class).
    """
    name, _, rest = vkey.partition("+")
    identity, plus, encoded = rest.partition("+")
    if not plus or not _KEY_ID.fullmatch(identity):
        raise InvalidNote("A vkey reads <name>+<8 hex digits>+<base64>.", code="wrong-vkey")
    key = base64_exact(encoded, field="vkey")
    if key[:1] != _ED25519:
        raise InvalidNote("Only Ed25519 keys (type 01) are known.", code="wrong-algorithm")
    return VerifierKey(name, bytes.fromhex(identity), key[1:])


# Proofs that are checked one after the other mostly share it.
@lru_cache(maxsize=16)
def parse_note(data: bytes) -> Note:
    """Return the note in ``data``, its signatures unchecked.

    Raises :class:`InvalidNote` (``note-too-large``, ``note-encoding``, ``control-character``, ``no-signature``,
    ``too-many-signatures``, ``signature-line``, ``wrong-base64``, ``wrong-length``, ``duplicate-signature``).
    """
    _check_characters(data)
    # The signatures start after the *last* empty line: the text itself may hold empty lines.
    split = data.rfind(b"\n\n")
    *lines, rest = data[split + 2 :].decode().split("\n") if split >= 0 else [""]
    if rest or not lines:
        raise InvalidNote("A note ends in an empty line and signature lines.", code="no-signature")
    if len(lines) > MAX_SIGNATURES:
        raise InvalidNote(f"A note has at most {MAX_SIGNATURES} signatures.", code="too-many-signatures")
    signatures = tuple(_parse_signature(line) for line in lines)
    if len({(signature.name, signature.key_id) for signature in signatures}) != len(signatures):
        raise InvalidNote("Two signature lines name the same key.", code="duplicate-signature")
    return Note(data[: split + 1], signatures)


def format_note(note: Note) -> bytes:
    """Return the bytes of a note; :func:`parse_note` gives back the same note.

    Raises :class:`InvalidNote` where no such bytes exist: the codes of :func:`parse_note`, or ``wrong-note``.
    """
    lines = (f"{_DASH} {one.name} {base64_text(one.key_id + one.value)}\n" for one in note.signatures)
    data = note.text + b"\n" + "".join(lines).encode("utf-8", "surrogatepass")
    if parse_note(data) != note:
        raise InvalidNote("This text with these signatures cannot be written as a note.", code="wrong-note")
    return data


def verify_note(note: Note, keys: Sequence[VerifierKey], *, strict: bool = False) -> VerifierKey:
    """Return the key of the first signature line that belongs to one of ``keys``; *all* such lines are valid.

    Lines of other keys are passed over, or refused with ``strict`` (for bundles, which hold nothing that is not
    authenticated). Raises :class:`ProofFailed` (``no-known-signature``, ``unknown-signature``, ``bad-signature``) and,
    where two of ``keys`` cannot be told apart, :class:`InvalidNote` (``ambiguous-key``). C2SP signed-note.
    """
    known = {(key.name, key.key_id): key for key in keys}
    if any(known[key.name, key.key_id] != key for key in keys):
        raise InvalidNote("Two keys have the same name and key id.", code="ambiguous-key")
    signers = [known.get((one.name, one.key_id)) for one in note.signatures]
    first = next((signer for signer in signers if signer is not None), None)
    if first is None:
        raise ProofFailed("No signature on the note is by a known key.", code="no-known-signature")
    for signature, signer in zip(note.signatures, signers, strict=True):
        if signer is None:
            if strict:
                raise ProofFailed("The note carries a signature by an unknown key.", code="unknown-signature")
        elif not ed25519.verify(public=signer.public, message=note.text, signature=signature.value):
            raise ProofFailed("A signature by a known key is not valid.", code="bad-signature")
    return first


def sign_note(text: bytes, *, name: str, sign: Callable[[bytes], bytes], public: bytes) -> bytes:
    """Return the bytes of a note with one signature, made by ``sign`` (message in, 64 bytes out) and checked.

    Raises :class:`InvalidNote` for a text, name or key that no note can carry, and :class:`IntegrityError`
    (``bad-signature``) when ``sign`` did not sign with the private key of ``public``.
    """
    key = verifier_key(name, public)
    note = Note(text, (Signature(name, key.key_id, sign(text)),))
    try:
        verify_note(note, [key], strict=True)
    except ProofFailed:
        raise IntegrityError("The signer returned a wrong signature.", code="bad-signature") from None
    return format_note(note)


def _check_characters(data: bytes) -> None:
    if len(data) > MAX_NOTE_BYTES:
        raise InvalidNote(f"The note has {len(data)} bytes; the limit is {MAX_NOTE_BYTES}.", code="note-too-large")
    if control := _CONTROL.search(data):
        raise InvalidNote(
            "A note holds no control character but LF.", code="control-character", position=control.start()
        )
    try:
        data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise InvalidNote("A note must be UTF-8.", code="note-encoding", position=error.start) from None


def _parse_signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH or not _NAME.fullmatch(parts[1]):
        raise InvalidNote("A signature line reads — <name> <base64>.", code="signature-line")
    value = base64_exact(parts[2], field="signature")
    if len(value) <= KEY_ID_SIZE:
        raise InvalidNote("A signature line holds a key id and a signature.", code="wrong-length", field="signature")
    return Signature(parts[1], value[:KEY_ID_SIZE], value[KEY_ID_SIZE:])
