"""What endpoints say about a chain, as a value, and what follows from it (check ``chain`` of the verification).

A block header's hash says nothing about whether the block is on the chain. That is known only from somebody: endpoints
that the person verifying chose, or a block hash that person pinned. Adapters ask and put the answers into
:class:`ChainEvidence`; this module only judges them. See ``docs/spec/verify.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from notary.core.outcome import Outcome, failed, passed, unchecked


@dataclass(frozen=True, slots=True)
class EndpointView:
    """One endpoint's answers: all of them taken from the same chain at about the same moment.

    ``problem`` is a sentence when the endpoint could not be asked; the other members are then empty. ``codehashes``
    maps registry addresses to keccak-256 of their code, ``final_height`` is the number of the block tagged
    ``finalized``, ``hashes`` maps each asked height that the endpoint knows to its canonical block hash.
    """

    url: str
    problem: str | None = None
    chain_id: int | None = None
    genesis: bytes | None = None
    codehashes: Mapping[bytes, bytes] = field(default_factory=dict)
    final_height: int | None = None
    hashes: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChainEvidence:
    """All that is known about chains while verifying: endpoint answers, and block hashes pinned by the user."""

    views: tuple[EndpointView, ...] = ()
    pinned: frozenset[bytes] = frozenset()
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an anchor needs to know from an endpoint: the block hash at ``height``, the code at ``registry``."""

    chain_id: int
    height: int
    registry: bytes


@dataclass(frozen=True, slots=True)
class TrustedChain:
    """One chain as the trust file names it; only there ``genesis`` and ``registry_codehash`` come from."""

    chain_id: int
    genesis: bytes
    registry: bytes
    registry_codehash: bytes
    log_id: bytes
    finality: str


@dataclass(frozen=True, slots=True)
class Block:
    """The block an anchor claims to be in."""

    number: int
    hash: bytes


def judge(block: Block, chain: TrustedChain, evidence: ChainEvidence, *, all_chains: Collection[int]) -> Outcome:
    """Say whether ``block`` is a final block of ``chain``, as far as ``evidence`` goes.

    Passes only if at least one source answered and every source given agrees. Fails only if every endpoint asked about
    this chain names another hash at that height, which it calls final. Everything between is unchecked: endpoints that
    are down, behind, on another chain, without the trusted registry, or in disagreement.
    """
    pinned = block.hash in evidence.pinned
    relevant = [v for v in evidence.views if v.chain_id not in all_chains or v.chain_id == chain.chain_id]
    if not relevant:
        return _without_endpoints(block, evidence, pinned=pinned)
    answers = [_ask(view, block, chain) for view in relevant]
    problems = [answer for answer in answers if isinstance(answer, Outcome)]
    if problems:
        return problems[0]
    agreeing = sum(answer is True for answer in answers)
    if agreeing == len(answers):
        if evidence.pinned and not pinned:
            return unchecked("header-not-pinned", f"Block {block.number} is none of those whose hash you pinned.")
        return passed("final-block", f"Block {block.number} of chain {chain.chain_id} is final: {_names(relevant)}.")
    if agreeing == 0 and not pinned:
        return failed(
            "block-not-canonical",
            f"Chain {chain.chain_id} has another block at final height {block.number}: {_names(relevant)}.",
        )
    return unchecked("sources-disagree", f"Your sources disagree about block {block.number} of chain {chain.chain_id}.")


def _without_endpoints(block: Block, evidence: ChainEvidence, *, pinned: bool) -> Outcome:
    if pinned:
        return passed("pinned-header", f"Block {block.number} has the block hash that you pinned.")
    if evidence.pinned:
        return unchecked("header-not-pinned", f"Block {block.number} is none of those whose hash you pinned.")
    if evidence.offline:
        return unchecked("offline", "Offline: whether the anchor's block is on the chain was not asked.")
    return unchecked(
        "no-endpoint", "No endpoint was given to ask whether the anchor's block is on the chain (--rpc URL)."
    )


def _ask(view: EndpointView, block: Block, chain: TrustedChain) -> Outcome | bool:
    """Return True or False as the endpoint confirms or denies the block, or why its answer does not count."""
    if view.problem is not None:
        return unchecked("endpoint-failed", f"{view.url} could not be asked: {view.problem}")
    if view.chain_id != chain.chain_id:
        return unchecked("wrong-chain", f"{view.url} is on chain {view.chain_id}, not on {chain.chain_id}.")
    if view.genesis != chain.genesis:
        return unchecked(
            "wrong-genesis", f"{view.url} has chain id {chain.chain_id} but another genesis block than the trusted one."
        )
    if view.codehashes.get(chain.registry) != chain.registry_codehash:
        return unchecked("wrong-registry-code", f"{view.url} does not show the trusted registry's code at its address.")
    if view.final_height is None:
        return unchecked("no-finality", f"{view.url} does not say which block is final.")
    if view.final_height < block.number:
        return unchecked(
            "not-final", f"{view.url} is final up to block {view.final_height}; the anchor is in block {block.number}."
        )
    known = view.hashes.get(block.number)
    if known is None:
        return unchecked("block-unavailable", f"{view.url} did not give the hash of block {block.number}.")
    return known == block.hash


def _names(views: Sequence[EndpointView]) -> str:
    return "asked " + ", ".join(view.url for view in views)
