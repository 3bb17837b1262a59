"""Make an API key for a publisher and print it, once: only its digest is stored.

A name that is new makes a new publisher; for a name that exists, a further key of the same publisher. The name is shown
to readers.

  notary apikey new "Harbour District Council" --data /srv/notary > publisher.key
"""

from __future__ import annotations

import argparse
from contextlib import closing

from notary.cli import output
from notary.cli.options import add_data, data_dir


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=["new"], help="what to do")
    parser.add_argument("name", metavar="NAME", help="the publisher's name for people")
    add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Make the key; only the key goes to standard output."""
    from notary.compose import open_services, open_settings

    with closing(open_services(open_settings(data_dir(args)))) as services:
        token = services.publishers.new_key(args.name)
    output.line(token)
    output.note(f"notary: an API key for {args.name}; it is shown this once")
    return 0
