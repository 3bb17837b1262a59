"""Check the whole store of a log: every entry, hash, tile, checkpoint, document and anchor, against each other.

Nothing is changed in the database, and nobody is asked; a running service is not disturbed. What is damaged is named.
The worker makes the same check before it signs for the first time, but only over what no check has gone over before.

  notary fsck --data /srv/notary
  notary fsck --data /srv/notary --json

exit codes:
  0  clean: all that is stored fits together
  1  damaged: something was changed or lost; stop the service and restore a good copy
  2  the command line or the data directory cannot be used
  3  the database could not be read now
"""

from __future__ import annotations

import argparse
from contextlib import closing

from notary.cli import output
from notary.cli.options import add_data, data_dir


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="print {verdict, exit, checks, …} as one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Check and print the report."""
    from notary.cli.logreport import Progress, render
    from notary.compose import open_services, open_settings
    from notary.service.fsck import Fsck

    settings = open_settings(data_dir(args))
    with closing(open_services(settings)) as services:
        report = Fsck(services.store, services.signer, services.mark).run(Progress("checked"))
    if args.json:
        output.json_line(report.to_json())
    else:
        render(report, development=False)
    return report.exit
