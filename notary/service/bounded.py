"""Asking what may never answer, such as a database behind a broken network, without waiting for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from notary.errors import IntegrityError, NotaryError, Overloaded

T = TypeVar("T")


class Bounded(Generic[T]):
    """Runs ``work`` in a thread of its own, one at a time; many that ask at once share an answer.

    An answer is given again for ``keep`` seconds. While work hangs, nobody waits beyond ``seconds`` after it began, and
    no second thread is started.
    """

    def __init__(self, work: Callable[[], T], *, seconds: float, keep: float = 0.0) -> None:
        self._work = work
        self._seconds = seconds
        self._keep = keep
        self._lock = threading.Lock()
        self._run: _Run[T] | None = None

    def ask(self) -> T:
        """Return the answer. Raises :class:`Overloaded` (``timeout``) and what ``work`` raised of our own errors."""
        with self._lock:
            run, now = self._run, time.monotonic()
            if run is None or (run.ended is not None and now - run.ended >= self._keep):
                run = self._run = _Run(self._work, began=now)
        run.thread.join(max(0.0, run.began + self._seconds - time.monotonic()))
        return run.outcome()


class _Run(Generic[T]):
    """One run of the work, in its thread."""

    def __init__(self, work: Callable[[], T], *, began: float) -> None:
        self.began = began
        self.ended: float | None = None
        self._result: list[T] = []
        self._error: NotaryError | None = None
        self._work = work
        self.thread = threading.Thread(target=self._go, name="bounded", daemon=True)
        self.thread.start()

    def _go(self) -> None:
        try:
            self._result.append(self._work())
        except NotaryError as error:
            self._error = error
        finally:
            self.ended = time.monotonic()

    def outcome(self) -> T:
        if self._result:
            return self._result[0]
        if self._error is not None:
            raise type(self._error)(self._error.message, code=self._error.code)
        if self.ended is None:
            raise Overloaded("There was no answer in time.", code="timeout")
        raise IntegrityError("The question failed.", code="failed")  # a defect, whose traceback the thread logged
