"""The program ``notary`` as people meet it: an exit code, bytes on standard output, words on standard error.

:func:`notary` starts it as a process of its own; :func:`call` runs it inside this one, which is faster. Neither lets a
traceback pass: whatever the input, the program ends with a sentence.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notary.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 60


@dataclass(frozen=True)
class Done:
    """How a run ended."""

    code: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one line of JSON."""
        assert self.out.endswith(b"\n"), self
        assert self.out.count(b"\n") == 1, self
        return json.loads(self.out)


def command(*arguments: str | Path) -> list[str]:
    """Return what starts the program with these arguments."""
    return [sys.executable, "-m", "notary.cli", *map(str, arguments)]


def environment(**changes: str) -> dict[str, str]:
    """Return our environment without the caller's own settings of Notary, with ``changes``; code is this tree's."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NOTARY_")}
    return {**ours, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **changes}


def notary(
    *arguments: str | Path,
    stdin: bytes = b"",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Done:
    """Run the program to its end, in a process of its own."""
    done = subprocess.run(
        command(*arguments),
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(**(env or {})),
        timeout=seconds,
        check=False,
    )
    return _checked(Done(done.returncode, done.stdout, done.stderr.decode("utf-8")))


def call(*arguments: str | Path) -> Done:
    """Run the program to its end in this process; standard input is not for it."""
    with _captured() as (out, err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse ends so
            code = end.code if isinstance(end.code, int) else 1
    out.flush()
    err.flush()
    return _checked(Done(code, out.buffer.getvalue(), err.buffer.getvalue().decode("utf-8")))  # type: ignore[attr-defined]


@contextmanager
def _captured() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        yield out, err


def _checked(done: Done) -> Done:
    assert "Traceback" not in done.err, done.err
    assert "Exception ignored" not in done.err, done.err
    return done
