"""A log that is served as it is in earnest while it grows, and the Go program that reads it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from notary.core.note import verifier_key
from tests import webserver
from tests.growing import grow
from tests.service.locallog import LocalLog

SOURCES = Path(__file__).parent / "reader"
BUILD_SECONDS = 110
READ_SECONDS = 110


@dataclass(frozen=True)
class GoReader:
    """The built program."""

    program: Path

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            [str(self.program), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=READ_SECONDS,
            check=False,
        )


def go(folder: Path, *arguments: str) -> str:
    """Run the go command on the sources, its caches in ``folder``; return what it printed."""
    command = os.environ.get("NOTARY_GO") or shutil.which("go")
    assert command is not None, "there is no Go: scripts/test --only interop installs it, or says how"
    settings = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "GOCACHE": str(folder / "cache"),
        # The library is taken as it lies on the disk, from a package of the system: no module, no download.
        "GO111MODULE": "off",
        "GOPATH": os.environ.get("NOTARY_GOPATH", "/usr/share/gocode"),
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOTELEMETRY": "off",
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    done = subprocess.run(
        [command, *arguments],
        cwd=SOURCES,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=BUILD_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(folder: Path) -> GoReader:
    """Build the program into ``folder``."""
    program = folder / "reader"
    go(folder, "build", "-o", str(program), ".")
    return GoReader(program)


@dataclass
class ServedLog:
    """A log with its server; ``kept`` are the checkpoints that were downloaded, oldest first, the newest left out."""

    log: LocalLog
    server: webserver.Server
    folder: Path
    kept: list[Path] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator[ServedLog]:
        """Make a log and serve it while the block runs; its first checkpoint is of size 1."""
        log = LocalLog(folder / "log")
        try:
            with webserver.serving(log.root) as server:
                log.integrate()
                yield cls(log, server, folder, sizes=[1])
        finally:
            log.services.close()

    @property
    def url(self) -> str:
        """The prefix of the log's files."""
        return f"{self.server.url}/log"

    @property
    def vkey(self) -> str:
        """The log's public key."""
        signer = self.log.services.signer
        return verifier_key(signer.name, signer.public).encode()

    def keep(self) -> None:
        """Download the newest checkpoint and keep it as an old one."""
        path = self.folder / f"checkpoint-{self.sizes[-1]}"
        path.write_bytes(self.get("/log/checkpoint"))
        self.kept.append(path)

    def grow(self, size: int) -> None:
        """Keep the checkpoint as it is, and bring the log to ``size``, with real entries as long as it is small."""
        self.keep()
        if size < 10:
            while len(self.log.leaves()) < size:
                self.log.submit()
        grow(self.log.services, sizes=[size])
        self.sizes.append(size)

    def get(self, path: str) -> bytes:
        """Return what is served at a path."""
        status, _, body = self.server.get(path)
        assert status == 200, body
        return body
