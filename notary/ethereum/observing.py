"""Look at the chain through several endpoints, and say what a quorum of them shows: the rule of what is final.

Each endpoint is asked twice. First for what is final, the sender's nonce there, and the receipts; then for its newest
block and the blocks at all heights that any endpoint spoke of. That order matters: a node may work on the parts of one
batch in any order, and what is said to be final must not be newer than the hashes that are held against it.

What counts (:func:`merge`), with a quorum of q endpoints:

* a block hash at a height, if q endpoints name it, and no q others another one;
* a receipt, if q endpoints show it, with the same outcome, in such a block;
* a height as final, if q endpoints call it final *and* each of them names the agreed hash at every height asked about
  that it calls final;
* a nonce as final, if q endpoints say that so many transactions are final.

An endpoint that names another hash than the agreed one at a height that it calls final contradicts the others about
something that cannot change: then nothing is called final, however many agree, until a person has looked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from notary.core.evm import Log, parse_anchored, parse_receipt
from notary.errors import EndpointFailed, InvalidRlp, ProofFailed
from notary.ethereum.receipts import encode_receipt
from notary.ethereum.rpc import Answer, Call, JsonObject, Rpc, hex_bytes, hexed, optional_object, quantity, tag
from notary.model.anchors import Place, Target
from notary.model.chain import Doubt, Observation, Sighting


@dataclass(frozen=True, slots=True)
class Finality:
    """What the chain's finality is taken from: the node's ``finalized`` tag, or a depth below its head."""

    depth: int | None = None


FINALIZED: Final = Finality()
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: the transactions that anchor ``(size, root)``, and the block of ``place``."""

    target: Target
    sender: bytes
    tx_hashes: tuple[bytes, ...]
    size: int
    root: bytes
    place: Place | None
    finality: Finality = FINALIZED


@dataclass(frozen=True, slots=True)
class First:
    """What an endpoint says first: the height that is final, the nonce there, and the receipts that it has."""

    final: int | None
    nonce: int | None
    receipts: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class View:
    """All that one endpoint says: ``head`` is its newest block, ``hashes`` its blocks at the heights asked about."""

    name: str
    first: First
    head: int
    hashes: Mapping[int, bytes]


def ask_first(rpc: Rpc, question: Question) -> First:
    """Ask one endpoint for what is final and for the receipts. Raises :class:`EndpointFailed`."""
    which = final_tag(rpc, question.finality)
    calls: list[Call] = [
        ("eth_getBlockByNumber", [which, False]),
        ("eth_getTransactionCount", [hexed(question.sender), which]),
    ]
    calls += [("eth_getTransactionReceipt", [hexed(tx_hash)]) for tx_hash in question.tx_hashes]
    final, nonce, *answers = rpc.batch(calls)
    receipts: list[Sighting] = []
    for tx_hash, answer in zip(question.tx_hashes, answers, strict=True):
        receipt = optional_object(answer.get(), "receipt")
        if receipt is not None:
            receipts.append(_sighting(receipt, question))
            if receipts[-1].place.tx_hash != tx_hash or receipts[-1].place.block_number > _LARGEST:
                raise EndpointFailed(f"{rpc.name} gave another receipt than asked for.", code="rpc-shape")
    return First(
        final=_final_height(final),
        nonce=None if nonce.fault is not None else quantity(nonce.get(), "nonce"),
        receipts=tuple(receipts),
    )


def final_tag(rpc: Rpc, finality: Finality) -> str:
    """Return how the final block is named to this endpoint now. Raises :class:`EndpointFailed`."""
    if finality.depth is None:
        return "finalized"
    return tag(max(0, quantity(rpc.call("eth_blockNumber"), "number") - finality.depth))


def ask_blocks(rpc: Rpc, heights: Sequence[int]) -> tuple[int, dict[int, bytes]]:
    """Ask one endpoint for its newest height, and the hashes that it has at others. Raises :class:`EndpointFailed`."""
    calls: list[Call] = [("eth_blockNumber", [])]
    calls += [("eth_getBlockByNumber", [tag(height), False]) for height in heights]
    head, *blocks = rpc.batch(calls)
    hashes: dict[int, bytes] = {}
    for height, answer in zip(heights, blocks, strict=True):
        # Nodes answer for blocks that they have pruned with errors of their own making: unavailable, not absent.
        block = None if answer.fault is not None else optional_object(answer.get(), "block")
        if block is None:
            continue
        if quantity(block.get("number"), "number") != height:
            raise EndpointFailed(f"{rpc.name} gave another block than asked for.", code="rpc-shape")
        hashes[height] = hex_bytes(block.get("hash"), "hash", size=32)
    return quantity(head.get(), "number"), hashes


def heights(firsts: Sequence[First], place: Place | None) -> list[int]:
    """Return the heights at which all endpoints must be asked for their block."""
    found = {one.place.block_number for first in firsts for one in first.receipts}
    return sorted(found | ({place.block_number} if place is not None else set()))


# --------------------------------------------------------------------------------------------------------------- merge


