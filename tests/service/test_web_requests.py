"""What surrounds every request: its id, its line in the log, its numbers; and what is turned away under load."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from notary.telemetry import logs
from notary.web import admission
from notary.web.app import create_app
from notary.web.drain import Drain
from tests.service.locallog import LocalLog

ENTRIES = "/api/v1/entries"
BATCH = "/api/v1/entries:batch"


class Client(FlaskClient):
    """Reads every answer to its end, as a server would."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True} | kwargs)


class Web:
    """A log, its application with the given flags, a key, and what is logged."""

    def __init__(self, root: Path, flags: dict[str, object], lines: io.StringIO) -> None:
        self.log = LocalLog(root / "log", flags=flags)
        self.run = root / "run"
        self.run.mkdir()
        self.app = create_app(self.log.services, self.log.services.settings, drain=Drain(str(self.run)))
        self.app.test_client_class = Client
        self.token = self.log.services.publishers.new_key("Roads office")
        self.client: FlaskClient = self.app.test_client()
        self._lines = lines

    def post(self, text: str, *, token: str | None = None, **headers: str) -> Any:
        key = self.token if token is None else token
        return self.client.post(ENTRIES, json={"text": text}, headers={"Authorization": f"Bearer {key}", **headers})

    def batch(self, *texts: str) -> Any:
        data = b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/x-ndjson"}
        response = self.client.post(BATCH, data=data, headers=headers)
        return [json.loads(line) for line in response.data.splitlines()]

    @property
    def raw(self) -> str:
        return self._lines.getvalue()

    @property
    def said(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.raw.splitlines()]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged while the test runs, as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def flags() -> dict[str, object]:
    return {}


@pytest.fixture
def web(tmp_path: Path, flags: dict[str, object], lines: io.StringIO) -> Iterator[Web]:
    made = Web(tmp_path, flags, lines)
    yield made
    made.log.services.close()


