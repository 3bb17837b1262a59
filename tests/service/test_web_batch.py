"""POST /api/v1/entries:batch: a line out for every line in, whatever is in it; and digests instead of texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from notary.core.text import canonical_plain
from notary.errors import IntegrityError, NotaryError, Overloaded
from notary.service.submit import Submission
from notary.web import batch
from tests import backends
from tests.weblog import WebLog

PATH = "/api/v1/entries:batch"
NDJSON = "application/x-ndjson"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[WebLog]:
    made = WebLog(tmp_path / "data")
    yield made
    made.close()


def body(number: int, **fields: Any) -> dict[str, Any]:
    return {"text": f"Notice {number}\nThe bridge on road {number} is closed.", **fields}


def send(log: WebLog, data: bytes, content_type: str | None = NDJSON, **headers: str) -> TestResponse:
    """Send a batch, and read and close the answer, as a server does."""
    return log.client.post(PATH, data=data, content_type=content_type, headers=log.auth(**headers), buffered=True)


def lines(*values: Any) -> bytes:
    return b"".join((value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n" for value in values)


def answers(response: TestResponse) -> list[dict[str, Any]]:
    assert (response.status_code, response.mimetype) == (200, NDJSON), response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert response.data.endswith(b"\n") or not response.data
    return [json.loads(line) for line in response.data.splitlines()]


def leaves(log: WebLog) -> list[str]:
    with log.services.store.read() as view:
        return [entry.leaf_hash.hex() for entry in view.entries(start=1, limit=10_000)]


def test_a_line_out_for_every_line_in(log: WebLog) -> None:
    said = answers(send(log, lines(*map(body, range(5)))))
    assert said == [
        {"line": at + 1, "leaf_hash": leaf, "index": at + 1, "state": "pending"} for at, leaf in enumerate(leaves(log))
    ]
    assert len(said) == 5
    assert log.get_json(f"/api/v1/entries/{said[3]['leaf_hash']}")["text"].startswith("Notice 3\n\n")


def test_more_lines_than_fit_into_one_transaction(log: WebLog) -> None:
    count = 2 * batch.MAX_GROUP + 7
    said = answers(send(log, lines(*map(body, range(count)))))
    assert [one["line"] for one in said] == list(range(1, count + 1))
    assert [one["leaf_hash"] for one in said] == leaves(log)


def test_the_same_batch_twice_is_the_same_entries(log: WebLog) -> None:
    data = lines(*(body(number, document=f"d{number}") for number in range(4)))
    first = answers(send(log, data))
    again = answers(send(log, data))
    assert again == [one | {"replayed": True} for one in first]
    log.integrate()
    assert answers(send(log, data)) == [one | {"replayed": True, "state": "integrated"} for one in first]
    assert len(leaves(log)) == 4


def test_the_same_line_twice_in_a_batch(log: WebLog) -> None:
    first, second = answers(send(log, lines(body(1), body(1))))
    assert second == first | {"line": 2, "replayed": True}


BROKEN: list[tuple[Any, int, str]] = [
    (b'{"text": "Half a l', 400, "json-syntax"),
    (b"\xff\xfe", 400, "json-encoding"),
    (b"[" * 40, 400, "json-depth"),
    (b'{"text": "A\\nB", "text": "C\\nD"}', 400, "json-duplicate-name"),
    (b'{"text": 1.5}', 400, "json-number"),
    (b'"a string"', 422, "wrong-type"),
    (b"null", 422, "wrong-type"),
    ({}, 422, "missing-field"),
    ({"text": "A\nB", "extra": 1}, 422, "unknown-field"),
    ({"text": "A\nB", "text_base64": "QQpC"}, 422, "ambiguous-text"),
    ({"text_base64": "QQpC="}, 422, "wrong-form"),
    ({"text": ""}, 422, "empty-text"),
    ({"text": "One line"}, 422, "empty-body"),
    ({"text": "A\nhid\u202eden"}, 422, "forbidden-code-point"),
    ({"text": "A\n" + "b" * (2 << 20)}, 413, "text-too-large"),
    ({"text": "A\nB", "language": "English"}, 422, "wrong-form"),
    ({"text": "A\nB", "status": "update", "document": "none"}, 422, "unknown-document"),
    ({"text": "A\nB", "status": "update", "document": "none", "previous": "ab" * 32}, 422, "unknown-document"),
    ({"text": "A\nB", "document": "known"}, 409, "document-exists"),
]


@pytest.mark.parametrize(("broken", "status", "code"), BROKEN, ids=[code for _, _, code in BROKEN])
def test_a_broken_line_hinders_no_other(log: WebLog, broken: Any, status: int, code: str) -> None:
    said = answers(send(log, lines(body(0, document="known"), broken, body(1))))
    assert [one["line"] for one in said] == [1, 2, 3]
    assert [one["leaf_hash"] for one in (said[0], said[2])] == leaves(log)
    error = said[1]["error"]
    assert set(said[1]) == {"line", "error"}
    assert (error["status"], error["code"]) == (status, code)
    assert {"type", "title", "detail"} <= set(error)
    assert "Body" not in error["detail"], "no name of our code"


def test_the_field_is_named_as_the_line_names_it(log: WebLog) -> None:
    said = answers(send(log, lines(body(1, language="x y"), {"text_base64": "QQ=="}, body(2, note="a\u0007b"))))
    assert [one["error"]["field"] for one in said] == ["language", "text_base64", "note"]


def test_a_line_of_ten_megabytes_is_skipped(log: WebLog) -> None:
    huge = b'{"text": "A\\n' + b"b" * (10 << 20) + b'"}'
    said = answers(send(log, lines(body(0), huge, body(1))))
    assert said[1]["error"]["code"] == "line-too-large"
    assert said[1]["error"]["status"] == 413
    assert [one["leaf_hash"] for one in (said[0], said[2])] == leaves(log)
    assert answers(send(log, lines(body(0))[:-1] + huge[:-5]))[0]["error"]["code"] == "line-too-large"


def test_the_largest_text_fits_into_a_line(log: WebLog) -> None:
    text = "A\n\n" + ('"' * 199 + "\n") * 10_485
    said = answers(send(log, lines({"text": text[:-1], "type": "canonical", "note": '"' * 2000})))
    assert "leaf_hash" in said[0], said


def test_blank_lines_count_and_get_no_answer(log: WebLog) -> None:
    data = b"\n  \r\n" + lines(body(0))[:-1] + b"\r\n\n" + lines(body(1))[:-1]
    assert [(one["line"], "leaf_hash" in one) for one in answers(send(log, data))] == [(3, True), (5, True)]
    assert answers(send(log, b"")) == []


def problem(response: TestResponse, status: int, code: str) -> None:
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.text
    assert json.loads(response.data)["code"] == code


def test_what_is_wrong_with_the_request_is_said_before_all(log: WebLog) -> None:
    data = lines(body(0))
    problem(log.client.post(PATH, data=data, content_type=NDJSON), 401, "missing-key")
    wrong = {"Authorization": "Bearer nk_0123456789ab_" + "0" * 64}
    problem(log.client.post(PATH, data=data, content_type=NDJSON, headers=wrong), 401, "bad-api-key")
    for content_type in ("application/json", "application/x-ndjson; charset=latin-1", None):
        problem(send(log, data, content_type), 415, "unsupported-media-type")
    problem(send(log, data, Content_Encoding="gzip"), 415, "unsupported-content-encoding")
    assert log.client.get(PATH, headers=log.auth()).status_code == 405
    assert leaves(log) == []
    assert len(answers(send(log, data, "application/x-ndjson; charset=UTF-8"))) == 1


@contextmanager
def failing(log: WebLog, error: NotaryError, *, after: int) -> Iterator[list[int]]:
    """Let the submissions fail after some groups; gives the sizes of the groups that were tried."""
    submissions = log.services.submissions
    real = submissions.submit_all
    tried: list[int] = []

    def submit_all(tenant: Any, some: Sequence[Submission]) -> Any:
        tried.append(len(some))
        if len(tried) > after:
            raise error
        return real(tenant, some)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submissions, "submit_all", submit_all)
        yield tried


def test_overload_in_the_middle_keeps_the_order_and_the_client_resumes(log: WebLog) -> None:
    size = batch.MAX_GROUP
    data = lines(*(body(number) for number in range(4 * size)))
    with failing(log, Overloaded("Full.", code="storage-full"), after=1) as tried:
        said = answers(send(log, data))
    assert tried == [size, size]
    assert len(leaves(log)) == size
    codes = [one.get("error", {}).get("code") for one in said]
    assert codes == [None] * size + ["storage-full"] * size + ["overloaded"] * (2 * size)
    assert {one["error"]["status"] for one in said[size:]} == {503}
    again = answers(send(log, data))
    assert [one["leaf_hash"] for one in again] == leaves(log)
    assert [one.get("replayed") for one in again] == [True] * size + [None] * (3 * size)


def test_a_fault_of_ours_is_logged_once_and_ends_the_trying(log: WebLog, caplog: pytest.LogCaptureFixture) -> None:
    data = lines(*(body(number) for number in range(batch.MAX_GROUP + 3)))
    with failing(log, IntegrityError("The disk is broken.", code="storage-broken"), after=0):
        said = answers(send(log, data))
    assert {one["error"]["code"] for one in said[: batch.MAX_GROUP]} == {"internal-error"}
    assert {one["error"]["code"] for one in said[batch.MAX_GROUP :]} == {"overloaded"}
    assert len([one for one in caplog.records if one.levelname == "ERROR"]) == 1
    assert b"disk" not in json.dumps(said).encode()


def test_a_full_backlog_is_not_refused_for_good(tmp_path: Path) -> None:
    log = WebLog(tmp_path / "data")
    submissions = log.services.submissions
    submissions._limits = replace(submissions._limits, max_pending=3)
    first = answers(send(log, lines(body(0, document="a"), body(1, document="b"))))
    revision = body(9, document="b", status="update", previous=first[1]["leaf_hash"])
    said = answers(send(log, lines(revision, body(2), body(1, document="b"))))
    assert [one["error"]["code"] for one in said[:2]] == ["backlog"] * 2
    assert said[2] == first[1] | {"line": 3, "replayed": True}
    log.integrate()
    assert all("leaf_hash" in one for one in answers(send(log, lines(revision, body(2)))))
    log.close()


def test_too_many_batches_at_once(log: WebLog) -> None:
    held = [batch._running.acquire(blocking=False) for _ in range(8)]
    assert all(held)
    try:
        response = send(log, lines(body(0)))
        problem(response, 503, "too-many-batches")
        assert response.headers["Retry-After"] == "5"
    finally:
        for _ in held:
            batch._running.release()
    for _ in range(20):
        assert answers(send(log, lines(body(0))))


def digest_of(text: str) -> dict[str, Any]:
    canonical = canonical_plain(text.encode())
    return {
        "sha256": canonical.sha256.hex(),
        "lines": len(canonical.lines),
        "lines_root": canonical.lines_root.hex(),
    }


def test_a_digest_stands_for_the_text(log: WebLog) -> None:
    text = body(1)["text"]
    by_digest = log.post({"text_digest": digest_of(text), "language": "en", "note": "A note"})
    assert by_digest.status_code == 201, by_digest.text
    assert by_digest.json is not None
    leaf = by_digest.json["leaf_hash"]
    by_text = log.post({"text": text, "language": "en", "note": "A note"})
    assert by_text.json is not None
    assert by_text.json["leaf_hash"] == leaf
    [in_batch] = answers(send(log, lines({"text_digest": digest_of(text), "language": "en", "note": "A note"})))
    assert in_batch["leaf_hash"] == leaf
    shown = log.get_json(f"/api/v1/entries/{leaf}")
    assert shown["text_sha256"] == digest_of(text)["sha256"]
    assert shown["meta"]["note"] == "A note"
    assert "text" not in shown
    log.integrate()
    assert log.client.get(f"/e/{leaf}").status_code == 200
    assert json.loads(log.client.get(f"/api/v1/entries/{leaf}/bundle").data).get("text") is None
    assert b"bridge" not in backends.everything(log.root)


def test_a_digest_with_a_profile_is_another_record(log: WebLog) -> None:
    digest = digest_of(body(1)["text"])
    plain, profiled = answers(
        send(log, lines({"text_digest": digest}, {"text_digest": digest | {"profile_sha256": "ab" * 32}}))
    )
    assert plain["leaf_hash"] != profiled["leaf_hash"]


def test_a_page_in_a_line(log: WebLog) -> None:
    page = "<title>x</title><h1>A title</h1><main><p>The <a href='/b'>bridge</a> is closed.</main><aside>Ad</aside>"
    profile = {"spec": "notary-profile/1", "title": "h1", "body": "main"}
    line = {"text": page, "type": "html", "profile": profile}
    single = log.post(line)
    assert single.json is not None
    said = answers(
        send(log, lines(line, line | {"profile": {"spec": "notary-profile/1", "title": "h2", "body": "main"}}))
    )
    assert said[0]["leaf_hash"] == single.json["leaf_hash"], single.json
    assert said[0]["page"] == single.json["page"]
    assert said[1]["error"]["field"].startswith("profile")


GOOD = digest_of(body(1)["text"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text_digest": GOOD, "text": "A\nB"}, "ambiguous-text"),
        ({"text_digest": {}}, "missing-field"),
        ({"text_digest": "ab" * 32}, "wrong-type"),
        ({"text_digest": None}, "wrong-type"),
        ({"text_digest": GOOD | {"sha256": "AB" * 32}}, "wrong-form"),
        ({"text_digest": GOOD | {"sha256": "ab" * 31}}, "wrong-form"),
        ({"text_digest": GOOD | {"lines": "3"}}, "wrong-type"),
        ({"text_digest": GOOD | {"lines": True}}, "wrong-type"),
        ({"text_digest": GOOD | {"lines": 0}}, "out-of-range"),
        ({"text_digest": GOOD | {"lines": 2**53 - 1}}, "out-of-range"),
        ({"text_digest": GOOD | {"lines": 20_001}}, "too-many-lines"),
        ({"text_digest": GOOD | {"lines_root": None}}, "wrong-type"),
        ({"text_digest": GOOD | {"profile_sha256": ""}}, "wrong-form"),
        ({"text_digest": GOOD | {"size": 1}}, "unknown-field"),
        ({"text_digest": GOOD | {"links_sha256": "ab" * 32}}, "unexpected-field"),
        ({"text_digest": GOOD, "type": "html", "profile": {}}, "unknown-value"),
        ({"text_digest": GOOD, "profile": {}}, "unknown-field"),
    ],
)
def test_a_digest_of_the_wrong_form(log: WebLog, given: dict[str, Any], code: str) -> None:
    response = log.post(given)
    problem(response, 422, code)
    assert response.json is not None
    assert response.json["field"].split(".")[0] in {"text", "text_digest", "type", "profile"}
    assert leaves(log) == []
