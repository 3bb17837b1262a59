"""``python -m notary.web.metricserver``: answers Prometheus for the web processes and the worker of one instance.

A process of its own, so that it answers while all threads of the others are busy. `NOTARY_DATA` names the data
directory, ``server.metrics`` in its settings where to listen, and `PROMETHEUS_MULTIPROC_DIR` the folder in which the
other processes keep their numbers.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import closing
from pathlib import Path

from notary.compose import open_services, open_settings
from notary.errors import InvalidConfig, NotaryError
from notary.telemetry import logs
from notary.telemetry.exporter import Exporter, registry_with
from notary.telemetry.logmetrics import LogMetrics

log = logging.getLogger(__name__)


def main() -> int:
    """Serve until SIGTERM; return the exit code."""
    logs.configure("auto")  # until the settings are read
    try:
        return _serve(Path(os.environ.get("NOTARY_DATA", "")))
    except (NotaryError, OSError) as error:
        log.critical("Metrics cannot be served: %s", error, extra={"event": "metrics-failed"})
        return 1


def _serve(data: Path) -> int:
    settings = open_settings(data)
    logs.configure(settings.logging.format)
    if settings.server.metrics == "off":
        raise InvalidConfig("server.metrics is off.", code="no-metrics")
    with closing(open_services(settings)) as services:
        registry = registry_with(LogMetrics(services.store, services.clock))
        with Exporter(settings.server.metrics, registry) as exporter:
            # shutdown() waits for the loop that runs in this very thread, so another one has to call it.
            ended = threading.Thread(target=exporter.shutdown)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: ended.start())
            exporter.serve_forever(poll_interval=0.2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
