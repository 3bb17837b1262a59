"""What the set-up says, and how it gives up."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class SetupError(Exception):
    """The set-up cannot go on; the message tells a person what happened and what to do about it."""


def say(text: str) -> None:
    """Write one line about the set-up to standard error; standard output belongs to the program that follows."""
    print(f"[set-up] {text}", file=sys.stderr, flush=True)


@contextmanager
def saying(text: str) -> Iterator[None]:
    """Say what is being done, and afterwards how long it took."""
    say(f"{text} ...")
    start = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - start:.1f} s")
