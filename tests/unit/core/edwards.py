"""The curve of Ed25519 by the formulas of RFC 8032 §5.1, on affine points: slow, for making hostile signatures."""

from __future__ import annotations

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]
NEUTRAL: Point = (0, 1)


def add(a: Point, b: Point) -> Point:
    product = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P)
    return x % P, y % P


def multiply(scalar: int, point: Point) -> Point:
    result = NEUTRAL
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def with_y(y: int, sign: int = 0) -> Point | None:
    """The point with this y whose x has this lowest bit, None where the curve has none."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    if root * root % P != square:
        return None
    return (root if root & 1 == sign else -root % P), y


def encode(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(encoded: bytes) -> Point | None:
    number = int.from_bytes(encoded, "little")
    return with_y(number & (2**255 - 1), number >> 255)


def challenge(r: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L


def base() -> Point:
    point = with_y(4 * pow(5, -1, P) % P)
    assert point is not None
    return point


BASE = base()


def small_order() -> list[Point]:
    """The eight points whose order divides 8: what multiplying by the prime order leaves of points in general."""
    found: set[Point] = set()
    y = 2
    while len(found) < 8:
        point = with_y(y)
        if point is not None:
            found.update(multiply(i, multiply(L, point)) for i in range(8))
        y += 1
    return sorted(found)


def sign(secret: int, public: bytes, message: bytes, *, nonce: int, torsion: Point = NEUTRAL) -> bytes:
    """A signature for a bare secret scalar, with ``torsion`` added to R."""
    r = encode(add(multiply(nonce, BASE), torsion))
    s = (nonce + challenge(r, public, message) * secret) % L
    return r + s.to_bytes(32, "little")
