"""Fixtures for tests against a real node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest

from tests import bothbackends
from tests.bothbackends import _databases_dropped, _server_ended, backend
from tests.node import anvil

__all__ = ["_databases_dropped", "_server_ended", "backend"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what the worker does on both backends; the rest does not depend on them."""
    if "test_worker" in metafunc.module.__name__:
        bothbackends.parametrize(metafunc)


@pytest.fixture(autouse=True)
def _anvil_installed() -> None:
    if anvil.program() is None:
        pytest.fail("these tests need anvil: run npm ci, or set NOTARY_ANVIL")


@pytest.fixture
def start_anvil() -> Iterator[Callable[..., anvil.Anvil]]:
    """Start nodes that end with the test: ``start_anvil(["--no-mining"])``."""
    with ExitStack() as stack:

        def start(arguments: Sequence[str] = (), *, port: int | None = None) -> anvil.Anvil:
            return stack.enter_context(anvil.running(arguments, port=port))

        yield start


@pytest.fixture
def node(start_anvil: Callable[..., anvil.Anvil]) -> anvil.Anvil:
    """A fresh node that mines each transaction at once."""
    return start_anvil()
