"""Fixtures for tests of the use cases on a real database: every test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import bothbackends
from tests.bothbackends import _databases_dropped, _server_ended, backend
from tests.service.locallog import LocalLog

__all__ = ["_databases_dropped", "_server_ended", "backend"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test on both backends."""
    bothbackends.parametrize(metafunc)


@pytest.fixture
def log(backend: str, tmp_path: Path) -> Iterator[LocalLog]:
    """A log with a manifest and one publisher."""
    made = LocalLog(tmp_path / "log")
    yield made
    made.services.close()
