"""A clock that goes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from notary.errors import Overloaded
from notary.service.health import HealthState
from tests.faults import invariants
from tests.faults.conftest import Faults
from tests.faults.house import HOUR_MS, house
from tests.node import logs
from tests.node.anvil import Anvil

pytestmark = [pytest.mark.node, pytest.mark.scenario(22)]


def test_nothing_is_accepted_at_a_time_before_the_last_entrys(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.clock.by = -HOUR_MS
        for number in (2, 3):
            with pytest.raises(Overloaded) as caught:
                logs.submit(made.services, made.tenant, number)
            assert caught.value.code == "clock-went-back"
            faults.count("an hour back")
        assert "clock-went-back" in [reason.code for reason in made.services.health.health().reasons]
        assert made.services.health.health().state is HealthState.FAILING
        made.tick()
        node.mine()
        made.clock.by = 0
        made.submit(2)
        made.settle()
        invariants.check(made)
