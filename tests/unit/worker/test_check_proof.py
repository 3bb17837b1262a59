"""A captured proof is stored only if it shows this anchor in the block that became final."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notary.errors import ProofFailed
from notary.model.anchors import Anchor, AnchorProof, AnchorRecord, AnchorState, Place
from notary.worker.anchor import check_proof
from tests.anchoring import TARGET, anchor_proof

ROOT = b"R" * 32
ANCHOR = Anchor(id=1, target=TARGET, size=5, root=ROOT, state=AnchorState.FINAL, created=0)
PROOF = anchor_proof(size=5, root=ROOT)
PLACE = Place(tx_hash=b"t" * 32, block_number=PROOF.block_number, block_hash=PROOF.block_hash)


def test_a_true_proof_passes() -> None:
    check_proof(ANCHOR, PLACE, PROOF)


@pytest.mark.parametrize(
    ("anchor", "place", "proof", "code"),
    [
        (ANCHOR, replace(PLACE, block_hash=b"x" * 32), PROOF, "wrong-block"),
        (ANCHOR, replace(PLACE, block_number=18), PROOF, "wrong-block"),
        (replace(ANCHOR, size=6), PLACE, PROOF, "anchored-another-head"),
        (replace(ANCHOR, root=b"S" * 32), PLACE, PROOF, "anchored-another-head"),
        (replace(ANCHOR, target=replace(TARGET, registry=b"x" * 20)), PLACE, PROOF, None),
        (replace(ANCHOR, target=replace(TARGET, log_id=b"x" * 32)), PLACE, PROOF, None),
        (ANCHOR, PLACE, replace(PROOF, tx_index=1), None),
        (ANCHOR, PLACE, replace(PROOF, log_position=1), None),
        (ANCHOR, PLACE, replace(PROOF, nodes=()), None),
        (ANCHOR, PLACE, replace(PROOF, header=b"\x80"), None),
    ],
)
def test_a_false_proof_is_refused(anchor: Anchor, place: Place, proof: AnchorProof, code: str | None) -> None:
    with pytest.raises(ProofFailed) as caught:
        check_proof(anchor, place, proof)
    assert caught.value.code == code or code is None


RECORD = AnchorRecord(block_number=PROOF.block_number, block_hash=PROOF.block_hash, time=2**53 - 1)


def test_what_a_registry_holds_of_that_block_passes() -> None:
    check_proof(ANCHOR, PLACE, RECORD)


@pytest.mark.parametrize(
    "record",
    [
        replace(RECORD, block_number=PROOF.block_number + 1),
        replace(RECORD, time=2**53),  # of which no bundle could be made
        replace(RECORD, time=2**255),  # which no database can hold
    ],
)
def test_what_a_registry_holds_of_another_block_or_beyond_all_numbers_is_refused(record: AnchorRecord) -> None:
    with pytest.raises(ProofFailed) as caught:
        check_proof(ANCHOR, PLACE, record)
    assert caught.value.code == "not-in-storage"
