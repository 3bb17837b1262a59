"""The registry's events as endpoints show them: gathered in bounded ranges, and held against its storage.

Nodes drop old events, and some then answer with an empty list. So what an endpoint does not show is *unavailable*
where it shows nothing older either, and *withheld* where it does; it is never taken for absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from notary.core.chain import TrustedChain
from notary.core.findings import Finding, Findings
from notary.core.outcome import Outcome, passed, unchecked
from notary.errors import EndpointFailed
from notary.ports.audit import History, SeenAnchor, SeenEvent

FIRST_RANGE: Final = 2048
_LAST_RANGE: Final = 1 << 17
_MAX_REQUESTS: Final = 2000
_MAX_EVENTS: Final = 1_000_000
_BATCH: Final = 500


@dataclass(slots=True)
class Events:
    """What one endpoint showed, and why it did not show more where it did not."""

    seen: list[SeenEvent] = field(default_factory=list)
    problem: str | None = None


def scan(endpoint: History, chain: TrustedChain, *, known: SeenAnchor | None, height: int) -> Events:
    """Return the events up to block ``height``, backwards until the first one ever or the ``known`` one is reached."""
    events = Events()
    low = known.block if known is not None else 0
    high, width = height, FIRST_RANGE
    for _ in range(_MAX_REQUESTS):
        if high < low:
            return events
        start = max(low, high - width + 1)
        try:
            found = endpoint.events(chain, low=start, high=high)
        except EndpointFailed as error:
            # Endpoints limit the number of blocks or events in ways of their own; only fewer blocks can tell.
            if error.code == "logs-unavailable" or width == 1:
                events.problem = error.message
                return events
            width = max(1, width // 4)
            continue
        events.seen += found
        if len(events.seen) > _MAX_EVENTS:
            events.problem = f"{endpoint.name} shows more than {_MAX_EVENTS} events."
            return events
        if any(event.prev_size == 0 for event in found):
            return events
        high, width = start - 1, min(_LAST_RANGE, width * 2)
    events.problem = f"{endpoint.name} was asked {_MAX_REQUESTS} times, back to block {high}."
    return events


def judge_events(
    events: Mapping[History, Events], chain: TrustedChain, anchors: Sequence[SeenAnchor], *, findings: Findings
) -> Outcome:
    """Hold what endpoints show against ``anchors``, which the storage vouches for.

    Passes if each anchor's event is shown by at least one endpoint and withheld by none.
    """
    shown: set[int] = set()
    for endpoint, told in events.items():
        missing = _missing(endpoint, chain, told, anchors)
        if isinstance(missing, Outcome):
            return missing
        sizes = {anchor.size for anchor in missing}
        oldest = min((anchor.block for anchor in anchors if anchor.size not in sizes), default=None)
        for anchor in missing:
            if oldest is not None and anchor.block > oldest:
                return unchecked(
                    "event-withheld",
                    f"{endpoint.name} does not show the event of size {anchor.size} in block {anchor.block}, but shows "
                    "older ones. The registry's storage has the anchor.",
                )
        shown |= {anchor.size for anchor in anchors} - sizes
        if missing:
            because = f": {told.problem}" if told.problem else "."
            findings.add(
                Finding(
                    "events-unavailable",
                    f"{endpoint.name} does not have the events of {len(missing)} anchors, the newest of size "
                    f"{max(sizes)}{because}",
                )
            )
    lacking = [anchor for anchor in anchors if anchor.size not in shown]
    if lacking:
        newest = max(lacking, key=lambda anchor: anchor.size)
        return unchecked(
            "events-unavailable",
            f"No endpoint has the events of {len(lacking)} anchors, the newest of size {newest.size} in block "
            f"{newest.block}. The registry's storage has them all; an endpoint that keeps old events shows the rest.",
        )
    return passed("events-match", f"The registry's events tell the same {len(anchors)} anchors as its storage.")


def _missing(
    endpoint: History, chain: TrustedChain, told: Events, anchors: Sequence[SeenAnchor]
) -> list[SeenAnchor] | Outcome:
    """Return the anchors whose event the endpoint does not show, also when it is asked for their very block."""
    seen = set(told.seen)
    missing = [anchor for anchor in anchors if _event(anchor) not in seen]
    still: list[SeenAnchor] = []
    try:
        for start in range(0, len(missing), _BATCH):
            part = missing[start : start + _BATCH]
            answers = endpoint.events_at(chain, [anchor.block for anchor in part])
            still += [
                anchor
                for anchor, found in zip(part, answers, strict=True)
                if found is None or _event(anchor) not in found
            ]
    except EndpointFailed as error:
        return unchecked("endpoint-failed", error.message)
    return still


def _event(anchor: SeenAnchor) -> SeenEvent:
    return SeenEvent(size=anchor.size, root=anchor.root, prev_size=anchor.prev_size, block=anchor.block)
