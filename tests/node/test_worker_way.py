"""The whole way of the data on a real node: submitted, integrated, anchored, final, and the bundle verifies."""

from __future__ import annotations

from pathlib import Path

import pytest

from notary.compose import open_services
from notary.core.verify import Verdict
from notary.service.read import PublicState
from tests.node import logs
from tests.node.anvil import Anvil

pytestmark = pytest.mark.node


def test_a_submission_becomes_final_and_its_bundle_verifies(tmp_path: Path, node: Anvil) -> None:
    services = open_services(logs.settings(logs.make_log(tmp_path / "log", node)))
    with logs.working(services):
        services.ensure_manifest()
        tenant = logs.publisher(services)
        leaf = logs.submit(services, tenant, 1)
        logs.until(lambda: logs.state(services, leaf) is not PublicState.PENDING)
        logs.finalize(node, services, leaf)
        assert logs.verdict(services, node, leaf) is Verdict.MATCH
        details = services.reader.details(leaf)
        assert [event.state.value for event in details.anchors[0].events] == [
            *("queued", "prepared", "maybe-sent", "included", "final", "proven")
        ]
    services.close()
