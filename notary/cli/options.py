"""Options that several commands share."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from notary.cli import files
from notary.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path  # `notary verify` must start fast

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
