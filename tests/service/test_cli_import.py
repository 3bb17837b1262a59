"""`notary import` against a log that really runs, and against servers that are busy, away or strange."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from notary.core.text import canonical_plain
from notary.net.http import request
from tests import backends
from tests.endpoint import Request, answer, serve
from tests.program import Done, call, command, environment
from tests.program import notary as run
from tests.served import Served, serving

SECRET = "Vehicles over 7.5 tonnes"


@dataclass(frozen=True)
class Desk:
    """A publisher's desk: the key, and the log that takes texts."""

    folder: Path
    served: Served

    def options(self, url: str | None = None) -> tuple[str | Path, ...]:
        return ("--server", url or self.served.url, "--key-file", self.folder / "key")

    def load(self, *arguments: str | Path) -> Done:
        return call("import", *self.options(), *arguments)

    def text(self, leaf: str) -> Any:
        answer = request("GET", f"{self.served.url}/api/v1/entries/{leaf}", timeout=10, max_bytes=1 << 20)
        assert answer.status == 200
        return json.loads(answer.body).get("text")

    def size(self) -> int:
        answer = request("GET", f"{self.served.url}/healthz", timeout=10, max_bytes=1 << 20)
        value = json.loads(answer.body)
        return int(value["size"]) + int(value["pending"])


@pytest.fixture(scope="module")
def desk(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    call(
        "init", folder / "log", "--origin", "notary.example/log/import-test", "--development", *backends.init_options()
    )
    (folder / "key").write_bytes(call("apikey", "new", "Roads office", "--data", folder / "log").out)
    with serving(folder / "log") as served:
        served.await_healthy()
        yield Desk(folder, served)


def press(tmp_path: Path, count: int) -> Path:
    """Make a folder of texts that no other test has."""
    folder = tmp_path / "press"
    for number in range(count):
        path = folder / f"{number % 3}" / f"notice-{number:03}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Notice {number} of {tmp_path}\n{SECRET} may not cross.\n")
    return folder


def rows(done: Done) -> dict[str, str]:
    return dict(line.split("\t") for line in done.out.decode().splitlines())


def test_a_folder(desk: Desk, tmp_path: Path) -> None:
    folder = press(tmp_path, 7)
    before = desk.size()
    done = desk.load(folder)
    assert done.code == 0, done.err
    names = [str(path) for path in sorted(folder.rglob("*.txt"))]
    assert list(rows(done)) == names
    assert desk.size() == before + 7
    assert done.err.endswith("in 7 files, 0 others ignored; 7 accepted (0 of them before), 0 refused\n")
    for name, leaf in rows(done).items():
        assert desk.text(leaf).encode() == canonical_plain(Path(name).read_bytes()).data
    # The same entries as `notary submit` makes.
    submitted = call("submit", *desk.options(), names[0])
    assert submitted.out.decode().strip() == rows(done)[names[0]]


def test_again_is_the_same_with_and_without_the_state(desk: Desk, tmp_path: Path) -> None:
    folder = press(tmp_path, 5)
    first = desk.load(folder)
    size = desk.size()
    second = desk.load(folder)
    (tmp_path / "press.notary-import").unlink()
    third = desk.load(folder)
    assert first.out == second.out == third.out
    assert "5 accepted (5 of them before)" in second.err
    assert "5 accepted (5 of them before)" in third.err
    assert desk.size() == size


def test_what_is_refused_hinders_no_other(desk: Desk, tmp_path: Path) -> None:
    folder = press(tmp_path, 3)
    (folder / "bad.txt").write_bytes(b"A title\nhid\xe2\x80\xaeden")
    (folder / "photo.jpg").write_bytes(b"x")
    lines = [
        {"text": f"First {tmp_path}\nBody", "document": f"doc-{tmp_path.name}", "language": "en"},
        {"text": f"Second {tmp_path}\nBody", "document": f"doc-{tmp_path.name}"},
        {"text": f"Third {tmp_path}\nBody", "language": "English"},
        {"text": f"Fourth {tmp_path}\nBody", "unknown": 1},
        {"text": f"Fifth {tmp_path}\nBody"},
    ]
    (folder / "more.ndjson").write_text("\n".join(map(json.dumps, lines)))
    done = desk.load(folder, "--ndjson")
    assert done.code == 1
    said = [json.loads(line) for line in done.out.splitlines()]
    codes = {
        (Path(one["path"]).name, one.get("line")): one["error"]["code"] if "error" in one else "leaf_hash" in one
        for one in said
    }
    assert codes == {
        ("bad.txt", None): "forbidden-code-point",
        ("more.ndjson", 1): True,
        ("more.ndjson", 2): "document-exists",
        ("more.ndjson", 3): "wrong-form",
        ("more.ndjson", 4): "unknown-field",
        ("more.ndjson", 5): True,
        ("notice-000.txt", None): True,
        ("notice-001.txt", None): True,
        ("notice-002.txt", None): True,
    }
    for part in ("bad.txt: ", "more.ndjson:2: ", "(document-exists)", "9 texts", "1 others ignored", "4 refused"):
        assert part in done.err
    # What was refused is tried again, and what was accepted is not sent again.
    again = desk.load(folder, "--json")
    assert again.code == 1
    assert again.json == {
        "files": 5,
        "ignored": 1,
        "texts": 9,
        "bytes": again.json["bytes"],
        "accepted": 5,
        "replayed": 5,
        "refused": 4,
        "complete": True,
    }


