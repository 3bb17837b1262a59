"""Have the newest checkpoint anchored at once, whatever anchor.interval, min_new and max_delay say.

The wish is stored, and the worker that leads takes it as its next anchor; caps and budget hold as ever. Asking again
changes nothing. Where no worker leads the wish waits for one, which is said, with exit 3. --wait shows how the anchor
gets on and ends when it is proven; to stop waiting takes nothing back.

  notary anchor --now --data /srv/notary
  notary anchor --now --wait --data /srv/notary

exit codes:
  0  done: asked for, with --wait proven; or the newest checkpoint was proven before
  2  the command line or the settings cannot be used; no chain is configured
  3  no worker leads, or the anchor is not proven yet; the wish is stored
"""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from notary.cli import output
from notary.cli.options import add_data, data_dir
from notary.errors import UsageError

if TYPE_CHECKING:
    from notary.model.anchors import Target
    from notary.ports import LogStore

POLL_SECONDS: Final = 0.5
NO_LEADER: Final = "no worker leads: the wish is stored, and waits until one does (notary serve, notary worker)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    parser.add_argument("--now", action="store_true", help="ask for it; without this nothing is done")
    parser.add_argument("--wait", action="store_true", help="wait until it is proven")
    parser.add_argument("--timeout", metavar="S", type=float, default=3600.0, help="wait at most so long (3600)")


def run(args: argparse.Namespace) -> int:
    """Store the wish; wait where that is asked for."""
    from notary.compose import open_services, open_settings
    from notary.model.anchors import Target
    from notary.model.operating import LEADER
    from notary.service.operating import ask_for_anchor

    if not args.now:
        raise UsageError("Say --now: the worker anchors by itself otherwise.", code="no-now")
    settings = open_settings(data_dir(args))
    if settings.chain is None:
        raise UsageError("No chain is configured, so nothing is anchored: see notary deploy.", code="no-chain")
    target = Target(settings.chain.chain_id, settings.chain.registry, settings.chain.log_id)
    with closing(open_services(settings)) as services:
        size = ask_for_anchor(services.store, services.clock, target)
        if size is None:
            output.note("notary: the newest checkpoint is proven already, or there is none; nothing is asked for")
            return 0
        output.note(f"notary: asked for an anchor of size {size}")
        if args.wait:
            return _wait(services.store, target, size, until=time.monotonic() + args.timeout)
        with services.store.read() as view:
            lease = view.lease(LEADER)
    if lease is None or not lease.held:
        output.note(f"notary: {NO_LEADER}")
        return 3
    return 0


def _wait(store: LogStore, target: Target, size: int, *, until: float) -> int:
    """Say what changes, until an anchor of at least this size is proven."""
    from notary.errors import Overloaded

    said: str | None = None
    while True:
        try:
            news, proven = _news(store, target, size)
        except Overloaded as error:
            news, proven = error.message, None
        if news != said:
            output.note(f"notary: {news}")
            said = news
        if proven is not None:
            output.line(str(proven))
            return 0
        if time.monotonic() >= until:
            output.note("notary: not proven yet; the wish stays, and notary status shows how it gets on")
            return 3
        time.sleep(POLL_SECONDS)


def _news(store: LogStore, target: Target, size: int) -> tuple[str, int | None]:
    """Return how things stand in a sentence, and the size of the proven anchor once it is one."""
    from notary.model.operating import LEADER
    from notary.service.health import ANCHOR

    with store.read() as view:
        lease, beat = view.lease(LEADER), view.heartbeats().get(ANCHOR)
        flying, proven = view.anchor_in_flight(target), view.last_proven(target)
    if proven is not None and proven.size >= size:
        return f"the anchor of size {proven.size} is proven", proven.size
    if lease is None or not lease.held:
        return NO_LEADER, None
    stands = "waiting for the worker" if flying is None else f"size {flying.size}: {flying.state.value}"
    problem = "" if beat is None or beat.problem is None else f" ({beat.problem_code}: {beat.problem})"
    return stands + problem, None
