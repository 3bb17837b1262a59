"""A log on real nodes behind fault proxies, its loops turned by hand so that every step is known."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from notary.compose import SystemClock
from notary.model.anchors import AnchorState
from notary.ports import Clock
from tests.faultproxy import SEND, FaultProxy
from tests.node.anvil import Anvil
from tests.node.bench import Bench

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


class House(Bench):
    """One log and its way to the chain. ``told`` are the leaf hashes of all accepted submissions."""

    def __init__(self, root: Path, node: Anvil, proxies: Sequence[FaultProxy], **flags: object) -> None:
        """Make the log; the node must mine by itself until then, and mines only when told from then on."""
        self.proxies = list(proxies)
        self.clock = MovedClock()
        self.told: list[bytes] = []
        super().__init__(root, node, **flags)

    def _urls(self) -> tuple[str, ...]:
        return tuple(one.url for one in self.proxies)

    def _clock(self) -> Clock:
        return self.clock

    def restart(self) -> None:
        """Lose everything that is only in memory."""
        self.services.close()
        self.open()

    def submit(self, number: int) -> bytes:
        """Submit and integrate a text."""
        leaf = super().submit(number)
        self.told.append(leaf)
        return leaf

    def state(self) -> AnchorState:
        """Return the newest anchor's state."""
        return self.anchor().state

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


@contextmanager
def house(root: Path, node: Anvil, *, endpoints: int = 1, **flags: object) -> Iterator[House]:
    """Keep a log with so many fault proxies in front of one node."""
    with ExitStack() as stack:
        proxies = [stack.enter_context(FaultProxy(node.url)) for _ in range(endpoints)]
        made = House(root, node, proxies, **flags)
        yield made
        made.services.close()
