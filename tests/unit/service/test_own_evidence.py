"""The evidence by which a log checks its own bundles before it hands them out: all that it has proven passes by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notary.core.bundle import Anchor, StorageAnchor
from notary.core.verify import verify
from notary.service.evidence import own_evidence
from tests.worlds import NOW, World

HERE = World().trust().chains[0]
REGISTRY_MOVED = replace(HERE, registry=b"\x77" * 20, registry_codehash=b"\x78" * 32, log_id=b"\x79" * 32)

BEGUN_ANEW = replace(REGISTRY_MOVED, genesis=b"\x70" * 32)


@pytest.mark.parametrize("depth", [None, 12], ids=["finalized", "depth"])
@pytest.mark.parametrize("stored", [False, True], ids=["receipt", "storage"])
@pytest.mark.parametrize(
    "others",
    [(), (replace(HERE, chain_id=HERE.chain_id + 1),), (REGISTRY_MOVED,), (BEGUN_ANEW,)],
    ids=["one place", "another chain", "another registry on the same chain", "the chain before it began anew"],
)
def test_what_the_log_has_proven_passes(others: tuple[object, ...], stored: bool, depth: int | None) -> None:
    world = World()
    anchors: tuple[Anchor | StorageAnchor, ...] = (world.storage_anchor() if stored else world.anchor(),)
    for chains in ((replace(HERE, depth=depth), *others), (*others, replace(HERE, depth=depth))):
        trust = world.trust(chains=chains)
        bundle = world.bundle(anchors=anchors)
        report = verify(bundle, trust=trust, evidence=own_evidence(bundle, trust), now=NOW)
        assert report.verdict == "match", [(one.name, one.outcome.code) for one in report.checks]


def test_anchors_of_both_kinds_on_one_chain_pass() -> None:
    world = World()
    trust = world.trust(chains=(REGISTRY_MOVED, HERE))
    bundle = world.bundle(anchors=(world.anchor(), world.storage_anchor()))
    report = verify(bundle, trust=trust, evidence=own_evidence(bundle, trust), now=NOW)
    assert report.verdict == "match", [(one.name, one.outcome.code) for one in report.checks]
