"""The metrics of a worker that runs by itself: told by a thread of it, at ``worker.metrics``."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from notary.config import Settings
from notary.errors import UsageError
from notary.service.services import Services
from notary.telemetry.exporter import Exporter, registry_with
from notary.telemetry.logmetrics import LogMetrics
from notary.web.drain import RUN_VARIABLE


@contextmanager
def exporting(settings: Settings, services: Services) -> Iterator[None]:
    """Answer Prometheus while the block runs, if that is asked for; under `notary serve` another process does it.

    Raises :class:`UsageError` (``port-taken``).
    """
    listener = settings.worker.metrics
    if listener == "off" or RUN_VARIABLE in os.environ:
        yield
        return
    registry = registry_with(LogMetrics(services.store, services.clock))
    try:
        exporter = Exporter(listener, registry)
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {listener}: {error.strerror}. Change worker.metrics.", code="port-taken"
        ) from None
    with exporter:
        threading.Thread(target=exporter.serve_forever, args=(0.2,), name="metrics", daemon=True).start()
        try:
            yield
        finally:
            exporter.shutdown()
