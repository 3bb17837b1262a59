"""Saying in our words what went wrong with the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import exc

from notary.errors import IntegrityError, InvalidConfig, NotaryError, Overloaded

_UNREACHABLE: Final = ("The database cannot be reached now; nothing was stored, try again.", "database-unreachable")
_BUSY: Final = ("The database is busy; try again.", "database-busy")
_READ_ONLY: Final = ("The database cannot be written now; nothing was stored.", "storage-read-only")
_FULL: Final = ("The disk is full; nothing was stored.", "storage-full")
# By SQLSTATE, or by its class where all of it means the same.
_OVERLOADED: Final = {
    "08": _UNREACHABLE,
    "57P01": _UNREACHABLE,  # the server is being stopped
    "57P02": _UNREACHABLE,  # another of its processes crashed
    "57P03": _UNREACHABLE,  # it is starting or stopping
    "57P05": _UNREACHABLE,  # the session was idle too long
    "25P03": _UNREACHABLE,  # so was the transaction
    "25P04": _UNREACHABLE,  # the transaction took too long
    "53300": _BUSY,  # too many connections
    "53200": _BUSY,  # out of memory
    "55P03": _BUSY,  # the lock was not to be had in time
    "57014": _BUSY,  # a statement took too long
    "40": _BUSY,  # a deadlock or a serialization failure
    "53100": _FULL,
    "25006": _READ_ONLY,
}
_BROKEN: Final = frozenset({"XX001", "XX002", "58030"})
# No right to a table, no such table, no such column, no schema to make one in.
_REFUSED: Final = frozenset({"42501", "42P01", "42703", "3F000"})


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the database raises into our errors; a failed transaction stored nothing.

    ``database-busy``, ``database-unreachable``, ``storage-full`` and ``storage-read-only`` are :class:`Overloaded`;
    ``storage-broken`` is an :class:`IntegrityError`.
    """
    try:
        yield
    except exc.TimeoutError as error:
        raise Overloaded("All database connections are in use; try again.", code="database-busy") from error
    except (exc.DBAPIError, sqlite3.Error) as error:
        # While a connection is made, the driver's own errors come through.
        known = _known(error)
        if known is None:
            raise
        raise known from error


def outcome_unknown() -> Overloaded:
    """Return the error for a commit that was asked for and not answered: stored wholly or not at all."""
    return Overloaded(
        "The database was lost during the commit, so whether this was stored is not known. Send the same request "
        "again, with the same idempotency key: what was stored is answered, never stored twice.",
        code="outcome-unknown",
    )


def is_lost(error: exc.DBAPIError) -> bool:
    """Say whether the connection was lost, so that the server's last word was not heard."""
    return error.connection_invalidated or ends_session(getattr(error.orig, "sqlstate", None) or "")


def ends_session(state: str) -> bool:
    """Say whether a server that answers with this SQLSTATE ends the session."""
    return state.startswith(("08", "57P")) or state in {"25P03", "25P04"}


def first_line(message: str) -> str:
    """Return the beginning of what a database says, fit for a sentence."""
    return message.strip().splitlines()[0][:300].rstrip(".") if message.strip() else "it does not say why"


def _known(error: exc.DBAPIError | sqlite3.Error) -> NotaryError | None:
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    if hasattr(cause, "sqlite_errorname") or isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    if cause is not None and hasattr(cause, "sqlstate"):
        # A connection that broke, or that did not come about, has no SQLSTATE.
        lost = isinstance(error, exc.OperationalError) and not cause.sqlstate
        return _of_postgresql("08" if lost else cause.sqlstate or "", str(cause))
    return None


def _of_postgresql(state: str, message: str) -> NotaryError | None:
    found = _OVERLOADED.get(state) or _OVERLOADED.get(state[:2])
    if found is not None:
        return Overloaded(found[0], code=found[1])
    if state in _REFUSED:
        return InvalidConfig(f"PostgreSQL refuses this: {first_line(message)}.", code="database-refused")
    if state in _BROKEN:
        return IntegrityError(
            f"The database is broken (SQLSTATE {state}); stop, check the disk, restart.", code="storage-broken"
        )
    return None


def _of_sqlite(error: BaseException | None) -> NotaryError | None:
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Overloaded("The database is locked by somebody else; try again.", code="database-busy")
    if name == "SQLITE_FULL":
        return Overloaded(_FULL[0], code=_FULL[1])
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return Overloaded(_READ_ONLY[0], code=_READ_ONLY[1])
    if name.startswith(("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return IntegrityError(f"The database is broken ({name}); stop, check the disk, restart.", code="storage-broken")
    if isinstance(error, sqlite3.OperationalError) and name in {"", "SQLITE_ERROR"}:
        # All our statements fit the schema: what does not fit them, or is no UTF-8, was changed on the disk.
        return IntegrityError(f"The database is broken ({str(error)[:100]}); check the disk.", code="storage-broken")
    return None
