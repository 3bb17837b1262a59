"""Endpoints that lie, lose, stall and send rubbish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from notary.core.keccak import keccak256
from notary.model.anchors import AnchorState
from tests import faultproxy
from tests.faultproxy import SEND, Fault
from tests.faults import hardhat, invariants
from tests.faults.conftest import Faults
from tests.faults.house import House, house
from tests.node import anvil
from tests.node.anvil import Anvil

pytestmark = [pytest.mark.node, pytest.mark.scenario(20)]


@pytest.fixture(params=["anvil", "hardhat"])
def node(request: pytest.FixtureRequest) -> Iterator[Anvil]:
    """A fresh node of either house: what endpoints do must not depend on which."""
    with anvil.running() if request.param == "anvil" else hardhat.running() as made:
        yield made


UNKNOWN = [faultproxy.drop_before, faultproxy.drop_after, faultproxy.bad_gateway_after]


@pytest.mark.parametrize("make", UNKNOWN)
def test_a_send_of_unknown_outcome_is_looked_for_and_never_guessed(
    tmp_path: Path, node: Anvil, faults: Faults, make: Callable[..., Fault]
) -> None:
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        fault = first.add(make(SEND, times=1))
        made.submit(1)
        made.tick()
        assert made.state() is AnchorState.MAYBE_SENT
        [attempt] = made.attempts()
        made.restart()
        made.settle()
        faults.take(fault)
        assert [one.raw for one in made.attempts()] == [attempt.raw], "the same bytes, never a second nonce"
        invariants.check(made)


def test_a_send_that_was_swallowed_is_sent_again(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        swallowed = first.add(faultproxy.black_hole(times=2))
        made.submit(1)
        made.tick()
        assert made.state() is AnchorState.MAYBE_SENT
        made.turn(lambda: made.state() is not AnchorState.MAYBE_SENT)
        faults.take(swallowed)
        made.settle()
        assert len(made.attempts()) == 1
        invariants.check(made)


def test_the_hash_that_an_endpoint_returns_is_not_believed(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        lie = first.add(faultproxy.wrong_hash())
        made.submit(1)
        made.turn(lambda: made.anchor().place is not None)
        faults.take(lie)
        place = made.anchor().place
        assert place is not None
        assert place.tx_hash == made.attempts()[0].tx_hash
        made.settle()
        invariants.check(made)


RUBBISH: dict[str, Callable[[], Fault]] = {
    "html": faultproxy.html,
    "too-many": lambda: faultproxy.too_many(retry_after="1"),
    "gzip-bomb": faultproxy.gzip_bomb,
    "huge": faultproxy.huge,
    "endless": faultproxy.endless,
    "closed": faultproxy.drop_before,
}


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_is_read_within_bounds_and_changes_nothing(
    tmp_path: Path, node: Anvil, faults: Faults, name: str
) -> None:
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        made.submit(1)
        made.tick()
        before = made.anchor(), made.attempts()
        fault = first.add(RUBBISH[name]())
        assert made.tick() == "blocked-chain"
        assert made.tick() == "blocked-chain"
        faults.take(fault)
        after = made.anchor(), [(one.nonce, one.raw) for one in made.attempts()]
        assert after == (before[0], [(one.nonce, one.raw) for one in before[1]])
        made.submit(2)
        made.settle()
        invariants.check(made)


def test_one_good_endpoint_among_bad_ones_is_enough_for_sending(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node, endpoints=3) as made:
        bad = made.proxies[0].add(faultproxy.html(SEND)), made.proxies[1].add(faultproxy.drop_before(SEND))
        made.submit(1)
        made.turn(lambda: made.state() is AnchorState.PROVEN)
        faults.take(*bad)
        made.settle()
        invariants.check(made)


def _forge(made: House) -> Fault:
    """Return the fault of an endpoint that shows a receipt of a transaction that is in no block."""

    def change(_call: dict[str, Any], result: Any) -> Any:
        if result is None:
            [attempt] = made.attempts()
            target = made.chain.target
            block = made.node.call("eth_getBlockByNumber", "latest", False)
            anchor = made.anchor()
            where = {"blockNumber": block["number"], "blockHash": block["hash"], "transactionIndex": "0x0"}
            log = {
                **where,
                "address": "0x" + target.registry.hex(),
                "topics": [_TOPIC, "0x" + target.log_id.hex()],
                "data": "0x" + anchor.size.to_bytes(32, "big").hex() + anchor.root.hex() + "00" * 32,
                "logIndex": "0x0",
                "removed": False,
                "transactionHash": "0x" + attempt.tx_hash.hex(),
            }
            return {
                **where,
                "transactionHash": "0x" + attempt.tx_hash.hex(),
                "status": "0x1",
                "type": "0x2",
                "cumulativeGasUsed": "0xcdc4",
                "gasUsed": "0xcdc4",
                "effectiveGasPrice": "0x1",
                "logsBloom": "0x" + "00" * 256,
                "logs": [log],
            }
        return result

    return faultproxy.lie(change, "eth_getTransactionReceipt", name="forged-receipt")


_TOPIC = "0x" + keccak256(b"Anchored(bytes32,uint256,bytes32,uint256)").hex()


def test_a_forged_receipt_never_becomes_a_proof(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        made.submit(1)
        lost = first.add(faultproxy.drop_before(SEND))
        made.tick()
        forged = first.add(_forge(made))
        for _ in range(6):
            made.tick()
            made.node.mine()
            assert made.state() is not AnchorState.PROVEN
        faults.take(lost, forged)
        assert made.on_chain() == []
        made.settle()
        invariants.check(made)


def test_a_stale_replica_every_second_call_moves_nothing_back(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node, endpoints=2) as made:
        stale = made.proxies[1].add(faultproxy.stale_replica(node.url, every=2))
        seen = []
        made.submit(1)
        for _ in range(12):
            made.tick()
            seen.append(made.state())
            made.node.mine()
        order = [AnchorState.MAYBE_SENT, AnchorState.INCLUDED, AnchorState.FINAL, AnchorState.PROVEN]
        ranks = [order.index(state) for state in seen if state in order]
        assert ranks == sorted(ranks), seen
        faults.take(stale)
        made.settle()
        invariants.check(made)


def test_endpoints_that_disagree_about_a_final_block_make_nothing_final(
    tmp_path: Path, node: Anvil, faults: Faults
) -> None:
    def another(call: dict[str, Any], result: Any) -> Any:
        # Only about single blocks by number: what is final, and the chain's first block, are told as they are.
        if call["method"] == "eth_getBlockByNumber" and call["params"][0] not in {"0x0", "finalized", "latest"}:
            return result | {"hash": "0x" + "cd" * 32}
        return result

    with house(tmp_path / "log", node, endpoints=2) as made:
        made.submit(1)
        lie = made.proxies[1].add(faultproxy.lie(another, "eth_getBlockByNumber", name="disagreeing"))
        for _ in range(8):
            made.tick()
            made.node.mine()
            assert made.state() not in {AnchorState.FINAL, AnchorState.PROVEN, AnchorState.FINALITY_VIOLATION}
        faults.take(lie)
        made.settle()
        invariants.check(made)


def test_a_proof_of_something_else_is_refused(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    def another(_call: dict[str, Any], result: Any) -> Any:
        receipts = result if isinstance(result, list) else [result]
        for receipt in receipts:
            if isinstance(receipt, dict) and receipt.get("logs"):
                receipt["cumulativeGasUsed"] = "0x1"
        return result

    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        made.submit(1)
        lie = first.add(
            faultproxy.lie(another, "eth_getBlockReceipts", "eth_getTransactionReceipt", name="another-receipt")
        )
        for _ in range(6):
            made.node.mine()
            made.tick()
            assert made.state() is not AnchorState.PROVEN
        faults.take(lie)
        made.settle()
        invariants.check(made)
