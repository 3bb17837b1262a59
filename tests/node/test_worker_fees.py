"""The worker on a real node whose blocks get dear, are few, or go away: replacements, caps, budgets, alarms."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from notary.core.verify import Verdict
from notary.ethereum.rpc import hexed
from notary.fees import GWEI, raised
from notary.model.anchors import AnchorState
from notary.model.chain import Sending, SendOutcome
from notary.ports import Clock
from notary.service.integrate import Integrator
from notary.worker.anchor import Anchorer
from tests.node import logs
from tests.node.anvil import Anvil
from tests.node.bench import Bench

pytestmark = pytest.mark.node
LONG = 181


class Watch:
    """The worker's clock, which can be put forward."""

    def __init__(self, real: Clock) -> None:
        self.real = real
        self.ahead = 0

    def now_ms(self) -> int:
        """Return milliseconds since the epoch."""
        return self.real.now_ms() + self.ahead * 1000


class TimedBench(Bench):
    """A bench whose worker's clock is ours; nothing is sent again unless it is put forward."""

    watch: Watch

    def renew(self) -> None:
        services, settings = self.services, self.services.settings
        assert settings.chain is not None
        if not hasattr(self, "watch"):
            self.watch = Watch(services.clock)
        self.integrator = Integrator(services.store, services.signer, services.clock)
        self.anchorer = Anchorer(
            services.store,
            self.chain,
            services.signer,
            self.watch,
            settings=settings.anchor,
            chain_settings=settings.chain,
        )

    def later(self, seconds: int = LONG) -> str | None:
        """Tick after so many seconds."""
        self.watch.ahead += seconds
        return self.tick()

    def base_fee(self, gwei: int) -> None:
        """Mine a block with this base fee, and so that the next one's is about the same."""
        self.node.call("anvil_setNextBlockBaseFeePerGas", hex(gwei * GWEI))
        self.node.mine()


@contextmanager
def opened(root: Path, node: Anvil, **flags: object) -> Iterator[TimedBench]:
    made = TimedBench(root / "log", node, anchor__resend=60, **flags)
    yield made
    made.services.close()


@pytest.fixture
def bench(tmp_path: Path, node: Anvil) -> Iterator[TimedBench]:
    with opened(tmp_path, node) as made:
        yield made


def test_what_is_not_mined_is_replaced_and_costs_what_its_receipt_says(bench: TimedBench) -> None:
    leaf = bench.submit(1)
    bench.tick()
    bench.base_fee(50)
    bench.later(LONG - 11)
    assert len(bench.attempts()) == 1, "not before its time"
    bench.later(12)
    first, second = bench.attempts()
    assert (second.nonce, second.calldata) == (first.nonce, first.calldata)
    assert second.fees.max_fee >= raised(first.fees.max_fee)
    assert second.fees.tip >= raised(first.fees.tip)
    bench.drive()
    place = bench.anchor().place
    assert place is not None
    assert place.tx_hash == second.tx_hash
    [lost, mined] = bench.attempts()
    receipt = bench.node.call("eth_getTransactionReceipt", hexed(mined.tx_hash))
    assert mined.spent == int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert lost.spent is None
    assert any("Replaced" in event.reason for event in bench.events())
    assert len(bench.on_chain()) == 1
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_every_replacement_is_taken_by_the_node(bench: TimedBench) -> None:
    bench.submit(1)
    bench.tick()
    for count in range(2, 6):
        bench.later()
        assert len(bench.attempts()) == count
        pending = bench.node.call("eth_getTransactionByHash", hexed(bench.attempts()[-1].tx_hash))
        assert pending is not None
        assert pending["blockNumber"] is None
    bench.drive()
    assert len(bench.on_chain()) == 1


