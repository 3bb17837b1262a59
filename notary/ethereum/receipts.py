"""Capture the proof of an anchor: rebuild header and receipts from a node's JSON, and hold them against the hashes.

Nothing the node says is taken on trust. The header must hash to the block hash, the receipts to the header's root, and
the result must pass :func:`notary.core.evm.verify_anchored`, the function that every verifier runs. What a node has
pruned or does not have yet is "unavailable", never "absent".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notary.core.evm import AnchoredEvent, Log, parse_anchored, parse_header, parse_receipt, verify_anchored
from notary.core.jcs import Json
from notary.core.keccak import keccak256
from notary.core.rlp import Rlp, encode, encode_integer
from notary.core.trie import ReceiptTrie
from notary.errors import EndpointFailed, ProofFailed
from notary.ethereum.rpc import (
    Call,
    JsonObject,
    Rpc,
    as_list,
    as_object,
    hex_bytes,
    hexed,
    quantity,
)

# The header's fields in the order of its encoding, by their JSON names. The first fifteen are always there; forks
# appended the others, so that a block has each field only together with all before it.
_HEADER = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"),
    *("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"),
    "baseFeePerGas",  # London
    "withdrawalsRoot",  # Shanghai
    *("blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot"),  # Cancun
    "requestsHash",  # Prague
    *("blockAccessListHash", "slotNumber"),  # Amsterdam
)
_ALWAYS = 15
_INTEGERS = frozenset(
    {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"}
    | {"slotNumber"}
)

# On chains of the OP Stack every block begins with a deposit, whose receipts have two more fields since Canyon.
_DEPOSIT = 0x7E
_DEPOSIT_FIELDS = ("depositNonce", "depositReceiptVersion")


@dataclass(frozen=True, slots=True)
class CapturedProof:
    """A proof that passed the checks of a verifier, and what it proves."""

    header_rlp: bytes
    tx_index: int
    log_position: int
    nodes: tuple[bytes, ...]
    block_hash: bytes
    number: int
    event: AnchoredEvent


def capture(
    rpc: Rpc,
    *,
    tx_hash: bytes,
    registry: bytes,
    log_id: bytes,
    size: int | None = None,
    root: bytes | None = None,
    block_hash: bytes | None = None,
) -> CapturedProof:
    """Return the proof that a transaction made ``registry`` record a tree head of ``log_id``.

    With ``size`` and ``root`` it must be that head, with ``block_hash`` it must be in that block. Whether the block is
    final is the caller's to know.

    Raises :class:`EndpointFailed` (``receipt-unavailable``, ``block-unavailable``, ``header-mismatch``,
    ``receipts-mismatch``, ``receipt-moved``, and those of :class:`Rpc`) where the node cannot or does not give what is
    asked for, and :class:`ProofFailed` (``receipt-failed``, ``event-missing``) where the transaction is there and did
    not do it.
    """
    receipt = rpc.receipt(tx_hash)
    if receipt is None:
        raise EndpointFailed(f"{rpc.name} has no receipt of the transaction.", code="receipt-unavailable")
    found_in = hex_bytes(receipt.get("blockHash"), "blockHash", size=32)
    if block_hash is not None and found_in != block_hash:
        raise EndpointFailed("The transaction is in another block now.", code="receipt-moved")
    tx_index = quantity(receipt.get("transactionIndex"), "transactionIndex")
    block = rpc.block_by_hash(found_in)
    if block is None:
        raise EndpointFailed(f"{rpc.name} does not have the block any more.", code="block-unavailable")
    header_rlp = encode_header(block)
    if keccak256(header_rlp) != found_in:
        raise EndpointFailed(
            f"The block of {rpc.name} does not hash to its block hash: a fork or a chain that Notary does not know.",
            code="header-mismatch",
        )
    header = parse_header(header_rlp)
    receipts = block_receipts(rpc, block, found_in)
    trie = ReceiptTrie(receipts)
    if trie.root != header.receipts_root or tx_index >= len(receipts):
        raise EndpointFailed(
            f"The receipts that {rpc.name} gives are not those of the block.", code="receipts-mismatch"
        )
    position = _find(receipts[tx_index], registry=registry, log_id=log_id, size=size, root=root)
    nodes = trie.prove(tx_index)
    event = verify_anchored(
        header=header, tx_index=tx_index, log_position=position, nodes=nodes, registry=registry, log_id=log_id
    )
    return CapturedProof(
        header_rlp=header_rlp,
        tx_index=tx_index,
        log_position=position,
        nodes=tuple(nodes),
        block_hash=header.hash,
        number=header.number,
        event=event,
    )


def _find(receipt: bytes, *, registry: bytes, log_id: bytes, size: int | None, root: bytes | None) -> int:
    """Return the position of the event in the receipt."""
    parsed = parse_receipt(receipt)
    if parsed.status != 1:
        raise ProofFailed("The anchoring transaction failed.", code="receipt-failed")
    for position, log in enumerate(parsed.logs):
        event = _anchored(log, registry, log_id)
        if event is not None and size in {None, event.size} and root in {None, event.root}:
            return position
    raise ProofFailed("The transaction did not emit the Anchored event that was looked for.", code="event-missing")


def _anchored(log: Log, registry: bytes, log_id: bytes) -> AnchoredEvent | None:
    try:
        return parse_anchored(log, registry=registry, log_id=log_id)
    except ProofFailed:
        return None


# ------------------------------------------------------------------------------------------------------------ encoding


def encode_header(block: JsonObject) -> bytes:
    """Return the RLP of a block's header from its JSON, with the fields that this block has.

    Raises :class:`EndpointFailed` (``rpc-shape``). The caller must compare the hash: the result lacks fields that a
    chain adds on its own.
    """
    fields: list[Rlp] = []
    for number, name in enumerate(_HEADER):
        value = block.get(name)
        if value is None and number >= _ALWAYS:
            break
        fields.append(encode_integer(quantity(value, name)) if name in _INTEGERS else hex_bytes(value, name))
    return encode(fields)


def block_receipts(rpc: Rpc, block: JsonObject, block_hash: bytes) -> list[bytes]:
    """Return the encoded receipts of all transactions of a block, in order, as the node tells them.

    Raises :class:`EndpointFailed` (``receipt-unavailable``, ``receipts-mismatch`` and those of :class:`Rpc`).
    """
    hashes = [hex_bytes(value, "transaction", size=32) for value in as_list(block.get("transactions"), "transactions")]
    answer = rpc.ask("eth_getBlockReceipts", [hexed(block_hash)])
    if answer.fault is not None:  # an old or small node: it may still have them one by one
        values = _one_by_one(rpc, hashes)
    else:
        values = as_list(_available(rpc, answer.get()), "receipts")
    receipts = [as_object(_available(rpc, value), "receipt") for value in values]
    if [hex_bytes(receipt.get("transactionHash"), "transactionHash", size=32) for receipt in receipts] != hashes:
        raise EndpointFailed(
            f"The receipts that {rpc.name} gives are not those of the block.", code="receipts-mismatch"
        )
    return [encode_receipt(receipt) for receipt in receipts]


def _one_by_one(rpc: Rpc, hashes: Sequence[bytes]) -> list[Json]:
    calls: list[Call] = [("eth_getTransactionReceipt", [hexed(tx_hash)]) for tx_hash in hashes]
    return [answer.get() for answer in rpc.batch(calls)]


def _available(rpc: Rpc, value: Json) -> Json:
    if value is None:
        raise EndpointFailed(
            f"{rpc.name} does not have the receipts of the block (any more).", code="receipt-unavailable"
        )
    return value


def encode_receipt(receipt: JsonObject) -> bytes:
    """Return a receipt as the trie of its block holds it, from its JSON (EIP-2718).

    Raises :class:`EndpointFailed` (``rpc-shape``).
    """
    kind = quantity(receipt.get("type", "0x0"), "type")
    if receipt.get("status") is not None:
        outcome = encode_integer(quantity(receipt.get("status"), "status"))
    else:
        outcome = hex_bytes(receipt.get("root"), "root", size=32)  # before Byzantium
    logs: list[Rlp] = [_encode_log(as_object(log, "log")) for log in as_list(receipt.get("logs"), "logs")]
    fields: list[Rlp] = [
        outcome,
        encode_integer(quantity(receipt.get("cumulativeGasUsed"), "cumulativeGasUsed")),
        hex_bytes(receipt.get("logsBloom"), "logsBloom", size=256),
        logs,
    ]
    if kind == _DEPOSIT and receipt.get("depositReceiptVersion") is not None:
        fields += [encode_integer(quantity(receipt.get(name), name)) for name in _DEPOSIT_FIELDS]
    return encode(fields) if kind == 0 else encode_integer(kind) + encode(fields)


def _encode_log(log: JsonObject) -> Rlp:
    topics: list[Rlp] = [hex_bytes(topic, "topic", size=32) for topic in as_list(log.get("topics"), "topics")]
    return [hex_bytes(log.get("address"), "address", size=20), topics, hex_bytes(log.get("data"), "data")]
