"""Chromium for the browser tests: the one on PATH, or Debian's package."""

from __future__ import annotations

import os
import shutil

from scripts._dev import debian
from scripts._dev.say import SetupError

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def chromium() -> str:
    """Give the path of a Chromium, installing Debian's when there is none and we may."""
    found = _find()
    if found is not None:
        return found
    if not debian.may_install():
        raise SetupError(
            "the browser tests need Chromium. Install it so that 'chromium' is on PATH\n"
            "(Debian: apt-get install chromium), or name one in NOTARY_CHROMIUM, and start again."
        )
    debian.install("chromium")
    found = _find()
    if found is None:
        raise SetupError("apt-get installed the package chromium, but there is still no 'chromium' on PATH")
    return found


def _find() -> str | None:
    named = os.environ.get("NOTARY_CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)
