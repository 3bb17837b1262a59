"""Make the data directory of a new log: its key, its database, its settings. Refuses to touch a folder with content.

The origin names the log for ever, in every checkpoint and record; it looks like a URL without scheme and needs no
server at that address. Back up keys/log.pem: whoever has it can sign for the log, and without it the log ends.

  notary init /srv/notary --origin notary.example/log/2026

The database is an SQLite file in the folder, which takes one machine. With --database it is one of PostgreSQL, which
must be empty; the address holds no password: that is in a file, or where libpq looks for it.

  notary init /srv/notary --origin notary.example/log/2026 --database postgresql://notary@db.example/notary
"""

from __future__ import annotations

import argparse
from pathlib import Path

from notary.cli import output
from notary.cli.options import add_database, storage


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dir", metavar="DIR", help="the folder to make; missing or empty")
    parser.add_argument("--origin", metavar="NAME", required=True, help="the log's name, as notary.example/log/2026")
    parser.add_argument(
        "--development", action="store_true", help="for trying out: every page says that it proves nothing to others"
    )
    parser.add_argument(
        "--key-password-file", metavar="F", help="encrypt the log's key with the password in this file of mode 0600"
    )
    add_database(parser)


def run(args: argparse.Namespace) -> int:
    """Make it and print the log's verifier key."""
    from notary.compose import init_log

    password = None if args.key_password_file is None else Path(args.key_password_file).absolute()
    key = init_log(
        Path(args.dir),
        origin=args.origin,
        development=args.development,
        key_password_file=password,
        storage=storage(args),
    )
    output.line(key.verifier.encode())
    output.note(f"notary: made {args.dir} for the log {args.origin}; its verifier key is on standard output")
    output.note(f"notary: next: notary apikey new NAME --data {args.dir}, then notary serve --data {args.dir}")
    output.note(
        f"notary: to anchor on a chain: notary deploy --data {args.dir} --rpc URL --keystore F --password-file F"
    )
    return 0
