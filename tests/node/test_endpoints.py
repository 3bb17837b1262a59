"""The worker behind endpoints that lose, lie, lag, hang and disagree: a real node, and proxies in front of it.

After each, the log reaches ``proven`` when the faults stop, with one anchor on chain and one payload under each nonce.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from notary.compose import open_chain
from notary.core.evm import ANCHORED_TOPIC
from notary.core.verify import Verdict
from notary.errors import CannotCheck
from notary.ethereum.chain import EthereumChain
from notary.ethereum.deploy import deploy
from notary.model.anchors import AnchorState
from notary.model.chain import EndpointHealth, EndpointState
from notary.service.read import PublicState
from tests import faultproxy
from tests.faultproxy import SEND, Fault, FaultProxy
from tests.node import logs
from tests.node.anvil import Anvil
from tests.node.bench import Bench
from tests.node.world import account

pytestmark = pytest.mark.node
Start = Callable[..., Anvil]
GIVEN_UP = 1.0


class Fronted(Bench):
    """A bench whose endpoints are proxies in front of one node."""

    def __init__(self, root: Path, node: Anvil, proxies: list[FaultProxy], **flags: object) -> None:
        """Make the log with these proxies as its endpoints."""
        super().__init__(root, node, **flags)
        self.proxies = proxies
        self.use()

    def use(self, **changes: Any) -> None:
        """Open the chain through the proxies, with other settings."""
        settings = self.services.settings
        assert settings.chain is not None
        changed = {"rpc": tuple(one.url for one in self.proxies), "timeout": GIVEN_UP, **changes}
        self.services = replace(self.services, settings=replace(settings, chain=replace(settings.chain, **changed)))
        chain = open_chain(self.services.settings)
        assert isinstance(chain, EthereumChain)
        self.chain = chain
        self.renew()

    def health(self) -> list[EndpointHealth]:
        """Return how well the endpoints are."""
        return list(self.chain.endpoints())

    def stop_faults(self) -> None:
        """Let everything be well again."""
        for proxy in self.proxies:
            proxy.clear()

    def finish(self, leaf: bytes) -> None:
        """Stop the faults, and require that all ends as it should."""
        self.stop_faults()
        logs.until(self.proven, what="proven")
        assert logs.verdict(self.services, self.node, leaf) is Verdict.MATCH
        assert len(self.on_chain()) == 1
        payloads: dict[int, set[bytes]] = {}
        for attempt in self.attempts():
            payloads.setdefault(attempt.nonce, set()).add(attempt.calldata)
        assert [len(one) for one in payloads.values()] == [1]
        states = [event.state for event in self.events()]
        assert states[-3:] == [AnchorState.INCLUDED, AnchorState.FINAL, AnchorState.PROVEN]

    def proven(self) -> bool:
        """Tick, mine, and say whether the newest anchor is proven."""
        self.tick()
        with self.services.store.read() as view:
            found = view.newest_anchor(self.chain.target)  # none yet where a busy machine answered too late
        if found is not None and found.state is AnchorState.PROVEN:
            return True
        self.node.mine()
        return False


@pytest.fixture
def front(tmp_path: Path, node: Anvil) -> Iterator[Callable[..., Fronted]]:
    """Make a bench behind so many proxies."""
    with ExitStack() as stack:

        def make(count: int, **flags: object) -> Fronted:
            proxies = [stack.enter_context(FaultProxy(node.url)) for _ in range(count)]
            bench = Fronted(tmp_path / "log", node, proxies, **flags)
            stack.callback(bench.services.close)
            return bench

        yield make


SENDING = {
    "drop-before": lambda: faultproxy.drop_before(SEND, times=1),
    "drop-after": lambda: faultproxy.drop_after(SEND, times=1),
    "bad-gateway-after": lambda: faultproxy.bad_gateway_after(SEND, times=1),
    "stall-before": lambda: faultproxy.stall(SEND, times=1),
    "stall-after": lambda: faultproxy.stall(SEND, forward=True, times=1),
    "black-hole": lambda: faultproxy.black_hole(times=1),
    "wrong-hash": lambda: faultproxy.wrong_hash(times=1),
    "too-many": lambda: faultproxy.too_many(SEND, retry_after="1", times=1),
}


@pytest.mark.parametrize("name", SENDING)
def test_whatever_happens_to_a_send_it_is_sent_once_as_signed(front: Callable[..., Fronted], name: str) -> None:
    bench = front(1)
    leaf = bench.submit(1)
    fault = bench.proxies[0].add(SENDING[name]())
    bench.tick()
    assert fault.fired == 1
    [attempt] = bench.attempts()
    assert bench.anchor().state is AnchorState.MAYBE_SENT, "whatever came back, it may have been sent"
    bench.finish(leaf)
    assert [one.raw for one in bench.attempts()] == [attempt.raw]


READING: dict[str, Callable[[], Fault]] = {
    "html": faultproxy.html,
    "too-many": faultproxy.too_many,
    "huge": faultproxy.huge,
    "endless": faultproxy.endless,
    "gzip-bomb": faultproxy.gzip_bomb,
    "drop": faultproxy.drop_before,
    "stall": faultproxy.stall,
    "bad-gateway": faultproxy.bad_gateway_after,
}
CODES = {
    "html": "endpoint-not-json",
    "too-many": "endpoint-http-status",
    "huge": "endpoint-too-large",
    "endless": "endpoint-too-large",
    "gzip-bomb": "endpoint-encoding",
    "drop": "endpoint-truncated",
    "stall": "endpoint-timeout",
    "bad-gateway": "endpoint-http-status",
}


@pytest.mark.parametrize("name", READING)
def test_one_bad_endpoint_of_three_hinders_nothing_and_is_named(front: Callable[..., Fronted], name: str) -> None:
    bench = front(3)
    fault = bench.proxies[0].add(READING[name]())
    leaf = bench.submit(1)
    bench.drive()
    assert fault.fired > 0
    bad, *good = bench.health()
    assert (bad.state, bad.code) == (EndpointState.FAILING, CODES[name])
    assert {one.state for one in good} == {EndpointState.OK}
    assert all(one.latency_ms is not None and one.lag == 0 for one in good)
    bench.finish(leaf)


def test_an_endpoint_that_asks_for_peace_gets_it(front: Callable[..., Fronted]) -> None:
    bench = front(1)
    bench.proxies[0].add(faultproxy.too_many(retry_after="3600"))
    bench.submit(1)
    for _ in range(3):
        assert bench.tick() == "blocked-chain"
    assert len(bench.proxies[0].requests) == 1
    assert 200 < bench.health()[0].retry_in <= 300


@pytest.mark.parametrize("every", [2, 3])
def test_a_stale_replica_every_second_call_moves_nothing_backwards(front: Callable[..., Fronted], every: int) -> None:
    bench = front(1)
    stale = bench.proxies[0].add(faultproxy.stale_replica(bench.node.url, every=every))
    leaf = bench.submit(1)
    for _ in range(12):
        bench.proven()
    assert stale.fired > 3
    states = [event.state for event in bench.events()]
    order = list(AnchorState)
    assert [order.index(state) for state in states] == sorted(order.index(state) for state in states)
    bench.finish(leaf)


def test_a_replica_that_is_behind_is_said_to_be_and_takes_no_place_back(front: Callable[..., Fronted]) -> None:
    bench = front(1)
    leaf = bench.submit(1)
    bench.tick()
    old = faultproxy.stale_replica(bench.node.url)
    bench.node.mine()
    bench.tick()
    assert logs.state(bench.services, leaf) is PublicState.INCLUDED
    bench.proxies[0].add(old)
    assert bench.tick() == "endpoints-too-few"
    assert logs.state(bench.services, leaf) is PublicState.INCLUDED
    assert bench.health()[0].state is EndpointState.BEHIND
    bench.finish(leaf)


def test_endpoints_that_disagree_on_a_final_hash_make_nothing_final(front: Callable[..., Fronted]) -> None:
    bench = front(3)
    leaf = bench.submit(1)
    bench.tick()
    bench.node.mine()
    bench.tick()
    place = bench.anchor().place
    assert place is not None
    liar = bench.proxies[2].add(faultproxy.other_block(place.block_number, "0x" + "ab" * 32))
    bench.node.mine(5)
    for _ in range(3):
        assert bench.tick() == "endpoints-disagree"
        assert bench.anchor().state is AnchorState.INCLUDED
    assert liar.fired > 0
    bench.finish(leaf)


def test_two_endpoints_must_both_say_what_is_final(front: Callable[..., Fronted]) -> None:
    bench = front(2)
    leaf = bench.submit(1)
    bench.tick()
    bench.node.mine()
    bench.tick()
    assert bench.anchor().state is AnchorState.INCLUDED
    gone = bench.proxies[1].add(faultproxy.drop_before())
    bench.node.mine(5)
    for _ in range(3):
        assert bench.tick() == "endpoints-too-few"
        assert bench.anchor().state is AnchorState.INCLUDED
    assert gone.fired > 0
    bench.finish(leaf)


def test_a_forged_receipt_of_one_endpoint_includes_nothing(front: Callable[..., Fronted]) -> None:
    bench = front(3)
    leaf = bench.submit(1)
    hole = [proxy.add(faultproxy.black_hole()) for proxy in bench.proxies]
    bench.tick()
    assert all(fault.fired == 1 for fault in hole)
    [attempt] = bench.attempts()
    block = bench.node.rpc.block("latest")
    assert block is not None

    def forge(_call: dict[str, Any], _result: Any) -> Any:
        target = bench.chain.target
        data = bench.anchor().size.to_bytes(32, "big") + bench.anchor().root + bytes(32)
        return {
            "type": "0x2",
            "status": "0x1",
            "transactionHash": "0x" + attempt.tx_hash.hex(),
            "blockNumber": block["number"],
            "blockHash": block["hash"],
            "transactionIndex": "0x0",
            "cumulativeGasUsed": "0x1",
            "logsBloom": "0x" + "00" * 256,
            "logs": [
                {
                    "address": "0x" + target.registry.hex(),
                    "topics": ["0x" + ANCHORED_TOPIC.hex(), "0x" + target.log_id.hex()],
                    "data": "0x" + data.hex(),
                }
            ],
        }

    liar = bench.proxies[0].add(faultproxy.lie(forge, "eth_getTransactionReceipt", name="forged-receipt"))
    for _ in range(4):
        bench.tick()
        bench.node.mine()
        assert bench.anchor().state is AnchorState.MAYBE_SENT
    assert liar.fired > 0
    bench.finish(leaf)


def test_a_forged_receipt_of_the_only_endpoint_proves_nothing(front: Callable[..., Fronted]) -> None:
    bench = front(1)
    bench.submit(1)
    bench.tick()
    bench.node.mine(4)

    def forge(_call: dict[str, Any], receipt: Any) -> Any:
        return receipt and {**receipt, "cumulativeGasUsed": "0x1"}

    liar = bench.proxies[0].add(
        faultproxy.lie(lambda call, found: [forge(call, one) for one in found], "eth_getBlockReceipts")
    )
    for _ in range(4):
        bench.tick()
        assert bench.anchor().state is not AnchorState.PROVEN
    assert liar.fired > 0
    assert bench.tick() == "blocked-chain"


def test_an_endpoint_that_moves_to_another_chain_is_set_aside_and_comes_back(
    front: Callable[..., Fronted], start_anvil: Start
) -> None:
    bench = front(3)
    other = start_anvil(["--chain-id", "999"])
    leaf = bench.submit(1)
    bench.proxies[1].upstream = other.url
    bench.drive()
    aside = bench.health()[1]
    assert (aside.state, aside.code) == (EndpointState.SET_ASIDE, "wrong-chain")
    assert all(SEND not in methods for methods in bench.proxies[1].requests)
    bench.proxies[1].upstream = bench.node.url
    bench.tick()
    assert bench.health()[1].state is EndpointState.OK
    bench.finish(leaf)


def test_every_endpoint_on_another_chain_is_refused(front: Callable[..., Fronted], start_anvil: Start) -> None:
    bench = front(2)
    other = start_anvil(["--chain-id", "999"])
    bench.submit(1)
    for proxy in bench.proxies:
        proxy.upstream = other.url
    problem = bench.anchorer.tick()
    assert problem is not None
    assert problem.code == "blocked-chain"
    assert "chain 999" in problem.message


def test_a_send_goes_to_all_endpoints_once(front: Callable[..., Fronted]) -> None:
    bench = front(3)
    bench.submit(1)
    bench.tick()
    assert [sum(SEND in methods for methods in proxy.requests) for proxy in bench.proxies] == [1, 1, 1]


def test_looking_costs_two_requests_an_endpoint(front: Callable[..., Fronted]) -> None:
    bench = front(2)
    bench.submit(1)
    bench.tick()
    bench.node.mine()
    bench.tick()
    place = bench.anchor().place
    [attempt] = bench.attempts()
    before = [len(proxy.requests) for proxy in bench.proxies]
    bench.chain.observe(tx_hashes=[attempt.tx_hash], size=bench.anchor().size, root=bench.anchor().root, place=place)
    assert [len(proxy.requests) - count for proxy, count in zip(bench.proxies, before, strict=True)] == [2, 2]


def no_finalized(call: dict[str, Any], result: Any) -> Any:
    """Know no block of that tag."""
    return None if call["params"] and call["params"][0] == "finalized" else result


def test_without_a_final_block_nothing_is_final_unless_a_depth_is_configured(front: Callable[..., Fronted]) -> None:
    bench = front(1)
    leaf = bench.submit(1)
    fault = bench.proxies[0].add(faultproxy.lie(no_finalized, "eth_getBlockByNumber"))
    bench.tick()
    for _ in range(6):
        bench.node.mine()
        bench.tick()
    assert bench.anchor().state is AnchorState.INCLUDED
    bench.use(finality="depth-3")
    bench.tick()
    assert bench.anchor().state is AnchorState.PROVEN
    assert fault.fired > 0
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_a_depth_is_counted_from_the_head(front: Callable[..., Fronted]) -> None:
    bench = front(1)
    bench.use(finality="depth-4")
    bench.node.mine(4)
    bench.submit(1)
    bench.tick()
    bench.node.mine()
    seen = []
    for _ in range(5):
        bench.tick()
        seen.append(bench.anchor().state)
        bench.node.mine()
    assert seen == [*[AnchorState.INCLUDED] * 4, AnchorState.PROVEN]


def test_a_legacy_chain_only_by_configuration(tmp_path: Path, start_anvil: Start) -> None:
    node = start_anvil(["--hardfork", "berlin"])
    with pytest.raises(CannotCheck) as refused:
        deploy(node.url, account(1), origin=logs.ORIGIN, operator=account(1).address)
    assert refused.value.code == "chain-without-base-fee"
    with FaultProxy(node.url) as proxy:
        bench = Fronted(tmp_path / "log", node, [proxy])
        bench.use(gas="eip1559")
        leaf = bench.submit(1)
        problem = bench.anchorer.tick()
        assert problem is not None
        assert 'chain.gas = "legacy"' in problem.message
        assert bench.attempts() == []
        bench.use(gas="legacy")
        bench.finish(leaf)
        assert bench.attempts()[0].raw[0] >= 0xC0, "a transaction of type 0 is a list"
        bench.services.close()
