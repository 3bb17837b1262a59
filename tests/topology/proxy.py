"""nginx with the very configuration that the deployment ships; only names, ports and folders are put in."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.served import await_that
from tests.webserver import free_port

SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx.conf"
_WAIT = 30.0


def program() -> str | None:
    """Return the path of nginx, or None where there is none."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    return os.environ.get("NOTARY_NGINX") or shutil.which("nginx", path=path)


def configured(folder: Path, *, port: int, servers: Sequence[str]) -> str:
    """Return the shipped configuration for these servers; everything it writes goes into the folder."""
    text = SHIPPED.read_text("utf-8")
    changes = {
        # First: the folder may itself be in it.
        " /tmp/": f" {folder}/",
        "/var/cache/nginx/": f"{folder}/cache/",
        "listen 8080;": f"listen 127.0.0.1:{port};",
        **{f"server web-{number}:8080 ": f"server {one} " for number, one in enumerate(servers, 1)},
    }
    for old, new in changes.items():
        assert old in text, f"{SHIPPED.name} no longer has {old!r}"
        text = text.replace(old, new)
    return text


@contextmanager
def running(folder: Path, servers: Sequence[str]) -> Iterator[str]:
    """Run the proxy in front of the servers until the block ends; gives its address."""
    nginx = program()
    assert nginx is not None
    (folder / "cache").mkdir(parents=True)
    port = free_port()
    config, pid = folder / "nginx.conf", folder / "nginx.pid"
    config.write_text(configured(folder, port=port, servers=servers), "utf-8")
    # As root it would give its work to a user who may not read the test's folder.
    mode = "daemon off;" if os.geteuid() else "daemon off; user root;"
    with (folder / "nginx.log").open("ab") as log:
        command = [nginx, "-p", str(folder), "-c", str(config), "-g", mode]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        await_that(lambda: process.poll() is not None or pid.exists(), seconds=_WAIT, what="nginx")
        assert process.poll() is None, (folder / "nginx.log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(_WAIT)
