"""Leases, read and written on one connection.

They are taken, renewed and given back in ordinary write transactions, which hold the store's write lock. So a write
that saw its token to be the current one is committed before a new term can begin.
"""

from __future__ import annotations

import time
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, and_, cast, extract, func, insert, select, update

from notary.model.operating import Lease
from notary.storage.tables import leases

_NOBODY: Final = ""


def database_ms(connection: Connection) -> int:
    """Return the time by the clock of the database, which all its workers share: of its server, or this machine's."""
    if connection.dialect.name == "sqlite":
        return time.time_ns() // 1_000_000
    # Not the time of the transaction's start, which may have waited for the write lock.
    now = cast(extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
    found: int = connection.execute(select(now)).scalar_one()
    return found


class LeaseReader:
    """The reading half: implements :class:`notary.ports.LeaseView`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lease(self, name: str) -> Lease | None:
        """Return the lease as it stands, or None where there never was one of that name."""
        row = self._connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
        return None if row is None else _lease(row, now=database_ms(self._connection))


class LeaseWriter(LeaseReader):
    """The writing half; its connection holds the write lock."""

    def take_lease(self, name: str, *, holder: str, seconds: float, sole: bool = False) -> Lease | None:
        """Begin a new term with the next token; return None while somebody else holds the lease."""
        now = database_ms(self._connection)
        row = self._connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
        if row is not None and row.holder != holder and _is_held(row, now=now) and not sole:
            return None
        token = 1 if row is None else row.token + 1
        term = {"holder": holder, "token": token, "since": now, "renewed": now, "expires": now + _ms(seconds)}
        if row is None:
            self._connection.execute(insert(leases).values(name=name, **term))
        else:
            self._connection.execute(update(leases).where(leases.c.name == name).values(term))
        return Lease(name=name, holder=holder, token=token, since=now, expires=now + _ms(seconds))

    def renew_lease(self, lease: Lease, *, seconds: float) -> Lease | None:
        """Prolong a term to ``seconds`` from now; return None where it is over: taken by another, or given back."""
        now = database_ms(self._connection)
        expires = now + _ms(seconds)
        renewed = self._connection.execute(update(leases).where(_is_term(lease)).values(renewed=now, expires=expires))
        if renewed.rowcount != 1:
            return None
        return Lease(name=lease.name, holder=lease.holder, token=lease.token, since=lease.since, expires=expires)

    def release_lease(self, lease: Lease) -> None:
        """End a term before its time, so that another can begin at once; does nothing where it is over."""
        now = database_ms(self._connection)
        self._connection.execute(update(leases).where(_is_term(lease)).values(holder=_NOBODY, renewed=now, expires=now))


def _is_term(lease: Lease) -> ColumnElement[bool]:
    return and_(leases.c.name == lease.name, leases.c.holder == lease.holder, leases.c.token == lease.token)


def _is_held(row: Row[Any], *, now: int) -> bool:
    # A clock that was put back ends the lease: else it would run for as long again.
    held: bool = row.holder != _NOBODY and row.renewed <= now < row.expires
    return held


def _lease(row: Row[Any], *, now: int) -> Lease:
    return Lease(
        name=row.name,
        holder=row.holder,
        token=row.token,
        since=row.since,
        expires=row.expires,
        held=_is_held(row, now=now),
    )


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
