"""The same way on a node of another house."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from notary.compose import open_services
from notary.core.verify import Verdict
from notary.service.read import PublicState
from tests.faults import hardhat
from tests.node import logs

pytestmark = pytest.mark.node


@pytest.fixture
def second() -> Iterator[hardhat.Hardhat]:
    """A fresh node of Hardhat's."""
    with hardhat.running() as node:
        yield node


def test_a_submission_becomes_final_and_its_bundle_verifies(tmp_path: Path, second: hardhat.Hardhat) -> None:
    services = open_services(logs.settings(logs.make_log(tmp_path / "log", second)))
    with logs.working(services):
        services.ensure_manifest()
        tenant = logs.publisher(services)
        leaf = logs.submit(services, tenant, 1)
        logs.until(lambda: logs.state(services, leaf) is not PublicState.PENDING)
        logs.finalize(second, services, leaf)
        assert logs.verdict(services, second, leaf) is Verdict.MATCH
        details = services.reader.details(leaf)
        states = [event.state.value for event in details.anchors[0].events]
        assert states == ["queued", "prepared", "maybe-sent", "included", "final", "proven"]
    services.close()
