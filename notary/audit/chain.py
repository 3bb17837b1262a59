"""Every anchor on chain against the tree: by the registry's storage from the newest backwards, and by its events.

Events are asked for first, since they tell all sizes at once; the storage then decides. It names for each anchor the
size before it, so that an event that was left out shows, and a node that has no events any more hides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from notary.audit.endpoints import Witnesses
from notary.audit.events import Events, judge_events, scan
from notary.core.chain import TrustedChain
from notary.core.findings import Finding, Findings
from notary.core.outcome import Outcome, failed, passed, unchecked
from notary.core.trust import Trust
from notary.errors import EndpointFailed
from notary.ports.audit import History, Memory, Point, SeenAnchor

_BATCH: Final = 500

Roots = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Anchored:
    """The result for one chain: the largest anchored size that is of this tree, and what was newly checked."""

    anchors: Outcome
    events: Outcome
    size: int = 0
    checked: tuple[SeenAnchor, ...] = ()


class _StopError(Exception):
    """The walk ends here, with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


@dataclass(slots=True)
class ChainAudit:
    """The audit of one trusted chain."""

    witnesses: Witnesses
    trust: Trust
    memory: Memory
    findings: Findings
    _events: dict[History, Events] = field(default_factory=dict)
    _points: dict[int, Point] = field(default_factory=dict)

    @property
    def chain(self) -> TrustedChain:
        """The chain."""
        return self.witnesses.chain

    def ask_events(self) -> set[int]:
        """Ask every endpoint for the events, as far back as is not known yet; return the sizes they name."""
        if self.witnesses.head == 0:
            return set()
        known = self.memory.newest_anchor(self.chain)
        for endpoint in self.witnesses.endpoints:
            self._events[endpoint] = scan(endpoint, self.chain, known=known, height=self.witnesses.height)
        return {event.size for events in self._events.values() for event in events.seen} | {self.witnesses.head}

    def check(self, roots: Roots, *, size: int) -> Anchored:
        """Hold all anchors against the tree of ``size``. ``roots`` gives the root at any size up to that.

        Raises what ``roots`` raises.
        """
        try:
            walked = self._walk(roots, size=size)
            self._check_unchained(walked, roots, size=size)
        except _StopError as stop:
            return Anchored(stop.outcome, unchecked("anchors-first", "See the check before: events were not judged."))
        except EndpointFailed as error:
            left = unchecked("endpoint-failed", error.message)
            return Anchored(left, left)
        events = judge_events(self._events, self.chain, walked, findings=self.findings)
        largest = max((anchor.size for anchor in walked), default=0)
        count = f"All {len(walked)} anchors" if len(walked) != 1 else "The one anchor"
        sentence = f"{count} not checked before, up to size {largest}, are of this tree (final block {self._height})."
        return Anchored(passed("anchors-match", sentence), events, size=largest, checked=tuple(walked))

    @property
    def _height(self) -> int:
        return self.witnesses.height

    # ----------------------------------------------------------------------------------------------------------- walk

    def _walk(self, roots: Roots, *, size: int) -> list[SeenAnchor]:
        """Return the anchors from the newest back to the first, or to the newest one that was checked before."""
        known = self.memory.newest_anchor(self.chain)
        cursor = self._start(known, size=size)
        self._ask({one for one in self._named() if one <= cursor}, roots)
        walked: list[SeenAnchor] = []
        while cursor:
            if cursor not in self._points:
                self._ask([cursor], roots)
            point, root = self._points[cursor], roots(cursor)
            if point.block == 0:
                raise _StopError(self._contradiction(cursor, root))
            if not point.prev_size < cursor or point.block > self._height:
                raise _StopError(unchecked("endpoint-failed", f"The registry's answer about size {cursor} cannot be."))
            anchor = SeenAnchor(size=cursor, root=root, prev_size=point.prev_size, block=point.block)
            walked.append(anchor)
            seen = self.memory.anchor(self.chain, cursor)
            if seen is not None:
                if seen != anchor:
                    raise _StopError(self._changed(seen, anchor))
                break
            cursor = point.prev_size
        return walked

    def _start(self, known: SeenAnchor | None, *, size: int) -> int:
        """Return the size of the newest anchor that must be of this tree."""
        head = self.witnesses.head
        if known is not None and head < known.size:
            raise _StopError(
                failed(
                    "anchor-vanished",
                    f"Size {known.size} was anchored in final block {known.block} when it was checked before; now the "
                    f"registry's newest anchor is of size {head}. The chain was rewritten, or is another one.",
                )
            )
        if head == 0:
            raise _StopError(unchecked("nothing-anchored", "Nothing of this log is anchored in a final block yet."))
        end = _end_of_trust(self.trust)
        if end is not None and head > end:
            return self._disowned(head, end)
        if head > size:
            raise _StopError(
                failed(
                    "anchored-ahead",
                    f"The registry's newest anchor is of size {head}, the checkpoint served only of size {size}: the "
                    "log withholds what it anchored, or somebody else can anchor in its name.",
                )
            )
        return head

    def _disowned(self, head: int, end: int) -> int:
        """Return the newest anchored size that the trust file still vouches for; only events can tell it."""
        self.findings.add(
            Finding("disowned-anchor", f"The anchor of size {head} is beyond size {end}, where the trust file ends.")
        )
        sizes = [e.prev_size for events in self._events.values() for e in events.seen if e.size > end >= e.prev_size]
        if not sizes:
            raise _StopError(
                unchecked("events-unavailable", f"No endpoint has the events that tell what was anchored up to {end}.")
            )
        return max(sizes)

    def _named(self) -> set[int]:
        return {event.size for events in self._events.values() for event in events.seen}

    def _ask(self, sizes: Iterable[int], roots: Roots) -> None:
        """Ask every endpoint about the tree's root at each size; they must agree."""
        wanted = sorted(sizes)
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            heads = [(one, roots(one)) for one in part]
            self._points.update(zip(part, self._agreed(heads), strict=True))

    def _agreed(self, heads: Sequence[tuple[int, bytes]]) -> list[Point]:
        answers = {e: e.points(self.chain, heads, at=self._height) for e in self.witnesses.endpoints}
        first, *others = answers.values()
        for other in others:
            for (size, root), one, two in zip(heads, first, other, strict=True):
                if one != two:
                    said = "; ".join(
                        f"{e.name} says {_words(found[heads.index((size, root))])}" for e, found in answers.items()
                    )
                    raise _StopError(
                        unchecked(
                            "endpoints-disagree", f"The endpoints disagree about the anchor of size {size}: {said}."
                        )
                    )
        return first

    def _contradiction(self, size: int, root: bytes) -> Outcome:
        others = {e.root for events in self._events.values() for e in events.seen if e.size == size and e.root != root}
        other = f" (an event says 0x{min(others).hex()})" if others else ""
        return failed(
            "anchor-contradicts",
            f"The registry holds another root at size {size}{other}; the tree's is 0x{root.hex()}.",
        )

    def _changed(self, seen: SeenAnchor, found: SeenAnchor) -> Outcome:
        if seen.root != found.root:
            return failed("anchor-contradicts", f"The tree has another root at size {seen.size} than was anchored.")
        return failed(
            "anchor-changed",
            f"The anchor of size {seen.size} was in final block {seen.block} when it was checked before, and is now in "
            f"{found.block}. The chain was rewritten, or is another one.",
        )

    def _check_unchained(self, walked: Sequence[SeenAnchor], roots: Roots, *, size: int) -> None:
        """Look at events about heads that the walk did not come by: somebody made them up, or the log forked."""
        known = {(anchor.size, anchor.root) for anchor in walked}
        oldest = min((anchor.size for anchor in walked), default=0)
        end = _end_of_trust(self.trust)
        top = size if end is None else min(size, end)
        for endpoint, events in self._events.items():
            for event in events.seen:
                if (event.size, event.root) in known or not oldest <= event.size <= top:
                    continue
                [point] = self._agreed([(event.size, event.root)])
                if point.block and event.root != roots(event.size):
                    raise _StopError(self._contradiction(event.size, roots(event.size)))
                raise _StopError(
                    unchecked(
                        "event-unknown",
                        f"{endpoint.name} shows an event of size {event.size} in block {event.block} of which the "
                        "registry's storage knows nothing.",
                    )
                )


def _words(point: Point) -> str:
    return f"block {point.block} after size {point.prev_size}" if point.block else "it is none"


def _end_of_trust(trust: Trust) -> int | None:
    """Return the last size that any key may sign, None where a key is still in use."""
    ends = [key.last for key in trust.keys]
    return None if None in ends else max(end for end in ends if end is not None)
