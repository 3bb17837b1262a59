"""Two workers and one chain: who slept through its lease neither signs nor sends, and every head is anchored once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from notary.compose import open_chain, open_services
from notary.core.verify import Verdict
from notary.model.anchors import AnchorState
from notary.service.services import Services
from tests.faults.test_kill import anchored_sizes
from tests.leaders import await_said, await_stopped, await_term, leading
from tests.node import logs
from tests.node.anvil import Anvil

pytestmark = [pytest.mark.node]


@pytest.fixture
def services(tmp_path: Path, node: Anvil) -> Iterator[Services]:
    """A log on the node, without a worker."""
    directory = logs.make_log(tmp_path / "log", node)
    node.mine(3)
    made = open_services(logs.settings(directory))
    made.ensure_manifest()
    yield made
    made.close()


def nonces(services: Services) -> list[int]:
    with services.store.read() as view:
        anchors = view.anchors(above=0, limit=100)
        return [attempt.nonce for anchor in anchors for attempt in view.attempts(anchor.id)]


def check_anchored_once(services: Services, node: Anvil, leaves: list[bytes]) -> None:
    """Require one transaction for every anchor, one event for every head, and proofs that verify."""
    chain = open_chain(services.settings)
    assert chain is not None
    with services.store.read() as view:
        anchors = view.anchors(above=0, limit=100)
    assert {anchor.state for anchor in anchors} == {AnchorState.PROVEN}
    signed = nonces(services)
    assert signed == list(range(signed[0], signed[0] + len(anchors)))
    assert node.rpc.nonce(chain.sender) == signed[-1] + 1
    assert anchored_sizes(node, chain) == [anchor.size for anchor in anchors]
    assert all(logs.verdict(services, node, leaf) is Verdict.MATCH for leaf in leaves)


@pytest.mark.parametrize("at", ["anchor", "send"])
def test_a_leader_that_slept_neither_stores_nor_sends_what_it_had_in_hand(
    services: Services, node: Anvil, at: str
) -> None:
    root = services.settings.data_dir
    tenant = logs.publisher(services)
    leaves = [logs.submit(services, tenant, 1)]
    with leading(root, "a", at=at) as first:
        await_stopped(first)
        held = len(nonces(services))
        assert held == (0 if at == "anchor" else 1)
        with leading(root, "b") as second:
            await_term(services.store, second, after=1)
            logs.finalize(node, services, *leaves)
            signed, sent = nonces(services), node.rpc.nonce(_sender(services))
            first.process.send_signal(signal.SIGCONT)
            await_said(first, "worker.anchor: This worker's term 1 is over")
            await_said(first, "following: another worker leads")
            assert (nonces(services), node.rpc.nonce(_sender(services))) == (signed, sent)
            leaves.append(logs.submit(services, tenant, 2))
            logs.finalize(node, services, *leaves)
            assert second.stop() == 0
        await_term(services.store, first, after=2)
        leaves.append(logs.submit(services, tenant, 3))
        logs.finalize(node, services, *leaves)
        assert first.stop() == 0
    check_anchored_once(services, node, leaves)


def _sender(services: Services) -> bytes:
    chain = open_chain(services.settings)
    assert chain is not None
    return chain.sender
