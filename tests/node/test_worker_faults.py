"""The worker on a real node that does what nodes do: goes away, forgets, reorganises, is the wrong one, hangs."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode

from notary.compose import open_chain, open_services
from notary.core.keccak import keccak256
from notary.core.verify import Verdict
from notary.datadir import DataDir
from notary.errors import IntegrityError
from notary.ethereum import registry
from notary.ethereum.chain import EthereumChain
from notary.ethereum.endpoints import Endpoint, Endpoints
from notary.ethereum.rpc import Answer, Call, Rpc, hexed
from notary.model.anchors import AnchorProof, AnchorState, Place
from notary.model.chain import Sending, SendOutcome
from notary.service.health import ANCHOR, HealthState
from notary.service.integrate import Integrator
from notary.service.read import PublicState
from notary.service.services import Services
from notary.worker.run import Worker
from tests import backends
from tests.node import logs
from tests.node.anvil import Anvil, free_port
from tests.node.bench import Bench

pytestmark = pytest.mark.node
Start = Callable[..., Anvil]


@pytest.fixture
def bench(tmp_path: Path, node: Anvil) -> Iterator[Bench]:
    made = Bench(tmp_path / "log", node)
    yield made
    made.services.close()


def test_the_signed_bytes_are_durable_before_they_are_sent(bench: Bench, tmp_path: Path) -> None:
    seen: list[tuple[AnchorState, list[bytes]]] = []

    class Looking:
        """Looks into the database from another connection at the moment of sending."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def send(self, raw: bytes) -> Sending:
            with closing(open_services(logs.settings(bench.directory))) as other, other.store.read() as view:
                anchor = view.anchor_in_flight(real.target)
                assert anchor is not None
                seen.append((anchor.state, [attempt.raw for attempt in view.attempts(anchor.id)]))
            assert raw in seen[-1][1]
            return real.send(raw)

    real = bench.chain
    bench.chain = Looking()
    bench.renew()
    leaf = bench.submit(1)
    bench.drive()
    assert [state for state, _ in seen] == [AnchorState.PREPARED]
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_states_follow_the_chain_and_never_run_ahead(bench: Bench) -> None:
    leaf = bench.submit(1)
    assert logs.state(bench.services, leaf) is PublicState.INTEGRATED
    assert bench.tick() is None
    assert logs.state(bench.services, leaf) is PublicState.SUBMITTED
    bench.tick()
    assert logs.state(bench.services, leaf) is PublicState.SUBMITTED
    bench.node.mine()
    bench.tick()
    assert logs.state(bench.services, leaf) is PublicState.INCLUDED
    bench.node.mine()
    bench.tick()
    assert logs.state(bench.services, leaf) is PublicState.INCLUDED
    bench.node.mine()
    bench.tick()
    assert logs.state(bench.services, leaf) is PublicState.FINAL
    assert [event.state for event in bench.events()] == [
        *(AnchorState.QUEUED, AnchorState.PREPARED, AnchorState.MAYBE_SENT),
        *(AnchorState.INCLUDED, AnchorState.FINAL, AnchorState.PROVEN),
    ]


def test_finality_that_stands_still_keeps_it_included(bench: Bench) -> None:
    leaf = bench.submit(1)
    bench.tick()
    bench.node.mine()
    for _ in range(5):
        bench.tick()
        assert logs.state(bench.services, leaf) is PublicState.INCLUDED


def test_submissions_go_on_while_the_node_is_down_and_are_anchored_when_it_is_back(
    tmp_path: Path, start_anvil: Start
) -> None:
    port, state = free_port(), str(tmp_path / "state.json")
    node = start_anvil(["--state", state], port=port)
    directory = logs.make_log(tmp_path / "log", node)
    node.mine(3)
    node.stop()
    services = open_services(logs.settings(directory))
    with logs.working(services):
        logs.until(lambda: services.health.health().state is HealthState.DEGRADED, what="the problem's report")
        assert [reason.code for reason in services.health.health().reasons] == ["blocked-chain"]
        tenant = logs.publisher(services)
        leaves = [logs.submit(services, tenant, number) for number in range(3)]
        logs.until(lambda: all(logs.state(services, leaf) is PublicState.INTEGRATED for leaf in leaves))
        node = start_anvil(["--state", state], port=port)
        logs.finalize(node, services, *leaves)
        logs.until(lambda: services.health.health().state is HealthState.OK, what="health")
        assert {logs.verdict(services, node, leaf) for leaf in leaves} == {Verdict.MATCH}
    services.close()


