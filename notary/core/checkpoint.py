"""Checkpoints: the text of the note in which a log signs its tree head (C2SP tlog-checkpoint).

Exactly three lines: origin, size, base64 of the root. Extension lines are refused. See ``docs/spec/log.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from notary.core.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE
from notary.core.wire import base64_exact, base64_text, decimal
from notary.errors import InvalidNote

ORIGIN_PATTERN = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*")
MAX_ORIGIN_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head as a log states it; every instance can be written.

    Raises :class:`InvalidNote` on creation (``wrong-origin``, ``wrong-number``, ``wrong-length``, ``empty-root``).
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_origin(self.origin):
            raise InvalidNote(
                f"The origin must match {ORIGIN_PATTERN.pattern} and have at most {MAX_ORIGIN_LENGTH} characters.",
                code="wrong-origin",
                field="origin",
            )
        if not 0 <= self.size <= MAX_SIZE:
            raise InvalidNote("The size must be from 0 to 2^63−1.", code="wrong-number", field="size")
        if len(self.root) != HASH_SIZE:
            raise InvalidNote("The root must have 32 bytes.", code="wrong-length", field="root")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise InvalidNote("The root of an empty tree is SHA-256 of nothing.", code="empty-root", field="root")

    def encode(self) -> bytes:
        """Return the note text: three lines, each ended by LF."""
        return f"{self.origin}\n{self.size}\n{base64_text(self.root)}\n".encode()


def is_origin(text: str) -> bool:
    """Say whether ``text`` can name a log: like a URL without scheme, at most 200 ASCII characters."""
    return len(text) <= MAX_ORIGIN_LENGTH and ORIGIN_PATTERN.fullmatch(text) is not None


# Proofs that are checked one after the other mostly share it.
@lru_cache(maxsize=16)
def parse_checkpoint(text: bytes) -> Checkpoint:
    """Return the checkpoint in a note's text; :meth:`Checkpoint.encode` gives back the same bytes.

    Raises :class:`InvalidNote` (``checkpoint-lines``, ``wrong-number``, ``wrong-base64``, and those of the class).
    """
    # Non-ASCII survives the decoding as characters that none of the fields accepts.
    lines = text.decode("ascii", "replace").split("\n")
    if len(lines) != 4 or lines[3]:
        raise InvalidNote("A checkpoint has three lines, each ended by LF.", code="checkpoint-lines")
    return Checkpoint(
        origin=lines[0],
        size=decimal(lines[1], field="size"),
        root=base64_exact(lines[2], field="root"),
    )
