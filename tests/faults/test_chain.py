"""A chain that takes back what it had, stands still, or is another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from eth_abi.abi import encode

from notary.core.keccak import keccak256
from notary.errors import EndpointFailed
from notary.ethereum.rpc import hexed
from notary.model.anchors import AnchorState
from tests.faults import invariants
from tests.faults.conftest import Faults
from tests.faults.house import HOUR_MS, House, house
from tests.node.anvil import Anvil, free_port

pytestmark = pytest.mark.node
Start = Callable[..., Anvil]


def set_operator(made: House, operator: bytes) -> None:
    """Let the admin, which in these tests is our account too, name another operator."""
    data = keccak256(b"setOperator(bytes32,address)")[:4] + encode(
        ["bytes32", "address"], [made.chain.target.log_id, hexed(operator)]
    )
    sender = hexed(made.chain.sender)
    made.node.call("anvil_impersonateAccount", sender)
    made.node.call(
        "eth_sendTransaction", {"from": sender, "to": hexed(made.chain.target.registry), "data": hexed(data)}
    )


def _storage_operator(made: House, operator: bytes) -> None:
    """Write another operator into the contract's storage: a transaction would need the nonce that ours has."""
    base = keccak256(encode(["bytes32", "uint256"], [made.chain.target.log_id, 0]))
    word = made.node.call("eth_getStorageAt", hexed(made.chain.target.registry), hexed(base), "latest")
    # The operator is the lowest twenty bytes of the slot.
    made.node.call("anvil_setStorageAt", hexed(made.chain.target.registry), hexed(base), word[:26] + operator.hex())


@pytest.mark.scenario(17)
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_a_reorganisation_withdraws_the_place(tmp_path: Path, start_anvil: Start, faults: Faults, depth: int) -> None:
    node = start_anvil(epoch=4)
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.tick()
        node.mine(depth)
        made.turn(lambda: made.state() is AnchorState.INCLUDED, mine=False)
        before = made.anchor().place
        node.call("anvil_reorg", depth, [])
        faults.count(f"{depth} blocks")
        made.tick()
        assert made.state() is AnchorState.MAYBE_SENT
        assert made.anchor().place is None
        made.settle()
        after = made.anchor().place
        assert before is not None
        assert after is not None
        assert after.block_hash != before.block_hash
        assert len(made.attempts()) == 1
        invariants.check(made)


@pytest.mark.scenario(19)
def test_finality_that_stands_still_is_waited_for(tmp_path: Path, start_anvil: Start, faults: Faults) -> None:
    node = start_anvil(epoch=30)
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.turn(lambda: made.state() is AnchorState.INCLUDED)
        for _ in range(40):
            made.tick()
            assert made.state() is AnchorState.INCLUDED
            node.mine()
            faults.count("blocks without finality")
        made.settle()
        invariants.check(made)


@pytest.mark.scenario(17)
def test_a_reorganisation_with_a_conflicting_transaction(tmp_path: Path, start_anvil: Start, faults: Faults) -> None:
    """Another transaction takes the nonce in the new blocks; the payload goes out again on the next one."""
    node = start_anvil(epoch=4)
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.tick()
        node.mine()
        made.turn(lambda: made.state() is AnchorState.INCLUDED, mine=False)
        sender = hexed(made.chain.sender)
        node.call("anvil_impersonateAccount", sender)
        node.call("anvil_reorg", 1, [[{"from": sender, "to": sender, "value": "0x1", "gas": "0x5208"}, 0]])
        faults.count("conflict")
        made.tick()
        assert made.state() is AnchorState.MAYBE_SENT
        made.turn(lambda: len(made.attempts()) == 2)
        old, new = made.attempts()
        assert (new.nonce, new.calldata) == (old.nonce + 1, old.calldata)
        made.settle()
        assert len(made.on_chain()) == 1
        invariants.check(made)


