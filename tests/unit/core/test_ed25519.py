"""Every choice in which Ed25519 verifiers differ, made by hostile keys and signatures."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from notary.core import ed25519
from notary.errors import InvalidNote
from tests.unit.core import edwards

MESSAGE = b"message"
SECRET = 0x1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF % edwards.L
PUBLIC = edwards.encode(edwards.multiply(SECRET, edwards.BASE))
NONCE = 0x0FEDCBA987654321
SIGNATURE = edwards.sign(SECRET, PUBLIC, MESSAGE, nonce=NONCE)
SMALL = edwards.small_order()
OF_ORDER_8 = next(point for point in SMALL if edwards.multiply(4, point) != edwards.NEUTRAL)


def verifies(public: bytes, signature: bytes, message: bytes = MESSAGE) -> bool:
    return ed25519.verify(public=public, message=message, signature=signature)


def encodings(points: list[edwards.Point]) -> list[bytes]:
    """Canonical and, where they fit into 255 bits, other encodings, each with both signs."""
    numbers = {y + extra for _, y in points for extra in (0, edwards.P) if y + extra < 2**255}
    return [(number | sign << 255).to_bytes(32, "little") for number in sorted(numbers) for sign in (0, 1)]


def test_the_first_two_vectors_of_rfc_8032() -> None:
    # RFC 8032 §7.1, tests 1 and 2.
    for public, message, r, s in (
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ):
        key = bytes.fromhex(public)
        ed25519.check_public_key(key)
        assert verifies(key, bytes.fromhex(r + s), bytes.fromhex(message))
        assert not verifies(key, bytes.fromhex(r + s), bytes.fromhex(message) + b"\0")


def test_no_flipped_bit_verifies() -> None:
    assert verifies(PUBLIC, SIGNATURE)
    for bit in range(512):
        changed = (int.from_bytes(SIGNATURE, "big") ^ 1 << bit).to_bytes(64, "big")
        assert not verifies(PUBLIC, changed)
    for bit in range(256):
        changed = (int.from_bytes(PUBLIC, "big") ^ 1 << bit).to_bytes(32, "big")
        assert not verifies(changed, SIGNATURE)


@pytest.mark.parametrize("wrong", [SIGNATURE[:63], SIGNATURE + b"\0", b"", SIGNATURE[:32]])
def test_a_signature_has_64_bytes(wrong: bytes) -> None:
    assert not verifies(PUBLIC, wrong)


@pytest.mark.parametrize("wrong", [PUBLIC[:31], PUBLIC + b"\0", b""])
def test_a_public_key_has_32_bytes(wrong: bytes) -> None:
    assert not verifies(wrong, SIGNATURE)
    with pytest.raises(InvalidNote) as caught:
        ed25519.check_public_key(wrong)
    assert caught.value.code == "wrong-length"


def test_the_points_of_small_order_are_eight() -> None:
    assert len(SMALL) == 8
    assert {y for _, y in SMALL} == ed25519._SMALL_ORDER


@pytest.mark.parametrize("public", encodings(SMALL), ids=bytes.hex)
def test_keys_of_small_order_are_refused(public: bytes) -> None:
    with pytest.raises(InvalidNote) as caught:
        ed25519.check_public_key(public)
    assert caught.value.code == "wrong-key"
    # With such a key, R = [S]B is a "signature" of about every eighth message at least, without any secret.
    signature = edwards.encode(edwards.multiply(NONCE, edwards.BASE)) + NONCE.to_bytes(32, "little")
    for i in range(40):
        assert not verifies(public, signature, b"%d" % i)


@pytest.mark.parametrize("r", encodings(SMALL), ids=bytes.hex)
def test_an_r_of_small_order_is_refused(r: bytes) -> None:
    # The equation holds: the secret is known, and R is the neutral element where its encoding says so.
    s = edwards.challenge(r, PUBLIC, MESSAGE) * SECRET % edwards.L
    assert not verifies(PUBLIC, r + s.to_bytes(32, "little"))


def test_s_is_below_the_order() -> None:
    s = int.from_bytes(SIGNATURE[32:], "little")
    for more in (edwards.L, 2 * edwards.L, 15 * edwards.L):
        assert not verifies(PUBLIC, SIGNATURE[:32] + (s + more).to_bytes(32, "little"))


def test_keys_that_are_not_canonical_or_not_on_the_curve_are_refused() -> None:
    refused = list(range(2**255 - 19, 2**255))
    off_curve = [y for y in range(2, 30) if edwards.with_y(y) is None]
    on_curve = [y for y in range(2, 30) if edwards.with_y(y) is not None]
    assert off_curve
    assert on_curve
    for y in refused + off_curve:
        for sign in (0, 1):
            with pytest.raises(InvalidNote) as caught:
                ed25519.check_public_key((y | sign << 255).to_bytes(32, "little"))
            assert caught.value.code == "wrong-key"
            assert not verifies((y | sign << 255).to_bytes(32, "little"), SIGNATURE)
    for y in on_curve:
        ed25519.check_public_key(y.to_bytes(32, "little"))


def test_an_r_with_a_part_of_small_order_is_refused() -> None:
    # Verifiers that multiply by the cofactor accept these; ours must not, whatever library does the work.
    for torsion in SMALL:
        signature = edwards.sign(SECRET, PUBLIC, MESSAGE, nonce=NONCE, torsion=torsion)
        assert verifies(PUBLIC, signature) == (torsion == edwards.NEUTRAL)


def test_with_a_key_of_mixed_order_the_equation_without_cofactor_decides() -> None:
    public = edwards.encode(edwards.add(edwards.multiply(SECRET, edwards.BASE), OF_ORDER_8))
    ed25519.check_public_key(public)
    seen = set()
    for i in range(40):
        message = b"%d" % i
        signature = edwards.sign(SECRET, public, message, nonce=NONCE)
        holds = edwards.challenge(signature[:32], public, message) % 8 == 0
        assert verifies(public, signature, message) == holds
        seen.add(holds)
    assert seen == {True, False}


def test_the_rules_do_not_depend_on_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lax:
        """A library that finds every signature valid; some come close, in their own way each."""

        def __init__(self, _public: bytes) -> None:
            self.verify = lambda _signature, _message: None

        from_public_bytes = classmethod(lambda cls, public: cls(public))

    monkeypatch.setattr("cryptography.hazmat.primitives.asymmetric.ed25519.Ed25519PublicKey", Lax)
    assert verifies(PUBLIC, SIGNATURE)
    most = edwards.L - 1
    assert verifies(PUBLIC, SIGNATURE[:32] + most.to_bytes(32, "little"))
    for s in (edwards.L, edwards.L + 1, 2**256 - 1):
        assert not verifies(PUBLIC, SIGNATURE[:32] + s.to_bytes(32, "little"))
    for wrong in (SIGNATURE[:63], SIGNATURE + b"\0", b""):
        assert not verifies(PUBLIC, wrong)
    for wrong in (PUBLIC[:31], PUBLIC + b"\0", b""):
        assert not verifies(wrong, SIGNATURE)


def test_signatures_of_the_library_verify() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = private.public_key().public_bytes_raw()
    ed25519.check_public_key(public)
    assert verifies(public, private.sign(MESSAGE))
    assert not verifies(PUBLIC, private.sign(MESSAGE))
