"""`notary serve`: start the web processes and the worker, start again what dies, stop all on a signal."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from notary.cli import children
from notary.cli.locking import POLL_SECONDS, PREDECESSOR_SECONDS, locked
from notary.cli.opening import open_patiently
from notary.cli.options import DATA_VARIABLE
from notary.config import Settings
from notary.config.readers import split_listener
from notary.errors import UsageError
from notary.telemetry import logs
from notary.telemetry.exporter import FILES_VARIABLE
from notary.web.drain import RUN_VARIABLE, Drain
from notary.web.server import granian_command

log = logging.getLogger("notary.serve")

_STOP_SECONDS = 12.0
# A process that dies at once, again and again, is not mended by being started again.
_QUICK_SECONDS = 5.0
_QUICK_DEATHS = 5
_DRAIN_POLL_SECONDS = 0.05
_METRICS = "metrics"


@dataclass(slots=True)
class _Service:
    name: str
    command: Sequence[str]
    child: children.Child
    started: float
    quick_deaths: int = 0
    given_up: bool = False

    @property
    def needed(self) -> bool:
        """Whether the log is served without it; only its numbers are missing without the one that tells them."""
        return self.name != _METRICS


class Stopped:
    """Set by SIGTERM or SIGINT, asked by loops. Who sends a second one does not want to wait."""

    def __init__(self) -> None:
        """Take over both signals."""
        self.signalled = False
        self.again = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.again = self.signalled
        self.signalled = True


def serve(settings: Settings, *, web_only: bool) -> int:
    """Run the service until a signal; return the exit code.

    Raises :class:`notary.errors.InvalidConfig` where the data directory cannot be used or is in use,
    :class:`UsageError` where the port is taken.
    """
    stopped = Stopped()
    with locked(settings, "web", stopped=lambda: stopped.signalled):
        await_port(settings.server.host, settings.server.port, stopped)
        if settings.server.metrics != "off":
            await_port(*split_listener(settings.server.metrics), stopped, advice="Change server.metrics.")
        with closing(open_patiently(settings, stopped=lambda: stopped.signalled)) as services:
            services.ensure_manifest()
        logs.configure(settings.logging.format)
        with tempfile.TemporaryDirectory(prefix="notary-run-", ignore_cleanup_errors=True) as folder:
            run = Path(folder)
            commands = {"web": _web(settings, run)}
            if settings.server.metrics != "off":
                commands[_METRICS] = [sys.executable, "-m", "notary.web.metricserver"]
            if not web_only:
                commands["worker"] = [sys.executable, "-m", "notary.cli", "worker"]
            log.info("serving %s at %s", settings.origin, _address(settings), extra={"event": "serving"})
            return _supervise(commands, _environment(settings, run), stopped, run=run, drain=settings.server.drain)


def _web(settings: Settings, run: Path) -> list[str]:
    server, config = settings.server, None
    if logs.wants_json(settings.logging.format, sys.stderr):
        config = run / "server-log.json"
        config.write_text(json.dumps(logs.server_config()), "utf-8")
    return granian_command(host=server.host, port=server.port, workers=server.workers, log_config=config)


def _address(settings: Settings) -> str:
    host, port = settings.server.host, settings.server.port
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _environment(settings: Settings, run: Path) -> dict[str, str]:
    environment = {
        **os.environ,
        DATA_VARIABLE: str(settings.data_dir),
        RUN_VARIABLE: str(run),
        "PYTHONUNBUFFERED": "1",
    }
    environment.pop(FILES_VARIABLE, None)
    if settings.server.metrics != "off":
        files = run / "metrics"
        files.mkdir()
        environment[FILES_VARIABLE] = str(files)
    return environment


def _supervise(
    commands: dict[str, list[str]], environment: dict[str, str], stopped: Stopped, *, run: Path, drain: float
) -> int:
    def begin(name: str, command: Sequence[str]) -> children.Child:
        return children.start(name, command, env=environment)

    services = [_Service(name, command, begin(name, command), time.monotonic()) for name, command in commands.items()]
    try:
        while not stopped.signalled:
            for service in services:
                if service.child.running or service.given_up:
                    continue
                if not _count_death(service):
                    return 1
                if not service.given_up:
                    service.child, service.started = begin(service.name, service.command), time.monotonic()
            time.sleep(POLL_SECONDS)
        _drain(run, drain, stopped)
    finally:
        children.stop([service.child for service in services], seconds=_STOP_SECONDS, hurry=lambda: stopped.again)
    log.info("stopped", extra={"event": "stopped"})
    return 0


def _count_death(service: _Service) -> bool:
    """Say that a process ended, and return whether the others can go on."""
    about = {"child": service.name}
    quick = time.monotonic() - service.started < _QUICK_SECONDS
    service.quick_deaths = service.quick_deaths + 1 if quick else 1
    code = service.child.process.returncode
    log.warning(
        "the %s process ended with %s; starting it again", service.name, code, extra={"event": "child-ended", **about}
    )
    if service.quick_deaths >= _QUICK_DEATHS:
        service.given_up = True
        log.error(
            "the %s process does not stay up; giving up", service.name, extra={"event": "child-given-up", **about}
        )
    return not (service.needed and service.given_up)


def _drain(run: Path, seconds: float, stopped: Stopped) -> None:
    """Have `/readyz` say that we stop, and give those who ask it time to send nothing any more."""
    log.info("stopping", extra={"event": "stopping"})
    if seconds > 0:
        Drain.begin(run)
    until = time.monotonic() + seconds
    while time.monotonic() < until and not stopped.again:
        time.sleep(_DRAIN_POLL_SECONDS)


def await_port(host: str, port: int, stopped: Stopped, *, advice: str = "Choose another with --port.") -> None:
    """Return when the port can be listened on; raises :class:`UsageError` where it stays taken."""
    deadline = time.monotonic() + PREDECESSOR_SECONDS
    while True:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if time.monotonic() > deadline or stopped.signalled:
                    raise UsageError(
                        f"Cannot listen on {host}:{port}: {error.strerror}. {advice}",
                        code="port-taken",
                    ) from None
            else:
                return
        time.sleep(POLL_SECONDS)