def with_flags(**given: object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("flags", [{name.replace("__", "."): value for name, value in given.items()}])


def number(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


# --------------------------------------------------------------------------------------------------------------- ids


def test_every_answer_has_an_id_of_its_own(web: Web) -> None:
    paths = ["/", "/nothing", "/healthz", "/livez", "/log/checkpoint", f"{ENTRIES}/x", "/static/icon.svg"]
    answers = [web.client.get(path) for path in paths] + [web.post("A\nb"), web.client.delete(ENTRIES)]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(ids)) == len(answers)
    assert [line["request_id"] for line in web.said if line["event"] == "request"] == ids


@pytest.mark.only_on("sqlite")
def test_a_problem_repeats_its_id_and_so_does_the_page_of_a_fault(web: Web) -> None:
    answer = web.client.get(f"{ENTRIES}/x")
    assert answer.json is not None
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    web.log.services.close()
    (web.log.root / "notary.db").write_bytes(b"not a database" * 1000)
    for suffix in ("-wal", "-shm"):
        (web.log.root / f"notary.db{suffix}").unlink(missing_ok=True)
    page = web.client.get("/")
    assert page.status_code == 500
    assert page.headers["X-Request-Id"] in page.text
    [fault] = [line for line in web.said if line["event"] == "internal-error"]
    assert fault["request_id"] == page.headers["X-Request-Id"]
    assert fault["reference"] in page.text
    assert "storage-broken" not in page.text


def test_an_id_from_outside_is_not_believed(web: Web) -> None:
    assert web.client.get("/livez", headers={"X-Request-Id": "mine"}).headers["X-Request-Id"] != "mine"


@with_flags(server__trusted_proxies=["127.0.0.0/8"])
@pytest.mark.parametrize(
    ("given", "taken"), [("a.B-9_z", True), ("x" * 64, True), ("x" * 65, False), ("", False), ("a b", False)]
)
def test_an_id_from_a_trusted_proxy_is_taken_if_it_is_sane(web: Web, given: str, taken: bool) -> None:
    answer = web.client.get("/livez", headers={"X-Request-Id": given})
    assert (answer.headers["X-Request-Id"] == given) == taken


@with_flags(server__trusted_proxies=["10.0.0.0/8"])
def test_an_id_from_another_address_than_the_proxys_is_not_believed(web: Web) -> None:
    here = {"X-Request-Id": "mine"}
    assert web.client.get("/livez", headers=here).headers["X-Request-Id"] != "mine"
    proxied = web.client.get("/livez", headers=here, environ_base={"REMOTE_ADDR": "10.1.2.3"})
    assert proxied.headers["X-Request-Id"] == "mine"


# ------------------------------------------------------------------------------------------------------------- lines


def test_a_request_is_one_line(web: Web) -> None:
    web.post("A\nb")
    [line] = [one for one in web.said if one["event"] == "request"]
    assert line.pop("duration_ms") > 0
    assert {name: line[name] for name in ("level", "logger", "method", "route", "status", "key_id")} == {
        "level": "info",
        "logger": "notary.access",
        "method": "POST",
        "route": ENTRIES,
        "status": 201,
        "key_id": web.token.split("_")[1],
    }
    assert "client" not in line


@with_flags(log__access=False)
def test_lines_of_requests_can_be_left_out(web: Web) -> None:
    before = number("notary_http_requests_total", route="/livez", method="GET", status="200")
    web.client.get("/livez")
    assert web.said == []
    assert number("notary_http_requests_total", route="/livez", method="GET", status="200") == before + 1


@with_flags(log__client_address=True, server__trusted_proxies=["127.0.0.1", "10.0.0.0/8"])
@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (None, "127.0.0.1"),
        ("192.0.2.7", "192.0.2.7"),
        ("203.0.113.9, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("not an address", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_address_of_a_client_is_what_no_proxy_of_ours_has(web: Web, forwarded: str | None, client: str) -> None:
    web.client.get("/livez", headers={} if forwarded is None else {"X-Forwarded-For": forwarded})
    assert [line["client"] for line in web.said] == [client]


@with_flags(log__client_address=True)
def test_without_a_trusted_proxy_nobody_says_where_a_request_came_from(web: Web) -> None:
    web.client.get("/livez", headers={"X-Forwarded-For": "192.0.2.7"})
    assert [line["client"] for line in web.said] == ["127.0.0.1"]


def test_nothing_of_what_a_reader_looks_for_is_logged(web: Web) -> None:
    web.client.get("/?digest=" + "ab" * 32)
    web.client.get(f"{ENTRIES}/{'cd' * 32}?text=canary-7", headers={"User-Agent": "canary-8", "Cookie": "canary-9"})
    web.client.get("/canary-10")
    for word in ("ab" * 32, "cd" * 32, "canary"):
        assert word not in web.raw


@pytest.mark.only_on("sqlite")
def test_a_key_is_in_no_line_whatever_becomes_of_its_request(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = web.token.rpartition("_")[2]
    wrong = web.token[:-4] + "0000"
    web.post("A\nb")
    web.post("C\nd", token=wrong)
    web.post("E\nf", token=web.token + "x")
    web.client.get(ENTRIES + "?text_sha256=" + web.token, headers={"Authorization": f"Bearer {web.token}"})
    web.batch("G\nh")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"a library repeats {web.token} and Bearer {web.token}")

    monkeypatch.setattr(type(web.log.services.submissions), "submit", fail)
    answer = web.post("I\nj")
    assert answer.status_code == 500
    monkeypatch.undo()
    # A statement that fails is logged with the statement, and never with what it was given.
    with sqlite3.connect(web.log.root / "notary.db") as other:
        other.execute("CREATE TRIGGER no_keys BEFORE INSERT ON api_keys BEGIN SELECT RAISE(ABORT, 'not now'); END")
    with pytest.raises(Exception, match="not now") as caught:
        web.log.services.publishers.new_key("Another office")
    logging.getLogger("notary.test").error("failed", exc_info=caught.value)
    assert "not now" in web.raw
    assert len([line for line in web.said if line["event"] == "internal-error"]) == 1
    assert secret not in web.raw
    assert wrong.rpartition("_")[2] not in web.raw
    assert "secret_sha256" not in web.raw or "hidden due to hide_parameters" in web.raw


# ----------------------------------------------------------------------------------------------------------- numbers


def test_routes_are_templates_and_methods_are_known_words(web: Web) -> None:
    def families() -> set[tuple[str, str]]:
        [family] = [one for one in REGISTRY.collect() if one.name == "notary_http_requests"]
        return {(sample.labels["route"], sample.labels["method"]) for sample in family.samples}

    web.client.get("/livez")
    for path in ("/nothing-1", "/nothing-2", f"{ENTRIES}/{'00' * 32}", f"{ENTRIES}/{'11' * 32}", "/log/tile/0/000"):
        web.client.get(path)
    web.client.open("/livez", method="BREW")
    web.client.open("/nothing-3", method="X" * 40)
    known = {str(rule) for rule in web.app.url_map.iter_rules()} | {"none"}
    assert {route for route, _ in families()} <= known
    assert {method for _, method in families()} <= {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "other"}
    assert ("none", "other") in families()


def test_submissions_are_counted_by_what_became_of_them(web: Web) -> None:
    def counts() -> dict[tuple[str, str], float]:
        return {
            (outcome, code): number("notary_submissions_total", outcome=outcome, code=code)
            for outcome, code in (
                ("accepted", ""),
                ("replayed", ""),
                ("refused", "bad-api-key"),
                ("refused", "empty-text"),
            )
        }

    before = counts()
    web.post("A\nb")
    web.post("A\nb")
    web.post("A\nb", token="nk_" + "0" * 12 + "_" + "0" * 64)
    web.post("")
    web.batch("B\nb", "", "A\nb")
    after = counts()
    assert {key: after[key] - before[key] for key in before} == {
        ("accepted", ""): 2,
        ("replayed", ""): 2,
        ("refused", "bad-api-key"): 1,
        ("refused", "empty-text"): 2,
    }


def test_time_is_measured_to_the_end_of_the_answer(web: Web) -> None:
    before = number("notary_http_request_duration_seconds_count", route=BATCH, method="POST")
    web.batch("A\nb")
    assert number("notary_http_request_duration_seconds_count", route=BATCH, method="POST") == before + 1


# -------------------------------------------------------------------------------------------------------------- load


@with_flags(limits__key_rate=0.1)
def test_a_key_that_sends_too_much_is_told_when_to_come_back(web: Web) -> None:
    assert web.post("A\nb").status_code == 201
    shed = number("notary_writes_shed_total", code="key-rate")
    answer = web.post("C\nd")
    assert (answer.status_code, answer.json["code"]) == (429, "key-rate")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert number("notary_writes_shed_total", code="key-rate") == shed + 1
    # Another publisher, and every reader, is served.
    other = web.log.services.publishers.new_key("Another office")
    assert web.post("C\nd", token=other).status_code == 201
    assert web.client.get("/").status_code == 200


@with_flags(limits__key_rate=0.1)
def test_a_batch_counts_by_its_lines(web: Web) -> None:
    assert all("leaf_hash" in line for line in web.batch("A\nb", "C\nd", "E\nf"))
    [refused] = web.batch("G\nh")
    assert (refused["error"]["status"], refused["error"]["code"]) == (429, "key-rate")
    assert web.post("G\nh").status_code == 429


def test_writers_never_take_all_threads(web: Web) -> None:
    """As many writers as there may be are inside, held up by the database; readers and the refusal need no waiting."""
    web.log.services.submissions._commits._max_waiting = 1000
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with web.log.services.store.write():
            held.set()
            go.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    statuses: list[int] = []
    room = web.app.extensions[admission._EXTENSION]
    threads = [
        threading.Thread(target=lambda n=n: statuses.append(web_post(web, f"Text {n}\nb")))
        for n in range(admission.WRITERS)
    ]
    try:
        for thread in threads:
            thread.start()
        while room._value > 0:
            assert len(statuses) == 0
        answer = web.post("One more\nb")
        assert (answer.status_code, answer.json["code"]) == (503, "too-many-writes")
        assert answer.headers["Retry-After"] == "5"
        for path in ("/", "/livez", "/log/checkpoint", ENTRIES + "?text_sha256=" + "00" * 32):
            assert web.client.get(path).status_code in {200, 404}
    finally:
        go.set()
        for thread in [holder, *threads]:
            thread.join()
    assert statuses == [201] * admission.WRITERS
    assert web.post("One more\nb").status_code == 201


def web_post(web: Web, text: str) -> int:
    headers = {"Authorization": f"Bearer {web.token}"}
    with web.app.test_client() as client:
        return client.post(ENTRIES, json={"text": text}, headers=headers).status_code


# ---------------------------------------------------------------------------------------------------------- stopping


def test_a_server_that_stops_says_so_and_lets_connections_go(web: Web) -> None:
    assert "Connection" not in web.client.get("/livez").headers
    assert web.client.get("/readyz").status_code == 200
    Drain.begin(web.run)
    answer = web.client.get("/readyz")
    assert (answer.status_code, answer.json and answer.json["code"]) == (503, "stopping")
    assert answer.json
    assert answer.json["checks"]["serving"] == "stopping"
    assert answer.headers["Connection"] == "close"
    assert answer.headers["Retry-After"] == "5"
    # What comes all the same is taken: it was sent before its sender could know.
    assert web.client.get("/livez").status_code == 200
    assert web.post("A\nb").status_code == 201


def test_a_server_that_stops_lets_nobody_wait_for_integration(web: Web) -> None:
    """Without the end of the wait, the ten seconds would count against the time that a stop may take."""
    Drain.begin(web.run)
    answer = web.post("A\nb", Prefer="wait=10")
    assert (answer.status_code, answer.json["state"]) == (201, "pending")
    [line] = [one for one in web.said if one["event"] == "request"]
    assert line["duration_ms"] < 9000


def test_a_batch_ends_in_order_when_the_server_stops(web: Web) -> None:
    assert "leaf_hash" in web.batch("A\nb")[0]
    Drain.begin(web.run)
    [one, two] = web.batch("C\nd", "E\nf")
    assert {one["error"]["code"], two["error"]["code"]} == {"stopping"}
    assert one["error"]["status"] == 503
