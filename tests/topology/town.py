"""Proxy, two web servers, two workers, PostgreSQL and a node: the deployment's topology, and ways to kill its parts."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from notary.compose import open_services
from notary.config import storage_settings
from notary.errors import EndpointFailed, Overloaded
from notary.net.http import request
from notary.service.services import Services
from tests import postgres
from tests.leaders import leader
from tests.node import anvil, logs
from tests.node.anvil import Anvil
from tests.program import command, environment
from tests.served import await_gone, await_that
from tests.topology import proxy
from tests.topology.units import Unit
from tests.webserver import free_port

LEASE = 3.0
BLOCK = 1
UP = 60.0
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
SETTINGS = {
    "NOTARY_WORKER_LEASE": f"{LEASE:g}",
    "NOTARY_ANCHOR_INTERVAL": "0",
    "NOTARY_ANCHOR_POLL": "0.2",
    "NOTARY_LOG_ACCESS": "false",
}
T = TypeVar("T")


@dataclass
class Kill:
    """One ``kill -9``: of what, and when (milliseconds); ``down`` is how long it was away by our own doing."""

    what: str
    time: int
    down: float = 0.0


@dataclass
class Town:
    """All processes, and the store that they share."""

    url: str
    services: Services
    node: Anvil
    database: postgres.Postgres
    webs: list[Unit]
    workers: list[Unit]
    kills: list[Kill] = field(default_factory=list)

    def patiently(self, ask: Callable[[], T]) -> T:
        """Ask the store, again where PostgreSQL is away."""
        until = time.monotonic() + UP
        while True:
            try:
                return ask()
            except Overloaded:
                assert time.monotonic() < until
                time.sleep(0.05)

    def leading(self) -> Unit | None:
        """Return the worker that leads."""
        found = self.patiently(lambda: leader(self.services.store))
        pid = None if found is None else int(found.holder.split("/")[1])
        return next((unit for unit in self.workers if unit.process.pid == pid), None)

    def kill_leader(self) -> None:
        """Kill the worker that leads."""
        await_that(self.leading, seconds=UP, what=f"a leader: {[unit.said[-2000:] for unit in self.workers]}")
        unit = self.leading()
        assert unit is not None
        before = len(unit.ends)
        unit.process.kill()
        self.kills.append(Kill("leading worker", _now()))
        await_that(lambda: len(unit.ends) > before, seconds=UP, what=f"the end of {unit.name}")
        assert unit.ends[-1] == -signal.SIGKILL

    def kill_web(self) -> None:
        """Kill a web process: the HTTP server of one of the two, the other one's next time."""
        unit = self.webs[sum(kill.what == "web process" for kill in self.kills) % len(self.webs)]
        await_that(lambda: unit.below("granian"), seconds=UP, what=f"web processes: {unit.said[-2000:]}")
        doomed = unit.below("granian")
        doomed[0].kill()
        self.kills.append(Kill("web process", _now()))
        await_gone(doomed)

    def kill_database(self) -> None:
        """Kill PostgreSQL, and start it again as its supervisor would."""
        assert self.database.process is not None
        process, begun = self.database.process, time.monotonic()
        self.kills.append(Kill("PostgreSQL", _now()))
        self.database.restart(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        self.kills[-1].down = time.monotonic() - begun

    def ready(self) -> bool:
        """Say whether every web server answers that it can take submissions."""
        return all(_status(f"http://127.0.0.1:{port}/readyz") == 200 for port in map(_port_of, self.webs))


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """Run everything until the block ends."""
    with ExitStack() as stack:
        node = stack.enter_context(anvil.running(["--block-time", str(BLOCK)]))
        database = stack.enter_context(postgres.running(DURABLE))
        # One directory for each half, as two machines have them: nothing but the database is shared.
        first, second = folder / "first", folder / "second"
        storage = storage_settings(url=database.url(database.new_database()))
        directory = logs.make_log(first, node, storage=storage)
        shutil.copytree(first, second)
        settings = environment(**SETTINGS)
        ports = [free_port(), free_port()]
        webs, workers = [], []
        for number, (root, port) in enumerate(zip((first, second), ports, strict=True), 1):
            line = command("serve", "--web-only", "--data", root, "--port", str(port))
            webs.append(Unit(f"web-{number}", line, folder, settings))
            stack.callback(webs[-1].stop)
            workers.append(Unit(f"worker-{number}", command("worker", "--data", root), folder, settings))
            stack.callback(workers[-1].stop)
        url = stack.enter_context(proxy.running(folder / "proxy", [f"127.0.0.1:{port}" for port in ports]))
        services = stack.enter_context(closing(open_services(logs.settings(directory))))
        made = Town(url, services, node, database, webs, workers)
        await_that(made.ready, seconds=UP, what=f"the web servers: {[unit.said for unit in webs]}")
        await_that(made.leading, seconds=UP, what=f"a leader: {[unit.said for unit in workers]}")
        yield made


def _port_of(unit: Unit) -> str:
    line = unit.process.args
    assert isinstance(line, list)
    return str(line[-1])


def _status(url: str) -> int:
    try:
        return request("GET", url, timeout=5, max_bytes=1 << 16).status
    except EndpointFailed:
        return 0


def _now() -> int:
    return time.time_ns() // 1_000_000
