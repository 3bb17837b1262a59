"""A pytest plug-in: writes what a run really did to a file, and lets no skipped test pass for a tested one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

FILE_VARIABLE = "NOTARY_TEST_COUNTS"


class _Counter:
    """Counts every test once: passed, failed or skipped."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.failed: set[str] = set()
        self.skipped: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.add(report.nodeid)
        elif report.when == "call":
            # A strict expected failure counts as passed: it ran, and did what its mark says.
            self.passed.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.skipped:
            self.skipped.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and session.exitstatus == 0:
            session.exitstatus = 1
        counts = {
            "passed": len(self.passed - self.failed),
            "failed": len(self.failed),
            "skipped": sorted(self.skipped - self.failed),
        }
        Path(os.environ[FILE_VARIABLE]).write_text(json.dumps(counts), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Count, when the stages of scripts/test asked for it."""
    if FILE_VARIABLE in os.environ:
        config.pluginmanager.register(_Counter(), "notary-counter")
