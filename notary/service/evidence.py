"""From stored rows to evidence: inclusion proofs, the trust file, anchors as a bundle carries them."""

from __future__ import annotations

from notary.config import ChainSettings, Settings
from notary.core import bundle, tiles
from notary.core.chain import ChainEvidence, EndpointView, Recorded, TrustedChain
from notary.core.entry import Entry, parse_leaf
from notary.core.logchecks import anchored_head, claimed_block
from notary.core.manifest import ChainId, Manifest
from notary.core.note import parse_vkey
from notary.core.tilecache import TileCache
from notary.core.tlogproof import TlogProof
from notary.core.trust import Trust, TrustedKey
from notary.errors import IntegrityError
from notary.model.anchors import Anchor, AnchorProof, AnchorRecord
from notary.model.log import SignedHead, StoredEntry
from notary.ports import LogView


def parse_entry(stored: StoredEntry) -> Entry:
    """Return the entry in a stored leaf. Raises :class:`IntegrityError` (``not-an-entry``)."""
    leaf = parse_leaf(stored.data)
    if not isinstance(leaf, Entry):
        raise IntegrityError(f"Leaf {stored.index} is not an entry.", code="not-an-entry")
    return leaf


def prove(view: LogView, *, index: int, head: SignedHead, cache: TileCache | None = None) -> TlogProof:
    """Return the proof that the leaf at ``index`` is in the tree of a published checkpoint."""
    hashes = tiles.inclusion_proof(view, index=index, size=head.size, cache=cache)
    return TlogProof(index=index, hashes=tuple(hashes), checkpoint=head.note)


def bundle_anchor(
    anchor: Anchor, captured: AnchorProof | AnchorRecord, proof: TlogProof
) -> bundle.Anchor | bundle.StorageAnchor:
    """Return a proven anchor in the form that bundles carry."""
    target = anchor.target
    if isinstance(captured, AnchorRecord):
        return bundle.StorageAnchor(
            chain_id=target.chain_id,
            registry=target.registry,
            log_id=target.log_id,
            proof=proof,
            block=captured.block_number,
            time=captured.time,
        )
    return bundle.Anchor(
        chain_id=target.chain_id,
        registry=target.registry,
        log_id=target.log_id,
        proof=proof,
        header=captured.header,
        tx_index=captured.tx_index,
        log_position=captured.log_position,
        nodes=captured.nodes,
    )


def own_evidence(found: bundle.Bundle, trust: Trust) -> ChainEvidence:
    """Return the evidence by which a log checks its own bundle: what its worker saw of the chains is taken as final.

    It is no proof of anything to others, and is never shown as one.
    """
    blocks = [(anchor, claimed_block(anchor)) for anchor in found.anchors]
    if all(block.hash is not None for _, block in blocks):
        return ChainEvidence(pinned=frozenset(block.hash for _, block in blocks if block.hash is not None))
    views = []
    # Every endpoint on a chain is asked about all that is there, so what was seen of it is one view.
    for chain_id in dict.fromkeys(anchor.chain_id for anchor in found.anchors):
        here = [(anchor, block) for anchor, block in blocks if anchor.chain_id == chain_id]
        used = {(anchor.registry, anchor.log_id) for anchor, _ in here}
        places = [one for one in trust.chains if one.chain_id == chain_id and (one.registry, one.log_id) in used]
        if not places:
            continue
        top = max(block.number for _, block in here)
        views.append(
            EndpointView(
                url="the worker",
                chain_id=chain_id,
                genesis=places[0].genesis,
                codehashes={one.registry: one.registry_codehash for one in places},
                final_height=top,
                latest=top + max(one.depth or 0 for one in places),
                hashes={block.number: block.hash for _, block in here if block.hash is not None},
                recorded={
                    anchored_head(anchor): Recorded(anchor.block, anchor.time)
                    for anchor, _ in here
                    if isinstance(anchor, bundle.StorageAnchor)
                },
            )
        )
    return ChainEvidence(views=tuple(views))


def trust_of(manifest: Manifest, settings: Settings) -> Trust:
    """Return the trust file that the log suggests: the manifest's keys and chains, the settings' endpoints.

    What is final is the settings' word too, of the chain that they name; of an earlier one it is the tag ``finalized``.
    """
    chain = settings.chain
    return Trust(
        origin=manifest.origin,
        keys=tuple(TrustedKey(parse_vkey(key.vkey), key.first, key.last) for key in manifest.vkeys),
        chains=tuple(_trusted_chain(one, chain) for one in manifest.chains),
        development=settings.development,
        endpoints={chain.chain_id: chain.endpoints} if chain is not None and chain.endpoints else {},
    )


def _trusted_chain(one: ChainId, settings: ChainSettings | None) -> TrustedChain:
    ours = settings is not None and (one.chain_id, one.registry, one.log_id) == (
        settings.chain_id,
        settings.registry,
        settings.log_id,
    )
    return TrustedChain(
        chain_id=one.chain_id,
        genesis=one.genesis,
        registry=one.registry,
        registry_codehash=one.registry_codehash,
        log_id=one.log_id,
        depth=settings.depth if settings is not None and ours else None,
    )
