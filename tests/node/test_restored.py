"""An older database beside newer published state, with a real registry: nothing is signed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from notary.compose import back_up_log, init_log, open_chain, open_services, restore_log
from notary.datadir import DataDir
from notary.errors import IntegrityError, InvalidConfig
from notary.service.integrate import Integrator
from notary.service.read import PublicState
from notary.service.services import Services
from tests.node import logs
from tests.node.anvil import Anvil
from tests.publicwitness import Witness, witness

pytestmark = pytest.mark.node


@pytest.fixture
def public() -> Iterator[Witness]:
    with witness() as shown:
        yield shown


def anchored(services: Services, node: Anvil, *numbers: int) -> None:
    """Submit texts one after the other and bring each to the chain."""
    services.ensure_manifest()
    tenant = logs.publisher(services)
    with logs.working(services):
        for number in numbers:
            leaf = logs.submit(services, tenant, number)
            logs.finalize(node, services, leaf)


def saved(directory: DataDir, path: Path, *, nothing_published: bool = False) -> Path:
    """Back a log up and restore it beside; return where."""
    back_up_log(logs.settings(directory), path, with_keys=True)
    root = path.with_suffix(".new")
    restore_log(path, root, nothing_published=nothing_published)
    return root


def test_an_older_backup_beside_a_newer_registry_signs_nothing(tmp_path: Path, node: Anvil) -> None:
    directory = logs.make_log(tmp_path / "log", node)
    with closing(open_services(logs.settings(directory))) as services:
        anchored(services, node, 1)
        # Even where the operator says that nothing was public: the registry knows better.
        older = saved(directory, tmp_path / "b.notary", nothing_published=True)
        anchored(services, node, 2)
    with closing(open_services(logs.settings(DataDir(older)))) as restored:
        size = restored.reader.size()
        with pytest.raises(IntegrityError) as caught, logs.working(restored) as running:
            running.stop.wait(20)
        assert caught.value.code == "registry-ahead"
        assert restored.hold.held
        assert restored.reader.size() == size


def test_a_restored_log_waits_for_its_node_and_goes_on(tmp_path: Path, node: Anvil, public: Witness) -> None:
    directory = logs.make_log(tmp_path / "log", node)
    with closing(open_services(logs.settings(directory))) as services:
        anchored(services, node, 1)
        public.note = services.reader.checkpoint()
    root = saved(directory, tmp_path / "b.notary")
    away = logs.settings(DataDir(root), log__public_url=[public.url], chain__rpc=["http://127.0.0.1:1"])
    with closing(open_services(away)) as restored:
        with logs.working(restored):
            logs.until(lambda: "restored-unchecked" in problems(restored), what="waiting")
        assert restored.hold.held
    there = logs.settings(DataDir(root), log__public_url=[public.url])
    with closing(open_services(there)) as restored, logs.working(restored):
        logs.until(lambda: not restored.hold.held, what="admission")
        leaf = logs.submit(restored, logs.publisher(restored, "Another office"), 2)
        logs.finalize(node, restored, leaf)
        assert logs.state(restored, leaf) is PublicState.FINAL


def test_a_restored_log_whose_registry_has_another_root_signs_nothing(
    tmp_path: Path, node: Anvil, public: Witness
) -> None:
    directory = logs.make_log(tmp_path / "log", node)
    with closing(open_services(logs.settings(directory))) as services:
        services.ensure_manifest()
        before = saved(directory, tmp_path / "b.notary")
        anchored(services, node, 1)
    with closing(open_services(logs.settings(DataDir(before)))) as other:
        # As if the check had been left out: the copy goes another way, to a tree of the same size.
        with other.store.write() as view:
            view.mark_restores_checked(time=1)
        logs.submit(other, logs.publisher(other, "Another office"), 2)
        integrator = Integrator(other.store, other.signer, other.clock)
        while integrator.step():
            pass
        public.note = other.reader.checkpoint()
    second = saved(DataDir(before), tmp_path / "c.notary")
    with closing(open_services(logs.settings(DataDir(second), log__public_url=[public.url]))) as restored:
        with pytest.raises(IntegrityError) as caught, logs.working(restored) as running:
            running.stop.wait(20)
        assert caught.value.code == "registry-mismatch"
        assert restored.hold.held


def test_a_database_and_key_on_a_second_host_are_refused(tmp_path: Path, node: Anvil) -> None:
    directory = logs.make_log(tmp_path / "log", node)
    with closing(open_services(logs.settings(directory))) as services:
        anchored(services, node, 1)
        assert open_chain(services.settings) is not None
    second = tmp_path / "second"
    init_log(second, origin=logs.ORIGIN)
    for name in ("notary.db", "notary.toml", "keys/log.pem"):
        shutil.copy(directory.root / name, second / name)
    with pytest.raises(InvalidConfig) as caught:
        open_services(logs.settings(DataDir(second)))
    assert caught.value.code == "other-instance"


def problems(services: Services) -> set[str | None]:
    with services.store.read() as view:
        return {beat.problem_code for beat in view.heartbeats().values()}
