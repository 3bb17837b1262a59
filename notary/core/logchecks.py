"""The checks about the log and the chain: ``inclusion``, ``checkpoint``, ``anchor``, ``chain``.

A bundle can hold several anchors. A check passes when it passes for each of them: an anchor that was not looked at must
not stand, unnoticed, beside one that was. See ``docs/spec/verify.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from notary.core import chain as chains
from notary.core import merkle
from notary.core.bundle import Anchor, Bundle, StorageAnchor
from notary.core.chain import AnchoredHead, Block, ChainEvidence, Recorded, TrustedChain, Wanted
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.evm import AnchoredEvent, parse_header, verify_anchored
from notary.core.note import Note, parse_note, verify_note
from notary.core.outcome import Outcome, failed, passed, unchecked, worst
from notary.core.tlogproof import TlogProof
from notary.core.trust import Trust
from notary.errors import InvalidNote, InvalidRlp, ProofFailed

PENDING = unchecked("pending", "Not anchored yet: the bundle holds no anchor. Fetch it again later.")


def check_proof(proof: TlogProof, *, leaf: bytes, origin: str, trust: Trust) -> Checkpoint:
    """Return the signed checkpoint of ``proof`` after checking that it is of ``origin`` and holds ``leaf``.

    Raises :class:`InvalidNote` or :class:`ProofFailed`.
    """
    note, checkpoint = _read(proof)
    _check_inclusion(proof, checkpoint, leaf=leaf, origin=origin)
    _check_signature(note, checkpoint, trust)
    return checkpoint


def _read(proof: TlogProof) -> tuple[Note, Checkpoint]:
    note = parse_note(proof.checkpoint)
    return note, parse_checkpoint(note.text)


def _check_inclusion(proof: TlogProof, checkpoint: Checkpoint, *, leaf: bytes, origin: str) -> None:
    if checkpoint.origin != origin:
        raise ProofFailed(
            f"The record is for the log {origin}, the checkpoint of the log {checkpoint.origin}.", code="wrong-origin"
        )
    merkle.verify_inclusion(
        leaf=leaf, index=proof.index, size=checkpoint.size, proof=proof.hashes, root=checkpoint.root
    )


def _check_signature(note: Note, checkpoint: Checkpoint, trust: Trust) -> None:
    if checkpoint.origin != trust.origin:
        raise ProofFailed(f"It is a checkpoint of the log {checkpoint.origin}.", code="wrong-origin")
    verify_note(note, trust.keys_for(checkpoint.size), strict=True)


def _proofs(bundle: Bundle) -> list[TlogProof]:
    before_anchoring = [bundle.proof] if bundle.proof is not None else []
    return [anchor.proof for anchor in bundle.anchors] + before_anchoring


def known_size(bundle: Bundle) -> int | None:
    """Return the largest tree size that a checkpoint in the bundle claims, or None."""
    sizes: list[int] = []
    for proof in _proofs(bundle):
        try:
            sizes.append(_read(proof)[1].size)
        except InvalidNote:
            continue  # reported by the checks `inclusion` and `checkpoint`
    return max(sizes, default=None)


def check_inclusion(bundle: Bundle) -> Outcome:
    """Recompute the tree's root from the entry and each inclusion proof."""
    leaf, origin = bundle.entry.leaf_hash(), bundle.entry.record.origin
    return worst((_inclusion(proof, leaf=leaf, origin=origin) for proof in _proofs(bundle)), empty=PENDING)


def _inclusion(proof: TlogProof, *, leaf: bytes, origin: str) -> Outcome:
    try:
        _, checkpoint = _read(proof)
        _check_inclusion(proof, checkpoint, leaf=leaf, origin=origin)
    except (InvalidNote, ProofFailed) as error:
        return failed(error.code, f"The entry is not proven to be in the log: {error.message}")
    return passed("included", f"The entry is number {proof.index} of the {checkpoint.size} in the checkpoint.")


