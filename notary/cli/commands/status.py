"""Show how a log stands: backlog, tree, leader, loops, anchors, fees, account, endpoints, finality.

Reads the data directory and the settings, and asks the chain where one is configured, for a few seconds at most; what
cannot be asked is shown as the worker saw it last. Nothing is changed. What each code means, and what to do about it,
stands under "Runbooks" in docs/operations.md.

  notary status --data /srv/notary
  notary status --data /srv/notary --json

exit codes:
  0  all is well
  2  the command line, the data directory or the settings cannot be used
  3  something is not well, or is not known; the codes are named
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Final

from notary.cli import output
from notary.cli.options import add_data, data_dir

if TYPE_CHECKING:
    from notary.config import Settings
    from notary.ports import Clock
    from notary.service.operating import Look, Picture

ASK_SECONDS: Final = 10.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="print {well, reasons, …} as one line; ages in seconds")


def run(args: argparse.Namespace) -> int:
    """Look, print, and say by the exit code whether all is well."""
    from notary.compose import open_services, open_settings
    from notary.model.anchors import Target
    from notary.service.operating import picture

    settings = open_settings(data_dir(args))
    chain = settings.chain
    with closing(open_services(settings)) as services:
        seen = picture(
            services.store,
            services.health,
            services.clock,
            origin=settings.origin,
            target=None if chain is None else Target(chain.chain_id, chain.registry, chain.log_id),
            look=_look(settings, services.clock),
        )
    if args.json:
        output.json_line(seen.to_json())
    else:
        _render(seen)
    return 3 if seen.reasons else 0


def _look(settings: Settings, clock: Clock) -> Look:
    """Ask the chain, and wait no longer than is bearable."""
    from notary.compose import open_chain
    from notary.errors import InvalidConfig, Overloaded
    from notary.service.bounded import Bounded
    from notary.service.health import Reason
    from notary.service.operating import Look, look_at

    try:
        chain = open_chain(settings)
        if chain is None:
            return Look(None)
        return Bounded(lambda: look_at(chain, clock), seconds=ASK_SECONDS).ask()
    except InvalidConfig as error:
        return Look(None, Reason(error.code, error.message))
    except Overloaded:
        return Look(None, Reason("endpoint-silent", f"The chain did not answer within {ASK_SECONDS:g} s."))


def _render(seen: Picture) -> None:
    def row(name: str, text: str) -> None:
        output.line(f"{name:12} {output.printable(text)}")

    log = seen.log
    row("log", seen.origin)
    row("entries", f"{log.accepted}, {log.accepted - log.checkpoint_size} wait{_since(seen.age(log.waiting_since))}")
    row("checkpoint", f"size {log.checkpoint_size}{_since(seen.age(log.checkpoint_time))}")
    leader = log.leader
    row("leader", "none" if leader is None or not leader.held else f"{leader.holder}, term {leader.token}")
    for beat in log.heartbeats:
        row("loop", f"{beat.name}{_since(seen.age(beat.time))}{'' if beat.problem is None else f': {beat.problem}'}")
    if seen.request is not None:
        row("asked for", f"an anchor of size {seen.request.size}{_since(seen.age(seen.request.time))}")
    if seen.in_flight is not None:
        one = seen.in_flight
        row("in flight", f"size {one.anchor.size}, {one.anchor.state.value}{_since(seen.age(one.anchor.created))}")
        for attempt in one.attempts:
            fee = f"{attempt.fees.max_fee / 10**9:.9g} gwei at most"
            row("  sent", f"nonce {attempt.nonce}, {fee}{_since(seen.age(attempt.last_sent))}")
    proven = "nothing yet" if log.proven_size is None else f"size {log.proven_size}{_since(seen.age(log.proven_time))}"
    row("proven", proven)
    row("fees", f"{seen.today / 10**9:.9g} today, {log.spent / 10**9:.9g} in all")
    _render_chain(seen, row)
    for reason in seen.reasons:
        row("NOT WELL", f"{reason.code}: {reason.message}")
    if not seen.reasons:
        output.line("all is well")


def _render_chain(seen: Picture, row: Callable[[str, str], None]) -> None:
    if seen.chain is None:
        return
    standing = seen.chain.standing
    if standing is not None:
        left = "" if standing.anchors_left is None else f", for {standing.anchors_left} anchors at today's price"
        row("account", f"0x{standing.sender.hex()} holds {standing.balance / 10**18:.6g}{left}")
        final = "nothing is final" if standing.final is None else f"{standing.final} final"
        blocks, seconds = standing.lag_blocks, standing.lag_seconds
        lag = "" if blocks is None else f", {blocks} blocks and {seconds} s behind"
        row("chain", f"block {standing.head}, {final}{lag}")
    for one in seen.chain.endpoints:
        row("endpoint", f"{one.name} {one.state.value}{'' if one.message is None else f': {one.message}'}")


def _since(age: int | None) -> str:
    return "" if age is None else f", {age} s ago"
