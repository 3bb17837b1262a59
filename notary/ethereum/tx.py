"""Make, sign and send the transactions that anchor: EIP-1559 or legacy, and an honest answer about sending.

Signing and sending are apart: what is signed becomes durable before it is sent, and is sent again byte for byte after a
restart. Sending never repeats by itself, and whatever comes back, the transaction may have been sent: only a receipt or
a used nonce tells. :class:`Sent` says what the node *claims*: for people, and for choosing what to try next.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from notary.core.jcs import Json
from notary.errors import CannotCheck, EndpointFailed, IntegrityError
from notary.ethereum import registry as contract
from notary.ethereum.rpc import Answer, Fault, Rpc, as_object, hexed, quantity, revert_data
from notary.ethereum.signed import check_signed
from notary.fees import GWEI, FeeCaps, first_fees
from notary.model.anchors import Fees, Obstacle
from notary.model.chain import Market
from notary.ports import TransactionSigner


@dataclass(frozen=True, slots=True)
class SignedTx:
    """A signed transaction, ready to be kept and sent."""

    raw: bytes
    hash: bytes
    nonce: int
    calldata: bytes
    fees: Fees


class Outcome(StrEnum):
    """What a node says about a transaction it was sent."""

    ACCEPTED = "accepted"
    ALREADY_KNOWN = "already-known"
    NONCE_TOO_LOW = "nonce-too-low"
    UNDERPRICED = "underpriced"
    INSUFFICIENT_FUNDS = "insufficient-funds"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a send. ``code`` and ``message`` are the node's, or the transport's where it is unknown."""

    outcome: Outcome
    code: str = ""
    message: str = ""


def build_anchor_tx(
    rpc: Rpc,
    account: TransactionSigner,
    *,
    chain_id: int,
    nonce: int,
    registry: bytes,
    log_id: bytes,
    size: int,
    root: bytes,
    caps: FeeCaps | None = None,
    legacy: bool = False,
) -> SignedTx:
    """Return the signed transaction that anchors ``(size, root)``; nothing is sent.

    Raises :class:`EndpointFailed` where fees or gas cannot be had, and :class:`CannotCheck` where the transaction could
    not go through now: ``fee`` (the caps are below what blocks take), ``gas``, ``funds``, ``would-revert`` (the message
    names the contract's error) and ``chain-without-base-fee``.
    """
    market = read_market(rpc, account.address, registry=registry, log_id=log_id, size=size, root=root, legacy=legacy)
    fees = first_fees(market, caps or FeeCaps())
    if isinstance(fees, Obstacle):
        raise CannotCheck(fees.message, code=fees.code)
    return sign_anchor(
        account,
        chain_id=chain_id,
        nonce=nonce,
        registry=registry,
        log_id=log_id,
        size=size,
        root=root,
        fees=fees,
        legacy=legacy,
    )


def read_market(
    rpc: Rpc, sender: bytes, *, registry: bytes, log_id: bytes, size: int, root: bytes, legacy: bool = False
) -> Market:
    """Return what the anchor of ``(size, root)`` takes now; ``legacy`` is for chains without a base fee.

    Raises :class:`EndpointFailed` where fees or gas cannot be had, and :class:`CannotCheck` where the transaction could
    not go through: ``funds``, ``would-revert`` (the message names the contract's error) and ``chain-without-base-fee``.
    """
    calldata = contract.encode_anchor(log_id=log_id, size=size, root=root)
    call: dict[str, Json] = {"from": hexed(sender), "to": hexed(registry), "data": hexed(calldata)}
    latest, suggested, estimate, balance = rpc.batch(
        [
            ("eth_getBlockByNumber", ["latest", False]),
            ("eth_gasPrice" if legacy else "eth_maxPriorityFeePerGas", []),
            ("eth_estimateGas", [call]),
            ("eth_getBalance", [hexed(sender), "latest"]),
        ]
    )
    base_fee, tip = (quantity(suggested.get(), "gasPrice"), 0) if legacy else _offers(latest, suggested)
    if estimate.fault is not None:
        raise _refusal(estimate, estimate.fault)
    return Market(
        base_fee=base_fee,
        tip=tip,
        gas=quantity(estimate.get(), "gas"),
        balance=quantity(balance.get(), "balance"),
        legacy=legacy,
    )


