"""Reading: states never claim more than is proven, revisions show as such, bundles hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from notary.core import merkle
from notary.core.bundle import parse_bundle
from notary.core.chain import ChainEvidence
from notary.core.current import verify_current
from notary.core.record import Status
from notary.core.trust import parse_trust
from notary.core.verify import Verdict, verify
from notary.errors import IntegrityError, NotFound
from notary.model.anchors import AnchorState
from notary.service.read import PublicState
from notary.storage import tables
from tests.anchoring import TARGET, anchor_head, chain_flags
from tests.service.locallog import LocalLog
from tests.service.test_integrate import tamper


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalLog]:
    made = LocalLog(tmp_path / "log", flags=chain_flags())
    yield made
    made.services.close()


def test_unknown_leaves_and_manifests_are_not_entries(log: LocalLog) -> None:
    with log.services.store.read() as view:
        manifest = view.entries(start=0, limit=1)[0].leaf_hash
    for leaf in (bytes(32), manifest):
        for ask in (log.services.reader.summary, log.services.reader.details, log.services.bundles.bundle):
            with pytest.raises(NotFound) as caught:
                ask(leaf)
            assert caught.value.code == "no-such-entry"


@pytest.mark.parametrize(
    ("state", "public"),
    [
        (AnchorState.QUEUED, PublicState.INTEGRATED),
        (AnchorState.PREPARED, PublicState.INTEGRATED),
        (AnchorState.MAYBE_SENT, PublicState.SUBMITTED),
        (AnchorState.INCLUDED, PublicState.INCLUDED),
        (AnchorState.FINAL, PublicState.INCLUDED),
        (AnchorState.PROVEN, PublicState.FINAL),
        (AnchorState.REVERTED, PublicState.INTEGRATED),
        (AnchorState.FINALITY_VIOLATION, PublicState.INTEGRATED),
    ],
)
def test_the_public_state_follows_the_anchor(log: LocalLog, state: AnchorState, public: PublicState) -> None:
    leaf = log.submit().leaf_hash
    assert log.services.reader.summary(leaf).state is PublicState.PENDING
    log.integrate()
    assert log.services.reader.summary(leaf).state is PublicState.INTEGRATED
    anchor_head(log.services, state)
    assert log.services.reader.summary(leaf).state is public
    assert log.services.reader.details(leaf).summary.state is public
    bundle = parse_bundle(log.services.bundles.bundle(leaf))
    assert bool(bundle.anchors) == (public is PublicState.FINAL)


def test_an_anchor_covers_only_what_was_there(log: LocalLog) -> None:
    covered = log.submit().leaf_hash
    log.integrate()
    anchor_head(log.services)
    later = log.submit().leaf_hash
    log.integrate()
    assert log.services.reader.summary(covered).state is PublicState.FINAL
    assert log.services.reader.summary(later).state is PublicState.INTEGRATED
    assert parse_bundle(log.services.bundles.bundle(later)).proof is not None


def test_a_final_bundle_verifies_offline_with_its_block_pinned(log: LocalLog) -> None:
    leaf = log.submit(document="d").leaf_hash
    log.integrate()
    block_hash = anchor_head(log.services)
    bundle = parse_bundle(log.services.bundles.bundle(leaf))
    trust = parse_trust(log.services.reader.trust_file())
    evidence = ChainEvidence(pinned=frozenset({block_hash}))
    assert verify(bundle, trust=trust, evidence=evidence, now=log.clock.now).verdict is Verdict.MATCH


def test_an_entry_keeps_its_first_anchor(log: LocalLog) -> None:
    leaf = log.submit().leaf_hash
    log.integrate()
    anchor_head(log.services)
    first = parse_bundle(log.services.bundles.bundle(leaf)).anchors
    log.submit()
    log.integrate()
    anchor_head(log.services)
    assert parse_bundle(log.services.bundles.bundle(leaf)).anchors == first


def test_evidence_that_does_not_hold_is_not_handed_out(log: LocalLog) -> None:
    leaf = log.submit().leaf_hash
    log.integrate()
    anchor_head(log.services)
    tamper(log, lambda c: c.execute(update(tables.anchor_proofs).values(tx_index=1)))
    for ask in (log.services.bundles.bundle, log.services.reader.details):
        with pytest.raises(IntegrityError) as caught:
            ask(leaf)
        assert caught.value.code == "bundle-refuted"


def test_an_altered_stored_text_is_not_handed_out(log: LocalLog) -> None:
    leaf = log.submit().leaf_hash
    log.integrate()
    tamper(log, lambda c: c.execute(update(tables.disclosures).values(text=b"Another\n\ntext")))
    with pytest.raises(IntegrityError):
        log.services.bundles.bundle(leaf)


def test_an_erased_text_leaves_the_evidence(log: LocalLog) -> None:
    leaf = log.submit().leaf_hash
    log.integrate()
    anchor_head(log.services)
    tamper(log, lambda c: c.execute(update(tables.disclosures).values(text=None, title=None, meta=None, salt=None)))
    details = log.services.reader.details(leaf)
    assert (details.text, details.meta, details.summary.title) == (None, None, None)
    assert details.summary.state is PublicState.FINAL
    assert parse_bundle(log.services.bundles.bundle(leaf)).text is None


def test_later_revisions_are_shown_and_proven(log: LocalLog) -> None:
    first = log.submit(document="d").leaf_hash
    second = log.revise("d", first).leaf_hash
    third = log.revise("d", second, Status.RETRACTION).leaf_hash
    log.integrate()
    block_hash = anchor_head(log.services)
    trust = parse_trust(log.services.reader.trust_file())
    evidence = ChainEvidence(pinned=frozenset({block_hash}))
    for leaf, verdict in ((first, Verdict.RETRACTED), (second, Verdict.RETRACTED), (third, Verdict.MATCH)):
        bundle = parse_bundle(log.services.bundles.bundle(leaf))
        assert verify(bundle, trust=trust, evidence=evidence, now=log.clock.now).verdict is verdict
        details = log.services.reader.details(leaf)
        assert [one.leaf_hash for one in details.revisions] == [first, second, third]
        newest = None if leaf == third else third
        assert (None if details.superseded_by is None else details.superseded_by.leaf_hash) == newest


def test_a_correction_makes_the_bundle_one_of_an_older_revision(log: LocalLog) -> None:
    first = log.submit(document="d").leaf_hash
    log.integrate()
    block_hash = anchor_head(log.services)
    log.revise("d", first)
    log.integrate()
    bundle = parse_bundle(log.services.bundles.bundle(first))
    report = verify(
        bundle,
        trust=parse_trust(log.services.reader.trust_file()),
        evidence=ChainEvidence(pinned=frozenset({block_hash})),
        now=log.clock.now,
    )
    assert report.verdict is Verdict.OLDER_REVISION


def test_the_statement_names_the_latest_integrated_revision(log: LocalLog) -> None:
    first = log.submit(document="d").leaf_hash
    assert log.services.bundles.current(first) is None
    log.integrate()
    second = log.revise("d", first).leaf_hash
    trust = parse_trust(log.services.reader.trust_file())
    statement = log.services.bundles.current(first)
    assert statement is not None
    assert verify_current(statement, keys_for=trust.keys_for).latest == first
    log.integrate()
    statement = log.services.bundles.current(first)
    assert statement is not None
    current = verify_current(statement, keys_for=trust.keys_for)
    assert (current.latest, current.size, current.document, current.publisher) == (second, 3, "d", "roads-office")
    assert current.root == merkle.root(log.leaves())
    assert current.time == log.clock.now


def test_without_a_document_there_is_no_statement(log: LocalLog) -> None:
    leaf = log.submit().leaf_hash
    log.integrate()
    assert log.services.bundles.current(leaf) is None
    assert parse_bundle(log.services.bundles.bundle(leaf)).current is None


def test_a_pending_entry_has_a_bundle_without_proof(log: LocalLog) -> None:
    leaf = log.submit(document="d").leaf_hash
    bundle = parse_bundle(log.services.bundles.bundle(leaf))
    assert (bundle.anchors, bundle.proof, bundle.current) == ((), None, None)
    assert bundle.entry.leaf_hash() == leaf


def test_recent_entries_come_newest_first_and_page_on(log: LocalLog) -> None:
    leaves = [log.submit().leaf_hash for _ in range(5)]
    page = log.services.reader.recent(limit=3)
    assert [one.leaf_hash for one in page] == leaves[:1:-1]
    rest = log.services.reader.recent(limit=3, before=page[-1].index)
    assert [one.leaf_hash for one in rest] == leaves[1::-1]
    assert all(one.title is not None and one.title.startswith("Notice") for one in page)


def test_a_text_is_found_wherever_it_was_submitted(log: LocalLog) -> None:
    first = log.submit(number=1)
    second = log.submit(number=1, tenant=log.publisher("Water board"))
    log.submit(number=2)
    digest = log.services.reader.summary(first.leaf_hash).text_sha256
    assert digest is not None
    found = log.services.reader.by_text(digest, limit=10)
    assert [one.leaf_hash for one in found] == [first.leaf_hash, second.leaf_hash]
    assert log.services.reader.by_text(bytes(32), limit=10) == []


def test_the_trust_file_is_that_of_manifest_and_settings(log: LocalLog) -> None:
    trust = parse_trust(log.services.reader.trust_file())
    assert trust.origin == log.services.settings.origin
    assert [key.vkey.public for key in trust.keys] == [log.services.signer.public]
    [chain] = trust.chains
    assert (chain.chain_id, chain.registry, chain.log_id) == (TARGET.chain_id, TARGET.registry, TARGET.log_id)
    assert trust.development
    assert trust.endpoints == {TARGET.chain_id: ("http://endpoint.example",)}


def test_the_bundles_current_statement_is_checked_against_its_own_log(log: LocalLog) -> None:
    leaf = log.submit(document="d").leaf_hash
    log.integrate()
    bundle = parse_bundle(log.services.bundles.bundle(leaf))
    assert bundle.current is not None
    with log.services.store.read() as view:
        trust = log.services.bundles.trust(view)
    forged = replace(
        bundle, current=replace(bundle.current, statement=bundle.current.statement.replace(b"d\n", b"e\n"))
    )
    with pytest.raises(IntegrityError) as caught:
        log.services.bundles.check(forged, trust, proven=False)
    assert caught.value.code == "bundle-refuted"
