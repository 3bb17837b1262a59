"""Options that several commands share."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from notary.cli import files
from notary.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path  # `notary verify` must start fast

    from notary.config import StorageSettings

DATA_VARIABLE = "NOTARY_DATA"


def add_data(parser: argparse.ArgumentParser) -> None:
    """Declare ``--data DIR``."""
    parser.add_argument("--data", metavar="DIR", help=f"the log's data directory (default: ${DATA_VARIABLE})")


def data_dir(args: argparse.Namespace) -> Path:
    """Return the data directory that was named; raises :class:`UsageError` where none was."""
    given = args.data or os.environ.get(DATA_VARIABLE)
    if not given:
        raise UsageError(f"Say which log: --data DIR, or set {DATA_VARIABLE}.", code="no-data-directory")
    from pathlib import Path

    return Path(given).absolute()


def api_key(path: str) -> str:
    """Return the API key in a file, one line. Raises :class:`UsageError` (``bad-key-file``, ``unreadable-file``)."""
    key = files.read_file(path, max_bytes=4096, what="key file").decode("utf-8", "replace").strip()
    if not key or not key.isascii() or len(key.split()) != 1:
        raise UsageError(f"{path} must hold one API key on one line.", code="bad-key-file")
    return key


def page(parser: argparse.ArgumentParser) -> None:
    """Declare what reading a page needs: ``--profile FILE`` and ``--charset LABEL``."""
    group = parser.add_argument_group("pages")
    group.add_argument("--profile", metavar="FILE", help="where in a page the article is: a profile, as JSON")
    group.add_argument("--charset", metavar="LABEL", help="the encoding that came with the page over the network")


def needed_profile(path: str | None) -> str:
    """Return the path of the profile that was named; raises :class:`UsageError` where none was."""
    if path is None:
        raise UsageError(
            "A page needs --profile FILE, which says where in it the article is; see notary profile suggest.",
            code="no-profile",
        )
    return path


def add_database(parser: argparse.ArgumentParser) -> None:
    """Declare what says where a new log's database is."""
    parser.add_argument("--database", metavar="URL", help="keep the log in this empty PostgreSQL database")
    parser.add_argument(
        "--database-password-file", metavar="FILE", help="a file (mode 0600) that holds the database's password"
    )
    parser.add_argument(
        "--allow-unsafe", action="store_true", help="take a PostgreSQL server that loses entries when power fails"
    )


def storage(args: argparse.Namespace) -> StorageSettings:
    """Return where the database is to be; raises :class:`UsageError` for what does not go together."""
    from pathlib import Path

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
