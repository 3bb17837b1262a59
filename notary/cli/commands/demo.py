"""Run everything on this machine: a development chain, a log with its pages, sample announcements in two languages.

The announcements, texts and web pages, are submitted, anchored, and their bundles written to DIR/bundles. With --check
every bundle is then verified, altered copies and forgeries are shown to be refuted, and everything is stopped again.
Without, it stays up until Ctrl-C; started again with the same DIR it goes on where it was.

DIR gets trust.json, publisher.key, bundles/, revisions/, samples/, altered/, copies/ (of pages, which only look other)
and, last, demo.json with the addresses.

  scripts/demo --check
  scripts/demo --port 8080 --data notary-demo
  notary verify notary-demo/bundles/01-water-tariff.bundle.json --trust notary-demo/trust.json --rpc URL
"""

from __future__ import annotations

import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--port", type=int, metavar="P", help="port of the pages (default: 8080, or a free one)")
    parser.add_argument("--data", metavar="DIR", help="missing, empty, or of an earlier demonstration")
    parser.add_argument("--check", action="store_true", help="verify everything, stop, exit 0 if all is as it must be")


def run(args: argparse.Namespace) -> int:
    """Run the demonstration."""
    from notary.cli.demo.run import Options
    from notary.cli.demo.run import run as run_demo

    return run_demo(Options(port=args.port, data=args.data, check=args.check))
