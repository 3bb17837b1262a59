"""A log made, served and submitted to with nothing but what the wheel installs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from notary.net.http import request
from tests.install.conftest import environment
from tests.served import started
from tests.webserver import free_port
from tests.worlds import TEXT, text_digest

if TYPE_CHECKING:
    from tests.install.conftest import Installed

pytestmark = pytest.mark.timeout(600)


def test_a_log_from_the_first_command_to_the_bundle(installed: Installed) -> None:
    folder, port = installed.folder, free_port()
    made = installed.run("notary", "init", "log", "--origin", "notary.example/log/installed", "--development")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith(b"notary.example/log/installed+")
    key = installed.run("notary", "apikey", "new", "Roads office", "--data", "log")
    assert key.returncode == 0, key.stderr
    (folder / "publisher.key").write_bytes(key.stdout)
    (folder / "article.txt").write_text(TEXT)

    line = [str(installed.bin / "notary"), "serve", "--data", "log", "--port", str(port)]
    with started(line, folder / "serve.log", port=port, cwd=folder, env=environment()) as served:
        served.await_healthy()
        # Every process runs what was installed.
        assert all(str(installed.bin) in one.command for one in served.processes() if "notary" in one.command)
        options = ["--server", served.url, "--key-file", "publisher.key"]
        done = installed.run("notary", "submit", *options, "article.txt")
        assert done.returncode == 0, done.stderr
        assert re.fullmatch(rb"[0-9a-f]{64}\n", done.stdout)
        leaf = done.stdout.decode().strip()
        for path, name in (
            (f"/api/v1/entries/{leaf}/bundle", "a.bundle.json"),
            ("/.well-known/notary-log.json", "trust.json"),
            (f"/e/{leaf}", "page.html"),  # templates and style sheet came with the wheel
            ("/static/notary.css", "notary.css"),
        ):
            answer = request("GET", served.url + path, timeout=20, max_bytes=1 << 20)
            assert answer.status == 200, (path, answer.body[:500])
            (folder / name).write_bytes(answer.body)
        assert served.stop() == 0

    checked = installed.run(
        "notary", "verify", "a.bundle.json", "--trust", "trust.json", "--copy", "article.txt", "--offline", "--json"
    )
    report = json.loads(checked.stdout)
    # No chain was named, so nothing is anchored; everything else is as it must be.
    assert (checked.returncode, report["verdict"]) == (3, "pending")
    statuses = {check["name"]: check["status"] for check in report["checks"]}
    assert {name for name, status in statuses.items() if status == "pass"} >= {"record", "text", "copy"}
    assert "fail" not in statuses.values()
    assert text_digest().sha256.hex() in (folder / "a.bundle.json").read_text("utf-8")
