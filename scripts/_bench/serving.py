"""`notary serve` on a data directory as operators run it, other servers beside it, and load on them."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from notary.cli import children
from notary.cli.demo.node import free_port
from notary.compose import init_log, open_services, open_settings
from notary.config import SQLITE
from scripts._bench import machine
from scripts._dev.paths import ROOT, child_environment
from scripts._dev.say import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from notary.config import StorageSettings
    from notary.service.services import Services
    from scripts._bench.harness import Setting
    from scripts._bench.peers import Program

UP_SECONDS = 60.0
PAUSE = 0.02
ORIGIN = "bench.example/log"
PUBLISHER = "Bench Press Office"


@dataclass(frozen=True, slots=True)
class Load:
    """What came of some requests: how many a second, and milliseconds."""

    rate: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    def memory(self) -> float:
        """Return the resident memory of it and all processes below it, in MB."""
        return sum(machine.resident(pid) for pid in [self.process.pid, *_below(self.process.pid)])

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a GET on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


class Loader:
    """Sends requests from a process of its own."""

    def __init__(self, setting: Setting) -> None:
        """Start it."""
        self._program: Program = setting.peers.plain("load")
        self._folder = setting.scratch
        self._files = 0

    def file(self, requests: Iterable[bytes]) -> Path:
        """Write requests down for :meth:`send`."""
        self._files += 1
        file = self._folder / f"requests-{self._files}"
        with file.open("wb") as out:
            for request in requests:
                out.write(len(request).to_bytes(4, "big") + request)
        return file

    def send(self, server: Server, file: Path, *, connections: int, count: int) -> Load:
        """Send ``count`` requests; raises :class:`SetupError` where one is not answered with success."""
        job = {"port": server.port, "connections": connections, "file": str(file), "count": count}
        done = self._program.ask(json.dumps(job))
        if done["failed"]:
            raise SetupError(f"a request was answered: {done['failed']}")
        return Load(count / done["seconds"], done["p50"], done["p99"])


def request(method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def new_log(root: Path, *, storage: StorageSettings = SQLITE) -> str:
    """Make a data directory with a publisher, and return the publisher's key."""
    init_log(root, origin=ORIGIN, development=True, storage=storage)
    services = opened(root)
    try:
        return services.publishers.new_key(PUBLISHER)
    finally:
        services.close()


def opened(root: Path) -> Services:
    """Return the use cases over a data directory, with entry 0 in it; the caller closes them."""
    services = open_services(open_settings(root, environ={}))
    services.ensure_manifest()
    return services


@contextmanager
def serving(root: Path, *, workers: int = 1) -> Iterator[Server]:
    """Run `notary serve`, all settings as they come, until the block ends; it is up when the block begins."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "notary"), "serve", "--data", str(root), "--port", str(port)]
    command += ["--workers", str(workers)]
    with _running(command, port, root.parent / f"serve-{port}.log", "/healthz") as server:
        yield server


@contextmanager
def trivial(folder: Path) -> Iterator[Server]:
    """Run a Flask application that does nothing, on granian with our options, until the block ends."""
    from notary.web.server import granian_command

    port = free_port()
    command = granian_command(host="127.0.0.1", port=port, workers=1)
    command[-1] = "scripts._bench.programs.trivial:app"
    with _running(command, port, folder / "trivial.log", "/") as server:
        yield server


@contextmanager
def _running(command: list[str], port: int, log: Path, path: str) -> Iterator[Server]:
    environment = child_environment() | {"PYTHONPATH": str(ROOT)}
    child = children.start("server", command, env=environment, log=log)
    server = Server(port, child.process)
    try:
        deadline = time.monotonic() + UP_SECONDS
        while not _answers(server, path):
            if not child.running or time.monotonic() > deadline:
                raise SetupError(f"{command} does not come up: {log.read_text(encoding='utf-8')[-2000:]}")
            time.sleep(PAUSE)
        yield server
    finally:
        children.stop([child], seconds=20)


def _answers(server: Server, path: str) -> bool:
    try:
        return server.get(path)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def _below(pid: int) -> list[int]:
    """Return the pids of all processes below a process."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(path.name))
    found = parents.get(pid, [])
    return found + [one for child in found for one in _below(child)]
