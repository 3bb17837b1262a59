"""`notary audit` as a command: bad arguments, bad servers, and a run that is killed and goes on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notary.core.jcs import dumps
from notary.storage.auditmemory import AuditMemory
from tests.auditing import BookLog
from tests.endpoint import Request, Script, always, answer, serve
from tests.program import call, environment
from tests.worlds import ORIGIN

# An audit remembers in a file of its own, whatever the log is kept in.
pytestmark = pytest.mark.only_on("sqlite")

PAGE = b"<!DOCTYPE html><html><body>Sorry</body></html>"
# Keeps what it has after each tile, so that a small log has something to go on from, and says so.
PROGRAM = """
import sys
from notary.audit import run
from notary.cli.main import main
from notary.storage.auditmemory import AuditMemory

save = AuditMemory.save

def said(memory, progress):
    save(memory, progress)
    print("kept", flush=True)

run.SAVE_EVERY, AuditMemory.save = 1, said
sys.exit(main())
"""


@pytest.fixture
def log() -> BookLog:
    return BookLog().fill(1100)


@pytest.fixture
def trust(log: BookLog, tmp_path: Path) -> Path:
    path = tmp_path / "trust.json"
    path.write_bytes(log.trust().encode())
    return path


def script_of(log: BookLog, *, before: Callable[[str], None] = lambda _path: None) -> Script:
    def script(connection: socket.socket, request: Request) -> None:
        path = request.line.split(" ")[1].removeprefix("/log/")
        before(path)
        connection.sendall(answer(log.served(path)))

    return script


@contextmanager
def served(log: BookLog) -> Iterator[str]:
    with serve(script_of(log)) as endpoint:
        yield f"{endpoint.url}/log"


def test_a_log_without_a_chain_asked(log: BookLog, trust: Path) -> None:
    with served(log) as url:
        done = call("audit", url, "--trust", trust)
    assert done.code == 3
    assert done.out.startswith(b"cannot-check: ")
    assert b"  pass       tree         The root of all 1100 entries, recomputed, is the signed one.\n" in done.out
    assert b"  unchecked  chain        No endpoint was given" in done.out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["ftp://log.example"], "bad-log-url"),
        (["http://u:p@log.example/log"], "bad-log-url"),
        (["http://127.0.0.1:1/log", "--rpc", "node.example"], "bad-endpoint"),
    ],
)
def test_addresses_that_are_none(trust: Path, options: list[str], code: str) -> None:
    done = call("audit", options[0], "--trust", trust, *options[1:])
    assert (done.code, done.out) == (2, b"")
    assert f"({code})" in done.err


@pytest.mark.parametrize("content", [b"", b"{}", PAGE, dumps({"spec": "notary-trust/1"})])
def test_a_trust_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "trust.json").write_bytes(content)
    done = call("audit", "http://127.0.0.1:1/log", "--trust", tmp_path / "trust.json")
    assert (done.code, done.out) == (2, b"")


def test_a_state_file_that_is_none(log: BookLog, trust: Path, tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(PAGE * 100)
    done = call("audit", "http://127.0.0.1:1/log", "--trust", trust, "--state", tmp_path / "state")
    assert (done.code, done.out) == (2, b"")
    assert "(not-a-state-file)" in done.err
    assert (tmp_path / "state").read_bytes() == PAGE * 100


def test_a_state_file_in_use(trust: Path, tmp_path: Path) -> None:
    memory = AuditMemory(tmp_path / "state", origin=ORIGIN)
    done = call("audit", "http://127.0.0.1:1/log", "--trust", trust, "--state", tmp_path / "state")
    memory.close()
    assert (done.code, done.out) == (3, b"")
    assert "(state-busy)" in done.err


def test_nobody_answers(trust: Path) -> None:
    done = call("audit", "http://127.0.0.1:1/log", "--trust", trust, "--rpc", "http://127.0.0.1:1", "--json")
    assert (done.code, done.json["verdict"], done.json["log"]) == (3, "cannot-check", None)
    codes = {one["name"]: one["code"] for one in done.json["checks"]}
    assert (codes["checkpoint"], codes["chain"]) == ("endpoint-unreachable", "endpoint-failed")


def test_the_address_of_the_service_instead_of_the_log(trust: Path) -> None:
    with serve(always(answer(b"", status="404 Not Found"))) as endpoint:
        done = call("audit", endpoint.url, "--trust", trust)
    assert done.code == 3
    assert b"try LOG_URL/log" in done.out


def test_a_page_instead_of_a_checkpoint(trust: Path) -> None:
    with serve(always(answer(PAGE))) as endpoint:
        done = call("audit", endpoint.url, "--trust", trust, "--json")
    assert (done.code, done.json["checks"][0]["code"]) == (3, "no-signature")


def test_a_killed_run_goes_on(log: BookLog, trust: Path, tmp_path: Path) -> None:
    state, never = tmp_path / "state", threading.Event()

    def before(path: str) -> None:
        if path == "tile/0/003":
            never.wait(30)

    with serve(script_of(log, before=before)) as endpoint:
        options = ("audit", f"{endpoint.url}/log", "--trust", str(trust), "--state", str(state))
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *options], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            # The checkpoint, then the three bundles in front of the one that is not answered.
            assert [process.stdout.readline() for _ in range(4)] == [b"kept\n"] * 4
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            never.set()
    log.asked.clear()
    with served(log) as url:
        done = call("audit", url, "--trust", trust, "--state", state, "--json")
    assert (done.code, done.json["log"]["size"], done.json["counts"]["entries"]) == (3, 1100, 1099)
    assert "tile/entries/003" in log.asked
    assert not {"tile/entries/000", "tile/entries/001", "tile/entries/002"} & {*log.asked}
