"""What happens to a transaction that nobody has mined yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from notary.ethereum.rpc import hexed
from notary.model import Attempt
from tests.faults import invariants, proxy
from tests.faults.conftest import Faults
from tests.faults.house import House, house
from tests.faults.proxy import SEND
from tests.node.anvil import Anvil

pytestmark = pytest.mark.node
GWEI = 10**9


def fees(made: House, attempt: Attempt) -> tuple[int, int]:
    """Return both fees of an attempt as the node reads its bytes."""
    found = made.node.call("eth_getTransactionByHash", hexed(attempt.tx_hash))
    return int(found["maxFeePerGas"], 16), int(found["maxPriorityFeePerGas"], 16)


@pytest.mark.scenario(12)
def test_a_dropped_transaction_is_sent_again_as_it_was(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.tick()
        [attempt] = made.attempts()
        for _ in range(3):
            node.call("anvil_dropTransaction", hexed(attempt.tx_hash))
            faults.count("dropped")
            made.turn(
                lambda: node.call("eth_getTransactionByHash", hexed(attempt.tx_hash)) is not None,
                mine=False,
            )
        [again] = made.attempts()
        assert again.raw == attempt.raw
        made.settle()
        invariants.check(made)


@pytest.mark.scenario(14)
def test_without_money_it_waits_and_goes_on_by_itself(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        node.fund(made.chain.sender, 1)
        made.submit(1)
        assert made.tick() == "blocked-funds"
        faults.count("no money")
        made.submit(2)
        made.restart()
        assert made.tick() == "blocked-funds"
        assert made.attempts() == []
        node.fund(made.chain.sender)
        made.settle()
        invariants.check(made)


@pytest.mark.scenario(15)
@pytest.mark.parametrize("lost", [True, False])
def test_a_key_that_is_used_elsewhere(tmp_path: Path, node: Anvil, faults: Faults, lost: bool) -> None:
    """Lost: our transaction never reached a node. Else: it is pushed out by one that pays more."""
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        if lost:
            first.use(proxy.refuse, name="lost", methods=(SEND,))
        made.submit(1)
        made.tick()
        if not lost:
            node.call("anvil_dropAllTransactions")
        sender = hexed(made.chain.sender)
        theft: dict[str, Any] = {"from": sender, "to": sender, "value": "0x1", "gas": "0x5208"}
        node.call("anvil_impersonateAccount", sender)
        node.call("eth_sendTransaction", theft)
        node.mine()
        faults.count("theft")
        assert int(node.call("eth_getTransactionCount", sender, "latest"), 16) == made.attempts()[0].nonce + 1
        first.heal()
        made.tick()
        assert len(made.attempts()) == 1, "not before the other transaction is final"
        made.turn(lambda: len(made.attempts()) == 2)
        old, new = made.attempts()
        assert (new.nonce, new.calldata) == (old.nonce + 1, old.calldata)
        final = int(node.call("eth_getTransactionCount", sender, "finalized"), 16)
        assert final > old.nonce
        made.settle()
        assert len(made.on_chain()) == 1
        invariants.check(made)
