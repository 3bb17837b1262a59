"""`notary serve` as operators run it: a process of its own with children of its own, on a free loopback port.

Its processes are found in /proc, so that tests can kill any of them, and see that none is left. Everything is awaited
with a deadline; no process outlives the block that started it.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from notary.errors import EndpointFailed
from notary.net.http import request
from tests.program import command, environment
from tests.webserver import free_port

UP_SECONDS = 60.0
STOP_SECONDS = 15.0
_POLL_SECONDS = 0.05
_numbers = itertools.count(1)


def await_that(ready: Callable[[], object], *, seconds: float, what: str) -> None:
    """Return once ``ready()`` is true; fail the test after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"waited {seconds:g} seconds for {what}"
        time.sleep(_POLL_SECONDS)


@dataclass(frozen=True)
class Process:
    """A process by pid and start time, since pids are given away again."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        """Whether it still runs; one that ended and was not waited for does not."""
        found = _stat(self.pid)
        return found is not None and found[2] == self.started and found[1] != "Z"

    @property
    def command(self) -> str:
        """Its command line."""
        return Path(f"/proc/{self.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)


def _stat(pid: int) -> tuple[int, str, str] | None:
    """Return parent, state and start time of a process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), fields[0], fields[19]


def stopped(pid: int) -> bool:
    """Say whether a process is held by SIGSTOP."""
    found = _stat(pid)
    return found is not None and found[1] == "T"


def descendants(pid: int) -> list[Process]:
    """Return all processes below ``pid``, children before grandchildren."""
    parents: dict[int, list[Process]] = {}
    for path in Path("/proc").iterdir():
        found = _stat(int(path.name)) if path.name.isdigit() else None
        if found is not None:
            parents.setdefault(found[0], []).append(Process(int(path.name), found[2]))
    result, queue = [], [pid]
    while queue:
        below = parents.get(queue.pop(0), [])
        result += below
        queue += [process.pid for process in below]
    return result


def processes_about(folder: Path) -> list[Process]:
    """Return the processes, other than ourselves, that have the folder in their command line or environment."""
    name, found = os.fsencode(folder), []
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and int(path.name) != os.getpid():
            told, state = b"", _stat(int(path.name))
            with suppress(OSError):
                told = (path / "cmdline").read_bytes() + (path / "environ").read_bytes()
            if state is not None and name in told:
                found.append(Process(int(path.name), state[2]))
    return [one for one in found if one.alive]


def await_gone(processes: Sequence[Process], *, seconds: float = STOP_SECONDS) -> None:
    """Return once none of the processes runs."""
    await_that(lambda: not any(one.alive for one in processes), seconds=seconds, what=f"the end of {processes}")


@dataclass
class Served:
    """A running `notary serve`, or another command that serves; ``seen`` are all its processes that were looked at."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path
    seen: set[Process] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The address of the front page, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """All that it and its processes wrote."""
        return self.output.read_text("utf-8")

    def healthy(self) -> bool:
        """Whether submissions are accepted now."""
        try:
            return request("GET", f"{self.url}/healthz", timeout=5, max_bytes=1 << 16).status == 200
        except EndpointFailed:
            return False

    def await_healthy(self) -> None:
        """Return once submissions are accepted."""

        def ready() -> bool:
            assert self.process.poll() is None, self.said
            return self.healthy()

        await_that(ready, seconds=UP_SECONDS, what=f"a healthy service: {self.said}")

    def processes(self) -> list[Process]:
        """Return the processes below it, now."""
        found = descendants(self.process.pid)
        self.seen.update(found)
        return found

    def child(self, part: str) -> Process:
        """Return its own child whose command line has ``part`` in it."""
        below = [one for one in self.processes() if (_stat(one.pid) or (0,))[0] == self.process.pid]
        [found] = [one for one in below if one.alive and part in one.command]
        return found

    def stop(self) -> int:
        """Send SIGTERM, and return its exit code; fails after 15 seconds, or where a process is left."""
        self.processes()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        assert not [one for one in self.seen if one.alive], self.said
        return code


@contextmanager
def started(
    line: Sequence[str], output: Path, *, cwd: Path, port: int = 0, env: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Run a command that stays up, until the block ends; then nothing of it is left."""
    with output.open("ab") as log:
        process = subprocess.Popen(
            line,
            cwd=cwd,
            env=environment() if env is None else env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    served = Served(process, port, output)
    try:
        yield served
    finally:
        left = {*served.processes(), *served.seen}
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            process.kill()
            process.wait()
        for one in left:
            if one.alive:
                with suppress(ProcessLookupError):
                    one.kill()


@contextmanager
def serving(data: Path, *options: str, port: int | None = None) -> Iterator[Served]:
    """Run `notary serve` on a data directory; it may not be up yet when the block begins."""
    chosen = free_port() if port is None else port
    line = command("serve", "--data", data, "--port", str(chosen), *options)
    output = data.parent / f"serve-{next(_numbers)}.log"
    with started(line, output, port=chosen, cwd=data.parent) as served:
        yield served
