"""Chromium for the browser tests: the one on PATH, or Debian's package."""

from __future__ import annotations

import os
import shutil

from scripts._dev.lock import run_tool
from scripts._dev.paths import child_environment
from scripts._dev.say import SetupError, saying

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def chromium() -> str:
    """Give the path of a Chromium, installing Debian's when there is none and we may."""
    found = _find()
    if found is not None:
        return found
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise SetupError(
            "the browser tests need Chromium. Install it so that 'chromium' is on PATH\n"
            "(Debian: apt-get install chromium), or name one in NOTARY_CHROMIUM, and start again."
        )
    with saying("installing Debian's package chromium with apt-get"):
        environment = child_environment() | {"DEBIAN_FRONTEND": "noninteractive"}
        _apt([apt, "update", "-q"], environment)
        _apt([apt, "install", "-q", "-y", "--no-install-recommends", "chromium"], environment)
    found = _find()
    if found is None:
        raise SetupError("apt-get installed the package chromium, but there is still no 'chromium' on PATH")
    return found


def _find() -> str | None:
    named = os.environ.get("NOTARY_CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)


def _apt(command: list[str], environment: dict[str, str]) -> None:
    done = run_tool(command, environment)
    if done.returncode != 0:
        raise SetupError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")
