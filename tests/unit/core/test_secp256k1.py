"""Recovering signers, held against the libraries that sign."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from eth_keys.datatypes import PrivateKey, Signature
from hypothesis import given, settings
from hypothesis import strategies as st

from notary.core import secp256k1
from notary.core.secp256k1 import N, P, recover
from notary.errors import ProofFailed
from tests import cases
from tests.strategies import hashes

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = cases.load("secp256k1", bad=False)
BAD = cases.load("secp256k1", bad=True)

secrets = st.integers(1, N - 1)


def signed(secret: int, digest: bytes) -> tuple[bytes, bytes]:
    """Return signature and address as eth-keys makes them."""
    key = PrivateKey(secret.to_bytes(32, "big"))
    signature = key.sign_msg_hash(digest)
    return encoded(signature.r, signature.s, signature.v + 27), key.public_key.to_canonical_address()


def encoded(r: int, s: int, v: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([v])


@pytest.mark.parametrize("name", GOOD)
def test_vector_recovers_this_address(name: str) -> None:
    case = GOOD[name]
    digest, signature = bytes.fromhex(case["digest"]), bytes.fromhex(case["signature"])
    assert "0x" + recover(digest, signature).hex() == case["address"]
    # The same from an implementation that is not ours.
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    theirs = Signature(vrs=(v - 27, r, s)).recover_public_key_from_msg_hash(digest)
    assert theirs.to_address() == case["address"]


@pytest.mark.parametrize("name", BAD)
def test_vector_is_refused(name: str) -> None:
    case = BAD[name]
    with pytest.raises(ProofFailed) as caught:
        recover(bytes.fromhex(case["digest"]), bytes.fromhex(case["signature"]))
    assert caught.value.code == case["error"]


@settings(max_examples=200)
@given(secrets, hashes)
def test_whatever_eth_keys_signs_is_recovered(secret: int, digest: bytes) -> None:
    signature, address = signed(secret, digest)
    assert recover(digest, signature) == address


@given(secrets, hashes, st.integers(0, 64), st.integers(1, 255))
def test_a_changed_signature_is_refused_or_somebody_else(secret: int, digest: bytes, at: int, flip: int) -> None:
    signature, address = signed(secret, digest)
    changed = bytearray(signature)
    changed[at] ^= flip
    try:
        other = recover(digest, bytes(changed))
    except ProofFailed:
        return
    assert other != address


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64), st.sampled_from([27, 28]))
def test_random_numbers_recover_what_eth_keys_recovers_or_are_refused(digest: bytes, numbers: bytes, v: int) -> None:
    r, s = int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big") % (N // 2) + 1
    try:
        ours = recover(digest, encoded(r, s, v))
    except ProofFailed as error:
        assert error.code in {"signature-range", "signature-invalid"}  # noqa: PT017 - either way is right
        return
    theirs = Signature(vrs=(v - 27, r, s)).recover_public_key_from_msg_hash(digest)
    assert ours == theirs.to_canonical_address()


@given(secrets, hashes)
def test_the_twin_of_a_signature_is_refused(secret: int, digest: bytes) -> None:
    signature, _ = signed(secret, digest)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    with pytest.raises(ProofFailed) as caught:
        recover(digest, encoded(r, N - s, 55 - signature[64]))
    assert caught.value.code == "signature-high-s"


@pytest.mark.parametrize("size", [0, 20, 31, 33])
def test_a_digest_has_32_bytes(size: int) -> None:
    signature, _ = signed(1, bytes(32))
    with pytest.raises(ProofFailed) as caught:
        recover(bytes(size), signature)
    assert caught.value.code == "signature-length"


def test_the_curve() -> None:
    assert (secp256k1.GY**2 - secp256k1.GX**3 - 7) % P == 0
    assert P % 4 == 3  # so that (P + 1) // 4 is the exponent of a square root
    assert secp256k1._affine(secp256k1._combine(N, 0, (secp256k1.GX, secp256k1.GY, 1))) is None


def _multiple(count: int) -> tuple[int, int] | None:
    """Return count·G by the schoolbook formulas, one addition after another."""
    point: tuple[int, int] | None = None
    for _ in range(count):
        point = _plain_add(point, (secp256k1.GX, secp256k1.GY))
    return point


def _plain_add(left: tuple[int, int] | None, right: tuple[int, int] | None) -> tuple[int, int] | None:
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = 3 * x1 * x1 * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def _scaled(point: tuple[int, int] | None, z: int) -> tuple[int, int, int]:
    """Return another of a point's Jacobian forms."""
    if point is None:
        return z * z % P, z * z * z % P, 0
    x, y = point
    return x * z * z % P, y * z * z * z % P, z


@given(st.integers(0, 5), st.integers(0, 5), st.integers(1, P - 1), st.integers(1, P - 1), st.booleans())
def test_point_addition_and_doubling(a: int, b: int, z1: int, z2: int, negate: bool) -> None:
    left, right = _multiple(a), _multiple(b)
    if negate and right is not None:
        right = (right[0], P - right[1])
    assert secp256k1._affine(secp256k1._add(_scaled(left, z1), _scaled(right, z2))) == _plain_add(left, right)
    assert secp256k1._affine(secp256k1._double(_scaled(left, z1))) == _plain_add(left, left)


@pytest.mark.parametrize("make", [hashlib.sha256, hashlib.sha3_256])
def test_many_keys(make: Callable[[bytes], hashlib._Hash]) -> None:
    for i in range(50):
        secret = int.from_bytes(make(b"key %d" % i).digest(), "big") % N
        signature, address = signed(secret, make(b"message %d" % i).digest())
        assert recover(make(b"message %d" % i).digest(), signature) == address
