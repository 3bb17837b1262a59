"""POST /api/v1/entries: what is accepted, every way to be refused, and that nothing refused is stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, TestResponse
from werkzeug.wrappers import Response

from notary.compose import open_services, open_settings
from notary.errors import Overloaded
from notary.service.read import Reader, Summary
from notary.web.app import create_app
from tests import backends
from tests.weblog import TEXT, WebLog

PATH = "/api/v1/entries"
LEAF = "ab" * 32


@pytest.fixture(scope="module")
def log(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    made = WebLog(Path(tmp_path_factory.mktemp("submit")) / "data")
    yield made
    made.close()


def raw(log: WebLog, body: bytes, content_type: str | None = "application/json", **headers: str) -> TestResponse:
    return log.client.post(PATH, data=body, content_type=content_type, headers=log.auth(**headers))


def problem(response: Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a problem with this status and code, and return its members."""
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.data
    members: dict[str, Any] = json.loads(response.data)
    assert members["code"] == code, members
    assert members["status"] == status
    assert members["type"] == "about:blank"
    assert members["title"]
    assert members["detail"].endswith((".", "…", "!")), members["detail"]
    return members


def stored(log: WebLog) -> int:
    return len(log.services.reader.recent(limit=1000))


def test_accepted(log: WebLog) -> None:
    response = log.post({"text": "A title\nA body.\n", "language": "en", "published": "2025-03-05T09:30:00+08:00"})
    assert response.status_code == 201
    value = response.json
    assert value is not None
    leaf = value["leaf_hash"]
    path = f"/api/v1/entries/{leaf}"
    assert value == {
        "leaf_hash": leaf,
        "state": "pending",
        "links": {
            "self": path,
            "bundle": f"{path}/bundle",
            "tlog_proof": f"{path}/tlog-proof",
            "page": f"/e/{leaf}",
        },
    }
    assert response.headers["Location"] == path
    assert "Idempotent-Replayed" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert log.get_json(path)["text"] == "A title\n\nA body."


def test_the_same_submission_again_is_the_same_entry(log: WebLog) -> None:
    first = log.post({"text": "Twice\nThe same."})
    count = stored(log)
    again = log.post({"text": "Twice\nThe same."})
    assert again.status_code == 201
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert stored(log) == count


def test_all_fields_reach_record_and_meta(log: WebLog) -> None:
    first = log.submit("All\nFields.", document="doc/1")
    leaf = log.submit(
        "All\nThe fields.",
        type="plain",
        document="doc/1",
        status="correction",
        previous=first,
        language="zh-Hans",
        published="2025-03-05T09:30:00Z",
        url="https://roads.example/1",
        note="A word was missing.",
        author="A. Writer",
    )
    value = log.get_json(f"{PATH}/{leaf}")
    record = value["record"]
    assert (record["document"], record["status"], record["previous"]["leaf"]) == ("doc/1", "correction", first)
    assert (record["language"], record["published"]) == ("zh-Hans", "2025-03-05T09:30:00Z")
    assert value["meta"] == {
        "publisher": "City Roads Office",
        "url": "https://roads.example/1",
        "note": "A word was missing.",
        "author": "A. Writer",
    }


def test_text_as_base64_is_decoded_like_a_file(log: WebLog) -> None:
    data = base64.b64encode("题目\n正文。".encode("utf-16")).decode()
    response = log.post({"text_base64": data})
    assert response.status_code == 201
    assert response.json is not None
    assert log.get_json(f"{PATH}/{response.json['leaf_hash']}")["text"] == "题目\n\n正文。"


def test_canonical_text_is_left_as_it_is(log: WebLog) -> None:
    leaf = log.submit("Water\n\nH<sub>2</sub>O &amp; more.", type="canonical")
    assert log.get_json(f"{PATH}/{leaf}")["text"] == "Water\n\nH<sub>2</sub>O &amp; more."


def test_notices_tell_what_was_taken_out(log: WebLog) -> None:
    response = log.post({"text": "Soft\nhy\u00adphen and zero\u200bwidth."})
    assert response.json is not None
    assert [(one["codepoint"], one["count"]) for one in response.json["notices"]] == [("U+00AD", 1), ("U+200B", 1)]


