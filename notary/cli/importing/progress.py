"""How far an import is: a bar on a terminal, else a line now and then; on standard error."""

from __future__ import annotations

import sys
import time

from notary.cli import output

_WIDTH = 30
_BAR_SECONDS = 0.1
_LINE_SECONDS = 10.0


class Progress:
    """Tells how much of ``total`` bytes is done."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._bar = sys.stderr is not None and sys.stderr.isatty()
        self._said = time.monotonic()
        self._shown = False

    def add(self, size: int, said: str) -> None:
        """Count ``size`` bytes as done; ``said`` is shown behind the bar when it is time to show it."""
        self._done += size
        now = time.monotonic()
        if now - self._said < (_BAR_SECONDS if self._bar else _LINE_SECONDS):
            return
        self._said = now
        share = min(self._done / self._total, 1.0) if self._total else 1.0
        if self._bar:
            full = int(share * _WIDTH)
            output.status(f"[{'#' * full}{'.' * (_WIDTH - full)}] {share:4.0%}  {said}")
            self._shown = True
        else:
            output.note(f"notary: {share:.0%} done, {said}")

    def note(self, text: str) -> None:
        """Say something on a line of its own."""
        self.clear()
        output.note(text)

    def clear(self) -> None:
        """Take the bar away."""
        if self._shown:
            output.status("")
            self._shown = False
