"""kill −9 at every durable write and every send of the whole way: one anchor on the chain, no nonce gap, all proven."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from notary.compose import open_chain, open_services
from notary.core.jcs import Json
from notary.core.verify import Verdict
from notary.datadir import DataDir
from notary.ethereum.rpc import hexed
from notary.model.anchors import AnchorState
from notary.ports import Chain
from notary.service.integrate import check_consistency
from notary.service.services import Services
from tests.faults.conftest import Faults
from tests.killing import Killer
from tests.node import logs, victim
from tests.node.anvil import Anvil

pytestmark = [pytest.mark.node, pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.scenario(1)]
REPOSITORY = Path(__file__).parents[2]


def live(root: Path, at: int, when: str) -> tuple[int, list[list[str]]]:
    """Run a victim; return how it ended and what it said."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.node.victim", str(root), str(at), when],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        timeout=60,
        check=False,
    )
    assert not ended.stderr, ended.stderr
    return ended.returncode, [line.split() for line in ended.stdout.splitlines()]


def prepare(root: Path, node: Anvil) -> DataDir:
    """Make a log whose account has only final transactions."""
    node.call("evm_setAutomine", True)
    directory = logs.make_log(root, node)
    node.call("evm_setAutomine", False)
    node.mine(3)
    services = open_services(logs.settings(directory))
    (root / "token").write_text(services.publishers.new_key("Roads office"))
    services.close()
    return directory


def anchored_sizes(node: Anvil, chain: Chain) -> list[int]:
    """Return the sizes in the Anchored events of a log, oldest first."""
    topics: list[Json] = [None, hexed(chain.target.log_id)]
    found = node.call("eth_getLogs", {"fromBlock": "0x0", "address": hexed(chain.target.registry), "topics": topics})
    return [int(one["data"][2:66], 16) for one in found if len(one["data"]) == 2 + 2 * 96]


def check(services: Services, node: Anvil, leaves: set[str]) -> None:
    """Require all that must hold when everything has been anchored."""
    chain = open_chain(services.settings)
    assert chain is not None
    with services.store.read() as view:
        check_consistency(view, services.signer)
        assert view.anchor_in_flight(chain.target) is None
        newest = view.newest_anchor(chain.target)
        assert newest is not None
        assert newest.state is AnchorState.PROVEN
        # Numbers may be left out: PostgreSQL gives none a second time, even if what had it was undone.
        anchors = view.anchors(above=0, limit=100)
        attempts = [one for anchor in anchors for one in view.attempts(anchor.id)]
        sizes = anchored_sizes(node, chain)
        assert len(sizes) == len(set(sizes)) == len(anchors), "every head is on the chain once"
        for size in sizes:
            assert view.checkpoint_of(size) is not None, "what is on the chain was published"
    nonces = [attempt.nonce for attempt in attempts]
    assert nonces == list(range(nonces[0], nonces[0] + len(anchors))), "one attempt an anchor, no nonce left out"
    assert node.rpc.nonce(chain.sender) == nonces[-1] + 1
    for leaf in leaves:
        assert logs.verdict(services, node, bytes.fromhex(leaf)) is Verdict.MATCH


@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_at_every_write_and_every_send(tmp_path: Path, node: Anvil, faults: Faults, when: str) -> None:
    names: list[str] = []
    for at in range(1, 1000):
        root = tmp_path / f"killed-{at}"
        directory = prepare(root, node)
        code, said = live(root, at, when)
        acknowledged = {words[1] for words in said if words[0] == "accepted"}
        if code != 0:
            assert code == -signal.SIGKILL
            names.append([words[1] for words in said if words[0] == "point"][-1])
            repeated = set(victim.live(root, Killer()))
            assert repeated >= acknowledged, "an answered submission got another entry"
            acknowledged = repeated
        services = open_services(logs.settings(directory))
        check(services, node, acknowledged)
        services.close()
        if code == 0:
            break
    faults.fired.update(f"kill {when} {name}" for name in names)
    assert names.count("send") == 1
    expected = {
        *("append", "grow_tree", "publish", "drop_anchor_request+add_anchor", "add_attempt+move_anchor", "send"),
        *("mark_sent+move_anchor", "move_anchor", "move_anchor+mark_spent", "add_captured+move_anchor"),
    }
    assert set(names) == expected
