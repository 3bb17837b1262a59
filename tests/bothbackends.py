"""Fixtures that run every test of a folder on both backends; a ``conftest.py`` imports them.

``@pytest.mark.only_on("sqlite")`` is for what is about one of them: its file, its messages.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import backends


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Give a test the backends that it is for."""
    names = [backends.SQLITE_NAME, backends.POSTGRESQL_NAME]
    marked = metafunc.definition.get_closest_marker("only_on")
    metafunc.parametrize("backend", marked.args if marked else names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the backend that the test runs on."""
    name = getattr(request, "param", backends.SQLITE_NAME)
    with backends.chosen(name):
        yield name


@pytest.fixture(autouse=True)
def _databases_dropped(backend: str) -> Iterator[None]:
    with backends.databases_dropped():
        yield


@pytest.fixture(scope="session", autouse=True)
def _server_ended() -> Iterator[None]:
    yield
    backends.BACKENDS.close()