def test_idempotency_key(log: WebLog) -> None:
    body = {"text": "With a key\nOnce.", "language": "en"}
    first = log.post(body, Idempotency_Key="key-1")
    # Another order of the members is the same request.
    again = raw(log, json.dumps(dict(reversed(body.items()))).encode(), Idempotency_Key="key-1")
    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    other = log.post({"text": "With a key\nAnother."}, Idempotency_Key="key-1")
    assert problem(other, 422, "idempotency-key-reused")["field"] == "Idempotency-Key"


@pytest.mark.parametrize("key", ["", "with space", "x" * 256])
def test_bad_idempotency_key(log: WebLog, key: str) -> None:
    members = problem(log.post({"text": "A\nB"}, Idempotency_Key=key), 422, "bad-idempotency-key")
    assert members["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("header", "code", "challenge"),
    [
        (None, "missing-key", 'Bearer realm="notary"'),
        ("Basic YTpi", "invalid-key", 'Bearer realm="notary", error="invalid_token"'),
        ("Bearer", "invalid-key", 'Bearer realm="notary", error="invalid_token"'),
        ("Bearer a b", "invalid-key", 'Bearer realm="notary", error="invalid_token"'),
        ("Bearer nk_x", "bad-api-key", 'Bearer realm="notary", error="invalid_token"'),
        (f"Bearer nk_{'0' * 12}_{'0' * 64}", "bad-api-key", 'Bearer realm="notary", error="invalid_token"'),
    ],
)
def test_no_or_bad_key(log: WebLog, header: str | None, code: str, challenge: str) -> None:
    count = stored(log)
    headers = {} if header is None else {"Authorization": header}
    response = log.client.post(PATH, json={"text": TEXT}, headers=headers)
    problem(response, 401, code)
    assert response.headers["WWW-Authenticate"] == challenge
    assert stored(log) == count


def test_the_scheme_may_be_in_any_case(log: WebLog) -> None:
    headers = {"Authorization": f"bearer {log.token}"}
    assert log.client.post(PATH, json={"text": "Lower\nCase."}, headers=headers).status_code == 201


def test_the_key_is_asked_for_before_the_body_is_read(log: WebLog) -> None:
    problem(log.client.post(PATH, data=b"x" * 100, content_type="text/html"), 401, "missing-key")


@pytest.mark.parametrize("content_type", [None, "text/plain", "text/json", "application/json; charset=gbk"])
def test_media_type(log: WebLog, content_type: str | None) -> None:
    problem(raw(log, b'{"text":"A\\nB"}', content_type), 415, "unsupported-media-type")


def test_utf8_may_be_said(log: WebLog) -> None:
    assert raw(log, b'{"text":"Charset\\nSaid."}', "application/json; charset=UTF-8").status_code == 201


def test_content_encoding(log: WebLog) -> None:
    response = raw(log, b'{"text":"A\\nB"}', Content_Encoding="gzip")
    problem(response, 415, "unsupported-content-encoding")
    assert response.headers["Accept-Encoding"] == "identity"


def test_body_too_large_by_its_length(log: WebLog) -> None:
    limit = log.services.settings.limits.max_body_bytes
    problem(raw(log, b" " * (limit + 1)), 413, "body-too-large")


def test_body_too_large_without_a_length(log: WebLog) -> None:
    limit = log.services.settings.limits.max_body_bytes
    environ = EnvironBuilder(
        PATH, method="POST", headers=Headers(log.auth()), content_type="application/json"
    ).get_environ()
    environ.pop("CONTENT_LENGTH", None)
    environ |= {"wsgi.input": _Endless(limit + 1_000_000), "wsgi.input_terminated": True}
    response = Response.from_app(log.app, environ)
    problem(response, 413, "body-too-large")