def test_a_transaction_that_the_node_forgot_is_sent_again_as_it_was(bench: Bench) -> None:
    bench.submit(1)
    bench.tick()
    [attempt] = bench.attempts()
    assert bench.node.call("eth_getTransactionByHash", hexed(attempt.tx_hash)) is not None
    bench.node.call("anvil_dropTransaction", hexed(attempt.tx_hash))
    assert bench.node.call("eth_getTransactionByHash", hexed(attempt.tx_hash)) is None
    logs.until(
        lambda: bench.tick() is None and bench.node.call("eth_getTransactionByHash", hexed(attempt.tx_hash)) is not None
    )
    bench.drive()
    [again] = bench.attempts()
    assert (again.raw, again.nonce) == (attempt.raw, attempt.nonce)
    assert len(bench.on_chain()) == 1


@pytest.fixture
def patient(tmp_path: Path, node: Anvil) -> Iterator[Bench]:
    """A bench whose schedule never sends anything again."""
    made = Bench(tmp_path / "log", node, anchor__resend=3600)
    yield made
    made.services.close()


def test_a_restart_sends_the_same_bytes_at_once(patient: Bench) -> None:
    bench = patient
    bench.submit(1)
    bench.tick()
    [before] = bench.attempts()
    bench.node.call("anvil_dropAllTransactions")
    bench.services.close()
    bench.open()
    bench.drive()
    [after] = bench.attempts()
    assert after.raw == before.raw
    assert len(bench.on_chain()) == 1


@pytest.mark.parametrize("depth", [1, 2])
def test_a_reorganisation_takes_the_place_back_and_the_anchor_goes_in_again(patient: Bench, depth: int) -> None:
    bench = patient
    leaf = bench.submit(1)
    bench.tick()
    bench.node.mine(depth)
    bench.tick()
    assert logs.state(bench.services, leaf) is PublicState.INCLUDED
    first = bench.anchor().place
    bench.node.call("anvil_reorg", depth, [])
    bench.tick()
    assert logs.state(bench.services, leaf) is PublicState.SUBMITTED
    bench.drive()
    place = bench.anchor().place
    assert place is not None
    assert first is not None
    assert place.block_hash != first.block_hash
    states = [event.state for event in bench.events()]
    assert states.count(AnchorState.INCLUDED) == 2
    assert "in no block" in bench.events()[states.index(AnchorState.INCLUDED) + 1].reason
    assert len(bench.attempts()) == 1
    assert len(bench.on_chain()) == 1
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


class StaleRpc(Rpc):
    """An endpoint that goes on telling the first receipt it ever told."""

    def batch(self, calls: Sequence[Call]) -> list[Answer]:
        answers = super().batch(calls)
        for i, (method, _) in enumerate(calls):
            if method == "eth_getTransactionReceipt":
                self.__dict__.setdefault("first", answers[i])
                answers[i] = self.__dict__["first"]
        return answers


