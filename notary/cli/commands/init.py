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
from typing import TYPE_CHECKING

from notary.cli import output
from notary.errors import UsageError

if TYPE_CHECKING:
    from notary.config import StorageSettings


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
    parser.add_argument("--database", metavar="URL", help="keep the log in this empty PostgreSQL database")
    parser.add_argument(
        "--database-password-file", metavar="FILE", help="a file (mode 0600) that holds the database's password"
    )
    parser.add_argument(
        "--allow-unsafe", action="store_true", help="take a PostgreSQL server that loses entries when power fails"
    )


def run(args: argparse.Namespace) -> int:
    """Make it and print the log's verifier key."""
    from notary.compose import init_log

    password = None if args.key_password_file is None else Path(args.key_password_file).absolute()
    key = init_log(
        Path(args.dir),
        origin=args.origin,
        development=args.development,
        key_password_file=password,
        storage=_storage(args),
    )
    output.line(key.verifier.encode())
    output.note(f"notary: made {args.dir} for the log {args.origin}; its verifier key is on standard output")
    output.note(f"notary: next: notary apikey new NAME --data {args.dir}, then notary serve --data {args.dir}")
    output.note(
        f"notary: to anchor on a chain: notary deploy --data {args.dir} --rpc URL --keystore F --password-file F"
    )
    return 0


def _storage(args: argparse.Namespace) -> StorageSettings:
    from notary.config import SQLITE, storage_settings

    if args.database is None:
        if args.database_password_file is not None or args.allow_unsafe:
            raise UsageError("--database-password-file and --allow-unsafe go with --database.", code="usage")
        return SQLITE
    file = args.database_password_file
    return storage_settings(
        url=args.database,
        password_file=None if file is None else Path(file).absolute(),
        allow_unsafe=args.allow_unsafe,
    )
