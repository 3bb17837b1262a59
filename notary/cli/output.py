"""Rendering and exit codes of all commands, in one place.

Results go to standard output and are made for pipes; everything said to a person on the way goes to standard error.
"""

from __future__ import annotations

import io
import os
import sys

from notary.core import jcs
from notary.core.jcs import Json
from notary.errors import CannotCheck, IntegrityError, InvalidInput, NotaryError, Overloaded, ProofFailed, Refused

_EXITS: tuple[tuple[type[NotaryError], int], ...] = (
    (InvalidInput, 2),
    (ProofFailed, 1),
    (CannotCheck, 3),
    (Overloaded, 3),
    (Refused, 2),
    (IntegrityError, 1),
)


def exit_code(error: NotaryError) -> int:
    """Return the exit code for an error: whose problem it is decides (see :mod:`notary.errors`)."""
    return next((code for kind, code in _EXITS if isinstance(error, kind)), 2)


def report_error(error: NotaryError) -> int:
    """Say on standard error what is wrong, and return the exit code."""
    where = [f"field {error.field}"] if error.field else []
    where += [f"position {error.position}"] if error.position is not None else []
    suffix = f" ({', '.join([error.code, *where])})"
    print(f"notary: {printable(error.message)}{printable(suffix)}", file=sys.stderr)
    return exit_code(error)


def line(text: str) -> None:
    """Print one line of result."""
    print(text, flush=True)


def note(text: str) -> None:
    """Say something to the person at the terminal, on standard error."""
    print(text, file=sys.stderr, flush=True)


def raw(data: bytes) -> None:
    """Write bytes to standard output exactly as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def json_line(value: Json) -> None:
    """Print ``value`` as one line of JSON."""
    raw(jcs.dumps(value) + b"\n")


def printable(text: str) -> str:
    """Return ``text`` safe for a terminal: what it was given by strangers cannot move the cursor or hide."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{{{ord(c):x}}}" for c in text)


def use_utf8() -> None:
    """Make standard output and error UTF-8 whatever the locale says; unencodable characters are escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def discard_stdout() -> None:
    """Point standard output at nothing, so that closing it at exit cannot fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