def test_a_receipt_from_a_block_that_is_gone_does_not_count(bench: Bench) -> None:
    leaf = bench.submit(1)
    bench.tick()
    bench.node.mine()
    assert isinstance(bench.chain, EthereumChain)
    bench.chain._endpoints = Endpoints([Endpoint(StaleRpc(bench.node.url))])
    bench.tick()
    assert logs.state(bench.services, leaf) is PublicState.INCLUDED
    bench.node.call("anvil_reorg", 1, [])
    for _ in range(4):
        bench.tick()
        bench.node.mine()
        assert logs.state(bench.services, leaf) is PublicState.SUBMITTED
    bench.chain._endpoints = Endpoints([Endpoint(Rpc(bench.node.url))])
    bench.drive()
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_a_proof_of_something_else_is_not_stored(bench: Bench) -> None:
    class Lying:
        """Captures another proof than the one asked for."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def capture(self, place: Place, *, size: int, root: bytes) -> AnchorProof:
            proof = real.capture(place, size=size, root=root)
            assert isinstance(proof, AnchorProof)
            return replace(proof, log_position=proof.log_position + 1)

    real = bench.chain
    bench.chain = Lying()
    bench.renew()
    leaf = bench.submit(1)
    bench.tick()
    bench.node.mine(3)
    assert bench.tick() == "proof-failed"
    assert bench.anchor().state is AnchorState.FINAL
    assert logs.state(bench.services, leaf) is PublicState.INCLUDED
    bench.chain = real
    bench.renew()
    bench.drive()
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_a_nonce_that_somebody_else_used_is_replaced_when_that_is_final(bench: Bench) -> None:
    leaf = bench.submit(1)
    sender = bench.chain.sender

    class Stolen:
        """Loses what is sent first, while the key is used elsewhere."""

        lost: bytes | None = None

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def send(self, raw: bytes) -> Sending:
            if self.lost in {None, raw}:
                self.lost = raw
                return Sending(SendOutcome.UNKNOWN, "chain", "It was lost.")
            return real.send(raw)

    real = bench.chain
    bench.chain = Stolen()
    bench.renew()
    assert bench.tick() == "blocked-chain"
    bench.node.call("anvil_impersonateAccount", hexed(sender))
    bench.node.call("eth_sendTransaction", {"from": hexed(sender), "to": hexed(sender), "value": "0x1"})
    bench.node.mine()
    bench.tick()
    assert len(bench.attempts()) == 1, "not before the other transaction is final"
    bench.drive()
    first, second = bench.attempts()
    assert second.nonce == first.nonce + 1
    assert second.calldata == first.calldata
    assert any("was taken by another transaction" in event.reason for event in bench.events())
    assert len(bench.on_chain()) == 1
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_nothing_is_signed_while_our_account_has_transactions_that_may_vanish(bench: Bench) -> None:
    sender = bench.chain.sender
    bench.node.call("anvil_impersonateAccount", hexed(sender))
    bench.node.call("eth_sendTransaction", {"from": hexed(sender), "to": hexed(sender), "value": "0x1"})
    bench.node.mine()
    bench.submit(1)
    assert bench.tick() == "blocked-chain"
    assert bench.attempts() == []
    bench.node.mine(2)
    assert bench.tick() is None
    assert len(bench.attempts()) == 1


def test_without_money_it_waits_and_goes_on_by_itself(bench: Bench) -> None:
    leaf = bench.submit(1)
    bench.node.fund(bench.chain.sender, 1)
    assert bench.tick() == "blocked-funds"
    assert bench.submit(2) is not None
    assert bench.tick() == "blocked-funds"
    assert bench.attempts() == []
    bench.node.fund(bench.chain.sender)
    bench.drive()
    assert logs.state(bench.services, leaf) is PublicState.FINAL


def test_a_transaction_that_the_node_refuses_was_not_submitted(bench: Bench) -> None:
    class Poor:
        """Loses its money between signing and sending."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def sign(self, **arguments: Any) -> Any:
            signed = real.sign(**arguments)
            bench.node.fund(real.sender, 1)
            return signed

    real = bench.chain
    bench.chain = Poor()
    bench.renew()
    leaf = bench.submit(1)
    assert bench.tick() == "blocked-funds"
    assert bench.anchor().state is AnchorState.PREPARED
    assert logs.state(bench.services, leaf) is PublicState.INTEGRATED
    bench.node.fund(real.sender)
    logs.until(lambda: bench.tick() is None and bench.anchor().state is AnchorState.MAYBE_SENT)
    bench.drive()
    assert len(bench.attempts()) == 1
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_a_chain_that_lost_final_blocks_gets_no_second_use_of_a_nonce(bench: Bench) -> None:
    snapshot = bench.node.call("evm_snapshot")
    bench.submit(1)
    bench.drive()
    [first] = bench.attempts()
    assert bench.node.call("evm_revert", snapshot)
    bench.node.mine(3)
    bench.submit(2)
    problem = bench.anchorer.tick()
    assert problem is not None
    assert problem.code == "blocked-chain"
    assert "lost blocks" in problem.message
    assert bench.attempts() == []
    assert bench.chain.next_nonce() == first.nonce


def test_a_fee_cap_below_the_market_waits(tmp_path: Path, node: Anvil) -> None:
    bench = Bench(tmp_path / "log", node, anchor__max_fee_gwei=0)
    bench.submit(1)
    assert bench.tick() == "blocked-fee"
    assert bench.attempts() == []
    bench.services.close()


