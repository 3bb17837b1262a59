"""The application under granian: what only a real server can show."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.weblog import TEXT, WebLog
from tests.webserver import Server, serving

pytestmark = pytest.mark.slow

PATH = "/api/v1/entries"


@pytest.fixture(scope="module")
def log(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    made = WebLog(Path(tmp_path_factory.mktemp("server")) / "data")
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(log: WebLog) -> Iterator[Server]:
    with serving(log.root, workers=2) as running:
        yield running


def exchange(server: Server, *parts: bytes) -> tuple[int, bytes]:
    """Send bytes over a socket of its own and return status and body of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as link:
        for part in parts:
            link.sendall(part)
        answer = b""
        while b"\r\n\r\n" not in answer:
            received = link.recv(65536)
            assert received, answer
            answer += received
        head, _, body = answer.partition(b"\r\n\r\n")
        length = next(int(x.split(b":")[1]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:"))
        while len(body) < length:
            received = link.recv(65536)
            assert received, body
            body += received
        return int(head.split(b" ", 2)[1]), body


def request(log: WebLog, *lines: str) -> bytes:
    """Return the head of a submission with further header lines."""
    head = ["POST /api/v1/entries HTTP/1.1", "Host: x", f"Authorization: Bearer {log.token}"]
    return "\r\n".join([*head, "Content-Type: application/json", *lines, "", ""]).encode()


def test_submitting_and_reading(log: WebLog, server: Server) -> None:
    body = json.dumps({"text": TEXT}).encode()
    status, answer = exchange(server, request(log, f"Content-Length: {len(body)}"), body)
    assert status == 201, answer
    leaf = json.loads(answer)["leaf_hash"]
    for path in ("/", f"/e/{leaf}", f"{PATH}/{leaf}", f"{PATH}/{leaf}/bundle", "/.well-known/notary-log.json"):
        status, headers, _ = server.get(path)
        assert status == 200, path
        assert "content-security-policy" in headers


def test_a_body_of_no_declared_length(log: WebLog, server: Server) -> None:
    body = json.dumps({"text": "Chunked\nBody."}).encode()
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    status, answer = exchange(server, request(log, "Transfer-Encoding: chunked"), chunked)
    assert status == 201, answer


def test_too_large_is_answered_before_the_body_is_sent(log: WebLog, server: Server) -> None:
    status, answer = exchange(server, request(log, "Content-Length: 9999999999"))
    assert (status, json.loads(answer)["code"]) == (413, "body-too-large")


def test_the_key_is_asked_for_before_the_body_is_sent(server: Server) -> None:
    status, answer = exchange(server, b"POST /api/v1/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
    assert (status, json.loads(answer)["code"]) == (401, "missing-key")


@pytest.mark.parametrize("path", ["//elsewhere.example/", "/e//x", "/%2e%2e/etc", "/static//etc/passwd", "/e/%ff%00"])
def test_strange_paths(server: Server, path: str) -> None:
    status, headers, _ = server.get(path)
    assert status == 404
    assert "location" not in headers


def test_it_stops_in_time_also_with_a_request_that_waits(log: WebLog) -> None:
    body = json.dumps({"text": "Waiting\nWhile it stops."}).encode()
    with serving(log.root) as running, socket.create_connection(("127.0.0.1", running.port), timeout=20) as link:
        link.sendall(request(log, "Prefer: wait=10", f"Content-Length: {len(body)}") + body)
        started = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(15)
        assert time.monotonic() - started < 15


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_no_worker_outlives_its_killed_parent(log: WebLog) -> None:
    with serving(log.root, workers=2) as running:
        main = running.process.pid
        workers = [int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text().split()]
        assert len(workers) >= 2
        running.process.kill()
        running.process.wait(10)
        deadline = time.monotonic() + 10
        while any(_alive(pid) for pid in workers):
            assert time.monotonic() < deadline, "a worker is still there"
            time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("data", [None, "/nowhere/at/all"])
def test_it_does_not_start_without_a_log(data: str | None) -> None:
    env = {name: value for name, value in os.environ.items() if name != "NOTARY_DATA"}
    ran = subprocess.run(
        [sys.executable, "-c", "import notary.web.wsgi"],
        env=env | ({} if data is None else {"NOTARY_DATA": data}),
        capture_output=True,
        check=False,
    )
    assert ran.returncode != 0
    # One line for the log, and no traceback.
    [line] = ran.stderr.splitlines()
    said = json.loads(line)
    assert (said["level"], said["event"]) == ("critical", "not-started")
    assert "(no-data-directory)" in said["message"]


@pytest.mark.parametrize(
    ("size", "headers", "status"),
    [
        (20 << 20, {"Content-Type": "application/json"}, 413),
        (40 << 20, {"Content-Type": "application/json"}, 413),
        (3 << 20, {"Content-Type": "text/plain"}, 415),
    ],
)
def test_a_client_that_writes_before_it_reads_gets_its_answer(
    log: WebLog, server: Server, size: int, headers: dict[str, str], status: int
) -> None:
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    link.request("POST", PATH, body=bytes(size), headers={"Authorization": f"Bearer {log.token}", **headers})
    answer = link.getresponse()
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    link.close()


BATCH = "/api/v1/entries:batch"


def batch_lines(name: str, count: int) -> list[bytes]:
    """Return lines of 4 KB, so that a few hundred of them are more than the server takes in one piece."""
    filling = "The road is closed to all traffic.\n" * 110
    return [json.dumps({"text": f"{name} {number}\n{filling}"}).encode() + b"\n" for number in range(count)]


def batch_head(log: WebLog, *lines: str) -> bytes:
    head = [f"POST {BATCH} HTTP/1.1", "Host: x", f"Authorization: Bearer {log.token}"]
    return "\r\n".join([*head, "Content-Type: application/x-ndjson", *lines, "", ""]).encode()


def batch(server: Server, log: WebLog, lines: list[bytes]) -> list[dict[str, Any]]:
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Authorization": f"Bearer {log.token}", "Content-Type": "application/x-ndjson"}
    link.request("POST", BATCH, body=b"".join(lines), headers=headers)
    answer = link.getresponse()
    assert answer.status == 200
    said = [json.loads(line) for line in answer.read().splitlines()]
    link.close()
    return said


def test_a_batch_is_answered_while_it_is_sent(log: WebLog, server: Server) -> None:
    lines = batch_lines("Streamed", 200)
    size = sum(map(len, lines))
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as link:
        link.sendall(batch_head(log, f"Content-Length: {size}") + b"".join(lines[:120]))
        answer = b""
        while b'{"index"' not in answer:  # nothing but what was sent so far can have brought this about
            received = link.recv(65536)
            assert received, answer
            answer += received
        link.sendall(b"".join(lines[120:]))
        while not answer.endswith(b"0\r\n\r\n"):
            received = link.recv(65536)
            assert received, answer
            answer += received
    assert answer.count(b'"leaf_hash"') == 200


def test_of_a_batch_that_stops_halfway_what_was_taken_stays(log: WebLog, server: Server) -> None:
    lines = batch_lines("Stopped", 160)
    whole, half = lines[:100], lines[100][:2000]
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as link:
        link.sendall(batch_head(log, f"Content-Length: {sum(map(len, lines))}") + b"".join(whole) + half)
        answer = b""
        while b'{"index"' not in answer:
            received = link.recv(65536)
            assert received, answer
            answer += received
    told = answer.count(b'"leaf_hash"')
    said = batch(server, log, lines)
    assert [one["line"] for one in said] == list(range(1, 161))
    replayed = [one.get("replayed", False) for one in said]
    # What was told is there. Of the rest some may be, in order, and nothing of what was not sent whole.
    assert replayed == sorted(replayed, reverse=True)
    assert told <= sum(replayed) <= 100
    again = batch(server, log, lines)
    assert [one["leaf_hash"] for one in again] == [one["leaf_hash"] for one in said]
    assert all(one["replayed"] for one in again)


def test_a_batch_of_no_declared_length(log: WebLog, server: Server) -> None:
    lines = b"".join(batch_lines("Chunked", 2)) + b"broken"
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(lines), lines)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as link:
        link.sendall(batch_head(log, "Transfer-Encoding: chunked") + chunked)
        answer = b""
        while not answer.endswith(b"0\r\n\r\n"):
            received = link.recv(65536)
            assert received, answer
            answer += received
    assert (answer.count(b'"leaf_hash"'), answer.count(b'"json-syntax"')) == (2, 1)


def test_a_batch_without_a_key_is_refused_before_it_is_sent(server: Server) -> None:
    head = (
        f"POST {BATCH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 9999999999\r\n\r\n"
    )
    status, answer = exchange(server, head.encode())
    assert (status, json.loads(answer)["code"]) == (401, "missing-key")
