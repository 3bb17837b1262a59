"""What endpoints say about a chain, as a value, and what follows from it (check ``chain`` of the verification).

A block header's hash says nothing about whether the block is on the chain. That is known only from somebody: endpoints
that the person verifying chose, or a block hash that person pinned. Adapters ask and put the answers into
:class:`ChainEvidence`; this module only judges them. An anchor without a header is known from them alone: what the
registry's storage holds. See ``docs/spec/verify.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from notary.core.outcome import Outcome, failed, passed, unchecked


@dataclass(frozen=True, slots=True)
class AnchoredHead:
    """A tree head that a registry is asked about: its function ``anchored`` takes the last three."""

    registry: bytes
    log_id: bytes
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a registry says of a tree head: the block that anchored it first, and that block's time in seconds.

    ``block`` is 0 for a head that it does not hold.
    """

    block: int
    time: int


@dataclass(frozen=True, slots=True)
class EndpointView:
    """One endpoint's answers: all of them taken from the same chain at about the same moment.

    ``problem`` is a sentence when the endpoint could not be asked; the other members are then empty. ``codehashes``
    maps registry addresses to keccak-256 of their code, ``final_height`` is the number of the block tagged
    ``finalized``, ``hashes`` maps each asked height that the endpoint knows to its canonical block hash, ``recorded``
    each asked tree head to what its registry says of it; ``latest`` is the number of the newest block.
    """

    url: str
    problem: str | None = None
    chain_id: int | None = None
    genesis: bytes | None = None
    codehashes: Mapping[bytes, bytes] = field(default_factory=dict)
    final_height: int | None = None
    hashes: Mapping[int, bytes] = field(default_factory=dict)
    latest: int | None = None
    recorded: Mapping[AnchoredHead, Recorded] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChainEvidence:
    """All that is known about chains while verifying: endpoint answers, and block hashes pinned by the user."""

    views: tuple[EndpointView, ...] = ()
    pinned: frozenset[bytes] = frozenset()
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an anchor needs to know from an endpoint: the code at ``registry``, and one of two things.

    With a header that is the block hash at ``height``; without one, what the registry holds of ``head``. ``latest``
    says whether the number of the newest block is needed too.
    """

    chain_id: int
    height: int | None
    registry: bytes
    head: AnchoredHead | None = None
    latest: bool = False


@dataclass(frozen=True, slots=True)
class TrustedChain:
    """One chain as the trust file names it; only there ``genesis`` and ``registry_codehash`` come from.

    ``depth`` is None where the block tag ``finalized`` says what is final; otherwise a block is final that has so many
    blocks above it.
    """

    chain_id: int
    genesis: bytes
    registry: bytes
    registry_codehash: bytes
    log_id: bytes
    depth: int | None = None


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
    relevant = _asked(chain, evidence, all_chains)
    if not relevant:
        return _without_endpoints(block.number, evidence, pinned=pinned)
    answers = [_confirms(view, block, chain) for view in relevant]
    problems = [answer for answer in answers if isinstance(answer, Outcome)]
    if problems:
        return problems[0]
    agreeing = sum(answer is True for answer in answers)
    if agreeing == len(answers):
        if evidence.pinned and not pinned:
            return _not_pinned(block.number)
        return passed("final-block", f"Block {block.number} of chain {chain.chain_id} is final: {_names(relevant)}.")
    if agreeing == 0 and not pinned:
        return failed(
            "block-not-canonical",
            f"Chain {chain.chain_id} has another block at final height {block.number}: {_names(relevant)}.",
        )
    return unchecked("sources-disagree", f"Your sources disagree about block {block.number} of chain {chain.chain_id}.")


def judge_height(number: int, chain: TrustedChain, evidence: ChainEvidence, *, all_chains: Collection[int]) -> Outcome:
    """Say whether ``chain`` is final up to block ``number``, by endpoints on which everything else is as trusted.

    This is all that there is to say of the block of an anchor without a header: it has no hash to compare.
    """
    relevant = _asked(chain, evidence, all_chains)
    if not relevant:
        return _without_endpoints(number, evidence, pinned=False)
    for view in relevant:
        problem = _problem(view, number, chain)
        if problem is not None:
            return problem
    if evidence.pinned:
        return _not_pinned(number)
    return passed("final-height", f"Chain {chain.chain_id} is final up to block {number}: {_names(relevant)}.")


def judge_recorded(
    head: AnchoredHead, since: Recorded, chain: TrustedChain, evidence: ChainEvidence, *, all_chains: Collection[int]
) -> Outcome:
    """Say whether the trusted registry holds ``head`` since the block ``since``, which must be final.

    Fails only if every endpoint asked shows a registry that does not hold it, or has it from another block or time, as
    of blocks that are final there.
    """
    relevant = _asked(chain, evidence, all_chains)
    if not relevant:
        return _without_endpoints(since.block, evidence, pinned=False)
    answers = [_holds(view, head, since, chain) for view in relevant]
    problems = [answer for answer in answers if isinstance(answer, Outcome)]
    if problems:
        return problems[0]
    held = f"the tree head of size {head.size} since block {since.block} and time {since.time}: {_names(relevant)}."
    agreeing = sum(answer is True for answer in answers)
    if agreeing == len(answers):
        # A hash cannot pin a block whose hash nobody can recompute.
        return (
            _not_pinned(since.block) if evidence.pinned else passed("anchored-in-storage", f"The registry holds {held}")
        )
    if agreeing == 0:
        return failed("not-in-storage", f"The registry does not hold {held}")
    return unchecked("sources-disagree", f"Your sources disagree about what the registry holds of size {head.size}.")


def _asked(chain: TrustedChain, evidence: ChainEvidence, all_chains: Collection[int]) -> list[EndpointView]:
    """Return the endpoints that were asked about ``chain``: not those that are on another of the trusted chains."""
    return [v for v in evidence.views if v.chain_id not in all_chains or v.chain_id == chain.chain_id]


def _without_endpoints(number: int, evidence: ChainEvidence, *, pinned: bool) -> Outcome:
    if pinned:
        return passed("pinned-header", f"Block {number} has the block hash that you pinned.")
    if evidence.pinned:
        return _not_pinned(number)
    if evidence.offline:
        return unchecked("offline", "Offline: whether the anchor's block is on the chain was not asked.")
    return unchecked(
        "no-endpoint", "No endpoint was given to ask whether the anchor's block is on the chain (--rpc URL)."
    )


def _not_pinned(number: int) -> Outcome:
    return unchecked("header-not-pinned", f"Block {number} is none of those whose hash you pinned.")


def _confirms(view: EndpointView, block: Block, chain: TrustedChain) -> Outcome | bool:
    """Return True or False as the endpoint confirms or denies the block, or why its answer does not count."""
    problem = _problem(view, block.number, chain)
    if problem is not None:
        return problem
    known = view.hashes.get(block.number)
    if known is None:
        return unchecked("block-unavailable", f"{view.url} did not give the hash of block {block.number}.")
    return known == block.hash


def _holds(view: EndpointView, head: AnchoredHead, since: Recorded, chain: TrustedChain) -> Outcome | bool:
    """Return True or False as the endpoint's registry holds ``head`` since that block, or why it does not count."""
    said = view.recorded.get(head)
    # What it says of another block counts if that one is final, whatever the anchor claims.
    problem = _problem(view, since.block if said is None or not said.block else said.block, chain)
    if problem is not None:
        return problem
    if said is None:
        return unchecked("storage-unavailable", f"{view.url} did not say what the registry holds.")
    return said == since


def _problem(view: EndpointView, number: int, chain: TrustedChain) -> Outcome | None:
    """Return why what an endpoint says of block ``number`` does not count, or None."""
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
    final = final_height(view, chain)
    if final is None:
        return unchecked("no-finality", f"{view.url} does not say which block is final.")
    if final < number:
        return unchecked("not-final", f"{view.url} is final up to block {final}; the anchor is in block {number}.")
    return None


def final_height(view: EndpointView, chain: TrustedChain) -> int | None:
    """Return the height up to which an endpoint calls blocks of ``chain`` final, by the chain's own rule.

    None where it does not say; negative on a chain that is shorter than the depth.
    """
    if chain.depth is None:
        return view.final_height
    return None if view.latest is None else view.latest - chain.depth


def _names(views: Sequence[EndpointView]) -> str:
    return "asked " + ", ".join(view.url for view in views)
