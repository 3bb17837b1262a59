"""What the demo and each stage of the tests stand on, brought about in one call each."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scripts._dev import assets, node, venv
from scripts._dev.lock import set_up_lock
from scripts._dev.paths import VENV, child_environment

if TYPE_CHECKING:
    from collections.abc import Iterable


def ensure(layers: Iterable[str], *, node_tools: bool, development: bool = False) -> None:
    """Bring about the named layers of ``.venv`` and, if asked, ``node_modules`` and what is built with it.

    When all is in place this reads a few small files and takes no lock.
    """
    wanted = tuple(layers)
    if not _all_current(wanted, node_tools=node_tools, development=development):
        with set_up_lock():
            venv.ensure(wanted)
            if node_tools:
                node.ensure(development=development)
                assets.ensure(node.executable())
    venv.compile_sources()


def _all_current(layers: Iterable[str], *, node_tools: bool, development: bool) -> bool:
    built = not node_tools or (node.is_current(development=development) and assets.is_current())
    return built and venv.is_current(layers)


def environment(*, node_tools: bool) -> dict[str, str]:
    """Give the environment for the project's own programs: ``.venv`` first on PATH, then the Node.js in use."""
    result = child_environment()
    folders = [str(VENV / "bin")]
    if node_tools:
        folders.append(str(node.executable().parent))
        result["NOTARY_ANVIL"] = str(node.native_binary("anvil"))
    result["PATH"] = os.pathsep.join([*folders, result.get("PATH", os.defpath)])
    return result
