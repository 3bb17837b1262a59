"""Keccak-256 as Ethereum uses it: the original padding, not that of FIPS 202 (``hashlib.sha3_256``).

The only place that imports an implementation of it.
"""

from __future__ import annotations

from sha3 import keccak_256


def keccak256(data: bytes) -> bytes:
    """Return the 32-byte Keccak-256 digest of ``data``."""
    digest: bytes = keccak_256(data).digest()
    return digest
