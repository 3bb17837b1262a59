"""Group commit: the work of many threads in one transaction, without a thread of its own.

A commit waits for the disk, and that takes as long for a hundred rows as for one. So a thread that brings work puts it
into a queue. If nobody leads, it leads: it takes what waits, its own work among it, and carries that out in one go.
Whoever comes meanwhile waits; when the leader is done, it wakes those whose work is done and gives the lead to the
first one that still waits. Nobody waits for company: a thread that is alone leads at once.

Why nobody is forgotten: the lead is taken and given under one lock, and given up only when the queue is empty. A leader
gives it on whatever happens to it, and a waiting thread is woken exactly once, with an outcome or with the lead.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from notary.errors import IntegrityError, NotaryError, Overloaded

J = TypeVar("J")
R = TypeVar("R")


class _Ticket(Generic[J, R]):
    """The work of one waiting thread, and what came of it."""

    __slots__ = ("jobs", "outcome", "woken")

    def __init__(self, jobs: Sequence[J]) -> None:
        self.jobs = jobs
        self.outcome: list[R] | NotaryError | None = None
        self.woken = threading.Lock()
        self.woken.acquire()  # released once: the cheapest thing that a thread can wait for


class GroupCommit(Generic[J, R]):
    """Carries out the work of all threads that call :meth:`run`, as few times as possible.

    ``carry_out`` gets the jobs of a group in their order, and returns as many results once they are durable; what it
    raises fails the whole group. It is never called by two threads at once.
    """

    def __init__(
        self, carry_out: Callable[[Sequence[J]], Sequence[R]], *, max_waiting: int, max_group: int = 512
    ) -> None:
        """Let at most ``max_waiting`` threads wait for a leader, and close a group before ``max_group`` jobs."""
        self._carry_out = carry_out
        self._max_waiting = max_waiting
        self._max_group = max_group
        self._lock = threading.Lock()
        self._queue: deque[_Ticket[J, R]] = deque()
        self._led = False

    @property
    def waiting(self) -> int:
        """How many threads wait for a leader."""
        return len(self._queue)

    def run(self, jobs: Sequence[J]) -> list[R]:
        """Return the results of ``jobs``, which stay together in one group.

        Raises :class:`Overloaded` (``too-many-waiting``) without having tried, and what the group's transaction raised,
        each thread an error of its own.
        """
        ticket: _Ticket[J, R] = _Ticket(jobs)
        with self._lock:
            if len(self._queue) >= self._max_waiting:
                raise Overloaded("Too many submissions wait to be stored; try again.", code="too-many-waiting")
            self._queue.append(ticket)
            leads = not self._led
            self._led = True
        if not leads:
            ticket.woken.acquire()
        if ticket.outcome is None:
            self._lead()
        outcome = ticket.outcome
        if outcome is None or isinstance(outcome, NotaryError):
            raise _copy(outcome)
        return outcome

    def _lead(self) -> None:
        """Carry out one group, whatever comes of it, and give the lead away."""
        group = self._take()
        try:
            jobs = [job for ticket in group for job in ticket.jobs]
            results = self._carry_out(jobs)
            at = 0
            for ticket in group:
                ticket.outcome = list(results[at : at + len(ticket.jobs)])
                at += len(ticket.jobs)
        except NotaryError as error:
            for ticket in group:
                ticket.outcome = error
        finally:
            # After a surprise, which goes on up in this thread, the others of the group are told that it failed.
            for ticket in group:
                if ticket.outcome is None:
                    ticket.outcome = _copy(None)
            self._hand_on()
            for ticket in group:
                ticket.woken.release()

    def _take(self) -> list[_Ticket[J, R]]:
        group: list[_Ticket[J, R]] = []
        count = 0
        with self._lock:
            while self._queue and (not group or count + len(self._queue[0].jobs) <= self._max_group):
                ticket = self._queue.popleft()
                count += len(ticket.jobs)
                group.append(ticket)
        return group

    def _hand_on(self) -> None:
        with self._lock:
            if self._queue:
                self._queue[0].woken.release()
            else:
                self._led = False


def _copy(error: NotaryError | None) -> NotaryError:
    """Return the error again, since one that several threads raise would collect all their tracebacks."""
    if error is None:
        return IntegrityError("The group that this was stored with failed.", code="group-failed")
    again = type(error)(error.message, code=error.code, field=error.field, position=error.position)
    again.__cause__ = error
    return again