def check_checkpoint(bundle: Bundle, trust: Trust | None) -> Outcome:
    """Check the log's signature on each checkpoint with the keys of the trust file."""
    origin = bundle.entry.record.origin
    if trust is None:
        return unchecked("no-trust", "No trust file was given: nothing says which keys are the log's (--trust FILE).")
    if trust.origin != origin:
        return unchecked("log-not-trusted", f"The trust file names the log {trust.origin}, not {origin}.")
    return worst((_checkpoint(proof, trust) for proof in _proofs(bundle)), empty=PENDING)


def _checkpoint(proof: TlogProof, trust: Trust) -> Outcome:
    try:
        note, checkpoint = _read(proof)
        _check_signature(note, checkpoint, trust)
    except (InvalidNote, ProofFailed) as error:
        return failed(error.code, f"The checkpoint is not signed by the log: {error.message}{older_trust(error.code)}")
    return passed("signed", f"The checkpoint of size {checkpoint.size} is signed by the log {trust.origin}.")


def older_trust(code: str) -> str:
    """Return what to do about a signature with this code, for people: the log may have another key by now."""
    return " If the log's key was replaced, get its newest trust file." if code == "no-known-signature" else ""


def check_anchor(bundle: Bundle, trust: Trust | None, evidence: ChainEvidence) -> Outcome:
    """Check that each anchor's receipt proves the registry's event with the checkpoint's size and root.

    Of a storage-only anchor, that the registry holds them, as far as ``evidence`` goes.
    """
    return worst(
        (
            _stored(anchor, bundle, trust, evidence)
            if isinstance(anchor, StorageAnchor)
            else _anchor(anchor, bundle, trust)
            for anchor in bundle.anchors
        ),
        empty=PENDING,
    )


def _stored(anchor: StorageAnchor, bundle: Bundle, trust: Trust | None, evidence: ChainEvidence) -> Outcome:
    place = _place(anchor, bundle, trust)
    if isinstance(place, Outcome) and place.status == "fail":
        return place
    try:
        head = anchored_head(anchor)
    except InvalidNote as error:
        return failed(error.code, f"The checkpoint that was anchored is malformed: {error.message}")
    if isinstance(place, Outcome):
        return place
    since = Recorded(anchor.block, anchor.time)
    return chains.judge_recorded(head, since, place, evidence, all_chains=_chain_ids(trust))


def anchored_head(anchor: StorageAnchor) -> AnchoredHead:
    """Return what a registry is asked about for this anchor. Raises :class:`InvalidNote`."""
    _, checkpoint = _read(anchor.proof)
    return AnchoredHead(anchor.registry, anchor.log_id, checkpoint.size, checkpoint.root)


def _chain_ids(trust: Trust | None) -> set[int]:
    return {chain.chain_id for chain in trust.chains} if trust is not None else set()


def _anchor(anchor: Anchor, bundle: Bundle, trust: Trust | None) -> Outcome:
    place = _place(anchor, bundle, trust)
    if isinstance(place, Outcome) and place.status == "fail":
        return place
    # Even where nothing says which registry to trust, a proof that contradicts itself is false.
    try:
        event = _event(
            anchor.header, anchor.tx_index, anchor.log_position, anchor.nodes, anchor.registry, anchor.log_id
        )
        _, checkpoint = _read(anchor.proof)
    except (InvalidRlp, InvalidNote, ProofFailed) as error:
        return failed(error.code, f"The receipt does not prove the anchor: {error.message}")
    if (event.size, event.root) != (checkpoint.size, checkpoint.root):
        return failed("anchored-another-head", "The registry's event is about another tree head than the checkpoint.")
    if isinstance(place, Outcome):
        return place
    return passed("anchored", f"The receipt proves that the registry recorded the tree head of size {event.size}.")


# Bundles that are checked one after the other mostly share it.
@lru_cache(maxsize=16)
def _event(
    header: bytes, tx_index: int, log_position: int, nodes: tuple[bytes, ...], registry: bytes, log_id: bytes
) -> AnchoredEvent:
    return verify_anchored(
        header=parse_header(header),
        tx_index=tx_index,
        log_position=log_position,
        nodes=nodes,
        registry=registry,
        log_id=log_id,
    )


