"""Who may write now: publishers, each within its rate, and together never on so many threads that readers wait.

A request that cannot be taken is answered at once and its body is not read: reading it would keep the very thread that
a reader may need.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, current_app, g, request

from notary.errors import NotaryError, Overloaded
from notary.model.tenants import Tenant
from notary.telemetry import metrics
from notary.web import body
from notary.web.context import services
from notary.web.server import THREADS

# So many threads are for readers, whatever writers do.
READERS = 16
WRITERS = THREADS - READERS


_EXTENSION = "notary.writers"


def install(app: Flask) -> None:
    """Give ``app`` its room for writers."""
    app.extensions[_EXTENSION] = threading.BoundedSemaphore(WRITERS)


def enter() -> Callable[[], None]:
    """Let the request in among those that write, and return what lets it out, once, from any thread.

    Raises :class:`Overloaded` (``too-many-writes``) without waiting.
    """
    room = cast("threading.BoundedSemaphore", current_app.extensions[_EXTENSION])
    if not room.acquire(blocking=False):
        raise Overloaded("Too many submissions are being taken; try again.", code="too-many-writes")
    return room.release


@contextmanager
def counted() -> Iterator[None]:
    """Count the submission of the block, should it be turned away."""
    try:
        yield
    except NotaryError as error:
        metrics.count_not_accepted(error)
        raise


def publisher() -> tuple[Tenant, str]:
    """Return the tenant that the request's key belongs to, and the key's public half, which the log line will name.

    Raises :class:`notary.errors.Unauthorized`.
    """
    token = body.bearer_token(request)
    tenant = services().publishers.authenticate(token)
    g.key_id = key_id = token.split("_")[1]
    return tenant, key_id
