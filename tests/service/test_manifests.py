"""The manifest: entry 0, and another one when a chain is added."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from notary.compose import init_log, open_services, open_settings
from notary.core.entry import parse_leaf
from notary.core.manifest import Manifest, check_follows
from notary.errors import IntegrityError, InvalidRecord
from notary.model.log import LeafKind
from notary.service.manifests import ensure_manifest, latest_manifest
from notary.service.services import Services
from tests import backends
from tests.anchoring import TARGET, chain_flags
from tests.service.locallog import ORIGIN, LocalLog


def manifests(services: Services) -> list[tuple[int, Manifest]]:
    with services.store.read() as view:
        stored = [one for one in view.entries(start=0, limit=1000) if one.kind is LeafKind.MANIFEST]
    parsed = [parse_leaf(one.data) for one in stored]
    return [(one.index, leaf) for one, leaf in zip(stored, parsed, strict=True) if isinstance(leaf, Manifest)]


def ensure(log: LocalLog) -> bool:
    services = log.services
    return ensure_manifest(services.store, signer=services.signer, clock=log.clock, chain=services.settings.chain)


def test_entry_0_names_key_and_chain(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log", flags=chain_flags())
    [(index, manifest)] = manifests(log.services)
    assert index == 0
    assert manifest.origin == ORIGIN
    assert [key.first for key in manifest.vkeys] == [0]
    assert [chain.log_id for chain in manifest.chains] == [TARGET.log_id]
    assert manifest.time == log.clock.now
    assert not log.services.ensure_manifest()
    assert not ensure(log)
    log.services.close()


def test_a_chain_that_comes_later_gets_a_manifest_of_its_own(log: LocalLog) -> None:
    log.submit()
    [(_, first)] = manifests(log.services)
    assert first.chains == ()
    log.flags = chain_flags()
    log.reopen()
    assert not log.services.ensure_manifest()  # not before somebody saw that the chain is right
    assert ensure(log)
    assert not ensure(log)
    [_, (index, second)] = manifests(log.services)
    assert index == 2
    check_follows(first, second)
    assert len(second.chains) == 1


def test_every_chain_stays_listed(log: LocalLog) -> None:
    for number in (1, 2, 3):
        log.flags = chain_flags() | {"chain.chain_id": number}
        log.reopen()
        assert ensure(log)
    log.flags = chain_flags() | {"chain.chain_id": 1}
    log.reopen()
    assert not ensure(log)
    with log.services.store.read() as view:
        latest = latest_manifest(view)
    assert latest is not None
    assert [chain.chain_id for chain in latest.chains] == [1, 2, 3]


def test_the_same_place_with_other_code_is_refused(log: LocalLog) -> None:
    log.flags = chain_flags()
    log.reopen()
    assert ensure(log)
    log.flags = chain_flags() | {"chain.registry_codehash": "0x" + "77" * 32}
    log.reopen()
    with pytest.raises(InvalidRecord):
        ensure(log)
    assert len(manifests(log.services)) == 2


def test_many_starts_at_once_make_one_manifest(tmp_path: Path) -> None:
    init_log(tmp_path / "log", origin=ORIGIN, storage=backends.storage())
    settings = open_settings(tmp_path / "log", environ={})

    def start(_: int) -> bool:
        services = open_services(settings)
        try:
            return services.ensure_manifest()
        finally:
            services.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(8))) == 1
    services = open_services(settings)
    assert len(manifests(services)) == 1
    services.close()


def test_a_log_that_begins_otherwise_is_refused(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log")
    other = open_services(open_settings(_fresh(tmp_path / "other"), environ={}))
    with log.services.store.read() as view:
        [stored] = view.entries(start=0, limit=1)
    with other.store.write() as view:
        view.append([(replace(stored, kind=LeafKind.ENTRY), None)])
    with pytest.raises(IntegrityError) as caught:
        other.ensure_manifest()
    assert caught.value.code == "no-manifest"
    other.close()
    log.services.close()


def _fresh(root: Path) -> Path:
    init_log(root, origin=ORIGIN, storage=backends.storage())
    return root


def test_a_depth_is_the_chains_whichever_registry_is_asked_there(log: LocalLog) -> None:
    """A log that registers anew, or moves: its anchors from before are as final by the depth as those to come."""
    moved = {"chain.registry": "0x" + "77" * 20, "chain.log_id": "0x" + "78" * 32, "chain.finality": "depth-12"}
    elsewhere = {"chain.chain_id": 5, "chain.genesis": "0x" + "79" * 32}
    for flags in (chain_flags() | elsewhere, chain_flags(), chain_flags() | moved):
        log.flags = flags
        log.reopen()
        assert ensure(log)
    with log.services.store.read() as view:
        trust = log.services.bundles.trust(view)
    assert [(chain.chain_id, chain.depth) for chain in trust.chains] == [(5, None), (31337, 12), (31337, 12)]
