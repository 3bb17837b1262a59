"""The log as operators watch it: loops, the lease of the leader, one snapshot of all. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from notary.model.chain import ChainReport

LEADER: Final = "worker"
"""The lease that the leading worker holds."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of one loop of the worker; ``problem`` is a sentence, None when it is well."""

    name: str
    time: int
    problem_code: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to lead, until ``expires``. All times are milliseconds by the database's clock.

    ``token`` grows by one with every new holder or term and is what writes are fenced with; ``holder`` is empty where
    the lease was given back. ``held`` says whether the lease was running when it was read.
    """

    name: str
    holder: str
    token: int
    since: int
    expires: int
    held: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """The log as operators watch it, from one snapshot. Times are milliseconds, None where there is nothing to date.

    ``waiting_since`` is when the oldest leaf that no checkpoint covers was accepted; ``anchors`` are counts by state;
    ``proven_size`` and ``proven_time`` are the largest proven anchor's, the time that of its proof; ``spent`` is what
    all mined transactions did cost, in gwei; ``leader`` the lease of the leading worker; ``report`` what it saw last.
    """

    accepted: int
    tree_size: int
    checkpoint_size: int
    checkpoint_time: int | None
    waiting_since: int | None
    anchors: Mapping[str, int]
    attempts: int
    proven_size: int | None
    proven_time: int | None
    heartbeats: tuple[Heartbeat, ...]
    spent: int
    leader: Lease | None
    report: ChainReport | None
