"""The log as its operator sees it: one picture of store, leader, anchors, account and endpoints, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from notary.core.jcs import Json
from notary.errors import CannotCheck, InvalidRlp, ProofFailed
from notary.model.anchors import Anchor, AnchorRequest, Attempt, Target
from notary.model.chain import ChainReport, EndpointHealth, EndpointState
from notary.model.operating import LogStatus
from notary.ports import Chain, Clock, LogStore
from notary.service.health import HealthCheck, Reason

FEW_ANCHORS: Final = 100
SLOW_ANCHOR_MS: Final = 2 * 3_600_000
SLOW_FINALITY_SECONDS: Final = 3600
OLD_BACKLOG_MS: Final = 60_000
FRESH_MS: Final = 60_000
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class InFlight:
    """The anchor that has not ended, with its transactions, oldest first."""

    anchor: Anchor
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything, at ``now``. ``chain`` is what was seen last, by us or by the leader; ``today`` is in gwei."""

    origin: str
    now: int
    log: LogStatus
    in_flight: InFlight | None
    request: AnchorRequest | None
    today: int
    chain: ChainReport | None
    reasons: tuple[Reason, ...]

    def to_json(self) -> dict[str, Json]:
        """Return it as JSON; money in wei is a string, since it may be too large for a number."""
        log, proven = self.log, self.log.proven_size
        return {
            "origin": self.origin,
            "well": not self.reasons,
            "reasons": [{"code": reason.code, "message": reason.message} for reason in self.reasons],
            "entries": log.accepted,
            "tree_size": log.tree_size,
            "checkpoint": {"size": log.checkpoint_size, "age": self.age(log.checkpoint_time)},
            "backlog": {"entries": log.accepted - log.checkpoint_size, "age": self.age(log.waiting_since)},
            "leader": None
            if log.leader is None or not log.leader.held
            else {"holder": log.leader.holder, "term": log.leader.token, "age": self.age(log.leader.since)},
            "loops": [
                {"name": beat.name, "age": self.age(beat.time), "code": beat.problem_code, "problem": beat.problem}
                for beat in log.heartbeats
            ],
            "anchor": None if self.in_flight is None else self._in_flight(self.in_flight),
            "proven": None if proven is None else {"size": proven, "age": self.age(log.proven_time)},
            "request": None
            if self.request is None
            else {"size": self.request.size, "age": self.age(self.request.time)},
            "fees_gwei": {"today": self.today, "total": log.spent},
            "chain": None if self.chain is None else self._chain(self.chain),
        }

    def age(self, then: int | None) -> int | None:
        """Return how many seconds ago something was."""
        return None if then is None else max(0, self.now - then) // 1000

    def _in_flight(self, one: InFlight) -> dict[str, Json]:
        last = one.attempts[-1] if one.attempts else None
        return {
            "size": one.anchor.size,
            "state": one.anchor.state.value,
            "age": self.age(one.anchor.created),
            "attempts": len(one.attempts),
            "last_sent_age": None if last is None else self.age(last.last_sent),
            "max_fee_wei": None if last is None else str(last.fees.max_fee),
        }

    def _chain(self, report: ChainReport) -> dict[str, Json]:
        standing = report.standing
        shown: dict[str, Json] = {
            "age": self.age(report.time),
            "endpoints": [
                {"name": one.name, "state": one.state.value, "code": one.code, "lag": one.lag}
                for one in report.endpoints
            ],
        }
        if standing is not None:
            shown |= {
                "account": "0x" + standing.sender.hex(),
                "balance_wei": str(standing.balance),
                "anchors_left": standing.anchors_left,
                "head": standing.head,
                "final": standing.final,
                "lag_blocks": standing.lag_blocks,
                "lag_seconds": standing.lag_seconds,
            }
        return shown


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of the chain just now, and why not all of it."""

    report: ChainReport | None
    problem: Reason | None = None


def look_at(chain: Chain, clock: Clock) -> Look:
    """Ask the chain how things stand. Never raises for an endpoint."""
    standing, problem = None, None
    try:
        chain.check()
        standing = chain.standing()
    except (CannotCheck, ProofFailed, InvalidRlp) as error:
        problem = Reason(error.code, error.message)
    return Look(ChainReport(time=clock.now_ms(), standing=standing, endpoints=chain.endpoints()), problem)


def picture(
    store: LogStore, health: HealthCheck, clock: Clock, *, origin: str, target: Target | None, look: Look
) -> Picture:
    """Put the picture together. Raises :class:`notary.errors.Overloaded` where the store cannot be read."""
    now = clock.now_ms()
    with store.read() as view:
        log, today, request = view.status(), view.spent(since=now - now % _DAY_MS), view.anchor_request()
        anchor = None if target is None else view.anchor_in_flight(target)
        in_flight = None if anchor is None else InFlight(anchor, tuple(view.attempts(anchor.id)))
    seen = _newest(look.report, log.report, now=now) if target is not None else None
    reasons = [
        *health.health().reasons,
        *([] if look.problem is None else [look.problem]),
        *_of_log(log, now=now),
        *_of_anchor(in_flight, now=now),
        *_of_chain(seen, configured=target is not None),
    ]
    return Picture(
        origin=origin,
        now=now,
        log=log,
        in_flight=in_flight,
        request=request,
        today=today,
        chain=seen,
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _newest(ours: ChainReport | None, leaders: ChainReport | None, *, now: int) -> ChainReport | None:
    """Return what we saw of the account, else what the leader did; its view of the endpoints is the longer one."""
    if leaders is None or ours is None:
        return ours or leaders
    if ours.standing is None:
        return leaders
    endpoints = leaders.endpoints if now - leaders.time < FRESH_MS else ours.endpoints
    return ChainReport(time=ours.time, standing=ours.standing, endpoints=endpoints)


def _of_log(log: LogStatus, *, now: int) -> list[Reason]:
    found = []
    if log.leader is None or not log.leader.held:
        found.append(Reason("no-leader", "No worker leads: nothing is integrated and nothing anchored."))
    if log.waiting_since is not None and now - log.waiting_since > OLD_BACKLOG_MS:
        seconds = (now - log.waiting_since) // 1000
        found.append(Reason("backlog-old", f"An accepted entry has waited for a checkpoint for {seconds} s."))
    return found


def _of_anchor(one: InFlight | None, *, now: int) -> list[Reason]:
    if one is None or now - one.anchor.created <= SLOW_ANCHOR_MS:
        return []
    minutes = (now - one.anchor.created) // 60_000
    what = f"The anchor of size {one.anchor.size} has been {one.anchor.state.value} or on its way for {minutes} min."
    return [Reason("anchor-slow", what)]


def _of_chain(seen: ChainReport | None, *, configured: bool) -> list[Reason]:
    if not configured:
        return []
    standing = None if seen is None else seen.standing
    found = [] if seen is None else _of_endpoints(seen.endpoints)
    if standing is None:
        return [*found, Reason("chain-unknown", "It is not known how the chain and the account stand.")]
    left, lag = standing.anchors_left, standing.lag_seconds
    if left is not None and left < FEW_ANCHORS:
        who = "0x" + standing.sender.hex()
        found.append(Reason("funds-low", f"The account {who} can pay for {left} more anchors. Send it some money."))
    if lag is not None and lag > SLOW_FINALITY_SECONDS:
        found.append(Reason("finality-slow", f"The newest final block is {lag // 60} min older than the newest."))
    return found


def _of_endpoints(endpoints: Sequence[EndpointHealth]) -> list[Reason]:
    return [
        Reason(f"endpoint-{one.state.value}", f"{one.name}: {one.message or 'it speaks of the past.'}")
        for one in endpoints
        if one.state not in {EndpointState.OK, EndpointState.UNKNOWN}
    ]


def ask_for_anchor(store: LogStore, clock: Clock, target: Target) -> int | None:
    """Ask the leader to anchor the newest checkpoint, and return its size; None where that is proven already.

    Asking again changes nothing. Raises :class:`notary.errors.Overloaded` where the store cannot be written.
    """
    with store.write() as view:
        head, proven = view.checkpoint(), view.last_proven(target)
        if head is None or (proven is not None and proven.size >= head.size):
            return None
        view.ask_for_anchor(AnchorRequest(clock.now_ms(), head.size))
    return head.size
