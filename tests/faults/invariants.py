"""What must hold after every fault, once everything has settled: one function, and it leaves nothing out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from notary.core import merkle, tiles
from notary.core.bundle import parse_bundle
from notary.core.chain import ChainEvidence
from notary.core.checkpoint import parse_checkpoint
from notary.core.logchecks import wanted
from notary.core.note import parse_note, verify_note
from notary.core.trust import parse_trust
from notary.core.verify import Verdict, verify
from notary.ethereum.evidence import gather
from notary.model.anchors import ENDED, Anchor, AnchorState
from notary.ports import ReadView
from notary.service.fsck import Fsck
from notary.service.logkeys import log_keys
from notary.service.read import PublicState
from notary.service.services import Services
from tests.faults.house import House
from tests.parity.answers import node_answers
from tests.verify_case import evidence_json, run

# From which state which may follow; nothing else is ever written.
MOVES: dict[str, set[str]] = {
    "queued": {"queued", "prepared", "included", "reverted"},
    "prepared": {"prepared", "maybe-sent", "included", "nonce-taken", "reverted", "queued"},
    "maybe-sent": {"maybe-sent", "included", "nonce-taken", "reverted", "queued"},
    "nonce-taken": {"prepared", "included", "reverted"},
    "included": {"included", "maybe-sent", "final"},
    "final": {"proven", "maybe-sent", "finality-violation"},
    "proven": {"finality-violation"},
    "reverted": set(),
    "finality-violation": set(),
}


def check(made: House, *, ended: frozenset[AnchorState] = frozenset({AnchorState.PROVEN})) -> None:
    """Require every invariant; all accepted submissions must be under a proven anchor.

    ``ended`` are the states in which anchors may have ended.
    """
    services = made.services
    report = Fsck(services.store, services.signer).run()
    assert (report.verdict, report.findings) == ("clean", ())
    with services.store.read() as view:
        _check_tree(view, services, made.told)
        anchors = view.anchors(above=0, limit=1000)
        _check_anchors(view, made, anchors, ended)
    _check_chain(made)
    _check_served(made)


def _check_tree(view: ReadView, services: Services, told: Iterable[bytes]) -> None:
    stands, tree, newest = view.acceptance(), view.tree(), view.checkpoint()
    assert newest is not None
    assert newest.size == tree.size == stands.next_index, "everything accepted is in the tree and published"
    stored = view.entries(start=0, limit=10_000)
    leaves = [merkle.leaf_hash(entry.data) for entry in stored]
    assert len(set(leaves)) == len(leaves), "nothing is in the tree twice"
    assert set(told) <= set(leaves), "an answered submission is gone"
    assert [entry.time for entry in stored] == sorted(entry.time for entry in stored)
    keys = log_keys(view, services.signer)
    sizes = [size for size in range(1, tree.size + 1) if view.checkpoint_of(size) is not None]
    for size in sizes:
        head = view.checkpoint_of(size)
        assert head is not None
        note = parse_note(head.note)
        key = keys.of(size)
        assert key is not None, "no key may sign this size"
        verify_note(note, [key], strict=True)
        assert parse_checkpoint(note.text).root == head.root == merkle.root(leaves[:size])
    for old, new in itertools.pairwise(sizes):
        merkle.verify_consistency(
            old=old,
            old_root=merkle.root(leaves[:old]),
            new=new,
            new_root=merkle.root(leaves[:new]),
            proof=tiles.consistency_proof(view, old=old, new=new),
        )


def _check_anchors(view: ReadView, made: House, anchors: list[Anchor], ended: frozenset[AnchorState]) -> None:
    payloads: dict[tuple[bytes, int], bytes] = {}
    for anchor in anchors:
        assert anchor.state in ENDED & ended, anchor
        events = view.anchor_events(anchor.id)
        assert events[-1].state is anchor.state, "the state is what the last event says"
        for before, after in itertools.pairwise(events):
            assert after.state.value in MOVES[before.state.value], (before, after)
            assert after.reason
        for attempt in view.attempts(anchor.id):
            place = (attempt.sender, attempt.nonce)
            assert payloads.setdefault(place, attempt.calldata) == attempt.calldata, "one payload a nonce, ever"
        if anchor.state is AnchorState.PROVEN:
            assert view.captured(anchor.id) is not None
    assert view.anchor_in_flight(made.chain.target) is None


def _check_chain(made: House) -> None:
    events = made.on_chain()
    sizes = [int(one["data"][2:66], 16) for one in events]
    assert len(sizes) == len(set(sizes)), "no head is on the chain twice"
    with made.services.store.read() as view:
        for one, size in zip(events, sizes, strict=True):
            ours = view.checkpoint_of(size)
            assert ours is not None, "what is on the chain was published"
            assert bytes.fromhex(one["data"][66:130]) == ours.root


def _check_served(made: House) -> None:
    """What is served as anchored must verify in both languages, asked of the node itself."""
    services = made.services
    data = services.reader.trust_file()
    trust = parse_trust(data)
    vectors = []
    for leaf in made.told:
        assert services.reader.summary(leaf).state is PublicState.FINAL
        bundle = parse_bundle(services.bundles.bundle(leaf))
        evidence = ChainEvidence(gather([made.node.url], wanted(bundle, trust)))
        now = services.clock.now_ms()
        assert verify(bundle, trust=trust, evidence=evidence, now=now).verdict is Verdict.MATCH
        vectors.append(
            {
                "bundle_hex": bundle.encode().hex(),
                "trust": data.decode(),
                "evidence": evidence_json(evidence),
                "now": now,
            }
        )
    theirs, ours = node_answers(vectors, lambda: [run(vector) for vector in vectors])
    assert theirs == ours
    assert {answer["report"]["verdict"] for answer in theirs} == {"match"}