def revoke(bench: Bench) -> None:
    """Take the right to anchor from our account (which in these tests is the admin too)."""
    data = keccak256(b"setOperator(bytes32,address)")[:4] + encode(
        ["bytes32", "address"], [bench.chain.target.log_id, hexed(b"\x01" * 20)]
    )
    sender = hexed(bench.chain.sender)
    bench.node.call("anvil_impersonateAccount", sender)
    bench.node.call(
        "eth_sendTransaction", {"from": sender, "to": hexed(bench.chain.target.registry), "data": hexed(data)}
    )


def test_without_the_operators_right_nothing_is_sent(bench: Bench) -> None:
    revoke(bench)
    bench.node.mine(3)
    bench.submit(1)
    for _ in range(3):
        assert bench.tick() == "blocked-chain"
    with bench.services.store.read() as view:
        assert view.newest_anchor(bench.chain.target) is None


def test_a_transaction_that_fails_is_told_and_not_repeated_at_once(bench: Bench) -> None:
    bench.submit(1)

    class Early:
        """Leaves a nonce to the revocation, which comes before."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def next_nonce(self) -> int:
            return real.next_nonce() + 1

    real = bench.chain
    bench.chain = Early()
    bench.renew()
    bench.tick()
    [signed] = bench.attempts()
    revoke(bench)
    bench.chain = real
    bench.renew()
    bench.node.mine()
    bench.tick()
    assert bench.anchor().state is AnchorState.MAYBE_SENT, "a failure counts when it is final"
    bench.node.mine(3)
    assert bench.tick() == "reverted"
    assert bench.anchor().state is AnchorState.REVERTED
    for _ in range(3):
        assert bench.tick() == "blocked-chain", "the right to anchor is gone"
    assert len(bench.attempts()) == 1
    assert bench.attempts()[0].spent
    assert bench.attempts()[0].raw == signed.raw
    assert bench.on_chain() == []


WRONG: list[tuple[dict[str, object], str]] = [
    ({"chain_id": 1}, "is on chain 31337"),
    ({"genesis": b"\x11" * 32}, "another genesis block"),
    ({"registry_codehash": b"\x11" * 32}, "other code"),
    ({"registry": b"\x11" * 20}, "other code"),
    ({"log_id": b"\x11" * 32}, "not our account"),
]


@pytest.mark.parametrize(("change", "words"), WRONG, ids=[next(iter(one)) for one, _ in WRONG])
def test_another_chain_than_the_configured_one_is_not_used(bench: Bench, change: dict[str, object], words: str) -> None:
    settings = bench.services.settings
    assert settings.chain is not None
    chain = open_chain(replace(settings, chain=replace(settings.chain, **change)))  # type: ignore[arg-type]
    assert chain is not None
    bench.chain = chain
    bench.renew()
    bench.submit(1)
    problem = bench.anchorer.tick()
    assert problem is not None
    assert problem.code == "blocked-chain"
    assert words in problem.message
    assert bench.on_chain() == []


def test_one_good_endpoint_among_bad_ones_is_enough(bench: Bench, start_anvil: Start) -> None:
    other = start_anvil(["--chain-id", "999"])
    settings = bench.services.settings
    assert settings.chain is not None
    dead = f"http://127.0.0.1:{free_port()}"
    urls = (dead, other.url, bench.node.url)
    chain = open_chain(replace(settings, chain=replace(settings.chain, rpc=urls, quorum=1)))
    assert chain is not None
    bench.chain = chain
    bench.renew()
    leaf = bench.submit(1)
    bench.drive()
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


@contextmanager
def hanging() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_node_that_hangs_does_not_hold_up_the_log(tmp_path: Path, node: Anvil) -> None:
    directory = logs.make_log(tmp_path / "log", node)
    with hanging() as url:
        services = open_services(logs.settings(directory, chain__rpc=[url]))
        services.ensure_manifest()
        worker = Worker(services, open_chain(services.settings))
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        try:
            tenant = logs.publisher(services)
            # The first integration waits some seconds for the registry to be asked; none after it does.
            first = logs.submit(services, tenant, 0)
            logs.until(lambda: logs.state(services, first) is PublicState.INTEGRATED)
            for number in range(1, 4):
                leaf = logs.submit(services, tenant, number)
                logs.until(lambda leaf=leaf: logs.state(services, leaf) is PublicState.INTEGRATED, seconds=1)  # type: ignore[misc]
        finally:
            stop.set()
            thread.join(20)
        assert not thread.is_alive()
    # The thread that the worker left behind ends with its connection, and is done with the store then.
    for left in threading.enumerate():
        if left.name == ANCHOR:
            left.join()
    services.close()


def _problem(services: Services) -> str | None:
    with services.store.read() as view:
        beat = view.heartbeats().get(ANCHOR)
    return None if beat is None else beat.problem


def _beats(services: Services) -> set[str]:
    with services.store.read() as view:
        return set(view.heartbeats())


def test_a_log_that_is_behind_its_registry_signs_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.submit(1)
    bench.drive()
    copy = tmp_path / "copy"
    bench.services.close()
    backends.copy_log(bench.directory.root, copy)
    bench.open()
    bench.submit(2)
    bench.drive()
    older = open_services(logs.settings(DataDir(copy)))
    tenant = logs.publisher(older)
    logs.submit(older, tenant, 99)
    size = older.reader.size()
    with pytest.raises(IntegrityError) as caught, logs.working(older) as running:
        running.stop.wait(20)
    assert caught.value.code == "registry-ahead"
    assert older.reader.size() == size
    older.close()


def test_a_clone_that_went_another_way_signs_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.submit(1)
    bench.services.close()
    copy = tmp_path / "copy"
    backends.copy_log(bench.directory.root, copy)
    clone = open_services(logs.settings(DataDir(copy)))
    logs.submit(clone, logs.publisher(clone), 77)
    Integrator(clone.store, clone.signer, clone.clock).step()
    bench.open()
    bench.submit(2)
    bench.drive()
    with pytest.raises(IntegrityError) as caught, logs.working(clone) as running:
        running.stop.wait(20)
    assert caught.value.code == "registry-mismatch"
    clone.close()


def test_anchors_keep_their_distance(tmp_path: Path, node: Anvil) -> None:
    bench = Bench(tmp_path / "log", node, anchor__interval=3600)
    bench.submit(1)
    bench.drive()
    first = bench.anchor()
    later = bench.submit(2)
    for _ in range(3):
        bench.tick()
    assert bench.anchor() == first
    assert logs.state(bench.services, later) is PublicState.INTEGRATED
    bench.services.close()


def test_nothing_new_is_not_anchored_again(bench: Bench) -> None:
    bench.submit(1)
    bench.drive()
    for _ in range(3):
        bench.tick()
        bench.node.mine()
    assert len(bench.on_chain()) == 1


def test_a_defect_in_a_loop_ends_the_worker(bench: Bench) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def observe(self, **_: object) -> object:
            raise ZeroDivisionError

    real = bench.chain
    bench.submit(1)
    worker = Worker(bench.services, Broken())  # type: ignore[arg-type]
    stop = threading.Event()
    with pytest.raises(ZeroDivisionError):
        worker.run(stop)
    assert stop.is_set()


def test_problems_are_told_in_the_heartbeat(bench: Bench) -> None:
    settings = bench.services.settings
    assert settings.chain is not None
    services = replace(bench.services, settings=replace(settings, chain=replace(settings.chain, chain_id=1)))
    with logs.working(services):
        # The first sign of life comes before the first step.
        logs.until(lambda: _problem(services) is not None)
        with services.store.read() as view:
            beat = view.heartbeats()[ANCHOR]
    assert beat.problem_code == "blocked-chain"
    assert beat.problem is not None
    assert "31337" in beat.problem


def test_the_events_on_chain_are_those_of_the_bundles(bench: Bench) -> None:
    leaf = bench.submit(1)
    bench.drive()
    second = bench.submit(2)
    bench.drive()
    assert len(bench.on_chain()) == 2
    rpc = Rpc(bench.node.url)
    head = registry.head(rpc, registry=bench.chain.target.registry, log_id=bench.chain.target.log_id)
    assert head.size == bench.services.reader.size() == 3
    for one in (leaf, second):
        assert logs.verdict(bench.services, bench.node, one) is Verdict.MATCH
