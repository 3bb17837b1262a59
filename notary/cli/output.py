"""Rendering and exit codes of all commands, in one place.

Results go to standard output and are made for pipes; everything said to a person on the way goes to standard error.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

from notary.core import jcs
from notary.core.jcs import Json
from notary.errors import (
    CannotCheck,
    IntegrityError,
    InvalidConfig,
    InvalidInput,
    NotaryError,
    Overloaded,
    ProofFailed,
    Refused,
    UsageError,
)

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
    # Only the faults of settings are a list, made by ourselves; a server's words stay on their line.
    lines = error.message.split("\n") if isinstance(error, InvalidConfig) else [error.message]
    note("\n".join(["notary: " + printable(lines[0]), *map(printable, lines[1:])]) + printable(suffix), clean=True)
    return exit_code(error)


def line(text: str) -> None:
    """Print one line of result. Raises :class:`UsageError` where standard output cannot be written."""
    raw(text.encode("utf-8", "backslashreplace") + b"\n")


def note(text: str, *, clean: bool = False) -> None:
    """Say something to the person at the terminal, on standard error; made printable unless it is ``clean``.

    Where nobody can be told, nothing is said: that is no reason to leave the work undone.
    """
    if sys.stderr is None:  # closed by whoever started the program; `print` would turn to standard output
        return
    try:
        print(text if clean else printable(text), file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr)


def status(text: str) -> None:
    """Show ``text`` on the last line of the terminal behind standard error, in place of what was shown there before."""
    if sys.stderr is None:
        return
    try:
        print(f"\r\x1b[K{printable(text)}", end="", file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr)


def raw(data: bytes) -> None:
    """Write bytes to standard output exactly as they are. Raises :class:`UsageError` where that cannot be done."""
    if sys.stdout is None:  # closed by whoever started the program
        raise _unwritable("it is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        discard_stdout()
        raise _unwritable(error.strerror or str(error)) from None


def _unwritable(reason: str) -> UsageError:
    return UsageError(f"Cannot write to standard output: {reason}.", code="unwritable-output")


def json_line(value: Json) -> None:
    """Print ``value`` as one line of JSON."""
    raw(jcs.dumps(value) + b"\n")


def printable(text: str) -> str:
    """Return ``text`` safe for a terminal, on one line: what strangers wrote can neither move the cursor nor hide."""
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)


def use_utf8() -> None:
    """Make standard output and error UTF-8 whatever the locale says; unencodable characters are escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def flush() -> None:
    """Write what waits for standard output; raises as :func:`raw`."""
    if sys.stdout is not None:
        raw(b"")


def discard_stdout() -> None:
    """Point standard output at nothing, so that closing it at exit cannot fail once more."""
    _discard(sys.stdout)


def _discard(stream: TextIO) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)