class _Endless:
    """A body of unknown length that fails the test when more of it is read than is sane."""

    def __init__(self, most: int) -> None:
        self._left = most

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "the whole body was asked for at once"
        size = min(size, 65536)
        self._left -= size
        assert self._left > 0, "the body was read beyond its limit"
        return b" " * size

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json-syntax"),
        (b"{", "json-syntax"),
        (b'{"text": "A\\nB",}', "json-syntax"),
        (b'{"text": "A\\nB", "text": "C\\nD"}', "json-duplicate-name"),
        (b'{"text": NaN}', "json-number"),
        (b'{"text": Infinity}', "json-number"),
        (b'{"text": 1.5}', "json-number"),
        (b'{"text": 1e400}', "json-number"),
        (b'{"text": 9223372036854775808}', "json-number"),
        (b'{"text": ' + b"9" * 100_000 + b"}", "json-number"),
        (b'{"text": ' + b"[" * 40 + b"]" * 40 + b"}", "json-depth"),
        (b"[" * 1_000_000, "json-depth"),
        (b'{"text": "\\ud800"}', "json-string"),
        (b'{"text": "a\\u0000b"}', "json-string"),
        (b'{"\\udfff": 1}', "json-string"),
        (b'{"text": "\xff"}', "json-encoding"),
        ('{"text": "A\\nB"}'.encode("utf-16"), "json-encoding"),
        (b'\xef\xbb\xbf{"text": "A\\nB"}', "json-encoding"),
    ],
)
def test_malformed_json(log: WebLog, body: bytes, code: str) -> None:
    count = stored(log)
    problem(raw(log, body), 400, code)
    assert stored(log) == count


def test_malformed_json_has_a_position(log: WebLog) -> None:
    assert problem(raw(log, b'{"text": "A", x}'), 400, "json-syntax")["position"] == 14


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ([], "wrong-type", None),
        ("text", "wrong-type", None),
        ({}, "missing-field", "text"),
        ({"text": "A\nB", "colour": "red"}, "unknown-field", "colour"),
        ({"text": "A\nB", "text_base64": "QQo="}, "ambiguous-text", "text"),
        ({"text": 5}, "wrong-type", "text"),
        ({"text": None}, "wrong-type", "text"),
        ({"text": "A\nB", "language": None}, "wrong-type", "language"),
        ({"text": "A\nB", "type": "rtf"}, "unknown-value", "type"),
        ({"text": "A\nB", "status": "draft"}, "unknown-value", "status"),
        ({"text": "A\nB", "document": ""}, "wrong-length", "document"),
        ({"text": "A\nB", "document": "x" * 201}, "wrong-length", "document"),
        ({"text": "A\nB", "document": "ä"}, "wrong-form", "document"),
        ({"text": "A\nB", "document": "x" * 150}, "wrong-length", "document"),
        ({"text": "A\nB", "language": "english!"}, "wrong-form", "language"),
        ({"text": "A\nB", "published": "yesterday"}, "wrong-form", "published"),
        ({"text": "A\nB", "published": "2025-02-30T00:00:00Z"}, "not-a-date", "published"),
        ({"text": "A\nB", "url": "javascript:alert(1)"}, "wrong-form", "url"),
        ({"text": "A\nB", "note": "a\u202eb"}, "forbidden-code-point", "note"),
        ({"text": "A\nB", "author": "x" * 600}, "wrong-length", "author"),
        ({"text": "A\nB", "previous": "12"}, "wrong-form", "previous"),
        ({"text": "A\nB", "previous": LEAF.upper()}, "wrong-form", "previous"),
        ({"text": "A\nB", "previous": LEAF + "\n"}, "wrong-form", "previous"),
        ({"text": "A\nB", "previous": LEAF}, "unexpected-previous", "previous"),
        ({"text": "A\nB", "status": "update"}, "document-required", "document"),
        ({"text": "A\nB", "status": "update", "document": "no-such"}, "unknown-document", "document"),
        ({"text_base64": "QQ"}, "wrong-form", "text_base64"),
        ({"text_base64": "QR=="}, "wrong-form", "text_base64"),
        ({"text_base64": "QQ==\n"}, "wrong-form", "text_base64"),
        ({"text_base64": "ä"}, "wrong-form", "text_base64"),
        ({"text": ""}, "empty-text", "text"),
        ({"text": " \n \t\n"}, "empty-text", "text"),
        ({"text": "Only a title"}, "empty-body", "text"),
        ({"text": "A\n\n&nbsp;", "type": "canonical"}, "not-canonical", "text"),
    ],
)
def test_refused(log: WebLog, body: Any, code: str, field: str | None) -> None:
    count = stored(log)
    members = problem(log.post(body), 422, code)
    assert members.get("field") == field
    assert stored(log) == count


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("A\nB\x07C", "forbidden-code-point", 3),
        ("A\nB \u202eC", "forbidden-code-point", 4),
        ("A\nB\ue000", "forbidden-code-point", 3),
        ("A\nB\U000e0041", "forbidden-code-point", 3),
    ],
)
def test_forbidden_code_points_have_a_position(log: WebLog, text: str, code: str, position: int) -> None:
    members = problem(log.post({"text": text}), 422, code)
    assert (members["field"], members["position"]) == ("text", position)
    assert "U+" in members["detail"]


