"""Recover who signed: ECDSA over secp256k1 as Ethereum uses it. Checking only; nothing here touches a secret.

Written out in a hundred lines because verifying must not import a signing library. Points are in Jacobian coordinates:
(X, Y, Z) stands for (X/Z², Y/Z³), Z = 0 for the point at infinity. Sources: SEC 1 v2 §4.1.6 (recovering the key), SEC 2
v2 §2.4.1 (the curve), EIP-2 (low s), the Ethereum yellow paper, appendix F (the address).
"""

from __future__ import annotations

from typing import TypeAlias

from notary.core.keccak import keccak256
from notary.errors import ProofFailed

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
GX = 0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798
GY = 0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8

_Point: TypeAlias = tuple[int, int, int]
_INFINITY: _Point = (1, 1, 0)
_G: _Point = (GX, GY, 1)


def recover(digest: bytes, signature: bytes) -> bytes:
    """Return the 20-byte address whose key signed the 32-byte ``digest``; ``signature`` is r ‖ s ‖ v, v 27 or 28.

    Raises :class:`ProofFailed`: ``signature-length``, ``signature-v``, ``signature-range`` (r or s is 0, or not below
    the group's order), ``signature-high-s`` (the twin of a signature, which anyone can make), ``signature-invalid``.
    """
    if len(digest) != 32 or len(signature) != 65:
        raise ProofFailed("A signature has 65 bytes, over a digest of 32.", code="signature-length")
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    if v not in {27, 28}:
        raise ProofFailed(f"A signature ends in 27 or 28, not in {v}.", code="signature-v")
    if not (0 < r < N and 0 < s < N):
        raise ProofFailed("The signature's numbers are out of range.", code="signature-range")
    if s > N // 2:
        raise ProofFailed("The signature has the upper of its two forms (high s).", code="signature-high-s")
    inverse = pow(r, -1, N)
    e = int.from_bytes(digest, "big")
    point = _affine(_combine(-e * inverse % N, s * inverse % N, _lift(r, odd=v == 28)))
    if point is None:
        raise _invalid()
    x, y = point
    return keccak256(x.to_bytes(32, "big") + y.to_bytes(32, "big"))[12:]


def _invalid() -> ProofFailed:
    return ProofFailed("No key can have made this signature.", code="signature-invalid")


def _lift(x: int, *, odd: bool) -> _Point:
    """Return the point of the curve with that x and parity of y."""
    square = (x * x * x + 7) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        raise _invalid()
    return x, y if y % 2 == odd else P - y, 1


def _combine(a: int, b: int, point: _Point) -> _Point:
    """Return a·G + b·point, walking both numbers at once."""
    table = (None, _G, point, _add(_G, point))
    result = _INFINITY
    for i in range(255, -1, -1):
        result = _double(result)
        addend = table[(a >> i & 1) | (b >> i & 1) << 1]
        if addend is not None:
            result = _add(result, addend)
    return result


def _double(point: _Point) -> _Point:
    # No point of this curve has y = 0 (its order is odd), and Z = 0 stays Z = 0: no special cases.
    x, y, z = point
    y2 = y * y % P
    d = 4 * x * y2 % P
    m = 3 * x * x % P
    x3 = (m * m - 2 * d) % P
    return x3, (m * (d - x3) - 8 * y2 * y2) % P, 2 * y * z % P


def _add(left: _Point, right: _Point) -> _Point:
    x1, y1, z1 = left
    x2, y2, z2 = right
    if z1 == 0:
        return right
    if z2 == 0:
        return left
    z1z1, z2z2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * z2z2 % P, x2 * z1z1 % P
    s1, s2 = y1 * z2 * z2z2 % P, y2 * z1 * z1z1 % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if h == 0:
        return _double(left) if r == 0 else _INFINITY
    h2 = h * h % P
    h3 = h * h2 % P
    v = u1 * h2 % P
    x3 = (r * r - h3 - 2 * v) % P
    return x3, (r * (v - x3) - s1 * h3) % P, h * z1 * z2 % P


def _affine(point: _Point) -> tuple[int, int] | None:
    x, y, z = point
    if z == 0:
        return None
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return x * square % P, y * square * inverse % P
