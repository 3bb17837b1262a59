"""Processes that are killed while they replace a log's key: as :mod:`tests.service.victim`, one for each line it reads.

Every write transaction is a point, and so is every step on the key's files: made durable, linked, renamed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from notary.cli.logrotation import rotate_log
from notary.compose import open_services, open_settings
from tests.killing import Killer, KillingStore
from tests.service.victim import fork_for_each_line, say

STEPS = ("fsync", "link", "replace")


def killing(step: str, killer: Killer) -> Callable[..., Any]:
    """Return a function of :mod:`os` that passes a killer."""
    original = getattr(os, step)

    def passing(*given: Any, **options: Any) -> Any:
        if killer.when == "before":
            with killer.point(lambda: step):
                pass
            return original(*given, **options)
        with killer.point(lambda: step):
            return original(*given, **options)

    return passing


def live(root: str, at: str, when: str) -> None:
    """Replace the key of a log, until killed."""
    killer = Killer(int(at), when, lambda name: say(f"point {name}"))
    services = open_services(open_settings(Path(root), environ={}), wrap=lambda store: KillingStore(store, killer))
    for step in STEPS:
        setattr(os, step, killing(step, killer))
    say("phase rotation")
    rotate_log(services, None, sole=True, progress=lambda _: None)
    services.close()


if __name__ == "__main__":
    fork_for_each_line(live)
