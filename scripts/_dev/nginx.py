"""nginx for the topology test: the one on PATH, or Debian's package."""

from __future__ import annotations

import os
import shutil

from scripts._dev import debian
from scripts._dev.say import SetupError


def nginx() -> str:
    """Give the path of nginx, installing Debian's when there is none and we may."""
    found = _find()
    if found is not None:
        return found
    if not debian.may_install():
        raise SetupError(
            "the topology test needs nginx 1.18 or newer. Install it (Debian: apt-get install nginx-light),\n"
            "or name one in NOTARY_NGINX, and start again."
        )
    debian.install("nginx-light")
    found = _find()
    if found is None:
        raise SetupError("apt-get installed the package nginx-light, but there is still no nginx")
    return found


def _find() -> str | None:
    # Debian puts it where only root looks for programs.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    return os.environ.get("NOTARY_NGINX") or shutil.which("nginx", path=path)
