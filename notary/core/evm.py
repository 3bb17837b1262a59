"""Ethereum evidence: block headers, receipts, logs, and the ``Anchored`` event of the registry contract.

:func:`verify_anchored` goes from a block header to the event: header → receipts root → receipt → log. It shows that
*if* the block is part of a chain, then the registry recorded this tree head in it. That it *is* part of the chain is
never shown by a header; ``core.verify`` asks endpoints for it. See ``docs/spec/anchor.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notary.core.keccak import keccak256
from notary.core.rlp import Rlp, decode, decode_integer
from notary.core.trie import receipt_key, verify_trie
from notary.errors import InvalidRlp, ProofFailed

MAX_HEADER_BYTES = 16 * 1024
MIN_HEADER_FIELDS = 15
MAX_HEADER_FIELDS = 32
MAX_TRANSACTION_INDEX = 2**31 - 1

ANCHORED_SIGNATURE = "Anchored(bytes32,uint256,bytes32,uint256)"
ANCHORED_TOPIC = keccak256(ANCHORED_SIGNATURE.encode("ascii"))


@dataclass(frozen=True, slots=True)
class Header:
    """A block header, as far as Notary uses it; ``hash`` is the Keccak-256 of its encoding."""

    hash: bytes
    parent_hash: bytes
    receipts_root: bytes
    number: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract emitted: its address, up to four topics, and data."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of one transaction; ``status`` is 1 where it succeeded, else 0."""

    type: int
    status: int
    logs: tuple[Log, ...]


@dataclass(frozen=True, slots=True)
class AnchoredEvent:
    """A tree head that ``registry`` recorded for a log: ``prev_size`` is the size it had recorded before it."""

    registry: bytes
    log_id: bytes
    size: int
    root: bytes
    prev_size: int


# ------------------------------------------------------------------------------------------------------------- header


def _bytes(size: int) -> Callable[[Rlp, str], None]:
    def check(item: Rlp, name: str) -> None:
        _fixed(item, size, name)

    return check


def _integer(bits: int) -> Callable[[Rlp, str], None]:
    def check(item: Rlp, name: str) -> None:
        decode_integer(item, bits=bits, field=name)

    return check


def _any_bytes(item: Rlp, name: str) -> None:
    if not isinstance(item, bytes):
        raise InvalidRlp(f"{name} must be a byte string.", code="rlp-type", field=name)


# In the order of the encoding, with what each may be. The first fifteen are always there; every later fork appends.
HEADER_FIELDS: tuple[tuple[str, Callable[[Rlp, str], None]], ...] = (
    ("header.parentHash", _bytes(32)),
    ("header.sha3Uncles", _bytes(32)),
    ("header.miner", _bytes(20)),
    ("header.stateRoot", _bytes(32)),
    ("header.transactionsRoot", _bytes(32)),
    ("header.receiptsRoot", _bytes(32)),
    ("header.logsBloom", _bytes(256)),
    ("header.difficulty", _integer(256)),
    ("header.number", _integer(63)),
    ("header.gasLimit", _integer(64)),
    ("header.gasUsed", _integer(64)),
    ("header.timestamp", _integer(63)),
    ("header.extraData", _any_bytes),
    ("header.mixHash", _bytes(32)),
    ("header.nonce", _bytes(8)),
    ("header.baseFeePerGas", _integer(256)),  # London
    ("header.withdrawalsRoot", _bytes(32)),  # Shanghai
    ("header.blobGasUsed", _integer(64)),  # Cancun
    ("header.excessBlobGas", _integer(64)),
    ("header.parentBeaconBlockRoot", _bytes(32)),
    ("header.requestsHash", _bytes(32)),  # Prague
)


def parse_header(data: bytes) -> Header:
    """Return the header that ``data`` encodes.

    Fields of forks later than this code knows are left unread, up to 32 fields in all.

    Raises :class:`InvalidRlp`: the codes of :func:`notary.core.rlp.decode`, and ``header-too-large``,
    ``header-fields``, ``rlp-type``, ``rlp-length``, ``rlp-integer`` with the ``field``.
    """
    if len(data) > MAX_HEADER_BYTES:
        raise InvalidRlp(f"A block header has at most {MAX_HEADER_BYTES} bytes.", code="header-too-large")
    items = _list(decode(data), "header")
    if not MIN_HEADER_FIELDS <= len(items) <= MAX_HEADER_FIELDS:
        raise InvalidRlp(
            f"A block header has {MIN_HEADER_FIELDS} to {MAX_HEADER_FIELDS} fields, not {len(items)}.",
            code="header-fields",
            field="header",
        )
    for item, (name, check) in zip(items, HEADER_FIELDS, strict=False):
        check(item, name)
    return Header(
        hash=keccak256(data),
        parent_hash=_fixed(items[0], 32, "header.parentHash"),
        receipts_root=_fixed(items[5], 32, "header.receiptsRoot"),
        number=decode_integer(items[8], bits=63, field="header.number"),
        timestamp=decode_integer(items[11], bits=63, field="header.timestamp"),
    )


# ------------------------------------------------------------------------------------------------------------ receipt


