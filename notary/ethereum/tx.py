"""Make, sign and send the transactions that anchor: EIP-1559, fees with caps, and an honest answer about sending.

Signing and sending are apart: what is signed becomes durable before it is sent, and is sent again byte for byte after a
restart. Sending never repeats by itself, and whatever comes back, the transaction may have been sent: only a receipt or
a used nonce tells. :class:`Sent` says what the node *claims*: for people, and for choosing what to try next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from notary.core.jcs import Json
from notary.core.keccak import keccak256
from notary.errors import CannotCheck, EndpointFailed, IntegrityError
from notary.ethereum import registry as contract
from notary.ethereum.keys import Account
from notary.ethereum.rpc import Answer, Fault, Rpc, as_object, hexed, quantity, revert_data
from notary.fees import GWEI, FeeCaps, first_fees
from notary.model import Fees, Market, Obstacle


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
    account: Account,
    *,
    chain_id: int,
    nonce: int,
    registry: bytes,
    log_id: bytes,
    size: int,
    root: bytes,
    caps: FeeCaps | None = None,
) -> SignedTx:
    """Return the signed transaction that anchors ``(size, root)``; nothing is sent.

    Raises :class:`EndpointFailed` where fees or gas cannot be had, and :class:`CannotCheck` where the transaction could
    not go through now: ``fee`` (the caps are below what blocks take), ``gas``, ``funds``, ``would-revert`` (the message
    names the contract's error) and ``chain-without-base-fee``.
    """
    market = read_market(rpc, account, registry=registry, log_id=log_id, size=size, root=root)
    fees = first_fees(market, caps or FeeCaps())
    if isinstance(fees, Obstacle):
        raise CannotCheck(fees.message, code=fees.code)
    return sign_anchor(
        account, chain_id=chain_id, nonce=nonce, registry=registry, log_id=log_id, size=size, root=root, fees=fees
    )


def read_market(rpc: Rpc, account: Account, *, registry: bytes, log_id: bytes, size: int, root: bytes) -> Market:
    """Return what the anchor of ``(size, root)`` takes now.

    Raises :class:`EndpointFailed` where fees or gas cannot be had, and :class:`CannotCheck` where the transaction could
    not go through: ``funds``, ``would-revert`` (the message names the contract's error) and ``chain-without-base-fee``.
    """
    calldata = contract.encode_anchor(log_id=log_id, size=size, root=root)
    call: dict[str, Json] = {"from": hexed(account.address), "to": hexed(registry), "data": hexed(calldata)}
    latest, tip, estimate, balance = rpc.batch(
        [
            ("eth_getBlockByNumber", ["latest", False]),
            ("eth_maxPriorityFeePerGas", []),
            ("eth_estimateGas", [call]),
            ("eth_getBalance", [hexed(account.address), "latest"]),
        ]
    )
    block = as_object(latest.get(), "block")
    if block.get("baseFeePerGas") is None:
        raise CannotCheck(
            f"The chain of {latest.endpoint} has no base fee: it is too old for EIP-1559 transactions.",
            code="chain-without-base-fee",
        )
    if estimate.fault is not None:
        raise _refusal(estimate, estimate.fault)
    return Market(
        base_fee=quantity(block["baseFeePerGas"], "baseFeePerGas"),
        # A node need not have the method; one gwei is what has been enough on most chains.
        tip=GWEI if tip.fault is not None else quantity(tip.get(), "maxPriorityFeePerGas"),
        gas=quantity(estimate.get(), "gas"),
        balance=quantity(balance.get(), "balance"),
    )


def sign_anchor(
    account: Account,
    *,
    chain_id: int,
    nonce: int,
    registry: bytes,
    log_id: bytes,
    size: int,
    root: bytes,
    fees: Fees,
) -> SignedTx:
    """Return the signed transaction that anchors ``(size, root)`` and offers ``fees``; nobody is asked.

    Raises :class:`IntegrityError` (``transaction-hash``) where the signing library contradicts itself.
    """
    calldata = contract.encode_anchor(log_id=log_id, size=size, root=root)
    fields = {"to": registry, "data": calldata, "gas": fees.gas}
    raw, digest = _sign(account, fields, chain_id=chain_id, nonce=nonce, fees=fees)
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


def _sign(
    account: Account, fields: Mapping[str, object], *, chain_id: int, nonce: int, fees: Fees
) -> tuple[bytes, bytes]:
    raw, digest = account.sign_transaction(
        {
            "type": 2,
            "chainId": chain_id,
            "nonce": nonce,
            "value": 0,
            "maxFeePerGas": fees.max_fee,
            "maxPriorityFeePerGas": fees.tip,
            "accessList": [],
            **fields,
        }
    )
    if keccak256(raw) != digest:
        raise IntegrityError("The signed transaction does not have the hash it should have.", code="transaction-hash")
    return raw, digest


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
