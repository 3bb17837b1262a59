"""Ed25519 verification (RFC 8032 §5.1.7) with every choice that implementations differ in made, and made strictly.

The equation is the one without cofactor, ``[S]B = R + [k]A``, compared on the encoded bytes of ``R``. Refused besides:
encodings of ``A`` or ``R`` that are not canonical or of small order (such a "key" signs anything), and ``S ≥ L``. The
scalar arithmetic is that of the ``cryptography`` package, imported only when there is a signature to check.
"""

from __future__ import annotations

from functools import lru_cache

from notary.errors import InvalidNote

KEY_SIZE = 32
SIGNATURE_SIZE = 64
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
# The y coordinates of the eight points whose order divides 8. Both signs of x are meant, and both are refused.
_Y_OF_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER = frozenset({0, 1, _P - 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8})


# One key is read again and again: in trust files, in manifests, in what is handed out.
@lru_cache(maxsize=16)
def check_public_key(public: bytes) -> None:
    """Return only if ``public`` is the canonical encoding of a curve point that is not of small order.

    Raises :class:`InvalidNote` (``wrong-length``, ``wrong-key``). RFC 8032 §5.1.3.
    """
    if len(public) != KEY_SIZE:
        raise InvalidNote("An Ed25519 public key has 32 bytes.", code="wrong-length")
    y = _coordinate(public)
    if not _is_acceptable(y) or not _is_on_curve(y):
        raise InvalidNote("The Ed25519 public key is not a point that may be used as one.", code="wrong-key")


# Costs more than all the rest of a proof, and proofs that are checked one after the other mostly share it.
@lru_cache(maxsize=16)
def verify(*, public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether ``signature`` is a valid Ed25519 signature of ``message`` by ``public``; malformed input is not.

    RFC 8032 §5.1.7, with the choices in the module's docstring.
    """
    if len(public) != KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    if not _is_acceptable(_coordinate(public)) or not _is_acceptable(_coordinate(signature[:32])):
        return False
    if int.from_bytes(signature[32:], "little") >= _L:
        return False
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _coordinate(encoded: bytes) -> int:
    return int.from_bytes(encoded, "little") & (2**255 - 1)


def _is_acceptable(y: int) -> bool:
    return y < _P and y not in _SMALL_ORDER


def _is_on_curve(y: int) -> bool:
    # x² = (y² − 1) / (d·y² + 1) has a root where numerator times denominator is a square (Euler's criterion).
    square = (y * y - 1) * (_D * y * y + 1) % _P
    return pow(square, (_P - 1) // 2, _P) in {0, 1}
