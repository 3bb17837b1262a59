"""The world outside of the store: clock, key, chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from notary.model.anchors import Captured, Fees, Place, SignedTransaction, Target
from notary.model.chain import ChainStanding, EndpointHealth, Market, Observation, Sending
from notary.model.log import TreeState


class Clock(Protocol):
    """The wall clock."""

    def now_ms(self) -> int:
        """Return milliseconds since the epoch. May go backwards; who needs order must check it."""
        ...


class Signer(Protocol):
    """The log's Ed25519 key."""

    @property
    def name(self) -> str:
        """The key's name in signed notes: the log's origin."""
        ...

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the Ed25519 signature of ``data``, 64 bytes."""
        ...


class TransactionSigner(Protocol):
    """The key of the account that anchors and pays: in this process, or in a signing service."""

    @property
    def address(self) -> bytes:
        """The account, 20 bytes."""
        ...

    def sign_transaction(self, fields: Mapping[str, Any]) -> tuple[bytes, bytes]:
        """Return the signed transaction of these fields, as it is sent, and its hash.

        The fields are those of JSON-RPC under their names there, as integers and bytes: ``type`` (0 or 2), ``chainId``,
        ``nonce``, ``to``, ``value``, ``data``, ``gas``, and ``gasPrice`` or ``maxFeePerGas`` and
        ``maxPriorityFeePerGas``; an access list is empty. Raises :class:`notary.errors.CannotCheck` where no signature
        can be had.
        """
        ...


class Mark(Protocol):
    """The memory of how far the store was verified: a head of its tree, everything below which was recomputed."""

    def read(self) -> TreeState | None:
        """Return the head, or None where nothing is remembered."""
        ...

    def write(self, head: TreeState) -> None:
        """Remember a head. Where that cannot be done nothing is: the next check has more to do then."""
        ...


class Chain(Protocol):
    """The chain that anchors go to, through the operator's own endpoints, with the operator's key."""

    @property
    def target(self) -> Target:
        """Where anchors go."""
        ...

    @property
    def sender(self) -> bytes:
        """The address that signs and pays, 20 bytes."""
        ...

    def check(self) -> None:
        """Raise :class:`notary.errors.CannotCheck` unless this is the configured chain.

        Looks at chain id, genesis and the registry's code, and remembers which endpoints show them: only those are
        used by the other methods. Codes ``wrong-chain``, ``wrong-genesis``, ``wrong-registry-code``, and those of
        :class:`notary.errors.EndpointFailed`.
        """
        ...

    def may_anchor(self) -> None:
        """Raise :class:`notary.errors.CannotCheck` (``not-operator``) unless the registry lets our account anchor.

        What was sent is followed without this right too, but nothing is signed.
        """
        ...

    def observe(self, *, tx_hashes: Sequence[bytes], size: int, root: bytes, place: Place | None) -> Observation:
        """Look for receipts of these transactions, which anchor ``(size, root)``, and at the block of ``place``.

        Raises :class:`notary.errors.EndpointFailed`; says nothing then.
        """
        ...

    def head_size(self) -> int:
        """Return the size of the latest anchor in the registry, 0 where there is none.

        Raises :class:`notary.errors.EndpointFailed`.
        """
        ...

    def is_anchored(self, *, size: int, root: bytes) -> bool:
        """Say whether the registry holds this tree head. Raises :class:`notary.errors.EndpointFailed`."""
        ...

    def next_nonce(self) -> int:
        """Return the sender's next nonce, which no reorganisation can lower any more.

        Raises :class:`notary.errors.CannotCheck` (``nonce-unsettled``) while the sender has transactions that are not
        final: were they to vanish, a transaction with the nonce after theirs could never be mined.
        """
        ...

    def market(self, *, size: int, root: bytes) -> Market:
        """Return what sending the anchor of ``(size, root)`` takes now.

        Raises :class:`notary.errors.EndpointFailed` when it cannot be had, and :class:`notary.errors.CannotCheck`
        (``would-revert``, ``not-operator``, ``funds``, ``chain-without-base-fee``) when it could not go through.
        """
        ...

    def sign(self, *, size: int, root: bytes, nonce: int, fees: Fees) -> SignedTransaction:
        """Sign (and not send) the transaction that anchors ``(size, root)``; asks no endpoint.

        Of a chain without a base fee it is a legacy transaction whose gas price is ``fees.max_fee``.
        """
        ...

    def send(self, raw: bytes) -> Sending:
        """Hand a transaction to every endpoint, once, and say what they claim. Never raises for an endpoint."""
        ...

    @property
    def storage_only(self) -> bool:
        """Whether, as of the last :meth:`check`, block hashes are not those of headers: no receipt can be proven."""
        ...

    def capture(self, place: Place, *, size: int, root: bytes) -> Captured:
        """Return the re-checked proof that the event for ``(size, root)`` is in the block of ``place``.

        On a chain that is ``storage_only``, what a quorum says that the registry holds since that block.

        Raises :class:`notary.errors.EndpointFailed` or :class:`notary.errors.ProofFailed`.
        """
        ...

    def standing(self) -> ChainStanding:
        """Return how account and chain stand, by what one endpoint says. Raises :class:`notary.errors.CannotCheck`."""
        ...

    def endpoints(self) -> tuple[EndpointHealth, ...]:
        """Return how well each endpoint is, in the order of the settings. Nobody is asked for it."""
        ...
