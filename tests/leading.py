"""A worker that stops itself at a chosen point: ``python -m tests.leading DIR LEASE AT``.

It runs without the lock of the data directory, so that several can be on one SQLite file as they are on PostgreSQL. AT
is ``never``, or where the process sends itself SIGSTOP, once: ``head`` (a tree head is signed and not published),
``anchor`` (a transaction is signed and not stored), ``send`` (it is stored and not sent) or ``write`` (inside of the
transaction that grows the tree; PostgreSQL ends such a session after a second here).
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from notary.compose import open_chain, open_services, open_settings
from notary.ports import LogStore
from notary.storage import postgresql
from notary.worker import term
from notary.worker.fence import FencedChain
from notary.worker.run import Worker

FLAGS = {"anchor.interval": 0, "anchor.poll": 0.05, "anchor.resend": 0.5}


def stop_here() -> None:
    """Stop the process at this very place: a signal to the process would let this thread run on for a moment."""
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


class Stopping:
    """Something of which one method ends in SIGSTOP, the first time."""

    def __init__(self, real: Any, method: str) -> None:
        self._real = real
        self._method = method
        self.done = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name != self._method or self.done:
            return found

        def last(*args: Any, **kwargs: Any) -> Any:
            result = found(*args, **kwargs)
            if not self.done:
                self.done = True
                stop_here()
            return result

        return last


class StoppingFence(FencedChain):
    """A fence in front of which the process stops."""

    done = False

    def send(self, raw: bytes) -> Any:
        """Stop, then go on as always."""
        if not StoppingFence.done:
            StoppingFence.done = True
            stop_here()
        return super().send(raw)


class StoppingStore:
    """A store in which the process stops when it has grown the tree and not committed."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self._grow: Stopping | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def write(self) -> Iterator[Any]:
        """Open a write transaction."""
        with self._store.write() as view:
            if self._grow is None:
                self._grow = Stopping(view, "grow_tree")
                yield self._grow
                if not self._grow.done:
                    self._grow = None
            else:
                yield view


def main(root: str, lease: str, at: str) -> None:
    """Work until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = open_settings(Path(root), flags=FLAGS | {"worker.lease": lease}, environ={})
    if at == "write":
        begin = postgresql._BEGIN_WRITER
        vars(postgresql)["_BEGIN_WRITER"] = begin.replace(f"'{postgresql.WRITER_IDLE_SECONDS}s'", "'1s'")
    services = open_services(settings, wrap=StoppingStore if at == "write" else None)
    chain = open_chain(settings)
    if at == "head":
        services = replace(services, signer=Stopping(services.signer, "sign"))
    elif at == "anchor":
        chain = Stopping(chain, "sign")
    elif at == "send":
        vars(term)["FencedChain"] = StoppingFence
    Worker(services, chain).run(stop)
    services.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