def test_a_dry_run_sends_nothing(tmp_path: Path) -> None:
    folder = press(tmp_path, 4)
    (folder / "bad.txt").write_bytes(b"One line")
    (folder / "more.jsonl").write_bytes(b'{"text": "A\\nB"}\nno json\n')
    done = call("import", "--dry-run", "--json", folder)
    assert done.code == 1
    size = sum(path.stat().st_size for path in folder.rglob("*.*"))
    expected = {"files": 6, "ignored": 0, "texts": 7, "bytes": size, "refused": 2, "complete": True}
    assert done.json == expected
    assert "bad.txt: " in done.err
    assert "(json-syntax)" in done.err
    assert "5 could be sent, 2 could not" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["press"]
    assert call("import", "--dry-run", press(tmp_path / "b", 1)).code == 0


def test_results_to_a_file_and_counts_to_standard_output(desk: Desk, tmp_path: Path) -> None:
    folder = press(tmp_path, 2)
    out = tmp_path / "leaves.tsv"
    done = desk.load(folder, "--json", "--out", out, "--state", tmp_path / "state")
    assert (done.code, done.json["accepted"]) == (0, 2)
    assert desk.load(folder).out == out.read_bytes()
    assert (tmp_path / "state").exists()


def test_names_of_any_bytes(desk: Desk, tmp_path: Path) -> None:
    folder = press(tmp_path, 1)
    strange = os.fsencode(folder) + b"/a\tb\n\x1b[2J\xff.txt"
    Path(os.fsdecode(strange)).write_text(f"Strange {tmp_path}\nBody")
    done = desk.load(folder)
    assert done.code == 0, done.err
    assert done.out.count(b"\n") == 2
    assert b"\x1b" not in done.out
    assert desk.load(folder, "--ndjson").out.count(b"\n") == 2


# ------------------------------------------------------------------------------------------------------- hash only


def test_hash_only_never_sends_a_text(desk: Desk, tmp_path: Path) -> None:
    folder = press(tmp_path, 3)
    line = {"text": f"In a line {tmp_path}\n{SECRET}.", "language": "en"}
    (folder / "l.ndjson").write_text(json.dumps(line))
    sent: list[bytes] = []

    def forward(connection: socket.socket, asked: Request) -> None:
        """Pass the request on to the log, byte for byte, and its answer back."""
        head = "".join(f"{name}: {value}\r\n" for name, value in asked.headers.items())
        whole = f"{asked.line}\r\n{head}\r\n".encode("latin-1") + asked.body
        sent.append(whole)
        with socket.create_connection(("127.0.0.1", desk.served.port), timeout=20) as link:
            link.sendall(whole)
            while data := link.recv(65536):
                connection.sendall(data)

    with serve(forward) as proxy:
        done = call("import", *desk.options(proxy.url), "--hash-only", folder)
    assert done.code == 0, done.err
    wire = b"".join(sent)
    assert wire.count(b"text_digest") == 4
    for path in folder.rglob("*.txt"):
        canonical = canonical_plain(path.read_bytes())
        assert canonical.sha256.hex().encode() in wire
        long_words = [word for word in path.read_bytes().split() if len(word) > 5]
        assert len(long_words) >= 4
        assert [word for word in long_words if word in wire] == []
    for word in (SECRET, "bridge", "In a line", str(tmp_path)):
        assert word.encode() not in wire
    # The entries are those that the texts themselves would have made, and hold no text.
    leaves = rows(done)
    assert {desk.text(leaf) for leaf in leaves.values()} == {None}
    (tmp_path / "press.notary-import").unlink()
    assert rows(desk.load(folder)) == leaves


# ------------------------------------------------------------------------------------------- servers that are not well


def taking(asked: Request, *, until: int | None = None) -> bytes:
    """Return the answer of a server that takes all lines of a batch up to ``until``, and is overloaded after that."""
    said = []
    for number, line in enumerate(asked.body.splitlines(), 1):
        if until is not None and number > until:
            error = {"status": 503, "code": "backlog" if number == until + 1 else "overloaded", "detail": "Not now."}
            said.append({"line": number, "error": error})
        else:
            said.append({"line": number, "leaf_hash": sha256(line).hexdigest(), "state": "pending", "index": number})
    return answer("".join(json.dumps(one) + "\n" for one in said).encode())


def key(tmp_path: Path) -> tuple[str, Path]:
    path = tmp_path / "key"
    path.write_text("nk_0")
    return ("--key-file", path)


BUSY = answer(
    b'{"status":503,"code":"database-busy","detail":"Busy."}',
    status="503 Service Unavailable",
    headers={"Retry-After": "0"},
)


