"""`notary serve`: start the web processes and the worker, start again what dies, stop all on a signal."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from types import FrameType

from notary.cli import children, output
from notary.cli.locking import POLL_SECONDS, PREDECESSOR_SECONDS, locked
from notary.cli.options import DATA_VARIABLE
from notary.compose import open_services
from notary.config import Settings
from notary.errors import UsageError
from notary.web.server import granian_command

_STOP_SECONDS = 12.0
# A process that dies at once, again and again, is not mended by being started again.
_QUICK_SECONDS = 5.0
_QUICK_DEATHS = 5


@dataclass(slots=True)
class _Service:
    name: str
    command: Sequence[str]
    child: children.Child
    started: float
    quick_deaths: int = 0


class Stopped:
    """Set by SIGTERM or SIGINT, asked by loops."""

    def __init__(self) -> None:
        """Take over both signals."""
        self.signalled = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.signalled = True


def serve(settings: Settings, *, web_only: bool) -> int:
    """Run the service until a signal; return the exit code.

    Raises :class:`notary.errors.InvalidConfig` where the data directory cannot be used or is in use,
    :class:`UsageError` where the port is taken.
    """
    stopped = Stopped()
    with locked(settings, "web", stopped=lambda: stopped.signalled):
        await_port(settings.server.host, settings.server.port, stopped)
        with closing(open_services(settings)) as services:
            services.ensure_manifest()
        commands = {"web": _web(settings)}
        if not web_only:
            commands["worker"] = [sys.executable, "-m", "notary.cli", "worker"]
        output.note(f"notary: serving {settings.origin} at {_address(settings)}")
        return _supervise(commands, _environment(settings), stopped)


def _web(settings: Settings) -> list[str]:
    server = settings.server
    return granian_command(host=server.host, port=server.port, workers=server.workers)


def _address(settings: Settings) -> str:
    host, port = settings.server.host, settings.server.port
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, DATA_VARIABLE: str(settings.data_dir), "PYTHONUNBUFFERED": "1"}


def _supervise(commands: dict[str, list[str]], environment: dict[str, str], stopped: Stopped) -> int:
    def begin(name: str, command: Sequence[str]) -> children.Child:
        return children.start(name, command, env=environment)

    services = [_Service(name, command, begin(name, command), time.monotonic()) for name, command in commands.items()]
    try:
        while not stopped.signalled:
            for service in services:
                if service.child.running:
                    continue
                quick = time.monotonic() - service.started < _QUICK_SECONDS
                service.quick_deaths = service.quick_deaths + 1 if quick else 1
                code = service.child.process.returncode
                output.note(f"notary: the {service.name} process ended with {code}; starting it again")
                if service.quick_deaths >= _QUICK_DEATHS:
                    output.note(f"notary: the {service.name} process does not stay up; giving up")
                    return 1
                service.child, service.started = begin(service.name, service.command), time.monotonic()
            time.sleep(POLL_SECONDS)
    finally:
        children.stop([service.child for service in services], seconds=_STOP_SECONDS)
    return 0


def await_port(host: str, port: int, stopped: Stopped) -> None:
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
                        f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port.",
                        code="port-taken",
                    ) from None
            else:
                return
        time.sleep(POLL_SECONDS)
