"""The Go program, built once, and logs for it to read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.servedlog import GoReader, ServedLog, build


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> GoReader:
    """The Go program."""
    return build(tmp_path_factory.mktemp("go"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedLog]:
    """A log with three old checkpoints and a partial tile at its edge, served."""
    with ServedLog.started(tmp_path_factory.mktemp("small")) as log:
        for size in (3, 256, 257, 600):
            log.grow(size)
        yield log
