"""Fixtures for tests of the use cases on a real SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.locallog import LocalLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalLog]:
    """A log with a manifest and one publisher."""
    made = LocalLog(tmp_path / "log")
    yield made
    made.services.close()
