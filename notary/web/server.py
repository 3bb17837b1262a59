"""How the web workers are started: granian's command line, each option with its reason.

`notary serve` runs this command as a child process; anyone may run it by hand with `NOTARY_DATA` set. Measured with
granian 2.8: `--backpressure` counts open connections, also idle ones, so it must be far above the number of threads;
with `--http auto` a connection that never sends a byte is kept for ever, with `--http 1` the header timeout ends it. A
body is read while the request runs and has no time limit: a public service belongs behind a proxy that buffers bodies.
"""

from __future__ import annotations

import sys
from pathlib import Path

BACKLOG = 1024
CONNECTIONS = 1024
HEADER_TIMEOUT_MS = 10_000
# A submission may wait that long for a database that others hold. Who waits for integration (Prefer: wait) is answered
# at once when the server stops.
STOP_SECONDS = 10
# Submissions wait together for the disk: a thread that waits costs little, and more of them make larger groups. What is
# left above `limits.max_waiting` (72) serves readers meanwhile.
THREADS = 96


def granian_command(
    *, host: str, port: int, workers: int, python: str = sys.executable, log_config: Path | None = None
) -> list[str]:
    """Return the arguments that start granian with :mod:`notary.web.wsgi`; the environment names the data directory.

    ``log_config`` is a file of :func:`notary.telemetry.logs.server_config`.
    """
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": str(port),
        "--workers": str(workers),
        "--http": "1",
        "--blocking-threads": str(THREADS),
        "--backlog": str(BACKLOG),
        "--backpressure": str(CONNECTIONS),
        "--http1-header-read-timeout": str(HEADER_TIMEOUT_MS),
        "--workers-kill-timeout": str(STOP_SECONDS),
        "--log-level": "warning",
    }
    if log_config is not None:
        options["--log-config"] = str(log_config)
    arguments = [part for option in options.items() for part in option]
    return [python, "-m", "granian", *arguments, "--no-ws", "notary.web.wsgi:app"]
