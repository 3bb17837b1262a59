"""A worker that stops itself at a chosen point: ``python -m tests.leading DIR LEASE AT``.

It runs without the lock of the data directory, so that several can be on one SQLite file as they are on PostgreSQL. AT
is ``never``, or where the process sends itself SIGSTOP, once: ``head`` (a tree head is signed and not published),
``anchor`` (a transaction is signed and not stored) or ``send`` (it is stored and not sent).
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from notary.compose import open_chain, open_services, open_settings
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
        self._done = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name != self._method or self._done:
            return found

        def last(*args: Any, **kwargs: Any) -> Any:
            result = found(*args, **kwargs)
            if not self._done:
                self._done = True
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


def main(root: str, lease: str, at: str) -> None:
    """Work until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = open_settings(Path(root), flags=FLAGS | {"worker.lease": lease}, environ={})
    services = open_services(settings)
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
