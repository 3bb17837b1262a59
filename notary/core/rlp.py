"""Recursive Length Prefix, Ethereum's serialisation, in its one canonical form.

An item is a byte string or a list of items. Every item has exactly one encoding, and :func:`decode` accepts no other: a
byte below 0x80 stands for itself, lengths are written in the fewest bytes, nothing follows the item. So *decode then
encode* gives back the same bytes, for everything that decodes. See ``docs/spec/anchor.md``, "RLP".
"""

from __future__ import annotations

from typing import TypeAlias

from notary.errors import InvalidRlp

Rlp: TypeAlias = "bytes | list[Rlp]"

MAX_DEPTH = 64


def decode(data: bytes, *, max_depth: int = MAX_DEPTH) -> Rlp:
    """Return the one item that ``data`` is the canonical encoding of; lists nest at most ``max_depth`` deep.

    Raises :class:`InvalidRlp` (codes ``rlp-truncated``, ``rlp-trailing-bytes``, ``rlp-not-canonical``, ``rlp-depth``)
    with the offset of the offending item in ``position``.
    """
    is_list, start, end = _head(data, 0, len(data))
    if end != len(data):
        raise InvalidRlp("Bytes follow the RLP item.", code="rlp-trailing-bytes", position=end)
    return _items(data, start, end, max_depth) if is_list else data[start:end]


def encode(item: Rlp) -> bytes:
    """Return the canonical encoding of ``item``."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _prefix(0x80, len(item)) + item
    payload = b"".join([encode(child) for child in item])
    return _prefix(0xC0, len(payload)) + payload


def encode_integer(value: int) -> bytes:
    """Return the byte string (not yet an encoded item) of a non-negative integer: big-endian, no leading zero byte."""
    if value < 0:
        raise InvalidRlp("RLP has no negative integers.", code="rlp-integer")
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def decode_integer(item: Rlp, *, bits: int, field: str) -> int:
    """Return the integer below 2^``bits`` that a byte string stands for.

    Raises :class:`InvalidRlp` (``rlp-integer``) for a list, a leading zero byte or a larger number.
    """
    if not isinstance(item, bytes) or item[:1] == b"\0":
        raise InvalidRlp(f"{field} must be an integer without leading zero bytes.", code="rlp-integer", field=field)
    value = int.from_bytes(item, "big")
    if value >> bits:
        raise InvalidRlp(f"{field} must be below 2^{bits}.", code="rlp-integer", field=field)
    return value


def _items(data: bytes, at: int, end: int, depth: int) -> list[Rlp]:
    if depth <= 0:
        raise InvalidRlp("RLP lists are nested too deep.", code="rlp-depth", position=at)
    items: list[Rlp] = []
    while at < end:
        # Strings of 2 to 55 bytes, which is most of what there is, need no further checks.
        stop = at + data[at] - 0x7F
        if 0x82 <= data[at] < 0xB8 and stop <= end:
            items.append(data[at + 1 : stop])
            at = stop
            continue
        is_list, start, stop = _head(data, at, end)
        items.append(_items(data, start, stop, depth - 1) if is_list else data[start:stop])
        at = stop
    return items


def _head(data: bytes, at: int, limit: int) -> tuple[bool, int, int]:
    """Read the prefix of the item at ``at``: whether it is a list, and where its payload starts and ends."""
    if at >= limit:
        raise InvalidRlp("The RLP item is empty or cut off.", code="rlp-truncated", position=at)
    first = data[at]
    if first < 0x80:
        return False, at, at + 1
    is_list = first >= 0xC0
    short = first - (0xC0 if is_list else 0x80)
    start = at + 1
    if short < 56:
        size = short
        if first == 0x81 and start < limit and data[start] < 0x80:
            raise InvalidRlp("A byte below 0x80 must stand for itself.", code="rlp-not-canonical", position=at)
    else:
        width = short - 55
        start += width
        if start > limit:
            raise InvalidRlp("An RLP length is cut off.", code="rlp-truncated", position=at)
        size = int.from_bytes(data[at + 1 : start], "big")
        if size < 56 or data[at + 1] == 0:
            raise InvalidRlp("An RLP length is not in its shortest form.", code="rlp-not-canonical", position=at)
    if start + size > limit:
        raise InvalidRlp("An RLP item reaches beyond its end.", code="rlp-truncated", position=at)
    return is_list, start, start + size


def _prefix(offset: int, size: int) -> bytes:
    if size < 56:
        return bytes((offset + size,))
    width = (size.bit_length() + 7) // 8
    return bytes((offset + 55 + width,)) + size.to_bytes(width, "big")