def test_undecodable_bytes(log: WebLog) -> None:
    data = base64.b64encode(b"Title\nbody \xff\xfe").decode()
    members = problem(log.post({"text_base64": data}), 422, "undecodable")
    assert (members["field"], members["position"]) == ("text_base64", 11)


def test_over_large_text(log: WebLog) -> None:
    text = "Title\n" + "line of text\n" * 200_000
    problem(log.post({"text": text}), 413, "text-too-large")


def test_one_head_per_document(log: WebLog) -> None:
    first = log.submit("Head\nOne.", document="head")
    assert first in problem(log.post({"text": "Head\nTwo.", "document": "head"}), 409, "document-exists")["detail"]
    revision = {"text": "Head\nTwo.", "document": "head", "status": "update"}
    members = problem(log.post(revision), 422, "previous-required")
    assert first in members["detail"]
    assert members["field"] == "previous"
    second = log.submit(**revision, previous=first)
    stale = {"text": "Head\nThree.", "document": "head", "status": "update", "previous": first}
    members = problem(log.post(stale), 409, "previous-not-head")
    assert second in members["detail"]
    assert members["field"] == "previous"
    count = stored(log)
    problem(log.post({**stale, "previous": LEAF}), 409, "previous-not-head")
    assert stored(log) == count


def test_another_publisher_has_documents_of_its_own(log: WebLog) -> None:
    first = log.submit("Mine\nOne.", document="shared-name")
    token, log.token = log.token, log.services.publishers.new_key("Another Office")
    try:
        revision = {"text": "Mine\nTwo.", "document": "shared-name", "status": "update", "previous": first}
        problem(log.post(revision), 422, "unknown-document")
        assert log.submit("Mine\nOne.", document="shared-name") != first
    finally:
        log.token = token


def test_wait_ends_with_integration(log: WebLog, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bytes] = []
    look = Reader.summary

    def summary(self: Reader, leaf_hash: bytes) -> Summary:
        looked.append(leaf_hash)
        if len(looked) == 3:
            log.integrate()
        return look(self, leaf_hash)

    monkeypatch.setattr(Reader, "summary", summary)
    response = log.post({"text": "Wait\nFor it."}, Prefer="respond-async, wait=10")
    assert response.json is not None
    assert response.json["state"] == "integrated"
    assert response.headers["Preference-Applied"] == "wait=10"
    assert len(looked) == 3


def test_wait_is_bounded(log: WebLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notary.web.body.MAX_WAIT_SECONDS", 1)
    response = log.post({"text": "Wait\nIn vain."}, Prefer="wait=100")
    assert response.status_code == 201
    assert response.json is not None
    assert response.json["state"] == "pending"
    assert response.headers["Preference-Applied"] == "wait=1"


@pytest.mark.parametrize("value", ["wait", "wait=", "wait=x", "wait=-1", "await=5", "wait=99999999", "wait=0"])
def test_a_preference_that_means_nothing_is_ignored(log: WebLog, value: str) -> None:
    response = log.post({"text": "Not\nWaiting."}, Prefer=value)
    assert response.status_code == 201
    assert "Preference-Applied" not in response.headers


def test_no_error_after_the_entry_is_durable(log: WebLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_: Reader, __: bytes) -> Summary:
        raise Overloaded("The database is busy.", code="database-busy")

    monkeypatch.setattr(Reader, "summary", busy)
    response = log.post({"text": "Durable\nThen busy."})
    assert response.status_code == 201
    assert response.json is not None
    assert response.json["state"] == "pending"


def test_overload(log: WebLog) -> None:
    settings = open_settings(log.root, environ={}, flags={"storage.busy_timeout": 0.1})
    services = open_services(settings)
    # Somebody else holds the write lock for longer than the store waits.
    with closing(services), backends.held_up(log.root):
        client = create_app(services, settings).test_client()
        response = client.post(PATH, json={"text": "Busy\nNow."}, headers=log.auth())
        problem(response, 503, "database-busy")
        assert int(response.headers["Retry-After"]) > 0
        # Reading goes on.
        assert client.get("/").status_code == 200


def test_methods(log: WebLog) -> None:
    response = log.client.put(PATH, json={})
    problem(response, 405, "method-not-allowed")
    assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))
