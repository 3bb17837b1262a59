"""What we are compared with: installed in a folder to throw away (``.bench``), run as processes that we talk to.

A program answers one line for each line it is sent. It tells a line when it is ready, which may take long: it builds
there what it will be asked about.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import select
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scripts._bench.sides import Absent, Side, say
from scripts._dev.lock import run_tool, set_up_lock
from scripts._dev.paths import ROOT, child_environment, digest, drop_stamp, read_stamp, write_stamp
from scripts._dev.say import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

FOLDER = ROOT / ".bench"
PROGRAMS = Path(__file__).parent / "programs"
GO_LIBRARIES = Path("/usr/share/gocode")
EAS = "@ethereum-attestation-service/eas-contracts@1.9.0"
EAS_INTEGRITY = "sha512-L60y1fgKlY3a45xxnPlgRbiGQY8RF/lF+AzF1iVoR7/aEzitS0Nuyyjq8+IXs1sSSU0dl2+yGSmELxVeB6FelA=="
QUICK = Absent("a quick trial: compared with nothing foreign")


class Program:
    """A running program that answers questions about how long something took it."""

    def __init__(self, command: Sequence[str | Path], environment: dict[str, str]) -> None:
        """Start it, and return when it is ready."""
        self._process = subprocess.Popen(
            [str(part) for part in command],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.ready = self._read()

    @property
    def pid(self) -> int:
        """The pid of the process."""
        return self._process.pid

    def ask(self, question: str) -> Any:
        """Send a line, and return what the line of the answer says."""
        if self._process.stdin is None:
            raise SetupError("the program takes no questions")
        self._process.stdin.write(question.encode() + b"\n")
        self._process.stdin.flush()
        return self._read()

    def number(self, question: str) -> float:
        """Send a line, and return the number that it is answered with."""
        return float(self.ask(question))

    def within(self, question: str, seconds: float) -> float | None:
        """Send a line, and return the number that it is answered with; None, and end it, if that takes too long."""
        if self._process.stdin is None or self._process.stdout is None:
            raise SetupError("the program takes no questions")
        self._process.stdin.write(question.encode() + b"\n")
        self._process.stdin.flush()
        if select.select([self._process.stdout], [], [], seconds)[0]:
            return float(self._read())
        self._process.kill()
        return None

    def _read(self) -> Any:
        line = self._process.stdout.readline() if self._process.stdout is not None else b""
        if not line:
            raise SetupError(f"{self._process.args!r} ended with {self._process.wait()} instead of an answer")
        return json.loads(line)

    def close(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        """Return the program."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.close()


class Peers:
    """Starts what we are compared with, installing it when it is first asked for; ends it all at the end."""

    def __init__(self, *, enabled: bool) -> None:
        """Give out programs, or with ``enabled=False`` none."""
        self._enabled = enabled
        self._running: list[Program] = []

    def __enter__(self) -> Self:
        """Return the peers."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all programs."""
        for program in self._running:
            program.close()

    def ours(self, name: str, *arguments: object) -> Program:
        """Start one of our own programs in a process of its own: for memory, and for first times."""
        return self._start([sys.executable, "-m", f"scripts._bench.programs.{name}", *map(str, arguments)])

    def plain(self, name: str, *arguments: object) -> Program:
        """Start a program that needs the standard library only, in as small a process as there is."""
        return self._start([sys.executable, "-I", "-S", PROGRAMS / f"{name}.py", *map(str, arguments)])

    def python(self, name: str, *arguments: object) -> Program | Absent:
        """Start a program on the Python packages of ``requirements/bench.txt``."""
        if not self._enabled:
            return QUICK
        python = _python_environment()
        return self._start([python, "-I", PROGRAMS / f"{name}.py", *map(str, arguments)])

    def script(self, name: str) -> Path:
        """Return a command that one of those packages brings."""
        return _python_environment().parent / name

    def go(self, name: str, *arguments: object) -> Program | Absent:
        """Start a program on golang.org/x/mod, where Go and Debian's sources of it are there."""
        if not self._enabled:
            return QUICK
        built = _build_go(name)
        return built if isinstance(built, Absent) else self._start([built, *map(str, arguments)])

    def eas(self) -> dict[str, Any] | Absent:
        """Return the compiled contracts of the Ethereum Attestation Service, by name."""
        return _eas_artifacts() if self._enabled else QUICK

    def _start(self, command: Sequence[str | Path]) -> Program:
        program = Program(command, child_environment())
        self._running.append(program)
        return program


def asked(program: Program | Absent, what: str, question: str, figure: Callable[[float], float]) -> Side | Absent:
    """Return the side that asks a program, which answers with seconds, and makes a figure of the answer."""
    if isinstance(program, Absent):
        return program
    return Side(what, lambda: figure(program.number(question)))


def _python_environment() -> Path:
    folder = FOLDER / "venv"
    python = folder / "bin" / "python"
    wanted = {"list": digest("requirements/bench.txt"), "python": platform.python_version(), "root": str(ROOT)}
    if read_stamp(folder) == wanted:
        return python
    say("installing requirements/bench.txt into .bench/venv")
    with set_up_lock():
        if folder.exists():
            drop_stamp(folder)
            shutil.rmtree(folder)
        base = getattr(sys, "_base_executable", None) or sys.executable
        _tool([base, "-I", "-m", "venv", str(folder)])
        _tool([str(python), "-I", "-m", "pip", "install", "-q", "--require-hashes", "-r", "requirements/bench.txt"])
        write_stamp(folder, wanted)
    return python


def _tool(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = run_tool(command, environment)
    if done.returncode != 0:
        raise SetupError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")
    return done.stdout


def _build_go(name: str) -> Path | Absent:
    """Build a program from the library as it lies on the disk: no module, no download."""
    go = os.environ.get("NOTARY_GO") or shutil.which("go")
    libraries = Path(os.environ.get("NOTARY_GOPATH") or GO_LIBRARIES)
    if go is None or not (libraries / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        return Absent("Go with golang.org/x/mod is not installed: scripts/test --only interop says how")
    program = FOLDER / "go" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    settings = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(FOLDER / "go"),
        "GOCACHE": str(FOLDER / "go" / "cache"),
        "GO111MODULE": "off",
        "GOPATH": str(libraries),
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOTELEMETRY": "off",
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    _tool([go, "build", "-o", str(program), str(PROGRAMS / f"{name}.go")], settings)
    return program


def _eas_artifacts() -> dict[str, Any] | Absent:
    """Fetch one npm package, without what it depends on, and take from it only what is JSON."""
    import tarfile

    npm = shutil.which("npm")
    if npm is None:
        return Absent("the contracts of EAS come from npm, which is not on PATH")
    folder = FOLDER / "eas"
    folder.mkdir(parents=True, exist_ok=True)
    found = sorted(folder.glob("*.tgz"))
    if not found:
        say(f"fetching {EAS}")
        _tool([npm, "pack", "--silent", "--pack-destination", str(folder), EAS])
        found = sorted(folder.glob("*.tgz"))
    data = found[0].read_bytes()
    if "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode() != EAS_INTEGRITY:
        found[0].unlink()
        raise SetupError(f"{EAS} is not the package that was expected; it was thrown away")
    with tarfile.open(found[0]) as archive:
        names = {name: f"package/artifacts/contracts/{name}.sol/{name}.json" for name in ("EAS", "SchemaRegistry")}
        members = {name: archive.extractfile(path) for name, path in names.items()}
        return {name: json.load(member) for name, member in members.items() if member is not None}
