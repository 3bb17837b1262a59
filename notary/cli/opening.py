"""Opening a log whose database may just be coming back: a service that was started with it waits, and says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from notary.cli import output
from notary.cli.locking import POLL_SECONDS
from notary.compose import open_services
from notary.config import Settings
from notary.errors import CannotCheck, Overloaded

if TYPE_CHECKING:
    from notary.service.services import Services

DATABASE_SECONDS: Final = 60.0


def open_patiently(settings: Settings, *, stopped: Callable[[], bool], seconds: float = DATABASE_SECONDS) -> Services:
    """Return the use cases over a log, after waiting for a database that cannot be reached yet.

    Raises as :func:`notary.compose.open_services`, and what it raises for such a database after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    said = False
    while True:
        try:
            return open_services(settings)
        except (CannotCheck, Overloaded) as error:
            if time.monotonic() > deadline or stopped():
                raise
            if not said:
                output.note(f"notary: {error.message} Waiting for it.")
                said = True
        time.sleep(POLL_SECONDS)
