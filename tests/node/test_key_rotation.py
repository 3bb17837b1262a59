"""`notary key rotate operator` on a real node, and killed between its steps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from notary.cli.rotation import rotate_operator
from notary.compose import open_services
from notary.core.verify import Verdict
from notary.datadir import DataDir, write_durably
from notary.errors import InvalidConfig
from notary.ethereum import registry
from notary.ethereum.keys import create_keystore, load_keystore
from notary.model.anchors import Target
from notary.service.services import Services
from tests.node import anvil, logs
from tests.node.anvil import Anvil
from tests.program import Done, call

pytestmark = pytest.mark.node

# Dies, without a word and without cleaning up, when the rotation says what it did the Nth time.
VICTIM = """
import os, sys
from pathlib import Path
from notary.cli.rotation import rotate_operator
from notary.compose import open_services, open_settings
from notary.ethereum.keys import load_keystore
root, admin, password, left = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
def progress(text):
    global left
    left -= 1
    if not left:
        os._exit(9)
settings = open_settings(root, environ={})
key = load_keystore(admin, password)
rotate_operator(open_services(settings).store, settings.chain, key, sole=True, progress=progress)
"""


class Desk:
    """A log whose operator's key is its admin's too, with a copy of that key kept apart."""

    def __init__(self, folder: Path, node: Anvil, **chain_changes: Any) -> None:
        self.node = node
        self.directory: DataDir = logs.make_log(folder / "log", node, **chain_changes)
        self.keys = self.directory.root / "keys"
        self.admin, self.password = folder / "admin.json", folder / "admin.password"
        for path, name in ((self.admin, "operator.json"), (self.password, "operator.password")):
            path.touch(0o600)
            path.write_bytes((self.keys / name).read_bytes())
        self.old = load_keystore(self.admin, self.password).address

    def rotate(self) -> Done:
        options = ("--admin-keystore", self.admin, "--admin-password-file", self.password)
        return call("key", "rotate", "operator", "--data", self.directory.root, *options)

    def operator(self) -> bytes:
        """Return who may anchor, as the chain says."""
        chain = logs.settings(self.directory).chain
        assert chain is not None
        return registry.operator_of(self.node.rpc, registry=chain.registry, log_id=chain.log_id)

    def key(self) -> bytes:
        """Return whose key the worker would use."""
        return load_keystore(self.keys / "operator.json", self.keys / "operator.password").address


@pytest.fixture
def desk(tmp_path: Path, node: Anvil) -> Desk:
    return Desk(tmp_path, node)


def anchored(desk: Desk, services: Services, number: int) -> None:
    """Submit something and have it anchored; a reader believes it."""
    services.ensure_manifest()
    with logs.working(services):
        leaf = logs.submit(services, logs.publisher(services, f"Office {number}"), number)
        logs.finalize(desk.node, services, leaf)
        assert logs.verdict(services, desk.node, leaf) is Verdict.MATCH


@pytest.mark.parametrize("killed_at", [0, *(pytest.param(step, marks=pytest.mark.slow) for step in (1, 2, 3))])
def test_the_worker_anchors_with_the_new_key(desk: Desk, killed_at: int) -> None:
    if killed_at:
        command = [sys.executable, "-c", VICTIM, str(desk.directory.root), str(desk.admin), str(desk.password)]
        assert subprocess.run([*command, str(killed_at)], check=False).returncode == 9
        # Before the swap the old key is in its place, whatever the chain says.
        assert desk.key() == desk.old
    done = desk.rotate()
    assert done.code == 0, done.err
    new = desk.key()
    assert new == desk.operator() != desk.old
    assert done.out.decode().strip().lower() == "0x" + new.hex()
    kept = {path.name: path.stat().st_mode & 0o777 for path in desk.keys.glob("operator.json*")}
    assert kept == {"operator.json": 0o600, f"operator.json.{desk.old.hex()}": 0o600}
    desk.node.fund(new)
    services = open_services(logs.settings(desk.directory))
    anchored(desk, services, 1)
    services.close()


def test_an_endpoint_that_is_down_or_elsewhere_is_passed_over(tmp_path: Path, node: Anvil) -> None:
    with anvil.running(["--chain-id", "999"]) as other:
        desk = Desk(tmp_path, node, rpc=("http://127.0.0.1:1", other.url, node.url))
        assert desk.rotate().code == 0
        assert desk.key() == desk.operator() != desk.old
        only = Desk(tmp_path / "two", node, rpc=("http://127.0.0.1:1", other.url))
        assert "(endpoint-unreachable" in only.rotate().err
        assert (only.key(), only.operator()) == (only.old, only.old)


def test_it_is_refused_while_an_anchor_is_on_its_way_or_a_worker_runs(desk: Desk) -> None:
    services = open_services(logs.settings(desk.directory))
    services.ensure_manifest()
    with logs.working(services):
        logs.until(lambda: services.health.health().size == 1)
        with services.store.read() as view:
            lease = view.lease("worker")
        assert lease is not None
        with desk.directory.lock("worker"):
            assert "(locked" in desk.rotate().err
        chain = services.settings.chain
        assert chain is not None
        with pytest.raises(InvalidConfig, match="worker leads") as refused:
            rotate_operator(services.store, chain, load_keystore(desk.admin, desk.password), sole=False, progress=print)
        assert refused.value.code == "worker-runs"
        target = Target(chain.chain_id, chain.registry, chain.log_id)

        def flies() -> bool:
            with services.store.read() as view:
                return view.anchor_in_flight(target) is not None

        logs.until(flies)
    done = desk.rotate()
    assert (done.code, done.out) == (2, b"")
    assert "(anchor-in-flight" in done.err
    assert (desk.key(), desk.operator()) == (desk.old, desk.old)
    services.close()


def test_another_key_than_the_admins_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    desk.admin = tmp_path / "other.json"
    desk.node.fund(create_keystore(desk.admin, desk.password, cost=logs.CHEAP_SCRYPT).address)
    done = desk.rotate()
    assert (done.code, done.out) == (3, b"")
    assert "CallerIsNotAdmin (would-revert" in done.err.replace(".", "")
    assert (desk.key(), desk.operator()) == (desk.old, desk.old)
    write_durably(desk.keys / "operator.password", "wrong\n")
    (desk.keys / "operator.password").chmod(0o600)
    assert "(key-file-password" in desk.rotate().err
