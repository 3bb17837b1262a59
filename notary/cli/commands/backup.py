"""Save a whole log to one file, while the service runs: database and settings, in one consistent state.

The file can be restored on any machine, and into SQLite or PostgreSQL, whichever it was made from. It holds everything
that publishers disclosed, and the digests of their API keys, so it is readable by you only. It has its name only when
it is complete and was read again: every entry, and the tree's root against the newest checkpoint.

KEYS ARE NOT IN IT unless you say --with-keys. Without DIR/keys a restored log cannot sign: keep a copy of that folder
elsewhere, apart from the backups.

  notary backup --data /srv/notary --to /backup/
  notary backup --data /srv/notary --to /backup/before-upgrade.notary --json
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from notary.cli import output
from notary.cli.options import add_data, data_dir

if TYPE_CHECKING:
    from notary.core.jcs import Json
    from notary.service.backup import Backup


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    parser.add_argument("--to", metavar="PATH", required=True, help="the file to make, or the folder to make it in")
    parser.add_argument("--with-keys", action="store_true", help="save the keys too: whoever has the file is the log")
    parser.add_argument("--json", action="store_true", help="print what was saved as one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Save, and print the file's path."""
    from notary.cli.logreport import Progress
    from notary.compose import back_up_log, open_settings

    settings = open_settings(data_dir(args))
    target = Path(args.to).absolute()
    if target.is_dir():
        name = settings.origin.replace("/", "-")
        target /= f"{name}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.notary"
    made = back_up_log(settings, target, with_keys=args.with_keys, progress=Progress("went over"))
    if args.json:
        output.json_line(described(made))
    else:
        output.line(str(made.path))
        output.note(
            f"notary: saved {made.header.entries} entries, checkpoint of size {made.header.size}, {made.length} bytes"
        )
    if args.with_keys:
        output.note("notary: the log's keys are in it: whoever reads the file can sign for the log")
    else:
        output.note(f"notary: KEYS ARE NOT IN IT: keep a copy of {settings.data_dir / 'keys'} elsewhere")
    return 0


def described(backup: Backup) -> dict[str, Json]:
    """Return what a backup holds, for machines."""
    header = backup.header
    return {
        "path": str(backup.path),
        "bytes": backup.length,
        "sha256": backup.end.sha256,
        "origin": header.origin,
        "made": header.made,
        "entries": header.entries,
        "size": header.size,
        "root": header.root.hex(),
        "keys": header.keys,
        "tables": dict(backup.end.tables),
    }
