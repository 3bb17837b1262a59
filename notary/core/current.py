"""The log's signed statement of which entry is the latest revision of a document, at some size of the log.

It is a signed note of seven lines, signed with a key that signs checkpoints. It cannot pass for a checkpoint, nor a
checkpoint for it: the third line of a checkpoint is base64, while the third line here always holds a space, and the
first line here is a fixed tag. See ``docs/spec/record.md`` §10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notary.core.checkpoint import MAX_ORIGIN_LENGTH, ORIGIN_PATTERN
from notary.core.jcs import MAX_INTEGER
from notary.core.note import VerifierKey, parse_note, verify_note
from notary.core.record import DOCUMENT_PATTERN, MAX_TIME, PUBLISHER_PATTERN
from notary.core.wire import base64_exact, base64_text, decimal
from notary.errors import InvalidNote

TAG = "notary-current/1"

_LEAF = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentStatement:
    """At ``time`` (ms since the epoch) and ``size`` (with ``root``) the last revision has the leaf hash ``latest``.

    A document belongs to a publisher: another publisher's document of the same name is another document.
    """

    origin: str
    publisher: str
    document: str
    latest: bytes
    size: int
    root: bytes
    time: int

    def encode(self) -> bytes:
        """Return the text of the note, to be signed.

        Raises :class:`InvalidNote` where the statement was made by hand and breaks a rule.
        """
        lines = (
            TAG,
            self.origin,
            f"{self.publisher} {self.document}",
            self.latest.hex(),
            str(self.size),
            base64_text(self.root),
            str(self.time),
        )
        text = "".join(f"{line}\n" for line in lines).encode()
        parse_current(text)
        return text


def parse_current(text: bytes) -> CurrentStatement:
    """Return the statement whose :meth:`CurrentStatement.encode` is exactly ``text``.

    Raises :class:`InvalidNote`: ``current-tag`` for another kind of note, ``current-lines``; ``wrong-form``,
    ``wrong-number``, ``out-of-range``, ``wrong-base64`` and ``wrong-length`` with the ``field``.
    """
    # Non-ASCII survives the decoding as characters that none of the lines accepts.
    lines = text.decode("ascii", "replace").split("\n")
    if lines[0] != TAG:
        raise InvalidNote(f"The note is not a {TAG} statement.", code="current-tag")
    if len(lines) != 8 or lines[7]:
        raise InvalidNote("A statement of the latest revision has seven lines, each ended by LF.", code="current-lines")
    publisher, _, document = lines[2].partition(" ")
    if len(lines[1]) > MAX_ORIGIN_LENGTH:
        raise _wrong("origin")
    return CurrentStatement(
        origin=_match("origin", lines[1], ORIGIN_PATTERN),
        publisher=_match("publisher", publisher, PUBLISHER_PATTERN),
        document=_match("document", document, DOCUMENT_PATTERN),
        latest=bytes.fromhex(_match("latest", lines[3], _LEAF)),
        size=_number("size", lines[4], low=1, high=MAX_INTEGER),
        root=base64_exact(lines[5], field="root", size=32),
        time=_number("time", lines[6], low=0, high=MAX_TIME),
    )


def verify_current(statement: bytes, *, keys_for: Callable[[int], Sequence[VerifierKey]]) -> CurrentStatement:
    """Return the statement in a signed note, after checking that its log signed it.

    ``keys_for`` returns the keys that may sign at a tree size; only those that bear the statement's origin as their
    name are used. Raises :class:`InvalidNote` for a malformed note or statement, :class:`ProofFailed` for a signature
    that does not verify, an unknown signer (``no-known-signature``), or a signature line of an unknown key.
    """
    note = parse_note(statement)
    current = parse_current(note.text)
    keys = [key for key in keys_for(current.size) if key.name == current.origin]
    verify_note(note, keys, strict=True)
    return current


def _match(field: str, value: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(value):
        raise _wrong(field)
    return value


def _number(field: str, value: str, *, low: int, high: int) -> int:
    number = decimal(value, field=field)
    if not low <= number <= high:
        raise InvalidNote(f"{field} must be within {low} and {high}.", code="out-of-range", field=field)
    return number


def _wrong(field: str) -> InvalidNote:
    return InvalidNote(f"The {field} of the statement is malformed.", code="wrong-form", field=field)
