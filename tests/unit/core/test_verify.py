"""The checks about the log and the chain, and the verdicts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notary.core.bundle import Bundle
from notary.core.chain import ChainEvidence, EndpointView, TrustedChain
from notary.core.note import verifier_key
from notary.core.outcome import CheckStatus
from notary.core.trust import Trust, TrustedKey
from notary.core.verify import EXITS, Report, Verdict, verify
from tests import worlds
from tests.worlds import CHAIN_ID, CODEHASH, GENESIS, LOG_ID, NOW, ORIGIN, REGISTRY, LogKey, World

NAMES = ["record", "text", "copy", "publisher", "inclusion", "checkpoint", "anchor", "chain", "current"]


def check(
    world: World,
    bundle: Bundle | None = None,
    *,
    trust: Trust | str | None = "default",
    evidence: ChainEvidence | None = None,
) -> Report:
    return verify(
        bundle if bundle is not None else world.bundle(),
        trust=world.trust() if isinstance(trust, str) else trust,
        evidence=evidence if evidence is not None else world.evidence(),
        now=NOW,
    )


def expect(report: Report, name: str, status: CheckStatus, code: str, verdict: Verdict) -> None:
    outcome = report.outcome(name)
    assert (outcome.status, outcome.code) == (status, code), outcome
    assert report.verdict is verdict
    assert report.exit == EXITS[verdict]


def test_a_genuine_bundle_matches() -> None:
    report = check(World())
    assert [c.name for c in report.checks] == NAMES
    assert report.verdict is Verdict.MATCH
    assert report.exit == 0
    statuses = {c.name: c.outcome.status for c in report.checks}
    unsure = {"copy": "not-applicable", "publisher": "unchecked", "current": "unchecked"}
    assert statuses == {name: unsure.get(name, "pass") for name in NAMES}


def test_exit_codes_are_those_of_the_table() -> None:
    assert {verdict.value: code for verdict, code in EXITS.items()} == {
        "match": 0,
        "changed": 1,
        "typography-only": 1,
        "refuted": 1,
        "invalid": 2,
        "pending": 3,
        "cannot-check": 3,
        "not-found": 3,
        "match-with-unchecked": 3,
        "older-revision": 4,
        "retracted": 4,
    }


def test_report_as_json() -> None:
    value = check(World()).to_json()
    assert list(value) == ["verdict", "exit", "checks"]
    checks = value["checks"]
    assert isinstance(checks, list)
    assert checks[4] == {
        "name": "inclusion",
        "status": "pass",
        "code": "included",
        "detail": "The entry is number 3 of the 4 in the checkpoint.",
    }


# ---------------------------------------------------------------------------------------------- inclusion, checkpoint


def test_another_entry_is_not_included() -> None:
    world = World()
    other = worlds.entry(worlds.record(language="en"))
    expect(check(world, world.bundle(entry=other)), "inclusion", CheckStatus.FAIL, "root-mismatch", Verdict.REFUTED)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    world = World(origin="other.example/log", key=LogKey(name="other.example/log"))
    report = check(world)
    expect(report, "inclusion", CheckStatus.FAIL, "wrong-origin", Verdict.REFUTED)
    expect(report, "checkpoint", CheckStatus.FAIL, "wrong-origin", Verdict.REFUTED)


def test_without_a_trust_file_nothing_is_known() -> None:
    report = check(World(), trust=None)
    for name in ("checkpoint", "anchor"):
        expect(report, name, CheckStatus.UNCHECKED, "no-trust", Verdict.CANNOT_CHECK)
    expect(report, "chain", CheckStatus.UNCHECKED, "no-trusted-chain", Verdict.CANNOT_CHECK)
    assert report.outcome("inclusion").status is CheckStatus.PASS


def test_a_log_that_the_trust_file_does_not_name() -> None:
    world = World()
    trust = Trust(
        origin="other.example/log",
        keys=(TrustedKey(verifier_key("other.example/log", world.key.public), 0, None),),
        chains=world.trust().chains,
        development=True,
    )
    report = check(world, trust=trust)
    for name in ("checkpoint", "anchor"):
        expect(report, name, CheckStatus.UNCHECKED, "log-not-trusted", Verdict.CANNOT_CHECK)
    assert report.outcome("chain").status is CheckStatus.UNCHECKED


def test_a_checkpoint_signed_with_a_key_that_is_not_trusted() -> None:
    world = World()
    trust = replace(world.trust(), keys=(TrustedKey(verifier_key(ORIGIN, LogKey(2).public), 0, None),))
    expect(check(world, trust=trust), "checkpoint", CheckStatus.FAIL, "no-known-signature", Verdict.REFUTED)


@pytest.mark.parametrize(("first", "last", "good"), [(0, 4, True), (4, 4, True), (5, None, False), (0, 3, False)])
def test_a_key_signs_only_the_sizes_it_is_trusted_for(first: int, last: int | None, good: bool) -> None:
    world = World()
    trust = replace(world.trust(), keys=(TrustedKey(verifier_key(ORIGIN, world.key.public), first, last),))
    report = check(world, trust=trust)
    assert report.outcome("checkpoint").status is (CheckStatus.PASS if good else CheckStatus.FAIL)


def test_a_signature_line_of_a_stranger_is_refused() -> None:
    world = World()
    anchor = world.anchor()
    stranger = LogKey(2).note(world.checkpoint().encode()).split(b"\n\n", 1)[1]
    bundle = world.bundle(
        anchors=(replace(anchor, proof=replace(anchor.proof, checkpoint=anchor.proof.checkpoint + stranger)),)
    )
    report = check(world, bundle)
    assert report.outcome("checkpoint").status is CheckStatus.FAIL
    assert report.verdict is Verdict.REFUTED


def test_before_the_first_anchor_it_is_pending() -> None:
    world = World()
    report = check(world, world.bundle(anchors=()))
    for name in ("inclusion", "checkpoint", "anchor", "chain"):
        expect(report, name, CheckStatus.UNCHECKED, "pending", Verdict.PENDING)


def test_a_pending_bundle_may_already_prove_inclusion() -> None:
    world = World()
    report = check(world, world.bundle(anchors=(), proof=world.proof()))
    expect(report, "inclusion", CheckStatus.PASS, "included", Verdict.PENDING)
    expect(report, "checkpoint", CheckStatus.PASS, "signed", Verdict.PENDING)
    expect(report, "anchor", CheckStatus.UNCHECKED, "pending", Verdict.PENDING)


def test_a_false_proof_in_a_pending_bundle_is_false() -> None:
    world = World()
    report = check(world, world.bundle(anchors=(), proof=replace(world.proof(), index=2)))
    expect(report, "inclusion", CheckStatus.FAIL, "root-mismatch", Verdict.REFUTED)


# ------------------------------------------------------------------------------------------------------------- anchor


@pytest.mark.parametrize("changes", [{"event_size": 5}, {"event_root": bytes(32)}])
def test_an_anchor_of_another_tree_head(changes: dict[str, object]) -> None:
    world = replace(World(), **changes)  # type: ignore[arg-type]
    expect(check(world), "anchor", CheckStatus.FAIL, "anchored-another-head", Verdict.REFUTED)


@pytest.mark.parametrize(
    "changes", [{"registry": bytes(20)}, {"log_id": bytes(32)}, {"chain_id": 1}], ids=["registry", "log id", "chain"]
)
def test_an_anchor_at_another_place_than_the_trusted_one(changes: dict[str, object]) -> None:
    world = replace(World(), **changes)  # type: ignore[arg-type]
    report = check(world)
    expect(report, "anchor", CheckStatus.FAIL, "wrong-registry", Verdict.REFUTED)
    assert report.outcome("chain").status is CheckStatus.UNCHECKED


def test_an_anchor_on_a_chain_that_the_trust_file_does_not_know() -> None:
    world = World(chain_id=1, registry=bytes(20), log_id=bytes(32))
    report = check(world)
    expect(report, "anchor", CheckStatus.UNCHECKED, "chain-not-trusted", Verdict.CANNOT_CHECK)
    expect(report, "chain", CheckStatus.UNCHECKED, "no-trusted-chain", Verdict.CANNOT_CHECK)


def test_a_false_receipt_is_false_even_where_no_registry_is_trusted() -> None:
    world = World()
    anchor = world.anchor()
    forged = replace(anchor, nodes=(anchor.nodes[0], *anchor.nodes[1:-1], World(event_size=9).anchor().nodes[-1]))
    report = check(world, world.bundle(anchors=(forged,)), trust=None)
    assert report.outcome("anchor").status is CheckStatus.FAIL
    assert report.verdict is Verdict.REFUTED


def test_claiming_another_registry_than_the_receipt_shows() -> None:
    world = World(registry=bytes(20))
    claimed = replace(world.anchor(), registry=REGISTRY)
    report = check(world, world.bundle(anchors=(claimed,)))
    assert report.outcome("anchor").status is CheckStatus.FAIL
    assert report.verdict is Verdict.REFUTED


def test_a_malformed_header() -> None:
    world = World()
    broken = replace(world.anchor(), header=b"\xc0")
    report = check(world, world.bundle(anchors=(broken,)))
    assert report.outcome("anchor").status is CheckStatus.FAIL
    assert report.outcome("chain").status is CheckStatus.FAIL


def test_every_anchor_must_hold_not_only_the_first() -> None:
    world = World()
    for second in (replace(world, event_size=9), replace(world, number=18)):
        bundle = world.bundle(anchors=(world.anchor(), second.anchor()))
        assert check(world, bundle).verdict in (Verdict.REFUTED, Verdict.CANNOT_CHECK)
        bundle = world.bundle(anchors=(second.anchor(), world.anchor()))
        assert check(world, bundle).verdict in (Verdict.REFUTED, Verdict.CANNOT_CHECK)


# -------------------------------------------------------------------------------------------------------------- chain


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"problem": "connection refused"}, "endpoint-failed"),
        ({"chain_id": 1}, "wrong-chain"),
        ({"genesis": bytes(32)}, "wrong-genesis"),
        ({"codehashes": {}}, "wrong-registry-code"),
        ({"codehashes": {REGISTRY: bytes(32)}}, "wrong-registry-code"),
        ({"final_height": None}, "no-finality"),
        ({"final_height": 16}, "not-final"),
        ({"hashes": {}}, "block-unavailable"),
    ],
)
def test_an_endpoint_that_cannot_confirm_is_no_pass_and_no_fail(changes: dict[str, object], code: str) -> None:
    world = World()
    for views in ((world.view(**changes),), (world.view(), world.view(**changes))):
        report = check(world, evidence=world.evidence(*views))
        expect(report, "chain", CheckStatus.UNCHECKED, code, Verdict.CANNOT_CHECK)


def test_a_block_is_final_at_the_final_height_itself() -> None:
    world = World()
    report = check(world, evidence=world.evidence(world.view(final_height=world.number)))
    assert report.verdict is Verdict.MATCH


def test_endpoints_that_all_name_another_hash_refute() -> None:
    world = World()
    denying = world.view(hashes={world.number: bytes(32)})
    for views in ((denying,), (denying, denying)):
        report = check(world, evidence=world.evidence(*views))
        expect(report, "chain", CheckStatus.FAIL, "block-not-canonical", Verdict.REFUTED)


def test_endpoints_that_disagree_leave_it_open() -> None:
    world = World()
    denying = world.view(hashes={world.number: bytes(32)})
    report = check(world, evidence=world.evidence(world.view(), denying))
    expect(report, "chain", CheckStatus.UNCHECKED, "sources-disagree", Verdict.CANNOT_CHECK)


def test_no_endpoint_and_offline() -> None:
    world = World()
    report = check(world, evidence=ChainEvidence())
    expect(report, "chain", CheckStatus.UNCHECKED, "no-endpoint", Verdict.CANNOT_CHECK)
    report = check(world, evidence=ChainEvidence(offline=True))
    expect(report, "chain", CheckStatus.UNCHECKED, "offline", Verdict.CANNOT_CHECK)


def test_a_pinned_header_stands_for_an_endpoint() -> None:
    world = World()
    pinned = frozenset({world.view().hashes[world.number]})
    report = check(world, evidence=ChainEvidence(pinned=pinned, offline=True))
    expect(report, "chain", CheckStatus.PASS, "pinned-header", Verdict.MATCH)
    report = check(world, evidence=ChainEvidence(pinned=frozenset({bytes(32)}), offline=True))
    expect(report, "chain", CheckStatus.UNCHECKED, "header-not-pinned", Verdict.CANNOT_CHECK)


def test_a_pinned_header_against_an_endpoint_leaves_it_open() -> None:
    world = World()
    pinned = frozenset({world.view().hashes[world.number]})
    denying = world.view(hashes={world.number: bytes(32)})
    report = check(world, evidence=ChainEvidence(views=(denying,), pinned=pinned))
    expect(report, "chain", CheckStatus.UNCHECKED, "sources-disagree", Verdict.CANNOT_CHECK)
    report = check(world, evidence=ChainEvidence(views=(world.view(),), pinned=frozenset({bytes(32)})))
    expect(report, "chain", CheckStatus.UNCHECKED, "header-not-pinned", Verdict.CANNOT_CHECK)
    assert check(world, evidence=ChainEvidence(views=(world.view(),), pinned=pinned)).verdict is Verdict.MATCH
    report = check(world, evidence=ChainEvidence(views=(denying,), pinned=frozenset({bytes(32)})))
    expect(report, "chain", CheckStatus.FAIL, "block-not-canonical", Verdict.REFUTED)


def test_endpoints_of_another_trusted_chain_are_not_asked_about_this_one() -> None:
    world = World()
    second = TrustedChain(5, GENESIS, REGISTRY, CODEHASH, LOG_ID)
    trust = replace(world.trust(), chains=(*world.trust().chains, second))
    elsewhere = EndpointView(url="http://b.example", chain_id=5, genesis=GENESIS, final_height=99)
    report = check(world, trust=trust, evidence=world.evidence(world.view(), elsewhere))
    assert report.verdict is Verdict.MATCH
    report = check(world, trust=trust, evidence=world.evidence(elsewhere))
    expect(report, "chain", CheckStatus.UNCHECKED, "no-endpoint", Verdict.CANNOT_CHECK)


def test_two_anchors_on_two_chains_need_both() -> None:
    world = World()
    other = replace(world, chain_id=5, number=40)
    second = TrustedChain(5, bytes(32), REGISTRY, CODEHASH, LOG_ID)
    trust = replace(world.trust(), chains=(*world.trust().chains, second))
    bundle = world.bundle(anchors=(world.anchor(), other.anchor()))
    here = world.view()
    there = other.view(chain_id=5, genesis=bytes(32))
    assert check(world, bundle, trust=trust, evidence=world.evidence(here, there)).verdict is Verdict.MATCH
    assert check(world, bundle, trust=trust, evidence=world.evidence(here)).verdict is Verdict.CANNOT_CHECK
    assert check(world, bundle, trust=trust, evidence=world.evidence(there)).verdict is Verdict.CANNOT_CHECK
    assert CHAIN_ID != 5
