"""Submissions in batches to `notary serve`, durable: digests only, and texts of 4 kB."""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from scripts._bench import backends, words
from scripts._bench.harness import Aim, Row, Setting, compare
from scripts._bench.serving import Load, Loader, Server, new_log, request, serving, trivial
from scripts._bench.sides import Absent, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LINES = 1000
CONNECTIONS = 2
NO_PEER = Absent("WordProof takes 600 a minute and Chainpoint 250 a request: services, not measured")


def run(setting: Setting) -> list[Row]:
    """Measure both kinds."""
    if setting.backend == "postgresql":
        return _backends(setting)
    root = setting.scratch / "log"
    token = new_log(root)
    loader, lines = Loader(setting), setting.size(LINES, 50)
    with serving(root) as server, trivial(setting.scratch) as floor:
        return [
            _kind(
                setting,
                loader,
                server,
                floor,
                token,
                name="bulk.digests",
                what=f"durable records by digest only, {lines} a request",
                line=_digest,
                lines=lines,
                requests=setting.size(20, 2),
                aim=Aim("≥", 40_000),
            ),
            _kind(
                setting,
                loader,
                server,
                floor,
                token,
                name="bulk.texts",
                what=f"durable articles of 4 kB, {lines} a request",
                line=_text,
                lines=lines,
                requests=setting.size(4, 1),
                aim=Aim("≥", 4_000),
            ),
        ]


def _backends(setting: Setting) -> list[Row]:
    lines = setting.size(LINES, 50)
    result = []
    with backends.places(setting) as found:
        for name, what, line, requests in (
            ("bulk.digests", "durable records by digest only", _digest, setting.size(10, 2)),
            ("bulk.texts", "durable articles of 4 kB", _text, setting.size(4, 1)),
        ):

            def measure(
                loader: Loader,
                place: backends.Place,
                line: Callable[[int], dict[str, object]] = line,
                requests: int = requests,
            ) -> Load:
                run_id = int(secrets.token_hex(6), 16)
                batches = ([line(run_id + i * lines + j) for j in range(lines)] for i in range(requests))
                file = loader.file(_requests(batches, "/api/v1/entries:batch", place.token))
                return loader.send(place.server, file, connections=CONNECTIONS, count=requests)

            figures = ((name, f"{what}, {lines} a request", "/s", lambda load: load.rate * lines),)
            result += backends.rows(setting, found, measure=measure, figures=figures)
    return result


def _kind(
    setting: Setting,
    loader: Loader,
    server: Server,
    floor: Server,
    token: str,
    *,
    name: str,
    what: str,
    line: Callable[[int], dict[str, object]],
    lines: int,
    requests: int,
    aim: Aim,
) -> Row:
    def send(to: Server, path: str) -> float:
        run_id = int(secrets.token_hex(6), 16)
        batches = ([line(run_id + i * lines + j) for j in range(lines)] for i in range(requests))
        file = loader.file(_requests(batches, path, token))
        done: Load = loader.send(to, file, connections=CONNECTIONS, count=requests)
        return done.rate * lines

    return compare(
        name,
        what,
        "/s",
        lambda: send(server, "/api/v1/entries:batch"),
        floor=Side("a Flask application that reads the same requests and does nothing", lambda: send(floor, "/")),
        peer=NO_PEER,
        runs=setting.runs,
        aim=aim,
    )


def _requests(batches: Iterable[list[dict[str, object]]], path: str, token: str) -> Iterable[bytes]:
    headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {token}"}
    for batch in batches:
        body = b"".join(json.dumps(line).encode() + b"\n" for line in batch)
        yield request("POST", path, body=body, headers=headers)


def _digest(number: int) -> dict[str, object]:
    digest = sha256(b"%d" % number).hexdigest()
    return {"text_digest": {"sha256": digest, "lines": 12, "lines_root": digest}}


def _text(number: int) -> dict[str, object]:
    return {"text": f"Notice {number}\n{_ARTICLE}"}


_ARTICLE = words.article(4_000)
