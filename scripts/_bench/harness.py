"""Measuring: everything that is compared takes turns, so that a machine that slows down slows all of it.

A figure is the median of several runs. Its spread is the distance between the best and the worst run, as a share of the
median. Ratios are plain quotients, figure ÷ floor and figure ÷ peer: for a time less is better, for a rate more.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from scripts._bench.sides import Absent, Side, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scripts._bench.peers import Peers

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a benchmark is asked to do. ``quick`` is a trial of tiny size, without anything to compare with."""

    entries: int
    quick: bool
    scratch: Path
    peers: Peers
    backend: str = "sqlite"

    def size(self, full: int, quick: int) -> int:
        """Return one of two sizes."""
        return quick if self.quick else full

    @property
    def runs(self) -> int:
        """How many runs a figure is the median of."""
        return self.size(5, 2)


@dataclass(frozen=True, slots=True)
class Aim:
    """What is aimed at: a bound for the figure itself, or for how many times the floor it is."""

    relation: Literal["≥", "≤"]
    bound: float
    of: Literal["figure", "floor"] = "figure"

    def is_met(self, row: Row) -> bool | None:
        """Say whether a row meets it; None where it has no such figure."""
        value = row.value if self.of == "figure" else row.ratios["to_floor"]
        if value is None:
            return None
        return value >= self.bound if self.relation == "≥" else value <= self.bound

    def __str__(self) -> str:
        """Write it as the table does."""
        return f"{self.relation} {number(self.bound)}{'' if self.of == 'figure' else ' × floor'}"


@dataclass(frozen=True, slots=True)
class Sample:
    """The runs of one side."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one of them."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """The distance between the lowest and the highest, as a share of the median."""
        return (max(self.values) - min(self.values)) / self.median if self.median else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result. Floor and peer were measured in the same run; None where there is none."""

    name: str
    what: str
    unit: str
    ours: Sample | None
    floor: Sample | None = None
    peer: Sample | None = None
    floor_what: str = ""
    peer_what: str = ""
    aim: Aim | None = None
    note: str = ""

    @property
    def value(self) -> float | None:
        """The figure."""
        return None if self.ours is None else self.ours.median

    @property
    def ratios(self) -> dict[str, float | None]:
        """Figure ÷ floor and figure ÷ peer."""
        return {"to_floor": self._ratio(self.floor), "to_peer": self._ratio(self.peer)}

    def _ratio(self, other: Sample | None) -> float | None:
        return None if self.ours is None or other is None or not other.median else self.ours.median / other.median

    def to_json(self) -> dict[str, Any]:
        """Return ``{name, value, unit, floor, peer, ratios}``."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "floor": None if self.floor is None else self.floor.median,
            "peer": None if self.peer is None else self.peer.median,
            "ratios": self.ratios,
        }


def interleave(sides: Sequence[Callable[[], _T]], *, runs: int, warmup: int = 1) -> list[list[_T]]:
    """Run all sides ``warmup`` times for nothing, then ``runs`` times each in turn; return the results by side."""
    results: list[list[_T]] = [[] for _ in sides]
    for turn in range(warmup + runs):
        for kept, side in zip(results, sides, strict=True):
            result = side()
            if turn >= warmup:
                kept.append(result)
    return results


def compare(
    name: str,
    what: str,
    unit: str,
    ours: Callable[[], float],
    *,
    floor: Side | None = None,
    peer: Side | Absent | None = None,
    runs: int,
    warmup: int = 1,
    aim: Aim | None = None,
    note: str = "",
) -> Row:
    """Measure ours beside floor and peer, in turns, and return the row."""
    say(f"{name}: {what}")
    others = [side for side in (floor, peer) if isinstance(side, Side)]
    taken = interleave([ours, *(side.run for side in others)], runs=runs, warmup=warmup)
    samples = {id(side): Sample(tuple(values)) for side, values in zip(others, taken[1:], strict=True)}
    return Row(
        name,
        what,
        unit,
        Sample(tuple(taken[0])),
        floor=samples.get(id(floor)),
        peer=samples.get(id(peer)),
        floor_what=floor.what if floor is not None else "",
        peer_what=peer.what if isinstance(peer, Side) else "",
        aim=aim,
        note="; ".join(part for part in (note, peer.why if isinstance(peer, Absent) else "") if part),
    )


@dataclass(slots=True)
class Stopwatch:
    """Times a ``with`` block; ``seconds`` is right after it."""

    seconds: float = 0.0
    _start: float = field(default=0.0, repr=False)

    def __enter__(self) -> Self:
        """Start."""
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.seconds = time.perf_counter() - self._start


def rate(count: int, work: Callable[[], object]) -> Callable[[], float]:
    """Return a measurement of how often a second something happens that ``work`` does ``count`` times."""

    def run() -> float:
        with Stopwatch() as watch:
            work()
        return count / watch.seconds

    return run


def duration(work: Callable[[], object], *, scale: float = 1000.0, repeat: int = 1) -> Callable[[], float]:
    """Return a measurement of how long ``work`` takes, in milliseconds unless ``scale`` says otherwise."""

    def run() -> float:
        with Stopwatch() as watch:
            for _ in range(repeat):
                work()
        return watch.seconds * scale / repeat

    return run


def number(value: float) -> str:
    """Write a number with three digits that count, or all that stand before the point."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"
