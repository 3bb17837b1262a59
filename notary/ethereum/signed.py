"""Read a signed transaction and hold it against what was to be signed, field by field, down to the signer's address.

Whoever signs (this process or a signing service) is not believed: what it returns becomes durable and is sent for as
long as it takes, so it must be exactly the transaction that was asked for. EIP-155 (type 0) and EIP-1559 (type 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from notary.core.keccak import keccak256
from notary.core.rlp import Rlp, decode, decode_integer, encode, encode_integer
from notary.core.secp256k1 import recover
from notary.errors import CannotCheck, InvalidRlp, ProofFailed

_LEGACY: Final = ("nonce", "gasPrice", "gas", "to", "value", "data")
_DYNAMIC: Final = ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "to", "value", "data")


def check_signed(raw: bytes, fields: Mapping[str, Any], *, sender: bytes) -> bytes:
    """Return the hash of a signed transaction that has exactly these fields and is signed by ``sender``.

    Raises :class:`CannotCheck` (``signer-lies``) with the name of the first field that is another.
    """
    try:
        items = decode(raw if fields["type"] == 0 else _payload(raw))
        signing_hash, signature = _legacy(items, fields) if fields["type"] == 0 else _dynamic(items, fields)
        found = recover(signing_hash, signature)
    except (InvalidRlp, ProofFailed) as error:
        raise _lie(f"it cannot be read: {error.message}") from None
    if found != sender:
        raise _lie(f"it is signed by 0x{found.hex()}, not by 0x{sender.hex()}")
    return keccak256(raw)


def _payload(raw: bytes) -> bytes:
    if raw[:1] != b"\x02":
        raise _lie("type is another than asked for")
    return raw[1:]


def _legacy(items: Rlp, fields: Mapping[str, Any]) -> tuple[bytes, bytes]:
    expected = [_encoded(fields[name]) for name in _LEGACY]
    got = _list(items, len(_LEGACY) + 3)
    _compare(_LEGACY, got, expected)
    v = _integer(got[6]) - 35 - 2 * fields["chainId"]
    if v not in {0, 1}:
        raise _lie("chainId is another than asked for")
    payload = encode([*expected, encode_integer(fields["chainId"]), b"", b""])
    return keccak256(payload), _signature(got[7], got[8], v)


def _dynamic(items: Rlp, fields: Mapping[str, Any]) -> tuple[bytes, bytes]:
    expected: list[Rlp] = [*(_encoded(fields[name]) for name in _DYNAMIC), []]
    got = _list(items, len(_DYNAMIC) + 4)
    _compare((*_DYNAMIC, "accessList"), got, expected)
    v = _integer(got[9])
    return keccak256(b"\x02" + encode(expected)), _signature(got[10], got[11], v)


def _compare(names: tuple[str, ...], got: list[Rlp], expected: list[Rlp]) -> None:
    for name, one, other in zip(names, got, expected, strict=False):
        if one != other:
            raise _lie(f"{name} is another than asked for")


def _encoded(value: int | bytes) -> Rlp:
    return encode_integer(value) if isinstance(value, int) else bytes(value)


def _signature(r: Rlp, s: Rlp, v: int) -> bytes:
    if v not in {0, 1}:
        raise _lie("the signature is malformed")
    return b"".join(_integer(one).to_bytes(32, "big") for one in (r, s)) + bytes([27 + v])


def _list(item: Rlp, count: int) -> list[Rlp]:
    if isinstance(item, bytes) or len(item) != count:
        raise _lie("it is of another type than asked for")
    return item


def _integer(item: Rlp) -> int:
    return decode_integer(item, bits=256, field="signature")


def _lie(what: str) -> CannotCheck:
    return CannotCheck(
        f"The signer did not return the transaction that it was to sign: {what}. It is not sent.", code="signer-lies"
    )
