"""The script of the container's first start, with the real program and a real anvil: once, and again without effect."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from notary.compose import open_services
from notary.core.verify import Verdict
from notary.datadir import DataDir
from tests.node import logs
from tests.node.anvil import Anvil
from tests.program import ROOT, environment

pytestmark = pytest.mark.node


def first_start(data: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = environment(NOTARY_DATA=str(data), ORIGIN=logs.ORIGIN, PATH=programs, **variables)
    script = ROOT / "deploy" / "first-start"
    return subprocess.run(["sh", script], env=env, capture_output=True, text=True, timeout=60, check=False)


def test_a_first_start_makes_a_log_that_anchors_and_a_second_one_leaves_it(tmp_path: Path, node: Anvil) -> None:
    data = tmp_path / "log"
    done = first_start(data, TRIAL_CHAIN=node.url)
    assert done.returncode == 0, done.stderr
    assert "proves nothing to others" in done.stderr
    made = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert first_start(data, TRIAL_CHAIN=node.url).returncode == 0
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == made
    settings = logs.settings(DataDir(data))
    assert settings.development
    with closing(open_services(settings)) as services, logs.working(services):
        services.ensure_manifest()
        leaf = logs.submit(services, logs.publisher(services), 1)
        logs.finalize(node, services, leaf)
        assert logs.verdict(services, node, leaf) is Verdict.MATCH


def test_a_first_start_without_a_chain_makes_a_log_that_waits_for_one(tmp_path: Path) -> None:
    data = tmp_path / "log"
    assert first_start(data).returncode == 0
    settings = logs.settings(DataDir(data))
    assert settings.chain is None
    assert not settings.development


def test_a_first_start_that_cannot_reach_the_node_says_so_and_goes_on_the_next_time(
    tmp_path: Path, node: Anvil
) -> None:
    data = tmp_path / "log"
    done = first_start(data, TRIAL_CHAIN="http://127.0.0.1:1")
    assert done.returncode == 3
    assert "endpoint-unreachable" in done.stderr
    assert "Traceback" not in done.stderr
    assert first_start(data, TRIAL_CHAIN=node.url).returncode == 0
    assert logs.settings(DataDir(data)).chain is not None
