"""A process that is started again whenever it ends, as systemd or a container engine would."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.served import STOP_SECONDS, Process, descendants


class Unit:
    """One supervised process."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Start it, and start it again until :meth:`stop`."""
        self.name = name
        self.output = folder / f"{name}.log"
        self.ends: list[int] = []
        self._command = command
        self._folder = folder
        self._environment = environment
        self._stopping = False
        self.process = self._start()
        self._watch = threading.Thread(target=self._restart, name=name)
        self._watch.start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _restart(self) -> None:
        while True:
            code = self.process.wait()
            if self._stopping:
                return
            self.ends.append(code)
            self.process = self._start()

    @property
    def said(self) -> str:
        """All that it and its processes wrote."""
        return self.output.read_text("utf-8")

    def below(self, part: str) -> list[Process]:
        """Return its living processes whose command line has ``part`` in it, parents first."""
        found = []
        for one in descendants(self.process.pid):
            with suppress(FileNotFoundError):
                if one.alive and part in one.command:
                    found.append(one)
        return found

    def stop(self) -> None:
        """End it for good."""
        self._stopping = True
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._watch.join(STOP_SECONDS)
