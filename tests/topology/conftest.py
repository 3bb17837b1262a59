"""The topology that `docker-compose.yml` has, as plain processes on loopback: one for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node import anvil
from tests.topology import proxy
from tests.topology.town import Town, town


@pytest.fixture(autouse=True)
def _programs_installed() -> None:
    if anvil.program() is None:
        pytest.fail("this test needs anvil: run npm ci, or set NOTARY_ANVIL")
    if proxy.program() is None:
        pytest.fail("this test needs nginx: scripts/test installs it, or set NOTARY_NGINX")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Town]:
    """Proxy, two web servers, two workers, PostgreSQL and a node, which all go with the test."""
    with town(tmp_path) as made:
        yield made