def merge(views: Sequence[View], *, place: Place | None, quorum: int) -> Observation:
    """Return what a quorum of endpoints shows; ``views`` are those that speak of the present."""
    asked = heights([view.first for view in views], place)
    agreed = {height: found for height in asked if (found := _agreed(views, height, quorum)) is not None}
    doubt = _contradiction(views, asked, agreed)
    final = nonce = None
    if doubt is None:
        final = _reached([view.first.final for view in views if _supports(view, asked, agreed)], quorum)
        nonce = _reached([view.first.nonce for view in views], quorum)
    return Observation(
        final_height=final,
        final_nonce=nonce,
        sightings=_sightings(views, agreed, quorum),
        hash_at_place=None if place is None else agreed.get(place.block_number),
        head_height=max((view.head for view in views), default=None),
        doubts=() if doubt is None else (doubt,),
    )


def _agreed(views: Sequence[View], height: int, quorum: int) -> bytes | None:
    named = [view.hashes[height] for view in views if height in view.hashes]
    winners = {one for one in named if named.count(one) >= quorum}
    return winners.pop() if len(winners) == 1 else None


def _contradiction(views: Sequence[View], asked: Sequence[int], agreed: Mapping[int, bytes]) -> Doubt | None:
    """Return why nothing may be called final: somebody has, finally, another block than others."""
    for height in asked:
        settled = {v.name: v.hashes[height] for v in views if height in v.hashes and _is_final(v, height)}
        known = set(settled.values()) | ({agreed[height]} if height in agreed else set())
        if settled and len(known) > 1:
            said = ", ".join(f"{name} 0x{found.hex()}" for name, found in settled.items())
            return Doubt(
                "endpoints-disagree",
                f"The endpoints disagree on the final block {height} ({said}): one of them lies or is on a fork. "
                "Nothing is called final until they agree, or chain.rpc no longer names the wrong one.",
            )
    return None


def _supports(view: View, asked: Sequence[int], agreed: Mapping[int, bytes]) -> bool:
    """Say whether an endpoint names the agreed block at every height that it calls final."""
    return all(
        height in agreed and view.hashes.get(height) == agreed[height] for height in asked if _is_final(view, height)
    )


def _is_final(view: View, height: int) -> bool:
    return view.first.final is not None and height <= view.first.final


def _reached(numbers: Sequence[int | None], quorum: int) -> int | None:
    """Return the highest number that a quorum has reached."""
    known = sorted((number for number in numbers if number is not None), reverse=True)
    return known[quorum - 1] if len(known) >= quorum else None


def _sightings(views: Sequence[View], agreed: Mapping[int, bytes], quorum: int) -> tuple[Sighting, ...]:
    """Return every receipt that was shown; only those that a quorum shows, in an agreed block, are canonical."""
    shown: dict[tuple[Place, bool], list[Sighting]] = {}
    for view in views:
        for one in view.first.receipts:
            shown.setdefault((one.place, one.anchored), []).append(one)
    return tuple(
        replace(same[0], canonical=len(same) >= quorum and agreed.get(place.block_number) == place.block_hash)
        for (place, _), same in shown.items()
    )


# ------------------------------------------------------------------------------------------------------------ receipts


def shows_anchor(receipt: JsonObject, question: Question) -> bool:
    """Say whether a receipt, as the node tells it, shows success and our event. The proof is captured later."""
    try:
        parsed = parse_receipt(encode_receipt(receipt))
    except InvalidRlp:
        return False
    return parsed.status == 1 and any(_head(log, question) == (question.size, question.root) for log in parsed.logs)


def _head(log: Log, question: Question) -> tuple[int, bytes] | None:
    """Return the tree head that a log entry of a receipt is about, None if it is not about our log's."""
    try:
        event = parse_anchored(log, registry=question.target.registry, log_id=question.target.log_id)
    except ProofFailed:
        return None
    return event.size, event.root


def _final_height(answer: Answer) -> int | None:
    """Return the height of the final block; None where the node has no such thing."""
    block = None if answer.fault is not None else optional_object(answer.get(), "block")
    return None if block is None else quantity(block.get("number"), "number")


def _sighting(receipt: JsonObject, question: Question) -> Sighting:
    """Return a receipt as one endpoint shows it: whether its block is canonical is not known yet."""
    return Sighting(
        place=Place(
            tx_hash=hex_bytes(receipt.get("transactionHash"), "transactionHash", size=32),
            block_number=quantity(receipt.get("blockNumber"), "blockNumber"),
            block_hash=hex_bytes(receipt.get("blockHash"), "blockHash", size=32),
        ),
        anchored=shows_anchor(receipt, question),
        canonical=False,
        gas_used=_optional(receipt, "gasUsed"),
        gas_price=_optional(receipt, "effectiveGasPrice"),
    )


def _optional(receipt: JsonObject, name: str) -> int | None:
    """Return a quantity that says what was paid; nothing hangs on it, so a node may leave it out."""
    value = receipt.get(name)
    return None if value is None else quantity(value, name)
