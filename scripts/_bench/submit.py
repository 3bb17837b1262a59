"""Single submissions to `notary serve`, durable, with authentication and idempotency keys."""

from __future__ import annotations

import json
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notary.service.submit import Submission
from scripts._bench import backends, words
from scripts._bench.harness import Aim, Row, Sample, Setting, Stopwatch, compare, interleave, rate
from scripts._bench.serving import Load, Loader, Server, new_log, opened, request, serving, trivial
from scripts._bench.sides import Absent, Side, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

NO_CALENDAR = Absent("the calendar of opentimestamps-server is not on PyPI and was not measured")
CONNECTIONS = 64
TEXT_BYTES = 500


def run(setting: Setting) -> list[Row]:
    """Measure the way in without HTTP first, then over it."""
    if setting.backend == "postgresql":
        return _backends(setting)
    root = setting.scratch / "log"
    token = new_log(root)
    rows = _store(setting, root)
    loader = Loader(setting)
    with serving(root) as server:
        with trivial(setting.scratch) as other:
            rows += _at(setting, loader, server, _nothing(loader, other), token, connections=CONNECTIONS)
        with closing(_database(setting.scratch / "one.db")) as database:
            rows += _at(setting, loader, server, _commits(database), token, connections=1)
    return rows


def _at(setting: Setting, loader: Loader, server: Server, floor: Floor, token: str, *, connections: int) -> list[Row]:
    where = f"{connections} connection{'s' if connections > 1 else ''}"
    say(f"submit: over HTTP, {where}")
    count = setting.size(6000 if connections > 1 else 500, 60 if connections > 1 else 5)
    headers = {"Authorization": f"Bearer {token}"}

    def ours() -> Load:
        # Every request is a new entry under a new key; they are written down before the clock starts.
        file = loader.file(_requests(count, path="/api/v1/entries", headers=headers))
        return loader.send(server, file, connections=connections, count=count)

    taken = interleave([ours, lambda: floor.measure(count)], runs=setting.runs)
    rows = []
    for name, what, unit, figure, aim in (
        ("rate", "durable submissions", "/s", _rate, Aim("≥", 3000) if connections > 1 else None),
        ("p50", "a durable submission, median", "ms", _p50, None if connections > 1 else Aim("≤", 2)),
        ("p99", "a durable submission, 99th percentile", "ms", _p99, Aim("≤", 40) if connections > 1 else None),
    ):
        rows.append(
            Row(
                f"submit.{name}.{connections}",
                f"{what}, {where}",
                unit,
                _sample(taken[0], figure),
                floor=_sample(taken[1], figure),
                floor_what=floor.what,
                aim=aim,
                note=NO_CALENDAR.why if name == "rate" else "",
            )
        )
    return rows


def _backends(setting: Setting) -> list[Row]:
    result = []
    with backends.places(setting) as found:
        for connections in (CONNECTIONS, 1):
            where = f"{connections} connection{'s' if connections > 1 else ''}"
            say(f"submit: PostgreSQL beside SQLite, {where}")
            count = setting.size(3000 if connections > 1 else 300, 60 if connections > 1 else 5)

            def measure(
                loader: Loader, place: backends.Place, count: int = count, connections: int = connections
            ) -> Load:
                headers = {"Authorization": f"Bearer {place.token}"}
                file = loader.file(_requests(count, path="/api/v1/entries", headers=headers))
                return loader.send(place.server, file, connections=connections, count=count)

            figures = (
                (f"submit.rate.{connections}", f"durable submissions, {where}", "/s", _rate),
                (f"submit.p50.{connections}", f"a durable submission, median, {where}", "ms", _p50),
                (f"submit.p99.{connections}", f"a durable submission, 99th percentile, {where}", "ms", _p99),
            )
            result += backends.rows(setting, found, measure=measure, figures=figures)
    return result


@dataclass(frozen=True, slots=True)
class Floor:
    """What submissions are held against, and how to measure so many of it."""

    what: str
    measure: Callable[[int], Load]


def _nothing(loader: Loader, server: Server) -> Floor:
    def measure(count: int) -> Load:
        file = loader.file(_requests(count, path="/", headers={}))
        return loader.send(server, file, connections=CONNECTIONS, count=count)

    return Floor("a Flask application that does nothing, on granian", measure)


def _commits(database: sqlite3.Connection) -> Floor:
    def measure(count: int) -> Load:
        took = []
        for _ in range(count):
            with Stopwatch() as watch:
                _commit(database, 1, 1)
            took.append(watch.seconds * 1000)
        took.sort()
        return Load(count / sum(took) * 1000, took[count // 2], took[int(count * 0.99)])

    return Floor("SQLite, one row a commit, without HTTP", measure)


def _requests(count: int, *, path: str, headers: dict[str, str]) -> list[bytes]:
    run_id = secrets.token_hex(8)
    text = words.article(TEXT_BYTES)
    result = []
    for i in range(count):
        body = json.dumps({"text": f"Notice {run_id} {i}\n{text}"}).encode()
        own = {"Content-Type": "application/json", "Idempotency-Key": f"{run_id}-{i}", **headers}
        result.append(request("POST", path, body=body, headers=own))
    return result


def _store(setting: Setting, root: Path) -> list[Row]:
    """Measure what the store does for a submission, and for 64 of them at once, beside SQLite alone."""
    services = opened(root)
    try:
        with services.store.read() as view:
            tenant = view.tenant_by_name("Bench Press Office")
        if tenant is None:
            raise LookupError("the publisher is gone")
        singles, groups = setting.size(300, 5), setting.size(30, 2)
        with closing(_database(setting.scratch / "floor.db")) as database:

            def one_by_one() -> None:
                for text in _texts(singles):
                    services.submissions.submit(tenant, Submission(text=text))

            def together() -> None:
                for _ in range(groups):
                    services.submissions.submit_all(tenant, [Submission(text=text) for text in _texts(CONNECTIONS)])

            one = Side("SQLite, one row a commit", rate(singles, lambda: _commit(database, singles, 1)))
            many = Side(
                f"SQLite, {CONNECTIONS} rows a commit",
                rate(groups * CONNECTIONS, lambda: _commit(database, groups, CONNECTIONS)),
            )
            return [
                compare(
                    "submit.store.1",
                    "durable submissions without HTTP, one a commit",
                    "/s",
                    rate(singles, one_by_one),
                    floor=one,
                    runs=setting.runs,
                ),
                compare(
                    "submit.store.64",
                    f"durable submissions without HTTP, {CONNECTIONS} a commit",
                    "/s",
                    rate(groups * CONNECTIONS, together),
                    floor=many,
                    runs=setting.runs,
                ),
            ]
    finally:
        services.close()


def _texts(count: int) -> list[bytes]:
    text = words.article(TEXT_BYTES)
    return [f"Notice {secrets.token_hex(8)}\n{text}".encode() for _ in range(count)]


def _database(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE floor (number INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    return connection


def _commit(connection: sqlite3.Connection, commits: int, rows: int) -> None:
    data = [(bytes(TEXT_BYTES),)] * rows
    for _ in range(commits):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO floor (data) VALUES (?)", data)
        connection.execute("COMMIT")


def _sample(loads: Sequence[Load], figure: Callable[[Load], float]) -> Sample:
    return Sample(tuple(map(figure, loads)))


def _rate(load: Load) -> float:
    return load.rate


def _p50(load: Load) -> float:
    return load.p50


def _p99(load: Load) -> float:
    return load.p99
