"""What an operator sees and asks for, on a real node: `notary status`, `notary anchor --now`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from notary.compose import open_services, open_settings
from notary.datadir import DataDir
from notary.ethereum.keys import load_keystore
from notary.model.anchors import Target
from notary.service.services import Services
from tests.node import logs
from tests.node.anvil import Anvil
from tests.program import Done, call

pytestmark = pytest.mark.node
NEVER = {"anchor__interval": 86_400, "anchor__min_new": 1_000_000, "anchor__max_delay": 86_400}


@dataclass
class Desk:
    """A log on a node whose worker would not anchor by itself for a day."""

    node: Anvil
    directory: DataDir
    services: Services

    def status(self) -> tuple[int, dict[str, Any]]:
        done = call("status", "--data", self.directory.root, "--json")
        assert done.code in (0, 3), done.err
        return done.code, done.json

    def codes(self) -> set[str]:
        return {reason["code"] for reason in self.status()[1]["reasons"]}

    def anchor(self, *options: str) -> Done:
        return call("anchor", "--now", "--data", self.directory.root, *options)

    def anchors(self) -> list[tuple[int, str]]:
        with self.services.store.read() as view:
            return [(anchor.size, anchor.state.value) for anchor in view.anchors(above=0, limit=10)]


@pytest.fixture
def desk(tmp_path: Path, node: Anvil) -> Iterator[Desk]:
    directory = logs.make_log(tmp_path / "log", node)
    services = open_services(logs.settings(directory, **NEVER))
    services.ensure_manifest()
    yield Desk(node, directory, services)
    services.close()


def logged(desk: Desk) -> bytes:
    """Submit something and return its leaf hash when a checkpoint covers it."""
    leaf = logs.submit(desk.services, logs.publisher(desk.services), 1)
    logs.until(lambda: desk.services.health.health().size == 2, what="a checkpoint")
    return leaf


def test_an_anchor_is_made_at_once_when_an_operator_asks(desk: Desk) -> None:
    with logs.working(desk.services):
        leaf = logged(desk)
        assert desk.anchors() == []
        done: list[Done] = []
        waiting = threading.Thread(target=lambda: done.append(desk.anchor("--wait")))
        waiting.start()
        logs.finalize(desk.node, desk.services, leaf)
        waiting.join()
        assert (done[0].code, done[0].out) == (0, b"2\n"), done[0].err
        assert "asked for an anchor of size 2" in done[0].err
        assert "the anchor of size 2 is proven" in done[0].err
        again = desk.anchor()
        assert (again.code, again.out) == (0, b"")
        assert "proven already" in again.err
        assert desk.anchors() == [(2, "proven")]
        logs.until(lambda: desk.status()[0] == 0, what="a well status")
        _, seen = desk.status()
    assert seen["proven"]["size"] == 2
    assert (seen["request"], seen["anchor"], seen["reasons"]) == (None, None, [])
    assert seen["fees_gwei"]["total"] == seen["fees_gwei"]["today"] > 0
    assert int(seen["chain"]["balance_wei"]) > 0
    assert seen["chain"]["anchors_left"] > 100
    assert seen["chain"]["lag_blocks"] >= 0
    assert [one["state"] for one in seen["chain"]["endpoints"]] == ["ok"]
    assert desk.services.settings.chain is not None
    with desk.services.store.read() as view:
        paid = sum(attempt.spent or 0 for attempt in view.attempts(1))
        report = view.chain_report()
    assert seen["fees_gwei"]["total"] == paid // 10**9
    assert report is not None
    assert report.standing is not None


def test_without_a_worker_the_wish_is_kept_and_that_is_said(desk: Desk) -> None:
    with logs.working(desk.services):
        leaf = logged(desk)
    for _ in range(2):
        done = desk.anchor()
        assert (done.code, done.out) == (3, b"")
        assert "no worker leads" in done.err
    assert desk.anchor("--wait", "--timeout", "0").code == 3
    assert {"no-leader"} <= desk.codes()
    assert desk.status()[1]["request"]["size"] == 2
    with logs.working(desk.services):
        logs.finalize(desk.node, desk.services, leaf)
    assert desk.anchors() == [(2, "proven")]
    assert desk.status()[1]["request"] is None


def test_a_wish_does_not_go_around_what_may_be_spent(desk: Desk) -> None:
    desk.services.close()
    desk.services = open_services(logs.settings(desk.directory, anchor__max_spend_per_day=0, **NEVER))
    with logs.working(desk.services):
        logged(desk)
        desk.anchor()
        desk.node.mine(100)  # deploying becomes final
        logs.until(lambda: "blocked-fee" in desk.codes(), what="the alarm")
        _, seen = desk.status()
        assert (seen["anchor"]["state"], seen["anchor"]["attempts"]) == ("queued", 0)
    assert desk.node.rpc.nonce(account_of(desk)) == 2  # deployed and registered, nothing more


def account_of(desk: Desk) -> bytes:
    chain = open_settings(desk.directory.root, environ={}).chain
    assert chain is not None
    return load_keystore(chain.keystore, chain.password_file).address


def test_status_says_what_is_not_well(desk: Desk) -> None:
    chain = desk.services.settings.chain
    assert chain is not None
    target = Target(chain.chain_id, chain.registry, chain.log_id)
    code, seen = desk.status()
    assert code == 3
    assert {reason["code"] for reason in seen["reasons"]} == {"no-leader", "worker-missing"}
    assert (seen["leader"], seen["proven"], seen["checkpoint"]["size"]) == (None, None, 0)
    desk.node.fund(account_of(desk), 1)
    assert "funds-low" in desk.codes()
    with desk.services.store.read() as view:
        assert view.anchor_in_flight(target) is None
    desk.node.process.kill()
    desk.node.process.wait()
    codes = desk.codes()
    assert {"chain-unknown", "endpoint-unreachable", "endpoint-failing"} <= codes
    text = call("status", "--data", desk.directory.root)
    assert text.code == 3
    assert b"NOT WELL     chain-unknown" in text.out
    chain.keystore.unlink()
    assert "key-file-missing" in desk.codes()
    assert call("status", "--data", desk.directory.root / "nowhere").code == 2


def test_without_a_chain_nothing_can_be_asked_for(tmp_path: Path) -> None:
    root = tmp_path / "log"
    call("init", root, "--origin", logs.ORIGIN)
    assert "(no-chain)" in call("anchor", "--now", "--data", root).err
    assert "(no-now)" in call("anchor", "--data", root).err
    done = call("status", "--data", root, "--json")
    assert done.code == 3
    assert {reason["code"] for reason in done.json["reasons"]} == {"no-leader", "worker-missing", "no-chain"}
    assert done.json["chain"] is None