def _offers(latest: Answer, suggested: Answer) -> tuple[int, int]:
    """Return the base fee of the latest block and a tip."""
    block = as_object(latest.get(), "block")
    if block.get("baseFeePerGas") is None:
        raise CannotCheck(
            f'The chain of {latest.endpoint} has no base fee: it needs chain.gas = "legacy".',
            code="chain-without-base-fee",
        )
    # A node need not have the method; one gwei is what has been enough on most chains.
    tip = GWEI if suggested.fault is not None else quantity(suggested.get(), "maxPriorityFeePerGas")
    return quantity(block["baseFeePerGas"], "baseFeePerGas"), tip


def sign_anchor(
    account: TransactionSigner,
    *,
    chain_id: int,
    nonce: int,
    registry: bytes,
    log_id: bytes,
    size: int,
    root: bytes,
    fees: Fees,
    legacy: bool = False,
) -> SignedTx:
    """Return the signed transaction that anchors ``(size, root)`` and offers ``fees``; no endpoint is asked.

    Raises :class:`CannotCheck` (``signer-failed``, ``signer-lies``) where the signer does not return it, and
    :class:`IntegrityError` (``transaction-hash``) where it contradicts itself.
    """
    calldata = contract.encode_anchor(log_id=log_id, size=size, root=root)
    fields: dict[str, Any] = {"chainId": chain_id, "nonce": nonce, "to": registry, "value": 0, "data": calldata}
    if legacy:
        fields |= {"type": 0, "gas": fees.gas, "gasPrice": fees.max_fee}
    else:
        fields |= {"type": 2, "gas": fees.gas, "maxFeePerGas": fees.max_fee, "maxPriorityFeePerGas": fees.tip}
    raw, digest = account.sign_transaction(fields)
    # A signing service is not believed, and our own library is held to the same.
    if check_signed(raw, fields, sender=account.address) != digest:
        raise IntegrityError("The signed transaction does not have the hash it should have.", code="transaction-hash")
    return SignedTx(raw=raw, hash=digest, nonce=nonce, calldata=calldata, fees=fees)


def _refusal(estimate: Answer, fault: Fault) -> CannotCheck:
    """Say why a node cannot estimate the gas of a transaction."""
    if classify(fault) is Outcome.INSUFFICIENT_FUNDS:
        return CannotCheck("The account holds too little to pay for a transaction.", code="funds")
    # Code 3 is what most nodes give a revert; the others say the word.
    if fault.code == 3 or "revert" in fault.message.lower():
        reason = contract.error_name(revert_data(fault)) or fault.message
        return CannotCheck(f"The registry would refuse the anchor: {reason}.", code="would-revert")
    return EndpointFailed(
        f"{estimate.endpoint} answered {estimate.method} with error {fault.code}: {fault.message}.", code="rpc-error"
    )


# ---------------------------------------------------------------------------------------------------------------- send


def send_raw(rpc: Rpc, raw: bytes) -> Sent:
    """Hand a signed transaction to an endpoint, once, and return what it claims. Never raises for the endpoint.

    The hash that it returns is not looked at: the transaction's hash is known.
    """
    try:
        answer = rpc.ask("eth_sendRawTransaction", [hexed(raw)])
    except EndpointFailed as error:
        return Sent(Outcome.UNKNOWN, error.code, error.message)
    if answer.fault is None:
        return Sent(Outcome.ACCEPTED)
    return Sent(classify(answer.fault), str(answer.fault.code), answer.fault.message)


# Nodes do not agree on error codes, so their words are all there is: those of geth, reth, erigon, nethermind, besu and
# anvil, without spaces and punctuation.
_WORDS = (
    (Outcome.ALREADY_KNOWN, ("alreadyknown", "knowntransaction", "alreadyimported", "alreadyexists", "samehash")),
    (Outcome.NONCE_TOO_LOW, ("noncetoolow", "oldnonce", "nonceistoolow")),
    (Outcome.INSUFFICIENT_FUNDS, ("insufficientfunds", "insufficientbalance", "upfrontcostexceeds")),
    (Outcome.UNDERPRICED, ("underpriced", "feetoolow", "pricetoolow", "tiptoolow", "gaspricebelow", "blockbasefee")),
    (Outcome.UNDERPRICED, ("replacementnotallowed",)),
)


def classify(fault: Fault) -> Outcome:
    """Return what a node's error about a transaction means, going by its words."""
    words = "".join(c for c in fault.message.lower() if c.isalnum())
    for outcome, phrases in _WORDS:
        if any(phrase in words for phrase in phrases):
            return outcome
    return Outcome.REJECTED
