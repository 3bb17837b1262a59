"""Run the worker of a log: it integrates accepted entries, signs checkpoints, and anchors them on the chain.

`notary serve` runs one by itself; this is for running it apart (with `notary serve --web-only`). With PostgreSQL any
number may run: one leads, the others wait to take over. Stop it with SIGTERM; a kill at any moment loses nothing.

  notary worker --data /srv/notary
"""

from __future__ import annotations

import argparse
import signal
import threading
from contextlib import closing

from notary.cli.options import add_data, data_dir


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Run until a signal; an error of the log itself ends it with a traceback, for its supervisor to see."""
    from notary.cli.exporting import exporting
    from notary.cli.locking import locked
    from notary.cli.opening import open_patiently
    from notary.compose import open_chain, open_settings
    from notary.telemetry import logs
    from notary.worker.run import Worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = open_settings(data_dir(args))
    logs.configure(settings.logging.format)
    with (
        locked(settings, "worker", stopped=stop.is_set),
        closing(open_patiently(settings, stopped=stop.is_set)) as services,
        exporting(settings, services),
    ):
        # With SQLite the directory's lock says that nobody else is there, whose lease would have to be waited for.
        Worker(services, open_chain(settings), sole=not settings.storage.url).run(stop)
    return 0
