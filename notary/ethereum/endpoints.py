"""Several endpoints of one chain: how well each is, who is asked, and what enough of them agree on.

An endpoint that fails is left alone for a while, longer each time, unless no other is left to ask. One that shows
another chain is *set aside*: neither asked nor sent to until it shows the right one. What an endpoint says of the past
after it has spoken of the present (a stale replica behind a balancer) is told apart by its head going back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, cast

from notary.errors import CannotCheck, EndpointFailed, ProofFailed
from notary.ethereum.rpc import Rpc
from notary.model.chain import EndpointHealth, EndpointState

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)

_MAX_PAUSE: Final = 30.0
_MAX_WAIT: Final = 300.0


class Endpoint:
    """One endpoint and what is known of how well it is."""

    def __init__(self, rpc: Rpc, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Ask through ``rpc``; ``clock`` counts seconds."""
        self.rpc = rpc
        self.name = rpc.name
        self._clock = clock
        self._failures = 0
        self._error: CannotCheck | None = None
        self._until = 0.0
        self._told_to_wait = False
        self._latency: float | None = None
        self._head: int | None = None
        self._final: int | None = None
        self._behind = False
        self.checked = False
        self.set_aside = False

    @property
    def resting(self) -> bool:
        """Whether it failed so lately that another is asked rather than it."""
        return self._clock() < self._until

    @property
    def told_to_wait(self) -> bool:
        """Whether it asked not to be asked yet."""
        return self._told_to_wait and self.resting

    def ask(self, question: Callable[[Rpc], T]) -> T:
        """Return the answer to a question. Raises what the question raises; a failure of the endpoint is counted."""
        start = self._clock()
        try:
            answer = question(self.rpc)
        except EndpointFailed as error:
            self._failed(error)
            raise
        except (CannotCheck, ProofFailed):
            self._well(self._clock() - start)  # it did answer
            raise
        self._well(self._clock() - start)
        return answer

    def accept(self) -> None:
        """Remember that it shows the configured chain."""
        self.checked, self.set_aside, self._error = True, False, None

    def refuse(self, error: CannotCheck) -> None:
        """Set it aside: it answers, and is not what it should be."""
        self.checked, self.set_aside, self._error = False, True, error

    def saw(self, *, head: int, final: int | None) -> bool:
        """Take note of its newest blocks; say whether it has shown later ones before: it speaks of the past then."""
        self._behind = (self._head is not None and head < self._head) or (
            final is not None and self._final is not None and final < self._final
        )
        self._head = head if self._head is None else max(head, self._head)
        if final is not None:
            self._final = final if self._final is None else max(final, self._final)
        return self._behind

    @property
    def head(self) -> int | None:
        """The highest block that it has shown."""
        return self._head

    def health(self, *, best: int | None) -> EndpointHealth:
        """Return how well it is; ``best`` is the highest block that any endpoint has shown."""
        state = EndpointState.OK if self.checked else EndpointState.UNKNOWN
        if self.set_aside:
            state = EndpointState.SET_ASIDE
        elif self._failures:
            state = EndpointState.FAILING
        elif self._behind:
            state = EndpointState.BEHIND
        return EndpointHealth(
            name=self.name,
            state=state,
            failures=self._failures,
            code=None if self._error is None else self._error.code,
            message=None if self._error is None else self._error.message,
            latency_ms=None if self._latency is None else round(self._latency * 1000),
            head=self._head,
            lag=None if self._head is None or best is None else best - self._head,
            retry_in=max(0.0, self._until - self._clock()) if self._failures else 0.0,
        )

    def _failed(self, error: EndpointFailed) -> None:
        self._failures += 1
        self._error = error
        self._told_to_wait = error.retry_after is not None
        pause = min(_MAX_PAUSE, 2.0 ** min(self._failures - 1, 10))
        self._until = self._clock() + max(pause, min(error.retry_after or 0.0, _MAX_WAIT))

    def _well(self, seconds: float) -> None:
        self._failures, self._until, self._told_to_wait = 0, 0.0, False
        self._latency = seconds
        if not self.set_aside:
            self._error = None


@dataclass(frozen=True, slots=True)
class Said(Generic[T]):
    """What one endpoint said to a question, or why it said nothing."""

    endpoint: Endpoint
    value: T | None = None
    error: CannotCheck | ProofFailed | None = None


