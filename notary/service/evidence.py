"""From stored rows to evidence: inclusion proofs, the trust file, anchors as a bundle carries them."""

from __future__ import annotations

from notary.config import Settings
from notary.core import bundle, tiles
from notary.core.chain import TrustedChain
from notary.core.entry import Entry, parse_leaf
from notary.core.manifest import Manifest
from notary.core.note import parse_vkey
from notary.core.tilecache import TileCache
from notary.core.tlogproof import TlogProof
from notary.core.trust import Trust, TrustedKey
from notary.errors import IntegrityError
from notary.model import Anchor, AnchorProof, SignedHead, StoredEntry
from notary.ports import LogView

FINALITY = "finalized"


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


def bundle_anchor(anchor: Anchor, captured: AnchorProof, proof: TlogProof) -> bundle.Anchor:
    """Return a proven anchor in the form that bundles carry."""
    return bundle.Anchor(
        chain_id=anchor.target.chain_id,
        registry=anchor.target.registry,
        log_id=anchor.target.log_id,
        proof=proof,
        header=captured.header,
        tx_index=captured.tx_index,
        log_position=captured.log_position,
        nodes=captured.nodes,
    )


def trust_of(manifest: Manifest, settings: Settings) -> Trust:
    """Return the trust file that the log suggests: the manifest's keys and chains, the settings' endpoints."""
    chain = settings.chain
    return Trust(
        origin=manifest.origin,
        keys=tuple(TrustedKey(parse_vkey(key.vkey), key.first, key.last) for key in manifest.vkeys),
        chains=tuple(
            TrustedChain(
                chain_id=one.chain_id,
                genesis=one.genesis,
                registry=one.registry,
                registry_codehash=one.registry_codehash,
                log_id=one.log_id,
                finality=FINALITY,
            )
            for one in manifest.chains
        ),
        development=settings.development,
        endpoints={chain.chain_id: chain.endpoints} if chain is not None and chain.endpoints else {},
    )
