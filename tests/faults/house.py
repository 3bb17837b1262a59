"""A log on real nodes behind fault proxies, its loops turned by hand so that every step is known."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from notary.compose import SystemClock, open_chain, open_services
from notary.core.jcs import Json
from notary.datadir import DataDir
from notary.ethereum.rpc import hexed
from notary.model import Anchor, AnchorEvent, AnchorState, Attempt
from notary.ports import Chain
from notary.service.integrate import Integrator
from notary.worker.anchor import Anchorer
from tests.faultproxy import SEND, FaultProxy
from tests.node import logs
from tests.node.anvil import Anvil

SECONDS = 30.0
_PAUSE = threading.Event()
HOUR_MS = 3_600_000


class MovedClock:
    """The machine's clock, moved by so many milliseconds."""

    def __init__(self) -> None:
        """Begin at the machine's own time."""
        self.by = 0

    def now_ms(self) -> int:
        """Return the time."""
        return SystemClock().now_ms() + self.by


class House:
    """One log and its way to the chain. ``told`` are the leaf hashes of all accepted submissions."""

    def __init__(self, root: Path, node: Anvil, proxies: Sequence[FaultProxy], **flags: object) -> None:
        """Make the log; the node must mine by itself until then, and mines only when told from then on."""
        self.node = node
        self.proxies = list(proxies)
        self.directory: DataDir = logs.make_log(root, node, rpc=tuple(one.url for one in proxies))
        node.call("evm_setAutomine", False)
        made = int(node.call("eth_blockNumber"), 16)
        while int(node.call("eth_getBlockByNumber", "finalized", False)["number"], 16) < made:
            node.mine()
        self.flags = flags
        self.clock = MovedClock()
        self.told: list[bytes] = []
        self.open()
        self.services.ensure_manifest()
        self.tenant = logs.publisher(self.services)

    def open(self) -> None:
        """Open as a new process would."""
        self.services = open_services(logs.settings(self.directory, **self.flags), clock=self.clock)
        chain = open_chain(self.services.settings)
        assert chain is not None
        self.chain: Chain = chain
        self.renew()

    def renew(self) -> None:
        """Make the loops anew, over whatever chain is set."""
        services, settings = self.services, self.services.settings
        assert settings.chain is not None
        self.integrator = Integrator(services.store, services.signer, services.clock)
        self.anchorer = Anchorer(
            services.store,
            self.chain,
            services.signer,
            services.clock,
            settings=settings.anchor,
            chain_settings=settings.chain,
        )

    def restart(self) -> None:
        """Lose everything that is only in memory."""
        self.services.close()
        self.open()

    def submit(self, number: int) -> bytes:
        """Submit and integrate a text."""
        leaf = logs.submit(self.services, self.tenant, number)
        self.told.append(leaf)
        while self.integrator.step():
            pass
        return leaf

    def tick(self) -> str | None:
        """Turn the anchoring loop once and return the code of what hinders."""
        problem = self.anchorer.tick()
        return None if problem is None else problem.code

    def anchor(self) -> Anchor:
        """Return the newest anchor."""
        with self.services.store.read() as view:
            found = view.newest_anchor(self.chain.target)
        assert found is not None
        return found

    def state(self) -> AnchorState:
        """Return the newest anchor's state."""
        return self.anchor().state

    def attempts(self) -> list[Attempt]:
        """Return the newest anchor's attempts."""
        with self.services.store.read() as view:
            return view.attempts(self.anchor().id)

    def events(self) -> list[AnchorEvent]:
        """Return the newest anchor's events."""
        with self.services.store.read() as view:
            return view.anchor_events(self.anchor().id)

    def turn(self, condition: Callable[[], bool], *, mine: bool = True) -> None:
        """Tick, and mine a block between ticks, until something is so."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            self.tick()
            if condition():
                return
            if mine:
                self.node.mine()
            _PAUSE.wait(0.01)
        raise AssertionError([f"{event.state}: {event.reason}" for event in self.events()])

    def settle(self) -> None:
        """End all faults and go on until everything accepted is under a proven anchor."""
        for one in self.proxies:
            one.clear()
        while self.integrator.step():
            pass
        with self.services.store.read() as view:
            head = view.checkpoint()
        assert head is not None

        def done() -> bool:
            anchor = self.anchor()
            return anchor.state is AnchorState.PROVEN and anchor.size == head.size

        self.turn(done)

    def sends(self) -> int:
        """Return how many transactions were handed to endpoints until now."""
        return sum(SEND in methods for one in self.proxies for methods in one.requests)

    def on_chain(self) -> list[dict[str, Any]]:
        """Return the Anchored events of this log."""
        target = self.chain.target
        query: Json = {"fromBlock": "0x0", "address": hexed(target.registry), "topics": [None, hexed(target.log_id)]}
        return [one for one in self.node.call("eth_getLogs", query) if len(one["data"]) == 2 + 2 * 96]


@contextmanager
def house(root: Path, node: Anvil, *, endpoints: int = 1, **flags: object) -> Iterator[House]:
    """Keep a log with so many fault proxies in front of one node."""
    with ExitStack() as stack:
        proxies = [stack.enter_context(FaultProxy(node.url)) for _ in range(endpoints)]
        made = House(root, node, proxies, **flags)
        yield made
        made.services.close()
