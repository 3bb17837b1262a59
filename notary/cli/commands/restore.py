"""Make a data directory from a backup; it must be missing or empty. The backup is checked as a whole before that.

The restored log is another instance: it signs and accepts nothing until its worker has compared it with the log's
public checkpoint (log.public_url in notary.toml: the log's own address outside of this copy, a mirror, a witness) and
with the registry. Where those show more than the backup holds, it refuses for good; where they do not answer, it waits.

Never run two copies of one log. Stop the old one for good before you start this one.

The database is an SQLite file in the folder, or, with --database, an empty one of PostgreSQL, wherever it was before:
so a log also moves from one to the other.

  notary restore /backup/notary.example-log-20260301T020000Z.notary --data /srv/notary-new
  install -m 600 log.pem /srv/notary-new/keys/log.pem      # unless the backup has the keys
  notary serve --data /srv/notary-new
"""

from __future__ import annotations

import argparse
from pathlib import Path

from notary.cli import output
from notary.cli.options import add_data, add_database, data_dir, storage


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", help="what notary backup made")
    add_data(parser)
    add_database(parser)
    parser.add_argument(
        "--nothing-published",
        action="store_true",
        help="by your word, nothing of this log was ever public: do not wait for its public checkpoint",
    )
    parser.add_argument("--json", action="store_true", help="print what was restored as one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Check, restore, and say what is to be done next."""
    from notary.cli.commands.backup import described
    from notary.cli.logreport import Progress
    from notary.compose import restore_log

    root = data_dir(args)
    path = Path(args.file).absolute()
    restored = restore_log(
        path,
        root,
        nothing_published=args.nothing_published,
        storage=storage(args),
        progress=Progress("went over"),
    )
    backup = restored.backup
    if args.json:
        about = described(backup)
        output.json_line(about | {"data": str(root), "instance": restored.instance.hex(), "keys": restored.keys})
    else:
        output.line(str(root))
        output.note(
            f"notary: restored {backup.header.entries} entries of {backup.header.origin}, "
            f"checkpoint of size {backup.header.size}"
        )
    if not restored.keys:
        output.note(
            f"notary: put the log's keys into {root / 'keys'} (log.pem, mode 0600): they were not in the backup"
        )
    if args.nothing_published:
        output.note("notary: by your word nothing of this log was ever public; that is written into the database")
    else:
        output.note("notary: it signs when it was compared with its public checkpoint: set log.public_url, then serve")
    return 0
