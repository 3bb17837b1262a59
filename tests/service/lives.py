"""The lives of processes that are killed at a point of theirs, read from outside (they die by :mod:`tests.killing`)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


@dataclass
class Life:
    """What a victim said: the names of the writes it passed, with its phase, and how it ended."""

    points: list[tuple[str, str]] = field(default_factory=list)
    accepted: dict[str, bytes] = field(default_factory=dict)
    published: list[bytes] = field(default_factory=list)
    code: int = 0

    @classmethod
    def read(cls, lines: Iterator[str]) -> Life:
        """Read what one victim says, up to its end."""
        life, phase = cls(), ""
        for line in lines:
            match line.split():
                case ["phase", phase]:
                    pass
                case ["point", name]:
                    life.points.append((phase, name))
                case ["accepted", key, leaf]:
                    life.accepted[key] = bytes.fromhex(leaf)
                case ["published", note]:
                    life.published.append(bytes.fromhex(note))
                case ["ended", code]:
                    life.code = int(code)
                    return life
        raise AssertionError("the process that forks has ended")


@contextmanager
def victims(module: str, errors: Path) -> Iterator[Callable[[Path, int, str], Life]]:
    """Give what lets one victim of ``module`` after the other live, in a data directory and killed at a point."""
    with (
        errors.open("wb") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
            cwd=REPOSITORY,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        asked, said = process.stdin, process.stdout

        def live(root: Path, at: int, when: str) -> Life:
            asked.write(f"{root} {at} {when}\n")
            asked.flush()
            return Life.read(iter(said))

        yield live
        asked.close()
        assert process.wait(10) == 0
    assert errors.read_text() == ""
