"""Go and its library golang.org/x/mod for the interop tests: what is there already, or Debian's packages."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from scripts._dev import debian
from scripts._dev.say import SetupError

DEBIAN_LIBRARIES = Path("/usr/share/gocode")
LIBRARY = Path("src", "golang.org", "x", "mod", "sumdb", "tlog")


@dataclass(frozen=True)
class Go:
    """The go command, and the folder (a GOPATH) in whose ``src`` the library lies."""

    command: str
    libraries: Path


def toolchain() -> Go:
    """Give Go and the library, installing Debian's packages of those that are missing when we may."""
    go, libraries = _command(), _libraries()
    missing = [name for name, found in (("golang-go", go), ("golang-golang-x-mod-dev", libraries)) if found is None]
    if missing:
        if not debian.may_install():
            raise SetupError(
                "the interop tests need Go 1.18 or newer and the sources of its library golang.org/x/mod. Install\n"
                f"them (Debian: apt-get install {' '.join(missing)}), or name the go command in NOTARY_GO and, in\n"
                f"NOTARY_GOPATH, a folder that has {LIBRARY.parent.parent}, and start again."
            )
        debian.install(*missing)
        go, libraries = _command(), _libraries()
    if go is None or libraries is None:
        raise SetupError(
            f"apt-get installed {' and '.join(missing)}, but there is still no 'go' on PATH or no {LIBRARY}\n"
            f"in {DEBIAN_LIBRARIES}"
        )
    return Go(go, libraries)


def _command() -> str | None:
    return os.environ.get("NOTARY_GO") or shutil.which("go")


def _libraries() -> Path | None:
    folder = Path(os.environ.get("NOTARY_GOPATH") or DEBIAN_LIBRARIES)
    return folder if (folder / LIBRARY).is_dir() else None
