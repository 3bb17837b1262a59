"""Where things lie in the work tree, and the digests that tell whether an installation is up to date."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
LOCK_FILE = ROOT / ".setup.lock"

STAMP_NAME = ".notary-setup.json"


def digest(*names: str) -> str:
    """Give one SHA-256 over the named files of the work tree, names included."""
    total = hashlib.sha256()
    for name in names:
        content = (ROOT / name).read_bytes()
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def read_stamp(folder: Path) -> dict[str, Any] | None:
    """Read the stamp that was written last into a finished installation; None for a missing or damaged one."""
    try:
        stamp = json.loads((folder / STAMP_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) else None


def write_stamp(folder: Path, stamp: dict[str, Any]) -> None:
    """Write the stamp in one step, so that a stamp that exists is whole."""
    part = folder / f"{STAMP_NAME}.part"
    part.write_text(json.dumps(stamp, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(folder / STAMP_NAME)


def drop_stamp(folder: Path) -> None:
    """Remove the stamp before touching an installation: if we die half-way, the next start sees it and rebuilds."""
    (folder / STAMP_NAME).unlink(missing_ok=True)


def child_environment() -> dict[str, str]:
    """Copy the environment without what would send an installation, or Python, somewhere else."""
    astray = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES"}
    kept = {name: value for name, value in os.environ.items() if name not in astray}
    return kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
