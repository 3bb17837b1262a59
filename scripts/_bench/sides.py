"""What is compared with each other, and a word on the way."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things compared: what it is, and how to measure it once."""

    what: str
    run: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Absent:
    """Something to compare with that is not there, and why."""

    why: str


def say(text: str) -> None:
    """Write a line of progress to standard error."""
    print(f"[bench] {text}", file=sys.stderr, flush=True)
