"""The ledger of faults: every test here says which scenario it is about and how often its fault fired.

A test whose fault never fired has shown nothing and fails. At the end the whole table is printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import pytest

from tests.faultproxy import Fault
from tests.faults.scenarios import SCENARIOS
from tests.node import anvil

_LINES: Final[pytest.StashKey[dict[tuple[int, str], Counter[str]]]] = pytest.StashKey()


@dataclass
class Faults:
    """What one test made happen."""

    scenario: int
    fired: Counter[str] = field(default_factory=Counter)

    def count(self, name: str, times: int = 1) -> None:
        """Say that a fault fired."""
        self.fired[name] += times

    def take(self, *faults: Fault) -> None:
        """Count what faults of a proxy did."""
        for fault in faults:
            self.count(fault.name, fault.fired)


def pytest_configure(config: pytest.Config) -> None:
    """Open the ledger."""
    config.stash[_LINES] = {}


@pytest.fixture
def faults(request: pytest.FixtureRequest) -> Iterator[Faults]:
    """Count this test's faults; it fails when there were none."""
    marker = request.node.get_closest_marker("scenario")
    assert marker is not None, "a test of faults says which scenario it is about: @pytest.mark.scenario(N)"
    number = marker.args[0]
    assert number in SCENARIOS
    made = Faults(number)
    yield made
    request.config.stash[_LINES][number, request.node.nodeid.partition("/faults/")[2]] = made.fired
    assert made.fired, "no fault fired: nothing was shown"
    assert all(count > 0 for count in made.fired.values()), made.fired


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    lines = config.stash[_LINES]
    if not lines:
        return
    terminalreporter.section("faults that fired")
    for number, title in SCENARIOS.items():
        terminalreporter.line(f"{number:>3}  {title}")
        for (of, test), fired in sorted(lines.items()):
            if of == number:
                told = ", ".join(f"{name} x{count}" for name, count in sorted(fired.items()))
                terminalreporter.line(f"       {test}: {told}")


@pytest.fixture
def start_anvil() -> Iterator[Callable[..., anvil.Anvil]]:
    """Start nodes that end with the test: ``start_anvil(epoch=4)``."""
    with ExitStack() as stack:

        def start(arguments: Sequence[str] = (), *, port: int | None = None, epoch: int = 1) -> anvil.Anvil:
            return stack.enter_context(anvil.running(arguments, port=port, epoch=epoch))

        yield start


@pytest.fixture
def node(start_anvil: Callable[..., anvil.Anvil]) -> anvil.Anvil:
    """A fresh node that mines each transaction at once."""
    return start_anvil()
