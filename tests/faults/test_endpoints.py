"""Endpoints that lie, lose, stall and send rubbish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notary.core.keccak import keccak256
from notary.model import AnchorState
from tests.faults import hardhat, invariants, proxy
from tests.faults.conftest import Faults
from tests.faults.house import House, house
from tests.faults.proxy import SEND, Fault
from tests.node import anvil
from tests.node.anvil import Anvil

pytestmark = [pytest.mark.node, pytest.mark.scenario(20)]


@pytest.fixture(params=["anvil", "hardhat"])
def node(request: pytest.FixtureRequest) -> Iterator[Anvil]:
    """A fresh node of either house: what endpoints do must not depend on which."""
    with anvil.running() if request.param == "anvil" else hardhat.running() as made:
        yield made


@pytest.mark.parametrize("name", ["forward_then_drop", "forward_then_502", "refuse"])
def test_a_send_of_unknown_outcome_is_looked_for_and_never_guessed(
    tmp_path: Path, node: Anvil, faults: Faults, name: str
) -> None:
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        first.use(getattr(proxy, name), name=name, methods=(SEND,), times=1)
        made.submit(1)
        made.tick()
        assert made.state() is AnchorState.MAYBE_SENT
        [attempt] = made.attempts()
        made.restart()
        made.settle()
        faults.count(name, first.fired[name])
        assert [one.raw for one in made.attempts()] == [attempt.raw], "the same bytes, never a second nonce"
        invariants.check(made)


def test_a_send_that_was_swallowed_is_sent_again(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        first.use(proxy.swallow, name="swallow", methods=(SEND,), times=2)
        made.submit(1)
        made.tick()
        assert made.state() is AnchorState.MAYBE_SENT
        made.turn(lambda: made.state() is not AnchorState.MAYBE_SENT)
        faults.count("swallow", first.fired["swallow"])
        made.settle()
        assert len(made.attempts()) == 1
        invariants.check(made)


def test_the_hash_that_an_endpoint_returns_is_not_believed(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    def another(call: dict[str, Any], response: dict[str, Any]) -> None:
        response["result"] = "0x" + "ab" * 32

    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        first.use(proxy.lie(another), name="wrong-hash", methods=(SEND,))
        made.submit(1)
        made.turn(lambda: made.anchor().place is not None)
        faults.count("wrong-hash", first.fired["wrong-hash"])
        place = made.anchor().place
        assert place is not None
        assert place.tx_hash == made.attempts()[0].tx_hash
        made.settle()
        invariants.check(made)


RUBBISH: dict[str, Fault] = {
    "html": proxy.html,
    "too_many": proxy.too_many,
    "gzip_bomb": proxy.gzip_bomb,
    "huge": proxy.huge,
    "refuse": proxy.refuse,
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
        first.use(RUBBISH[name], name=name)
        assert made.tick() == "blocked-chain"
        assert made.tick() == "blocked-chain"
        faults.count(name, first.fired[name])
        after = made.anchor(), [(one.nonce, one.raw) for one in made.attempts()]
        assert after == (before[0], [(one.nonce, one.raw) for one in before[1]])
        made.submit(2)
        made.settle()
        invariants.check(made)


def test_one_good_endpoint_among_bad_ones_is_enough_for_sending(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node, endpoints=3) as made:
        for one, name in zip(made.proxies[:2], ["html", "refuse"], strict=True):
            one.use(getattr(proxy, name), name=name, methods=(SEND,))
        made.submit(1)
        made.turn(lambda: made.state() is AnchorState.PROVEN)
        faults.fired.update(made.proxies[0].fired + made.proxies[1].fired)
        made.settle()
        invariants.check(made)


def _forge(made: House) -> Fault:
    """Return the fault of an endpoint that shows a receipt of a transaction that is in no block."""

    def change(call: dict[str, Any], response: dict[str, Any]) -> None:
        if call["method"] == "eth_getTransactionReceipt" and response.get("result") is None:
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
            response["result"] = {
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

    return proxy.lie(change)


_TOPIC = "0x" + keccak256(b"Anchored(bytes32,uint256,bytes32,uint256)").hex()
_RECEIPTS = ("eth_getTransactionReceipt",)


def test_a_forged_receipt_never_becomes_a_proof(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        made.submit(1)
        first.use(proxy.refuse, name="lost", methods=(SEND,))
        made.tick()
        first.use(_forge(made), name="forged", methods=_RECEIPTS)
        for _ in range(6):
            made.tick()
            made.node.mine()
            assert made.state() is not AnchorState.PROVEN
        assert first.fired["forged"] > 0
        faults.fired.update(first.fired)
        assert made.on_chain() == []
        made.settle()
        invariants.check(made)


def test_a_stale_replica_every_second_call_moves_nothing_back(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node, endpoints=2) as made:
        stale = proxy.stale()
        made.proxies[1].use(stale, name="stale", every=2)
        seen = []
        made.submit(1)
        for _ in range(12):
            made.tick()
            seen.append(made.state())
            made.node.mine()
        order = [AnchorState.MAYBE_SENT, AnchorState.INCLUDED, AnchorState.FINAL, AnchorState.PROVEN]
        ranks = [order.index(state) for state in seen if state in order]
        assert ranks == sorted(ranks), seen
        faults.fired.update(made.proxies[1].fired)
        made.settle()
        invariants.check(made)


def test_endpoints_that_disagree_about_a_final_block_make_nothing_final(
    tmp_path: Path, node: Anvil, faults: Faults
) -> None:
    def another(call: dict[str, Any], response: dict[str, Any]) -> None:
        # Only about single blocks by number: what is final, and the chain's first block, are told as they are.
        if call["method"] == "eth_getBlockByNumber" and call["params"][0] not in {"0x0", "finalized", "latest"}:
            response["result"] = response["result"] | {"hash": "0x" + "cd" * 32}

    with house(tmp_path / "log", node, endpoints=2) as made:
        made.submit(1)
        made.proxies[1].use(proxy.lie(another), name="disagree", methods=("eth_getBlockByNumber",))
        for _ in range(8):
            made.tick()
            made.node.mine()
            assert made.state() not in {AnchorState.FINAL, AnchorState.PROVEN, AnchorState.FINALITY_VIOLATION}
        faults.fired.update(made.proxies[1].fired)
        made.settle()
        invariants.check(made)


def test_a_proof_of_something_else_is_refused(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    def another(call: dict[str, Any], response: dict[str, Any]) -> None:
        result = response.get("result")
        receipts = result if isinstance(result, list) else [result]
        for receipt in receipts:
            if isinstance(receipt, dict) and receipt.get("logs"):
                receipt["cumulativeGasUsed"] = "0x1"

    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        made.submit(1)
        first.use(
            proxy.lie(another), name="another-receipt", methods=("eth_getBlockReceipts", "eth_getTransactionReceipt")
        )
        for _ in range(6):
            made.node.mine()
            made.tick()
            assert made.state() is not AnchorState.PROVEN
        faults.fired.update(first.fired)
        made.settle()
        invariants.check(made)
