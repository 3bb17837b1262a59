"""Anchors made by hand: header, receipt and event are encoded here, so that no node is needed."""

from __future__ import annotations

from notary.core.evm import ANCHORED_TOPIC, parse_header
from notary.core.rlp import Rlp, encode, encode_integer
from notary.core.trie import prove_receipt, receipts_root
from notary.model.anchors import AnchorProof, AnchorState, Place, Target
from notary.service.services import Services
from tests.worlds import CODEHASH, GENESIS, LOG_ID, REGISTRY, header

TARGET = Target(chain_id=31337, registry=REGISTRY, log_id=LOG_ID)
_WITH_PLACE = {AnchorState.INCLUDED, AnchorState.FINAL, AnchorState.PROVEN, AnchorState.FINALITY_VIOLATION}


def chain_flags() -> dict[str, object]:
    """Return settings that name the chain of the anchors made here."""
    return {
        "chain.rpc": ["http://127.0.0.1:1"],
        "chain.chain_id": TARGET.chain_id,
        "chain.genesis": "0x" + GENESIS.hex(),
        "chain.registry": "0x" + REGISTRY.hex(),
        "chain.registry_codehash": "0x" + CODEHASH.hex(),
        "chain.log_id": "0x" + LOG_ID.hex(),
        "chain.keystore": "keys/none.json",
        "chain.password_file": "keys/none.password",
        "chain.endpoints": ["http://endpoint.example"],
    }


def anchor_proof(*, size: int, root: bytes, number: int = 17) -> AnchorProof:
    """Return a proof that verifies, of an event about this tree head."""
    data = size.to_bytes(32, "big") + root + bytes(32)
    event: list[Rlp] = [REGISTRY, [ANCHORED_TOPIC, LOG_ID], data]
    receipt = b"\x02" + encode([b"\x01", encode_integer(52_700), bytes(256), [event]])
    raw = header(receipts_root([receipt]), number=number, timestamp=1_790_000_000)
    return AnchorProof(
        block_number=number,
        block_hash=parse_header(raw).hash,
        header=raw,
        tx_index=0,
        log_position=0,
        nodes=tuple(prove_receipt([receipt], 0)),
    )


def anchor_head(services: Services, state: AnchorState = AnchorState.PROVEN) -> bytes:
    """Store an anchor of the newest checkpoint in some state, and return the hash of its block."""
    with services.store.write() as view:
        head = view.checkpoint()
        assert head is not None
        anchor = view.add_anchor(target=TARGET, size=head.size, root=head.root, time=1, reason="a test")
        proof = anchor_proof(size=head.size, root=head.root)
        place = Place(b"t" * 32, proof.block_number, proof.block_hash) if state in _WITH_PLACE else None
        if state is AnchorState.PROVEN:
            view.add_captured(anchor.id, proof)
        view.move_anchor(anchor, state=state, time=2, reason="a test", place=place)
    return proof.block_hash
