"""The Python environment in ``.venv``: built from the hash-locked lists, rebuilt when half-made or out of date."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from typing import TYPE_CHECKING, Any

from scripts._dev.lock import run_tool
from scripts._dev.paths import (
    ROOT,
    VENV,
    VENV_PYTHON,
    digest,
    drop_stamp,
    read_stamp,
    write_stamp,
)
from scripts._dev.say import SetupError, say, saying

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LAYERS = ("run", "build", "node", "test")
"""Names of the lists under ``requirements/``; ``test`` holds ``run`` and ``build`` as well."""

BASE_LAYERS = ("run", "build")

FORMAT = 1

UNREACHABLE = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "SSLError",
    "Max retries exceeded",
    "ProtocolError",
)


def is_current(layers: Iterable[str] = BASE_LAYERS) -> bool:
    """Tell whether ``.venv`` is finished, belongs to this folder and Python, and holds the named layers as locked."""
    stamp = read_stamp(VENV)
    return stamp is not None and _base_fits(stamp) and not _missing(stamp, layers) and _project_fits(stamp)


def ensure(layers: Iterable[str] = BASE_LAYERS) -> None:
    """Make ``is_current(layers)`` true with the least work; the caller holds the set-up lock."""
    wanted = [name for name in LAYERS if name in {*BASE_LAYERS, *layers}]
    stamp = read_stamp(VENV)
    if stamp is None or not _base_fits(stamp):
        stamp = _create()
    missing = _missing(stamp, wanted)
    if not missing and _project_fits(stamp):
        return
    drop_stamp(VENV)
    _install(_without_covered(missing))
    if not _project_fits(stamp):
        _install_project()
    for name in missing:
        stamp["layers"][name] = _layer_digest(name)
    stamp["project"] = digest("pyproject.toml")
    write_stamp(VENV, stamp)


def compile_sources() -> None:
    """Keep the byte code of the work tree, as an installed package has it, even where Python is told not to write any.

    Otherwise every start of the program compiles it anew, which takes longer than a verification. What cannot be
    compiled is left to the program to complain about.
    """
    run_tool([str(VENV_PYTHON), "-I", "-m", "compileall", "-q", str(ROOT / "notary")])


def _layer_digest(name: str) -> str:
    return digest(f"requirements/{name}.txt")


def _base_fits(stamp: dict[str, Any]) -> bool:
    """Tell whether what is there can be built upon; a list that changed means a rebuild, so no old package lingers."""
    layers = stamp.get("layers")
    return (
        stamp.get("format") == FORMAT
        and stamp.get("root") == str(ROOT)
        and stamp.get("python") == platform.python_version()
        and os.access(VENV_PYTHON, os.X_OK)
        and isinstance(layers, dict)
        and all(name in LAYERS and value == _layer_digest(name) for name, value in layers.items())
    )


def _missing(stamp: dict[str, Any], layers: Iterable[str]) -> list[str]:
    return [name for name in layers if name not in stamp["layers"]]


def _project_fits(stamp: dict[str, Any]) -> bool:
    return stamp.get("project") == digest("pyproject.toml")


def _without_covered(layers: Sequence[str]) -> list[str]:
    return [name for name in layers if not ("test" in layers and name in BASE_LAYERS)]


def _create() -> dict[str, Any]:
    """Make an empty environment in place of whatever is there, and give the stamp it will have."""
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        say("the .venv here is half-made or out of date: building it anew")
        shutil.rmtree(VENV)
    # The interpreter that runs this may be the one in the folder just removed, so ask the one it was made from.
    base = getattr(sys, "_base_executable", None) or sys.executable
    version = platform.python_version()
    with saying(f"creating .venv with Python {version} ({base})"):
        done = run_tool([base, "-I", "-m", "venv", str(VENV)])
    if done.returncode != 0:
        minor = ".".join(version.split(".")[:2])
        raise SetupError(
            f"{base} could not make a virtual environment:\n{_tail(done.stdout)}\n"
            f"If its ensurepip or venv module is missing, install it; on Debian or Ubuntu, as root:\n"
            f"    apt-get install python{minor}-venv"
        )
    return {"format": FORMAT, "root": str(ROOT), "python": version, "layers": {}}


def _install(layers: Sequence[str]) -> None:
    if not layers:
        return
    lists = [f"requirements/{name}.txt" for name in layers]
    with saying(f"installing the Python packages of {', '.join(lists)} into .venv"):
        command = ["install", "--quiet", "--require-hashes", "--prefer-binary"]
        for name in lists:
            command += ["--requirement", name]
        _pip(command)


def _install_project() -> None:
    """Install the work tree itself, in place: the command ``.venv/bin/notary`` runs the code as it stands here."""
    with saying("installing this work tree as .venv/bin/notary"):
        # Without isolation and without an index: the build tools are the locked ones, and nothing is fetched.
        _pip(["install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--editable", "."])


def _pip(arguments: Sequence[str]) -> None:
    done = run_tool([str(VENV_PYTHON), "-I", "-m", "pip", *arguments])
    if done.returncode == 0:
        return
    advice = "The list of hashes does not fit what the registry serves, or a package has no build for this machine."
    if any(word in done.stdout for word in UNREACHABLE):
        advice = (
            "The Python package registry could not be reached. Look at the network; behind a proxy or a mirror set\n"
            "https_proxy, PIP_INDEX_URL or PIP_CERT, as for any use of pip, and start again."
        )
    raise SetupError(f"pip could not install:\n{_tail(done.stdout)}\n{advice}")


def _tail(output: str, lines: int = 25) -> str:
    return "\n".join(f"    {line}" for line in output.strip().splitlines()[-lines:])
