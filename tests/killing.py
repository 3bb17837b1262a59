"""A killer at every durable write: it counts a process's write transactions and ends the process at one of them.

``before`` kills when all statements were made and nothing is committed; ``after`` kills when it is committed and nobody
was told. Heartbeats do not count: they come by the clock. Sends to a chain count as writes of their own.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from notary.model.log import TreeState
from notary.ports import Chain, LogStore, Mark, ReadView, WriteView

NEVER = 10**9


@dataclass
class Killer:
    """Kills the process at point ``at``, counted from 1; ``passed`` is told the name of every point that was passed."""

    at: int = NEVER
    when: str = "before"
    passed: Callable[[str], None] = lambda _: None
    count: int = 0

    @contextmanager
    def point(self, name: Callable[[], str | None]) -> Iterator[None]:
        """Guard one durable step; ``name`` is asked when its work is done and gives None where it does not count."""
        yield
        said = name()
        if said is not None:
            self.count += 1
            self.passed(said)
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class _Watched:
    """A write view that remembers what was done with it."""

    view: Any
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.view, name)
        if name in WRITES:
            self.calls.append(name)
        return found


WRITES = {name for name in vars(WriteView) if not name.startswith("_")}


class KillingStore:
    """A store whose write transactions pass a killer."""

    def __init__(self, store: LogStore, killer: Killer) -> None:
        self._store = store
        self._killer = killer

    def read(self) -> AbstractContextManager[ReadView]:
        """Open a snapshot."""
        return self._store.read()

    @contextmanager
    def write(self) -> Iterator[WriteView]:
        """Open a write transaction that may be the process's last."""
        watched = _Watched(None)

        def name() -> str | None:
            counted = [call for call in watched.calls if call != "beat"]
            return "+".join(counted) or None

        with self._after(name), self._store.write() as view, self._before(name):
            watched.view = view
            yield watched

    @contextmanager
    def _before(self, name: Callable[[], str | None]) -> Iterator[None]:
        with self._killer.point(name) if self._killer.when == "before" else _nothing():
            yield

    @contextmanager
    def _after(self, name: Callable[[], str | None]) -> Iterator[None]:
        with self._killer.point(name) if self._killer.when == "after" else _nothing():
            yield

    def close(self) -> None:
        """Give back all connections."""
        self._store.close()


class KillingMark:
    """A mark of what was verified, whose file is a durable write of its own."""

    def __init__(self, mark: Mark, killer: Killer) -> None:
        self._mark = mark
        self._killer = killer

    def read(self) -> TreeState | None:
        """Return what was verified before."""
        return self._mark.read()

    def write(self, head: TreeState) -> None:
        """Remember a head, perhaps as the last thing."""
        if self._killer.when == "before":
            with self._killer.point(lambda: "mark"):
                pass
            self._mark.write(head)
            return
        with self._killer.point(lambda: "mark"):
            self._mark.write(head)


class KillingChain:
    """A chain whose sends pass a killer, before the bytes leave or after the node has them."""

    def __init__(self, chain: Chain, killer: Killer) -> None:
        self._chain = chain
        self._killer = killer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chain, name)

    def send(self, raw: bytes) -> Any:
        """Send, perhaps for the last time."""
        if self._killer.when == "before":
            with self._killer.point(lambda: "send"):
                pass
            return self._chain.send(raw)
        with self._killer.point(lambda: "send"):
            return self._chain.send(raw)


@contextmanager
def _nothing() -> Iterator[None]:
    yield
