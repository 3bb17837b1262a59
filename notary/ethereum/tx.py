"""Make, sign and send the transactions that anchor: EIP-1559 or legacy, fees with caps, an honest answer about sending.

Signing and sending are apart: what is signed becomes durable before it is sent, and is sent again byte for byte after a
restart. Sending never repeats by itself, and whatever comes back, the transaction may have been sent: only a receipt or
a used nonce tells. :class:`Sent` says what the node *claims*: for people, and for choosing what to try next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from notary.core.jcs import Json
from notary.errors import CannotCheck, EndpointFailed, IntegrityError
from notary.ethereum import registry as contract
from notary.ethereum.keys import checksum_address
from notary.ethereum.rpc import Answer, Fault, Rpc, as_object, hexed, quantity, revert_data
from notary.ethereum.signed import check_signed
from notary.ports import TransactionSigner

GWEI = 10**9


@dataclass(frozen=True, slots=True)
class FeeCaps:
    """The most that may be offered for one unit of gas, in wei, and the most gas that a transaction may use.

    ``legacy`` is for chains without a base fee: transactions of type 0, with a gas price.
    """

    max_fee: int = 500 * GWEI
    max_tip: int = 5 * GWEI
    max_gas: int = 300_000
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction offers for one unit of gas, in wei; ``base_fee`` is what the latest block took.

    On a legacy chain the base fee is 0 and the two others are the gas price.
    """

    base_fee: int
    max_fee: int
    tip: int


@dataclass(frozen=True, slots=True)
class SignedTx:
    """A signed transaction, ready to be kept and sent."""

    raw: bytes
    hash: bytes
    nonce: int
    calldata: bytes
    gas: int
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
) -> SignedTx:
    """Return the signed transaction that anchors ``(size, root)``; nothing is sent.

    Raises :class:`EndpointFailed` where fees or gas cannot be had, and :class:`CannotCheck` where the transaction could
    not go through now: ``fee`` (the caps are below what blocks take), ``gas``, ``funds``, ``would-revert`` (the message
    names the contract's error) and ``chain-without-base-fee``.
    """
    caps = caps or FeeCaps()
    calldata = contract.encode_anchor(log_id=log_id, size=size, root=root)
    call: dict[str, Json] = {"from": hexed(account.address), "to": hexed(registry), "data": hexed(calldata)}
    latest, tip, estimate, balance = rpc.batch(
        [
            ("eth_getBlockByNumber", ["latest", False]),
            ("eth_gasPrice" if caps.legacy else "eth_maxPriorityFeePerGas", []),
            ("eth_estimateGas", [call]),
            ("eth_getBalance", [hexed(account.address), "latest"]),
        ]
    )
    fees = _legacy_fees(tip, caps) if caps.legacy else _fees(latest, tip, caps)
    gas = _gas(estimate, caps)
    if quantity(balance.get(), "balance") < gas * fees.max_fee:
        raise CannotCheck(
            f"The account {checksum_address(account.address)} holds too little to pay for a transaction "
            f"(up to {gas * fees.max_fee} wei).",
            code="funds",
        )
    fields = {"chainId": chain_id, "nonce": nonce, "to": registry, "value": 0, "data": calldata, "gas": gas}
    raw, digest = _sign(account, {**fields, **_offer(fees, legacy=caps.legacy)})
    return SignedTx(raw=raw, hash=digest, nonce=nonce, calldata=calldata, gas=gas, fees=fees)


def _fees(latest: Answer, suggested_tip: Answer, caps: FeeCaps) -> Fees:
    """Return fees that hold while the base fee doubles, within the caps."""
    block = as_object(latest.get(), "block")
    if block.get("baseFeePerGas") is None:
        raise CannotCheck(
            f'The chain of {latest.endpoint} has no base fee: it needs chain.gas = "legacy".',
            code="chain-without-base-fee",
        )
    base_fee = quantity(block["baseFeePerGas"], "baseFeePerGas")
    # A node need not have the method; one gwei is what has been enough on most chains.
    tip = GWEI if suggested_tip.fault is not None else quantity(suggested_tip.get(), "maxPriorityFeePerGas")
    tip = min(tip, caps.max_tip)
    fees = Fees(base_fee=base_fee, max_fee=min(2 * base_fee + tip, caps.max_fee), tip=tip)
    if fees.max_fee < base_fee + fees.tip:
        raise CannotCheck(
            f"Blocks take {base_fee} wei for a unit of gas now; the cap is {caps.max_fee} wei.", code="fee"
        )
    return fees


def _legacy_fees(suggested: Answer, caps: FeeCaps) -> Fees:
    """Return the gas price that the node suggests, at least 1 wei."""
    price = max(1, quantity(suggested.get(), "gasPrice"))
    if price > caps.max_fee:
        raise CannotCheck(f"Blocks take {price} wei for a unit of gas now; the cap is {caps.max_fee} wei.", code="fee")
    return Fees(base_fee=0, max_fee=price, tip=price)


def _offer(fees: Fees, *, legacy: bool) -> dict[str, int]:
    if legacy:
        return {"type": 0, "gasPrice": fees.max_fee}
    return {"type": 2, "maxFeePerGas": fees.max_fee, "maxPriorityFeePerGas": fees.tip}


def _gas(estimate: Answer, caps: FeeCaps) -> int:
    """Return the gas limit: a quarter above the estimate, for what may change until the block."""
    if estimate.fault is not None:
        raise _refusal(estimate, estimate.fault)
    gas = quantity(estimate.get(), "gas")
    if gas > caps.max_gas:
        raise CannotCheck(f"The transaction needs {gas} gas; the cap is {caps.max_gas}.", code="gas")
    return min(gas * 5 // 4, caps.max_gas)


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


def _sign(signer: TransactionSigner, fields: Mapping[str, Any]) -> tuple[bytes, bytes]:
    raw, digest = signer.sign_transaction(fields)
    if check_signed(raw, fields, sender=signer.address) != digest:
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