@pytest.mark.scenario(17)
def test_what_was_final_and_is_gone_is_an_alarm_and_nothing_is_deleted(
    tmp_path: Path, node: Anvil, faults: Faults
) -> None:
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.turn(lambda: made.state() is AnchorState.INCLUDED)
        node.mine(2)
        # Seen as final, not yet captured: the next look finds another block there.
        capture = made.chain.capture
        made.chain.capture = _unavailable  # type: ignore[assignment,method-assign]
        made.tick()
        assert made.state() is AnchorState.FINAL
        node.call("anvil_reorg", 4, [])
        faults.count("below finality")
        made.chain.capture = capture  # type: ignore[method-assign]
        made.tick()
        assert made.state() is AnchorState.FINALITY_VIOLATION
        attempts, events = made.attempts(), made.events()
        assert len(attempts) == 1
        assert len(events) >= 5
        made.tick()
        made.submit(2)
        made.clock.by += HOUR_MS
        made.settle()
        with made.services.store.read() as view:
            assert view.attempts(1)[0].raw == attempts[0].raw
        invariants.check(made, ended=frozenset({AnchorState.FINALITY_VIOLATION, AnchorState.PROVEN}))


def _unavailable(*_: object, **__: object) -> None:
    raise EndpointFailed("The receipts are not to be had now.", code="receipt-unavailable")


@pytest.mark.scenario(16)
def test_without_the_right_to_anchor_nothing_is_sent_again_and_again(
    tmp_path: Path, node: Anvil, faults: Faults
) -> None:
    with house(tmp_path / "log", node) as made:
        set_operator(made, b"\x01" * 20)
        node.mine(3)
        faults.count("revoked")
        made.submit(1)
        for _ in range(5):
            assert made.tick() == "blocked-chain"
        assert made.sends() == 0
        set_operator(made, made.chain.sender)
        node.mine(3)
        made.settle()
        invariants.check(made)


@pytest.mark.scenario(16)
def test_a_right_revoked_while_a_transaction_waits(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.tick()
        assert made.state() is AnchorState.MAYBE_SENT
        _storage_operator(made, b"\x01" * 20)
        faults.count("revoked")
        made.turn(lambda: made.state() is AnchorState.REVERTED)
        sent = made.sends()
        for _ in range(5):
            assert made.tick() == "blocked-chain"
            node.mine()
        assert made.sends() == sent, "no hot loop"
        _storage_operator(made, made.chain.sender)
        made.submit(2)
        made.clock.by += HOUR_MS
        made.settle()
        invariants.check(made, ended=frozenset({AnchorState.REVERTED, AnchorState.PROVEN}))


@pytest.mark.scenario(18)
def test_another_chain_on_the_same_port_is_refused(tmp_path: Path, start_anvil: Start, faults: Faults) -> None:
    port = free_port()
    state = str(tmp_path / "state.json")
    node = start_anvil(["--state", state], port=port)
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.settle()
        node.stop()
        other = start_anvil(["--timestamp", "1"], port=port)
        made.submit(2)
        made.restart()
        assert made.tick() == "blocked-chain"
        faults.count("another genesis")
        other.stop()
        other = start_anvil(["--chain-id", "5"], port=port)
        assert made.tick() == "blocked-chain"
        faults.count("another chain id")
        other.stop()
        with made.services.store.read() as view:
            assert len(view.anchors(above=0, limit=10)) == 1, "nothing was prepared for the wrong chain"
        made.node = start_anvil(["--state", state], port=port)
        made.node.call("evm_setAutomine", False)
        made.settle()
        invariants.check(made)


@pytest.mark.scenario(18)
def test_other_code_at_the_registrys_address_is_refused(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        registry = hexed(made.chain.target.registry)
        code = node.call("eth_getCode", registry, "latest")
        node.call("anvil_setCode", registry, "0x6000")
        faults.count("other code")
        made.submit(1)
        assert made.tick() == "blocked-chain"
        node.call("anvil_setCode", registry, code)
        made.settle()
        invariants.check(made)
