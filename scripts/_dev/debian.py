"""Debian's packages, for what no lock file of ours brings: installed only as root, and said so."""

from __future__ import annotations

import os
import shutil

from scripts._dev.lock import run_tool
from scripts._dev.paths import child_environment
from scripts._dev.say import SetupError, saying


def may_install() -> bool:
    """Tell whether this is a Debian, or one of its kind, where we are root."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install(*packages: str) -> None:
    """Install packages with apt-get; only where :func:`may_install`."""
    names = " and ".join(packages)
    with saying(f"installing Debian's {'package' if len(packages) == 1 else 'packages'} {names} with apt-get"):
        _apt("update", "-q")
        _apt("install", "-q", "-y", "--no-install-recommends", *packages)


def _apt(*arguments: str) -> None:
    command = [shutil.which("apt-get") or "apt-get", *arguments]
    done = run_tool(command, child_environment() | {"DEBIAN_FRONTEND": "noninteractive"})
    if done.returncode != 0:
        raise SetupError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")
