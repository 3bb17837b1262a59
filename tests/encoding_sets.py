"""The sets of byte sequences over which decoders are held against each other, and the digest of what they make of them.

tests/js/encoding.test.js has the same sets; docs/spec/encoding.md describes them.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# Bytes on both sides of every border that the decoders know.
THREE = bytes.fromhex("002f30393a40417e7f80818f909fa0bfc1c2d8dcdfe0edeff4fe")
FOUR = bytes.fromhex("303980818f90bfd8dcf0f4fe")

SETS: dict[str, Callable[[], Iterable[bytes]]] = {
    "one": lambda: (bytes([byte]) for byte in range(0x100)),
    "two": lambda: (bytes(pair) for pair in product(range(0x100), repeat=2)),
    "three": lambda: (bytes(triple) for triple in product(THREE, repeat=3)),
    "four": lambda: (bytes(quadruple) for quadruple in product(FOUR, repeat=4)),
    "gb18030-four": lambda: map(gb18030_four, gb18030_pointers()),
}


def gb18030_pointers() -> Iterator[int]:
    """Number the four-byte sequences: all that stand for the BMP, and every 61st of those that come after."""
    yield from range(39_500)
    yield from range(39_500, 1_587_600, 61)
    for border in (189_000, 1_237_576):
        yield from range(border - 5, border + 5)


def gb18030_four(pointer: int) -> bytes:
    """Return the four-byte sequence of a number."""
    return bytes(
        [
            0x81 + pointer // 12_600,
            0x30 + pointer // 1_260 % 10,
            0x81 + pointer // 10 % 126,
            0x30 + pointer % 10,
        ]
    )


def digest(name: str, decode: Callable[[bytes], str | int]) -> str:
    """Hash what becomes of each sequence of a set: the characters as hexadecimal UTF-8, or ``-`` and the position."""
    results = (decode(sequence) for sequence in SETS[name]())
    lines = (f"-{result}\n" if isinstance(result, int) else f"{result.encode().hex()}\n" for result in results)
    return sha256("".join(lines).encode()).hexdigest()
