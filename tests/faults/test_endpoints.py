"""Endpoints that lie, lose, stall and send rubbish."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notary.model import AnchorState
from tests.faults import invariants, proxy
from tests.faults.conftest import Faults
from tests.faults.house import House, house
from tests.faults.proxy import SEND, Fault
from tests.node.anvil import Anvil

pytestmark = [pytest.mark.node, pytest.mark.scenario(20)]


@pytest.mark.parametrize("name", ["forward_then_drop", "forward_then_502", "refuse"])
def test_a_send_of_unknown_outcome_is_looked_for_and_never_guessed(
    tmp_path: Path, node: Anvil, faults: Faults, name: str
) -> None:
    with house(tmp_path / "log", node) as made:
        [first] = made.proxies
        first.use(getattr(proxy, name), name=name, methods=(SEND,), times=1)
        made.submit(1)
        made.tick()
        assert made.state() is AnchorState.MAYBE_SENT
        [attempt] = made.attempts()
        made.restart()
        made.settle()
        faults.count(name, first.fired[name])
        assert [one.raw for one in made.attempts()] == [attempt.raw], "the same bytes, never a second nonce"
        invariants.check(made)
