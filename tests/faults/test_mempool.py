"""What happens to a transaction that nobody has mined yet."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from notary.ethereum.rpc import hexed
from notary.model.anchors import AnchorState, Attempt
from tests import faultproxy
from tests.faultproxy import SEND
from tests.faults import invariants
from tests.faults.conftest import Faults
from tests.faults.house import House, house
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
            first.add(faultproxy.drop_before(SEND))
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
        first.clear()
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


def raised(old: tuple[int, int]) -> tuple[int, int]:
    """Return the least fees of a replacement: one eighth more, and one wei."""
    return tuple(-(-one * 9 // 8) + 1 for one in old)  # type: ignore[return-value]


@pytest.mark.scenario(11)
def test_nothing_is_mined_and_it_is_replaced_up_to_the_cap(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node, anchor__replace_after=60, anchor__max_fee_gwei=4) as made:
        made.submit(1)
        problem = made.tick()
        for _ in range(20):
            made.clock.by += 61_000
            problem = made.tick()
            faults.count("a minute without a block")
            if problem == "blocked-fee":
                break
        assert problem == "blocked-fee"
        attempts = made.attempts()
        assert len(attempts) > 2
        for old, new in itertools.pairwise(attempts):
            assert (new.nonce, new.calldata) == (old.nonce, old.calldata)
            least = raised((old.fees.max_fee, old.fees.tip))
            assert new.fees.max_fee >= least[0]
            assert new.fees.tip >= least[1]
        assert all(attempt.fees.max_fee <= 4 * GWEI for attempt in attempts)
        sent = made.sends()
        made.clock.by += 61_000
        assert made.tick() == "blocked-fee"
        assert made.sends() > sent, "at the cap it still sends"
        assert len(made.attempts()) == len(attempts)
        made.settle()
        invariants.check(made)


@pytest.mark.scenario(12)
def test_a_base_fee_that_rises_is_followed(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node, anchor__replace_after=60) as made:
        made.submit(1)
        made.tick()
        [attempt] = made.attempts()
        node.call("anvil_setNextBlockBaseFeePerGas", hex(attempt.fees.max_fee * 10))
        node.mine()
        faults.count("base fee x10")
        assert node.call("eth_getTransactionReceipt", hexed(attempt.tx_hash)) is None
        made.tick()
        assert made.state() is AnchorState.MAYBE_SENT
        made.clock.by += 61_000
        made.turn(lambda: made.state() is AnchorState.INCLUDED)
        assert len(made.attempts()) > 1
        assert {one.nonce for one in made.attempts()} == {attempt.nonce}
        made.settle()
        invariants.check(made)


@pytest.mark.scenario(13)
def test_a_replacement_that_is_swallowed_while_the_old_one_is_mined(
    tmp_path: Path, node: Anvil, faults: Faults
) -> None:
    with house(tmp_path / "log", node, anchor__replace_after=60) as made:
        [first] = made.proxies
        made.submit(1)
        made.tick()
        swallowed = first.add(faultproxy.black_hole())
        made.clock.by += 61_000
        made.turn(lambda: len(made.attempts()) == 2, mine=False)
        made.tick()
        faults.take(swallowed)
        made.settle()
        place = made.anchor().place
        assert place is not None
        assert place.tx_hash == made.attempts()[0].tx_hash, "the old one is adopted"
        invariants.check(made)