def _place(anchor: Anchor | StorageAnchor, bundle: Bundle, trust: Trust | None) -> TrustedChain | Outcome:
    """Return the trusted chain the anchor is on, or why there is none."""
    if trust is None:
        return unchecked("no-trust", "No trust file was given: nothing says which registry is the log's.")
    if trust.origin != bundle.entry.record.origin:
        return unchecked("log-not-trusted", f"The trust file does not name the log {bundle.entry.record.origin}.")
    claimed = (anchor.chain_id, anchor.registry, anchor.log_id)
    for chain in trust.chains:
        trusted = (chain.chain_id, chain.registry, chain.log_id)
        if claimed == trusted:
            return chain
    for chain in trust.chains:
        if anchor.chain_id == chain.chain_id or (anchor.registry, anchor.log_id) == (chain.registry, chain.log_id):
            return failed(
                "wrong-registry",
                f"The anchor names registry 0x{anchor.registry.hex()} and log id 0x{anchor.log_id.hex()} on chain "
                f"{anchor.chain_id}; the trust file says otherwise.",
            )
    return unchecked("chain-not-trusted", f"The trust file names no registry on chain {anchor.chain_id}.")


def check_chain(bundle: Bundle, trust: Trust | None, evidence: ChainEvidence) -> Outcome:
    """Check that each anchor's block is a final block of its chain, as far as ``evidence`` goes."""
    return worst((_chain(anchor, bundle, trust, evidence) for anchor in bundle.anchors), empty=PENDING)


def _chain(anchor: Anchor | StorageAnchor, bundle: Bundle, trust: Trust | None, evidence: ChainEvidence) -> Outcome:
    place = _place(anchor, bundle, trust)
    if isinstance(place, Outcome):
        return unchecked("no-trusted-chain", "Which chain the anchor must be on is not known: see the check before.")
    if isinstance(anchor, StorageAnchor):
        return chains.judge_height(anchor.block, place, evidence, all_chains=_chain_ids(trust))
    try:
        header = parse_header(anchor.header)
    except InvalidRlp as error:
        return failed(error.code, f"The block header is malformed: {error.message}")
    return chains.judge(Block(header.number, header.hash), place, evidence, all_chains=_chain_ids(trust))


@dataclass(frozen=True, slots=True)
class ClaimedBlock:
    """The block that an anchor claims to be in; ``time`` is the chain's own, in seconds on Ethereum.

    Nothing of it is proven before the check ``chain`` has passed, and ``anchor`` too for a storage-only anchor, whose
    ``hash`` is None.
    """

    number: int
    time: int
    hash: bytes | None


def claimed_block(anchor: Anchor | StorageAnchor) -> ClaimedBlock:
    """Return where an anchor claims to be. Raises :class:`InvalidRlp` for a malformed header."""
    if isinstance(anchor, StorageAnchor):
        return ClaimedBlock(anchor.block, anchor.time, None)
    header = parse_header(anchor.header)
    return ClaimedBlock(header.number, header.timestamp, header.hash)


def wanted(bundle: Bundle, trust: Trust | None = None) -> tuple[Wanted, ...]:
    """Return what to ask endpoints for before verifying ``bundle``; malformed anchors ask for nothing."""
    latest = trust is not None and any(chain.depth is not None for chain in trust.chains)
    result: list[Wanted] = []
    for anchor in bundle.anchors:
        try:
            result.append(_wanted(anchor, latest=latest))
        except (InvalidRlp, InvalidNote):
            continue  # reported by the checks `anchor` and `chain`
    return tuple(result)


def _wanted(anchor: Anchor | StorageAnchor, *, latest: bool) -> Wanted:
    if isinstance(anchor, StorageAnchor):
        return Wanted(anchor.chain_id, None, anchor.registry, anchored_head(anchor), latest)
    return Wanted(anchor.chain_id, parse_header(anchor.header).number, anchor.registry, latest=latest)