def test_a_busy_server_is_asked_again_and_the_order_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = press(tmp_path, 9)
    pauses: list[int] = []
    monkeypatch.setattr("notary.cli.importing.sending.time.sleep", pauses.append)
    seen: list[list[bytes]] = []

    def script(connection: socket.socket, asked: Request) -> None:
        seen.append(asked.body.splitlines())
        turn = len(seen)
        if turn == 1:
            connection.sendall(BUSY.replace(b"Retry-After: 0", b"Retry-After: 7"))
        elif turn == 2:
            connection.sendall(taking(asked, until=4))
        elif turn == 3:
            connection.sendall(taking(asked)[:-40])  # the connection ends in the middle of the answer
        else:
            connection.sendall(taking(asked))

    with serve(script) as server:
        done = call("import", "--server", server.url, *key(tmp_path), "--retries", "2", folder)
    assert done.code == 0, done.err
    assert [len(lines) for lines in seen] == [9, 9, 5, 5]
    assert seen[2] == seen[3] == seen[0][4:]
    assert done.err.count("Trying again in") == 3
    assert "Trying again in 7 s (1 of 2)" in done.err
    # As the server says; else longer each time, and from the start again once a line got through.
    assert pauses == [7, 1, 2]
    assert len(set(rows(done).values())) == 9


def test_a_server_that_stays_busy(tmp_path: Path) -> None:
    folder = press(tmp_path, 300)
    seen = []

    def script(connection: socket.socket, asked: Request) -> None:
        seen.append(len(asked.body.splitlines()))
        connection.sendall(taking(asked) if len(seen) == 1 else BUSY)

    with serve(script) as server:
        options = ("--server", server.url, *key(tmp_path), "--retries", "2")
        done = call("import", *options, folder)
        assert done.code == 3
        assert seen == [250, 50, 50, 50]
        assert done.out.count(b"\n") == 250
        assert "database-busy" in done.err
        assert "not complete" in done.err
        assert call("import", *options, "--json", folder).json["complete"] is False
        # It goes on where it stopped.
        del seen[:]
        again = call("import", *options, folder)
    assert (again.code, seen) == (0, [50])
    assert again.out.startswith(done.out)
    assert again.out.count(b"\n") == 300


@pytest.mark.parametrize(
    ("said", "code", "exit_code"),
    [
        (answer(b"<html>", status="503 Service Unavailable", headers={"Retry-After": "0"}), "bad-answer", 3),
        (answer(b'{"code":"bad-api-key","detail":"No."}', status="401 Unauthorized"), "bad-api-key", 2),
        (answer(b'{"code":"not-found","detail":"No."}', status="404 Not Found"), "not-found", 2),
        (answer(b"<html>"), "bad-answer", 3),
        (answer(b'{"line":2,"leaf_hash":"' + b"ab" * 32 + b'","state":"pending"}\n'), "bad-answer", 3),
        (answer(b'{"line":1,"leaf_hash":"AB","state":"pending"}\n'), "bad-answer", 3),
        (answer(b'{"line":1}\n'), "bad-answer", 3),
        (answer(b'{"line":1,"error":{"status":500,"code":"internal-error","detail":"Oh."}}\n'), "internal-error", 3),
        (answer(b""), "not-answered", 3),
        (answer(b"", status="301 Moved", headers={"Location": "/"}), "endpoint-redirect", 3),
        (answer((b'{"line":1,"leaf_hash":"' + b"ab" * 32 + b'","state":"pending"}\n') * 2), "bad-answer", 3),
    ],
)
def test_answers_that_are_none(tmp_path: Path, said: bytes, code: str, exit_code: int) -> None:
    folder = press(tmp_path, 1)
    with serve(lambda connection, _: connection.sendall(said)) as server:
        done = call("import", "--server", server.url, *key(tmp_path), "--retries", "0", folder)
    assert (done.code, done.out) == (exit_code, b""), done.err
    assert f"({code}" in done.err


def test_nobody_there(tmp_path: Path) -> None:
    done = call("import", "--server", "http://127.0.0.1:1", *key(tmp_path), "--retries", "0", press(tmp_path, 1))
    assert (done.code, done.out) == (3, b"")
    assert "endpoint-unreachable" in done.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--server", "https://log.example"], "no-server"),
        (["--key-file", "key"], "no-server"),
        (["--server", "ftp://x", "--key-file", "key"], "bad-server"),
        (["--server", "https://log.example", "--key-file", "missing"], "unreadable-file"),
        (["--dry-run", "--retries", "101"], "bad-retries"),
        (["--dry-run", "missing"], "unreadable-file"),
        (["--dry-run", "--out", "missing/file"], "unwritable-output"),
    ],
)
def test_a_command_line_that_cannot_be_carried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    key(tmp_path)
    done = call("import", *arguments, press(tmp_path, 1))
    assert (done.code, done.out) == (2, b"")
    assert code in done.err
    assert done.err.count("\n") == 1


def test_a_reader_that_goes_away(desk: Desk, tmp_path: Path) -> None:
    folder = press(tmp_path, 3)
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        ended = subprocess.run(
            command("import", *desk.options(), folder),
            stdout=gone,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert ended.returncode == 141
    assert b"Traceback" not in ended.stderr
    assert "3 accepted (3 of them before)" in run("import", *desk.options(), folder).err
