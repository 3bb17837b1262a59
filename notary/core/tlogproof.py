"""Offline proofs that an entry is in a log: ``c2sp.org/tlog-proof@v1``.

An inclusion proof and the signed checkpoint to which it leads, in one text. Reading checks the form of every part,
the checkpoint's included, and verifies nothing. See ``docs/spec/log.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

from notary.core.checkpoint import parse_checkpoint
from notary.core.merkle import HASH_SIZE, MAX_PROOF_LENGTH, MAX_SIZE
from notary.core.note import MAX_NOTE_BYTES, parse_note
from notary.core.wire import base64_exact, base64_text, decimal, hashes_exact
from notary.errors import InvalidNote

MAX_EXTRA_BYTES = 1 << 16
MAX_TLOG_PROOF_BYTES = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES
_VERSION = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An inclusion proof (sibling of the leaf first) and the signed checkpoint as bytes; every instance can be written.

    ``extra`` is nobody's statement: it is not authenticated. Raises :class:`InvalidNote` on creation: ``wrong-number``,
    ``proof-length``, ``wrong-length``, and the codes of :func:`parse_note` and :func:`parse_checkpoint`.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        # 2^63−1 is the largest *size*, so an index stays below it.
        if not 0 <= self.index < MAX_SIZE:
            raise InvalidNote("The index must be from 0 to 2^63−2.", code="wrong-number", field="index")
        if len(self.hashes) > MAX_PROOF_LENGTH:
            raise InvalidNote(f"A proof has at most {MAX_PROOF_LENGTH} hashes.", code="proof-length", field="hashes")
        if any(len(one) != HASH_SIZE for one in self.hashes):
            raise InvalidNote("A hash must have 32 bytes.", code="wrong-length", field="hashes")
        if self.extra is not None and not 0 < len(self.extra) <= MAX_EXTRA_BYTES:
            raise InvalidNote(f"Extra data must have 1 to {MAX_EXTRA_BYTES} bytes.", code="wrong-length", field="extra")
        parse_checkpoint(parse_note(self.checkpoint).text)

    def encode(self) -> bytes:
        """Return the bytes of the proof."""
        lines = [_VERSION]
        if self.extra is not None:
            lines.append(f"extra {base64_text(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(base64_text(one) for one in self.hashes)
        return "\n".join([*lines, "", ""]).encode("ascii") + self.checkpoint


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Return the proof in ``data``; :meth:`TlogProof.encode` gives back the same bytes.

    Raises :class:`InvalidNote` (``proof-too-large``, ``proof-version``, ``proof-lines``, ``wrong-number``,
    ``wrong-base64``, and those of the class).
    """
    if len(data) > MAX_TLOG_PROOF_BYTES:
        raise InvalidNote(
            f"The proof has {len(data)} bytes; the limit is {MAX_TLOG_PROOF_BYTES}.", code="proof-too-large"
        )
    head, blank, checkpoint = data.partition(b"\n\n")
    # Non-ASCII survives the decoding as characters that none of the fields accepts.
    lines = head.decode("ascii", "replace").split("\n")
    if lines.pop(0) != _VERSION:
        raise InvalidNote(f"The first line must be {_VERSION}.", code="proof-version")
    extra = base64_exact(lines.pop(0)[6:], field="extra") if lines and lines[0].startswith("extra ") else None
    if not blank or not lines or not lines[0].startswith("index "):
        raise InvalidNote("A proof has an index, its hashes, an empty line, a checkpoint.", code="proof-lines")
    index = decimal(lines.pop(0)[6:], field="index")
    hashes = hashes_exact(lines, field="hashes")
    return TlogProof(index=index, hashes=hashes, checkpoint=checkpoint, extra=extra)