class Endpoints:
    """The endpoints of one chain. Questions to several of them run side by side, each in its own time limit."""

    def __init__(self, endpoints: Sequence[Endpoint], *, quorum: int = 0) -> None:
        """Use these; ``quorum`` of them must agree on what counts as final (0: the only one, or a majority)."""
        self.all = tuple(endpoints)
        self.quorum = quorum or len(self.all) // 2 + 1

    def to_check(self) -> list[Endpoint]:
        """Return those to ask now who they are: all that do not rest, or all if none else is left."""
        return _awake(self.all)

    def usable(self) -> list[Endpoint]:
        """Return those that showed the right chain, without those that rest; the furthest ahead first."""
        known = [one for one in self.all if one.checked]
        return sorted(_awake(known), key=lambda one: -(one.head or 0))

    def each(self, question: Callable[[Rpc], T], among: Sequence[Endpoint] | None = None) -> list[Said[T]]:
        """Ask all usable endpoints, or those given, at the same time."""
        return _side_by_side(self.usable() if among is None else among, question)

    def any(self, question: Callable[[Rpc], T]) -> T:
        """Return the answer of the first usable endpoint that gives one.

        Raises the first endpoint's :class:`CannotCheck` or :class:`ProofFailed` where none does.
        """
        problem: CannotCheck | ProofFailed | None = None
        for endpoint in self.usable():
            try:
                return endpoint.ask(question)
            except (EndpointFailed, ProofFailed) as error:
                problem = problem or error
        raise problem or no_endpoint()

    def agreed(self, question: Callable[[Rpc], H], *, about: str) -> H:
        """Return the answer that a quorum of endpoints gives, word for word.

        Raises :class:`CannotCheck` (``endpoints-disagree``) where answers differ so that there is none, and the first
        endpoint's problem, or ``endpoints-too-few``, where fewer than a quorum answer.
        """
        said = self.each(question)
        values = [cast(H, one.value) for one in said if one.error is None]
        winners = [value for value in dict.fromkeys(values) if values.count(value) >= self.quorum]
        if len(winners) == 1:
            return winners[0]
        if len(values) >= self.quorum:  # with a quorum below a majority there may be two winners: neither counts
            raise CannotCheck(f"The endpoints disagree on {about}; waiting for them.", code="endpoints-disagree")
        raise next((one.error for one in said if one.error is not None), None) or self.too_few(len(values))

    def too_few(self, answering: int) -> CannotCheck:
        """Return the error of a quorum that cannot be had."""
        if not answering:
            return no_endpoint()
        return CannotCheck(
            f"{answering} of {len(self.all)} endpoints can be used; {self.quorum} must agree (chain.quorum).",
            code="endpoints-too-few",
        )

    def health(self) -> tuple[EndpointHealth, ...]:
        """Return how well each endpoint is, in the order of the settings."""
        best = max((one.head for one in self.all if one.head is not None and not one.set_aside), default=None)
        return tuple(one.health(best=best) for one in self.all)


def no_endpoint() -> EndpointFailed:
    """Return the error of having nobody to ask."""
    return EndpointFailed("No endpoint is usable.", code="no-endpoint")


def _awake(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    awake = [one for one in endpoints if not one.resting]
    return awake or [one for one in endpoints if not one.told_to_wait]


def _side_by_side(endpoints: Sequence[Endpoint], question: Callable[[Rpc], T]) -> list[Said[T]]:
    """Ask each endpoint in a thread of its own, so that one that hangs costs the others nothing."""
    said: dict[int, Said[T]] = {}
    defects: list[BaseException] = []

    def ask(number: int, endpoint: Endpoint) -> None:
        try:
            said[number] = Said(endpoint, endpoint.ask(question))
        except (CannotCheck, ProofFailed) as error:
            said[number] = Said(endpoint, error=error)
        except BaseException as error:  # noqa: BLE001  # raised again below, by the thread that asked
            defects.append(error)

    # Daemons: a process that is told to end does not wait for an endpoint.
    threads = [
        threading.Thread(target=ask, args=(number, endpoint), daemon=True)
        for number, endpoint in enumerate(endpoints[1:], 1)
    ]
    for thread in threads:
        thread.start()
    if endpoints:
        ask(0, endpoints[0])
    for thread in threads:
        thread.join()
    if defects:
        raise defects[0]
    return [said[number] for number in range(len(endpoints))]
