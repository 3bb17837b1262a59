"""A stream as lines, read as it comes and in bounded memory, whatever is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank, without its line end; ``number`` counts all lines from 1.

    ``data`` is None where the line is longer than the limit; then nothing of it was kept.
    """

    number: int
    data: bytes | None


def read_lines(read: Callable[[int], bytes], *, max_bytes: int, max_lines: int) -> Iterator[list[Line]]:
    """Yield the lines of a stream in lists of at most ``max_lines``, each as soon as a chunk of the stream is read.

    ``read(n)`` returns up to ``n`` bytes and none at the end. A line ends at LF; the last one need not. At most
    ``max_bytes`` of a line, and one chunk, are held at a time.
    """
    number = 1
    held = bytearray()
    too_long = False
    found: list[Line] = []

    def end() -> None:
        nonlocal number, too_long
        if too_long or held.strip():
            found.append(Line(number, None if too_long else bytes(held)))
        number += 1
        too_long = False
        held.clear()

    while chunk := read(CHUNK):
        pieces = chunk.split(b"\n")
        for i, piece in enumerate(pieces):
            if too_long or len(held) + len(piece) > max_bytes:
                too_long = True
                held.clear()
            else:
                held += piece
            if i < len(pieces) - 1:
                end()
            if len(found) >= max_lines:
                yield found
                found = []
        if found:
            yield found
            found = []
    end()
    if found:
        yield found
