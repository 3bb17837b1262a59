"""A key that never leaves a signing service: web3signer's JSON-RPC, ``eth_signTransaction``.

The service is asked for one signature at a time, and what it returns is held against what was asked for, by
:func:`notary.ethereum.signed.check_signed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notary.core.jcs import Json
from notary.core.keccak import keccak256
from notary.errors import CannotCheck, EndpointFailed
from notary.ethereum.rpc import Rpc, hex_bytes, hexed

_MAX_ANSWER_BYTES = 64 * 1024


class RemoteSigner:
    """Implements :class:`notary.ports.TransactionSigner` with a signing service."""

    def __init__(self, url: str, address: bytes, *, timeout: float = 10.0) -> None:
        """Have ``address`` sign at ``url``, whose path and query are shown to nobody."""
        self.address = address
        self._rpc = Rpc(url, timeout=timeout, max_bytes=_MAX_ANSWER_BYTES)

    def __repr__(self) -> str:
        """Return service and address."""
        return f"RemoteSigner({self._rpc.name}, {hexed(self.address)})"

    def sign_transaction(self, fields: Mapping[str, Any]) -> tuple[bytes, bytes]:
        """Return the signed transaction and its hash, as the service made it; the caller checks it.

        Raises :class:`CannotCheck` (``signer-failed``) where the service gives none.
        """
        wanted: dict[str, Json] = {"from": hexed(self.address)}
        wanted |= {name: hex(value) if isinstance(value, int) else hexed(value) for name, value in fields.items()}
        try:
            answer = self._rpc.call("eth_signTransaction", [wanted])
            # web3signer returns the bytes; nodes and clef return them beside the transaction in JSON.
            raw = hex_bytes(answer.get("raw") if isinstance(answer, dict) else answer, "signed transaction")
        except EndpointFailed as error:
            # Not an EndpointFailed: asking another endpoint of the chain would not help.
            raise CannotCheck(f"The signing service gave no signature: {error.message}", code="signer-failed") from None
        return raw, keccak256(raw)
