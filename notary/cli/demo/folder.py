"""What the demonstration keeps where: the folder given with --data."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notary.cli import files
from notary.cli.demo.pages import SAME, PageCopy, PageSample
from notary.errors import UsageError

_MARKER = ".notary-demo"


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths below the folder."""

    root: Path

    @property
    def log(self) -> Path:
        """The log's data directory."""
        return self.root / "log"

    @property
    def chain(self) -> Path:
        """The development node's state."""
        return self.root / "chain"

    @property
    def trust(self) -> Path:
        """The trust file."""
        return self.root / "trust.json"

    @property
    def key(self) -> Path:
        """The publisher's API key."""
        return self.root / "publisher.key"

    @property
    def bundles(self) -> Path:
        """The bundles of the sample announcements."""
        return self.root / "bundles"

    @property
    def revisions(self) -> Path:
        """The bundles of the two announcements that were revised, before and after."""
        return self.root / "revisions"

    @property
    def samples(self) -> Path:
        """The sample announcements, as they were submitted."""
        return self.root / "samples"

    @property
    def altered(self) -> Path:
        """An altered copy of each sample, under the same name; of pages several, named for what was done to them."""
        return self.root / "altered"

    @property
    def copies(self) -> Path:
        """Copies of the sample pages that only look other."""
        return self.root / "copies"

    @property
    def summary(self) -> Path:
        """``demo.json``: written last, so who waits for it finds everything else there."""
        return self.root / "demo.json"

    def page_copy(self, sample: PageSample, copy: PageCopy) -> Path:
        """Return where a reader's copy of a page is; beside it, as ``….profile.json``, the profile it needs, if any."""
        return (self.copies if copy.group == SAME else self.altered) / copy.file_name(sample)

    def make(self) -> None:
        """Make the folders that are missing."""
        for folder in (self.bundles, self.revisions, self.samples, self.altered, self.copies):
            folder.mkdir(parents=True, exist_ok=True)

    def last_ports(self) -> dict[str, int]:
        """Return the ports used last time, so that addresses stay the same where they can."""
        try:
            value: Any = json.loads((self.root / _MARKER).read_bytes() or b"{}")
        except ValueError:
            return {}
        return {name: port for name, port in value.items() if isinstance(port, int)}

    def keep_ports(self, ports: dict[str, int]) -> None:
        """Remember the ports."""
        (self.root / _MARKER).write_text(json.dumps(ports), "utf-8")


@contextmanager
def open_folder(given: str | None, *, throw_away: bool) -> Iterator[Folder]:
    """Hold the demonstration's folder; it must be missing, empty, or from an earlier demonstration.

    Without a name it is a temporary one that goes away if ``throw_away``, else ``notary-demo`` in the current folder.
    Raises :class:`UsageError` rather than mix with other files, or with a demonstration that is running.
    """
    if given is None and throw_away:
        with tempfile.TemporaryDirectory(prefix="notary-demo-") as temporary, _claimed(Path(temporary)) as folder:
            yield folder
    else:
        with _claimed(Path(given or "notary-demo").absolute()) as folder:
            yield folder


@contextmanager
def _claimed(root: Path) -> Iterator[Folder]:
    try:
        root.mkdir(parents=True, exist_ok=True)
        if any(root.iterdir()) and not (root / _MARKER).exists():
            raise UsageError(
                f"{root} is neither empty nor of an earlier demonstration: name another with --data.",
                code="not-empty",
            )
        descriptor = os.open(root / _MARKER, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise UsageError(f"Cannot use {root}: {error.strerror}.", code="not-writable") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"A demonstration is running in {root} already.", code="locked") from None
        yield Folder(root)
    finally:
        os.close(descriptor)


def forget_half_made(folder: Folder) -> None:
    """Remove a data directory whose making was interrupted; nothing was logged in it yet."""
    if folder.log.exists() and not (folder.log / "format").exists():
        shutil.rmtree(folder.log)


def write_once(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file by rename unless it has that content already."""
    if not path.exists() or path.read_bytes() != data:
        files.write_file(path, data, mode=mode)
