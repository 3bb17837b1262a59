"""What a change of a bundle is, and the simplest ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from notary.core.text import canonical_plain
from tests.parity.bundles import Draft
from tests.worlds import TEXT

Change = Callable[[Draft], None]
Changes = dict[str, tuple[tuple[str, ...], int, Change]]
"""By name: the bases it can be made on (none: any), how often in a round, and the change."""

FOREIGN = "other.example/log"
ELSEWHERE: dict[str, Any] = {"chain_id": 1, "registry": bytes(20), "log_id": bytes(32)}
DAY = 24 * 3600 * 1000
CANONICAL = canonical_plain(TEXT.encode()).data.decode()


def bundle(**parts: Any) -> Change:
    """Return the change that gives the bundle other parts."""

    def change(one: Draft) -> None:
        one.bundle = replace(one.bundle, **parts)

    return change


def record(**parts: Any) -> Change:
    """Return the change that gives the record other members, logged and anchored anew."""
    return lambda one: one.revise(**parts)


def world(*options: dict[str, Any]) -> Change:
    """Return the change that anchors in another world, by turns."""
    return lambda one: one.rebuild(replace(one.world, **one.pick(*options)))


def several(*changes: Change) -> Change:
    """Return the change that makes these by turns."""
    return lambda one: one.pick(*changes)(one)


def nothing(one: Draft) -> None:
    """Leave all as it is."""
