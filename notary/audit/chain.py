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
Answers = tuple[tuple[str, Point], ...]
"""What each endpoint, by name, says about one tree head."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """The result for one chain: the largest anchored size that is of this tree, and what was checked.

    Anchors up to size ``known`` were not: an earlier run did.
    """

    anchors: Outcome
    events: Outcome
    size: int = 0
    checked: tuple[SeenAnchor, ...] = ()
    known: int = 0


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
    _points: dict[int, Answers] = field(default_factory=dict)

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
        these = (
            f"{len(walked)} anchors, up to size {largest}, are" if len(walked) > 1 else f"One, of size {largest}, is"
        )
        first = walked[-1].prev_size
        before = "it goes on from those that an earlier run checked" if first else "it is all that was ever anchored"
        sentence = f"{these} of this tree (final block {self._height}); {before}."
        return Anchored(passed("anchors-match", sentence), events, size=largest, checked=tuple(walked), known=first)

    @property
    def _height(self) -> int:
        return self.witnesses.height

    # ----------------------------------------------------------------------------------------------------------- walk

    def _walk(self, roots: Roots, *, size: int) -> list[SeenAnchor]:
        """Return the final anchors from the newest back to the first, or to the newest that was checked before."""
        cursor = self._start(size=size)
        self._ask({one for one in self._named() if one <= cursor}, roots)
        walked: list[SeenAnchor] = []
        while cursor:
            if cursor not in self._points:
                self._ask([cursor], roots)
            root = roots(cursor)
            point = self._resolve(cursor, root, after_final=bool(walked))
            if not point.prev_size < cursor:
                raise _StopError(unchecked("endpoint-failed", f"The registry's answer about size {cursor} cannot be."))
            if point.block > self._height:
                self.findings.add(Finding("not-final", f"The anchor of size {cursor} is not in a final block yet."))
            else:
                walked.append(SeenAnchor(size=cursor, root=root, prev_size=point.prev_size, block=point.block))
                if self._is_known(walked[-1]):
                    break
            cursor = point.prev_size
        if not walked:
            raise _StopError(unchecked("nothing-anchored", "Nothing of this log is anchored in a final block yet."))
        return walked

    def _start(self, *, size: int) -> int:
        """Return the size of the newest anchor that must be of this tree."""
        head = self.witnesses.head
        known = self.memory.newest_anchor(self.chain)
        if known is not None:
            self._check_still_there(known, head)
        end = _end_of_trust(self.trust)
        if end is not None and head > end:
            return self._disowned(head, end)
        if head <= size:
            return head
        said = f"The registry's newest anchor is of size {head}, the checkpoint served only of size {size}: the log "
        if not self._is_final(head):
            raise _StopError(unchecked("not-final", said + "shows too little, or that block will not stay. Ask again."))
        raise _StopError(
            failed("anchored-ahead", said + "withholds what it anchored, or somebody else can anchor in its name.")
        )

    def _check_still_there(self, known: SeenAnchor, head: int) -> None:
        if self._height < known.block:
            raise _StopError(
                unchecked(
                    "endpoint-behind",
                    f"The endpoints have final blocks up to {self._height} only; an earlier run saw {known.block}.",
                )
            )
        if head < known.size:
            raise _StopError(
                failed(
                    "anchor-vanished",
                    f"Size {known.size} was anchored in final block {known.block} when it was checked before; now the "
                    f"registry's newest anchor is of size {head}. The chain was rewritten, or is another one.",
                )
            )

    def _is_final(self, size: int) -> bool:
        """Say whether all endpoints call the newest anchor, of this size, final."""
        return all(top.final and top.size == size for top in self.witnesses.tops.values())

    def _is_known(self, anchor: SeenAnchor) -> bool:
        seen = self.memory.anchor(self.chain, anchor.size)
        if seen is not None and seen != anchor:
            raise _StopError(self._changed(seen, anchor))
        return seen is not None

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
        """Ask every endpoint about the tree's root at each size: one question for each root."""
        wanted = sorted(sizes)
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            answers = self._answers([(one, roots(one)) for one in part])
            self._points.update(zip(part, answers, strict=True))

    def _answers(self, heads: Sequence[tuple[int, bytes]]) -> list[Answers]:
        """Return what all endpoints say, head by head."""
        said = [(endpoint.name, endpoint.points(self.chain, heads)) for endpoint in self.witnesses.endpoints]
        return [tuple((name, points[i]) for name, points in said) for i in range(len(heads))]

    def _resolve(self, size: int, root: bytes, *, after_final: bool) -> Point:
        """Return what the endpoints agree on about the tree's root at ``size``, which the registry says is anchored.

        In a block that is not final yet they may differ: one knows more of it than another.
        """
        answers = self._points[size]
        final = {point for _, point in answers if 0 < point.block <= self._height}
        if final:
            if len({point for _, point in answers}) > 1:
                raise _StopError(_disagreement(size, answers))
            return final.pop()
        later = [point for _, point in answers if point.block]
        if later:
            return later[0]
        if any(event.size == size and event.root == root for events in self._events.values() for event in events.seen):
            raise _StopError(
                unchecked(
                    "endpoints-disagree",
                    f"An event shows the tree's root at size {size}, and the registry's storage does not have it: an "
                    "endpoint is wrong about one of them.",
                )
            )
        if after_final or self._is_final(size):
            raise _StopError(self._contradiction(size, root))
        raise _StopError(
            unchecked(
                "not-final",
                f"The registry holds another root at size {size} than the tree, in a block that may not be final yet.",
            )
        )

    def _contradiction(self, size: int, root: bytes) -> Outcome:
        others = {e.root for events in self._events.values() for e in events.seen if e.size == size and e.root != root}
        other = f" (an event says 0x{min(others).hex()})" if others else ""
        return failed(
            "anchor-contradicts",
            f"The registry holds another root at size {size}{other}; the tree's is 0x{root.hex()}.",
        )

    def _changed(self, seen: SeenAnchor, found: SeenAnchor) -> Outcome:
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
                [answers] = self._answers([(event.size, event.root)])
                anchored = all(0 < point.block <= self._height for _, point in answers)
                if anchored and event.root != roots(event.size):
                    raise _StopError(self._contradiction(event.size, roots(event.size)))
                raise _StopError(
                    unchecked(
                        "event-unknown",
                        f"{endpoint.name} shows an event of size {event.size} in block {event.block} of which the "
                        "registry's storage knows nothing.",
                    )
                )


def _disagreement(size: int, answers: Answers) -> Outcome:
    said = "; ".join(f"{name} says {_words(point)}" for name, point in answers)
    return unchecked("endpoints-disagree", f"The endpoints disagree about the anchor of size {size}: {said}.")


def _words(point: Point) -> str:
    return f"block {point.block} after size {point.prev_size}" if point.block else "it is none"


def _end_of_trust(trust: Trust) -> int | None:
    """Return the last size that any key may sign, None where a key is still in use."""
    ends = [key.last for key in trust.keys]
    return None if None in ends else max(end for end in ends if end is not None)
