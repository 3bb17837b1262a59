"""Sending lines to a log until each was accepted or refused; a server that is busy or away is asked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from notary.client.api import LogClient, Submitted
from notary.errors import EndpointFailed, NotaryError, Overloaded

MAX_LINES = 250
MAX_BYTES = 4 << 20
_MAX_PAUSE = 60


def send(
    client: LogClient, lines: Sequence[bytes], *, retries: int, progress: Callable[[str], None]
) -> list[Submitted | NotaryError]:
    """Return what came of each line.

    Asks again up to ``retries`` times in a row without any line getting through, after the time that the server says or
    else 1, 2, 4 … seconds. Raises then :class:`Overloaded` or :class:`EndpointFailed`, and at once what refuses the
    request as a whole. What was accepted until then is the same entry when it is sent again.
    """
    results: list[Submitted | NotaryError] = []
    failures = 0
    while len(results) < len(lines):
        trouble: Overloaded | EndpointFailed
        try:
            answers = client.submit_batch(lines[len(results) :])
            busy = next((answer for answer in answers if isinstance(answer, Overloaded | EndpointFailed)), None)
            got = answers if busy is None else answers[: answers.index(busy)]
            results += got
            failures = 0 if got else failures
            if busy is None:
                continue
            trouble = busy
        except (Overloaded, EndpointFailed) as error:
            trouble = error
        if failures == retries:
            raise trouble
        pause = _pause(trouble, failures)
        failures += 1
        progress(f"{trouble.message} Trying again in {pause} s ({failures} of {retries}).")
        time.sleep(pause)
    return results


def _pause(trouble: Overloaded | EndpointFailed, failures: int) -> int:
    after = trouble.retry_after if isinstance(trouble, Overloaded) else None
    return min(2**failures if after is None else after, _MAX_PAUSE)
