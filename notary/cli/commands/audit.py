"""Check the whole log at LOG_URL: every entry, tile and signature, and every anchor on the chains you trust.

LOG_URL is where the log serves its checkpoint and tiles: https://log.example/log for a log of this program. --trust
says which log, keys and registry you believe in. --rpc names an endpoint that you choose; give it several times and all
must agree. --state keeps what was seen in a file: the next run goes on from there, and a log that shrinks or forks is
caught, with both signed checkpoints kept in FILE.evidence/. A run that was stopped goes on with the same file.

  notary audit https://log.example/log --trust trust.json --rpc https://node.example --state log.audit

exit codes:
  0  clean: all was checked and fits together (what was found all the same is listed)
  1  refuted: evidence is false; the place is named
  2  the command line, the trust file or the state file cannot be used
  3  cannot-check: something was not checked; says nothing against the log
"""

from __future__ import annotations

import argparse
import re
import time
from contextlib import closing
from pathlib import Path

from notary.cli import files, output
from notary.core.trust import MAX_TRUST_BYTES, parse_trust
from notary.errors import UsageError

_URL = re.compile(r"https?://[^\s/?#]+[^\s]*")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("log_url", metavar="LOG_URL", help="where the log serves its checkpoint and tiles")
    parser.add_argument("--trust", metavar="FILE", required=True, help="the trust file")
    parser.add_argument("--rpc", metavar="URL", action="append", default=[], help="an endpoint you choose; repeatable")
    parser.add_argument("--state", metavar="FILE", help="what earlier runs saw; made if it is not there")
    parser.add_argument("--json", action="store_true", help="print {verdict, exit, checks, …} as one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Audit and print the report."""
    from notary.audit.run import Audit
    from notary.cli.logreport import Progress, render
    from notary.client.tiles import TileClient
    from notary.ethereum.history import RegistryHistory
    from notary.storage.auditmemory import AuditMemory

    trust = parse_trust(files.read_file(args.trust, max_bytes=MAX_TRUST_BYTES, what="trust file"))
    for url in args.rpc:
        if not _URL.fullmatch(url):
            raise UsageError(f"--rpc takes an http or https URL, not {url}.", code="bad-endpoint")
    source = TileClient(args.log_url)
    endpoints = [RegistryHistory(url) for url in args.rpc]
    with closing(AuditMemory(None if args.state is None else Path(args.state), origin=trust.origin)) as memory:
        report = Audit(source, endpoints, trust, memory, time.time_ns() // 1_000_000, Progress("read")).run()
    if args.json:
        output.json_line(report.to_json() | {"development": trust.development})
    else:
        render(report, development=trust.development)
    return report.exit