def parse_receipt(value: bytes) -> Receipt:
    """Return the receipt that ``value``, taken from a receipt trie, encodes: legacy, or of type 1 to 4 (EIP-2718).

    Raises :class:`InvalidRlp`: the codes of :func:`notary.core.rlp.decode`, ``receipt-type`` for a type that is not
    known, ``receipt-status`` for anything but success and failure (as before Byzantium), ``receipt-fields``,
    ``rlp-type``, ``rlp-length``, ``rlp-integer``.
    """
    kind = 0
    payload = value
    if value and value[0] < 0xC0:
        kind = value[0]
        payload = value[1:]
        if not 1 <= kind <= 4:
            raise InvalidRlp(f"Receipt type {kind} is not known.", code="receipt-type", field="receipt.type")
    items = _list(decode(payload), "receipt")
    if len(items) != 4:
        raise InvalidRlp("A receipt has four fields.", code="receipt-fields", field="receipt")
    status, gas, bloom, logs = items
    if status not in (b"", b"\x01"):
        raise InvalidRlp("A receipt's status must be 0 or 1.", code="receipt-status", field="receipt.status")
    decode_integer(gas, bits=64, field="receipt.cumulativeGasUsed")
    _fixed(bloom, 256, "receipt.logsBloom")
    return Receipt(
        type=kind,
        status=1 if status == b"\x01" else 0,
        logs=tuple([_log(item) for item in _list(logs, "receipt.logs")]),
    )


def _log(item: Rlp) -> Log:
    fields = _list(item, "receipt.logs[]")
    if len(fields) != 3:
        raise InvalidRlp("A log has three fields.", code="receipt-fields", field="receipt.logs[]")
    address, topics, data = fields
    topics = _list(topics, "receipt.logs[].topics")
    if len(topics) > 4:
        raise InvalidRlp("A log has at most four topics.", code="receipt-fields", field="receipt.logs[].topics")
    if not isinstance(data, bytes):
        raise InvalidRlp("A log's data must be a byte string.", code="rlp-type", field="receipt.logs[].data")
    return Log(
        address=_fixed(address, 20, "receipt.logs[].address"),
        topics=tuple([_fixed(topic, 32, "receipt.logs[].topics[]") for topic in topics]),
        data=data,
    )


# ------------------------------------------------------------------------------------------------------------- anchor


def verify_anchored(
    *, header: Header, tx_index: int, log_position: int, nodes: Sequence[bytes], registry: bytes, log_id: bytes
) -> AnchoredEvent:
    """Return the ``Anchored`` event for ``log_id`` that ``registry`` emitted in the block of ``header``.

    ``tx_index`` is the transaction's number in the block, ``log_position`` the number of the log *in its receipt*, and
    ``nodes`` the receipt proof (:func:`notary.core.trie.verify_trie`). The caller still has to compare size and root
    with its checkpoint, and to find out whether the block belongs to the chain.

    Raises :class:`ProofFailed` with the codes of ``verify_trie``, and ``transaction-index``, ``receipt-failed``,
    ``log-position``, ``event-address``, ``event-topics``, ``event-data``, ``event-size``; :class:`InvalidRlp` for nodes
    or a receipt of the wrong form.
    """
    if not 0 <= tx_index <= MAX_TRANSACTION_INDEX:
        raise ProofFailed("The transaction index is out of range.", code="transaction-index")
    receipt = parse_receipt(verify_trie(root=header.receipts_root, key=receipt_key(tx_index), nodes=nodes))
    if receipt.status != 1:
        raise ProofFailed("The anchoring transaction failed.", code="receipt-failed")
    if not 0 <= log_position < len(receipt.logs):
        raise ProofFailed("The receipt has no log at that position.", code="log-position")
    return parse_anchored(receipt.logs[log_position], registry=registry, log_id=log_id)


def parse_anchored(log: Log, *, registry: bytes, log_id: bytes) -> AnchoredEvent:
    """Return the ``Anchored`` event that ``log`` is, for ``log_id`` and from ``registry``.

    Raises :class:`ProofFailed` (``event-address``, ``event-topics``, ``event-data``, ``event-size``) if it is not.
    """
    if log.address != registry:
        raise ProofFailed("The log is not from the registry.", code="event-address")
    if log.topics != (ANCHORED_TOPIC, log_id):
        raise ProofFailed("The log is not the Anchored event of this log id.", code="event-topics")
    if len(log.data) != 96:
        raise ProofFailed("The data of the Anchored event must have 96 bytes.", code="event-data")
    size = int.from_bytes(log.data[:32], "big")
    prev_size = int.from_bytes(log.data[64:], "big")
    if not prev_size < size < 2**63:
        raise ProofFailed("The sizes in the Anchored event cannot be.", code="event-size")
    return AnchoredEvent(registry=registry, log_id=log_id, size=size, root=log.data[32:64], prev_size=prev_size)


def log_id(sender: bytes, origin: str) -> bytes:
    """Return the id under which ``sender`` (20 bytes) registers the log ``origin``.

    It is ``keccak256(abi.encode(sender, origin))``: the Solidity ABI encoding of ``(address, string)``.
    """
    name = origin.encode("utf-8")
    padding = bytes(-len(name) % 32)
    head = bytes(12) + sender + (64).to_bytes(32, "big")
    return keccak256(head + len(name).to_bytes(32, "big") + name + padding)


def _list(item: Rlp, name: str) -> list[Rlp]:
    if isinstance(item, bytes):
        raise InvalidRlp(f"{name} must be a list.", code="rlp-type", field=name)
    return item


def _fixed(item: Rlp, size: int, name: str) -> bytes:
    if not isinstance(item, bytes):
        raise InvalidRlp(f"{name} must be a byte string.", code="rlp-type", field=name)
    if len(item) != size:
        raise InvalidRlp(f"{name} must have {size} bytes, not {len(item)}.", code="rlp-length", field=name)
    return item