def test_at_the_cap_it_is_blocked_sends_the_same_bytes_and_goes_on_when_fees_fall(tmp_path: Path, node: Anvil) -> None:
    with opened(tmp_path, node, anchor__max_fee_gwei=3) as bench:
        bench.base_fee(2)  # so that the first transaction offers all that it may
        leaf = bench.submit(1)
        bench.tick()
        [only] = bench.attempts()
        bench.base_fee(50)
        bench.node.call("anvil_dropAllTransactions")
        bench.later()
        for _ in range(3):
            assert bench.later() == "blocked-fee"
            assert bench.submit(2) is not None
        [still] = bench.attempts()
        assert still.raw == only.raw
        assert (still.last_sent or 0) > (only.last_sent or 0)
        first = bench.anchor()
        bench.base_fee(1)
        bench.later()
        bench.drive()
        with bench.services.store.read() as view:
            assert [one.raw for one in view.attempts(first.id)] == [only.raw]
        assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_a_swallowed_replacement_leaves_the_old_transaction_to_be_adopted(bench: TimedBench) -> None:
    class Swallowing:
        """Says yes to all but the first transaction, and passes on only that."""

        first: bytes | None = None

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def send(self, raw: bytes) -> Sending:
            self.first = self.first or raw
            return real.send(raw) if raw == self.first else Sending(SendOutcome.TAKEN)

    real = bench.chain
    bench.chain = Swallowing()
    bench.renew()
    leaf = bench.submit(1)
    bench.tick()
    bench.later()
    first, second = bench.attempts()
    assert second.last_sent is not None
    bench.node.mine()
    bench.tick()
    place = bench.anchor().place
    assert place is not None
    assert place.tx_hash == first.tx_hash
    bench.drive()
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_without_money_for_a_replacement_it_waits_and_resumes(bench: TimedBench) -> None:
    bench.submit(1)
    bench.tick()
    bench.base_fee(50)
    bench.node.fund(bench.chain.sender, 1)
    bench.later()
    assert bench.later() == "blocked-funds"
    assert len(bench.attempts()) == 1
    assert bench.submit(2) is not None
    bench.node.fund(bench.chain.sender)
    bench.later()
    assert len(bench.attempts()) == 2
    bench.drive()


def test_a_spent_budget_blocks_until_the_next_day(tmp_path: Path, node: Anvil) -> None:
    with opened(tmp_path, node, anchor__max_spend_per_day=0.0005) as bench:
        bench.base_fee(2)
        bench.submit(1)
        bench.drive()
        bench.base_fee(2)
        bench.submit(2)
        assert bench.later(60) == "blocked-fee"
        problem = bench.anchorer.tick()
        assert problem is not None
        assert "this day's budget" in problem.message
        assert bench.attempts() == []
        bench.submit(3)
        bench.later(86_400)
        bench.drive()


def test_what_waits_unsigned_becomes_the_newest_head(bench: TimedBench) -> None:
    bench.submit(1)
    bench.node.fund(bench.chain.sender, 1)
    assert bench.tick() == "blocked-funds"
    waiting = bench.anchor()
    leaf = bench.submit(2)
    bench.node.fund(bench.chain.sender)
    bench.drive()
    done = bench.anchor()
    assert (done.id, done.size) == (waiting.id, bench.services.reader.size())
    assert done.size > waiting.size
    assert any("newest checkpoint's" in event.reason for event in bench.events())
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_enough_new_entries_or_enough_delay(tmp_path: Path, node: Anvil) -> None:
    with opened(tmp_path, node, anchor__min_new=3, anchor__max_delay=1000) as bench:
        bench.submit(1)
        bench.submit(2)
        bench.drive()
        first = bench.anchor()
        bench.submit(3)
        assert bench.later(500) is None
        assert bench.anchor() == first
        bench.later(501)
        bench.drive()
        second = bench.anchor()
        assert second.size == first.size + 1
        for number in (4, 5, 6):
            bench.submit(number)
        bench.drive()
        assert bench.anchor().size == second.size + 3


def test_a_final_block_that_goes_away_is_an_alarm_and_nothing_is_deleted(
    bench: TimedBench, caplog: pytest.LogCaptureFixture
) -> None:
    leaf = bench.submit(1)
    bench.drive()
    gone = bench.anchor()
    [attempt] = bench.attempts()
    with caplog.at_level(logging.ERROR):
        bench.node.call("anvil_reorg", 4, [])
        bench.node.mine(6)
        assert bench.later(61) == "finality-violation"
    assert "alarm=anchor-finality-violation" in caplog.text
    with bench.services.store.read() as view:
        assert view.captured(gone.id) is not None
        assert view.attempts(gone.id) == [attempt]
        assert view.anchor_events(gone.id)[-1].state is AnchorState.FINALITY_VIOLATION
    # The nonce is free again: it gets the bytes that had it, and then the next anchor can be made.
    bench.later(61)
    assert bench.later(61) == "blocked-chain"
    bench.drive()
    assert bench.anchor().id != gone.id
    assert bench.on_chain()[0]["transactionHash"] == hexed(attempt.tx_hash)
    assert logs.verdict(bench.services, bench.node, leaf) is Verdict.MATCH


def test_absurd_numbers_from_an_endpoint_do_not_end_the_worker(bench: TimedBench) -> None:
    class Absurd:
        """Names a nonce that no account has."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def next_nonce(self) -> int:
            return 2**200

    real = bench.chain
    bench.chain = Absurd()
    bench.renew()
    bench.submit(1)
    assert bench.tick() == "blocked-chain"
    assert bench.attempts() == []
