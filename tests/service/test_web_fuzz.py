"""Whatever is sent, the answer is not a 500, and an error for programs is a problem with the known members."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from notary.web.models import SubmissionBody
from tests.weblog import TEXT, WebLog

pytestmark = pytest.mark.slow

PATH = "/api/v1/entries"
FIELDS = tuple(SubmissionBody.model_fields)
KNOWN = {"type", "title", "status", "detail", "code", "field", "position", "reasons", "request_id", "checks"}

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(
        ["A\nB", "plain", "canonical", "update", "retraction", "en", "QQpC", "ab" * 32, "2025-03-05T09:30:00Z"]
    ),
)
JSON = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), VALUES | JSON, max_size=6)
HEADER = st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)


@pytest.fixture(scope="module")
def log(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    made = WebLog(Path(tmp_path_factory.mktemp("fuzz")) / "data")
    made.final()
    yield made
    made.close()


def check(response: TestResponse) -> None:
    assert response.status_code < 500, response.text
    if response.status_code >= 400 and response.mimetype != "text/html":
        assert response.mimetype == "application/problem+json"
        members: dict[str, Any] = json.loads(response.data)
        assert {"type", "title", "status", "detail", "code", "request_id"} <= set(members) <= KNOWN
        assert members["request_id"] == response.headers["X-Request-Id"]
        assert members["status"] == response.status_code


@given(body=BODIES | JSON)
@settings(max_examples=300, deadline=None)
def test_any_json(log: WebLog, body: Any) -> None:
    data = json.dumps(body).encode("utf-8", "surrogatepass")
    check(log.client.post(PATH, data=data, content_type="application/json", headers=log.auth()))


@given(body=st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0123dfnt', max_size=60).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_any_bytes(log: WebLog, body: bytes) -> None:
    check(log.client.post(PATH, data=body, content_type="application/json", headers=log.auth()))


@given(text=st.text(max_size=80), kind=st.sampled_from(["plain", "canonical"]))
@settings(max_examples=300, deadline=None)
def test_any_text(log: WebLog, text: str, kind: str) -> None:
    data = json.dumps({"text": text, "type": kind}).encode()
    response = log.client.post(PATH, data=data, content_type="application/json", headers=log.auth())
    check(response)
    if response.status_code == 201:
        leaf = json.loads(response.data)["leaf_hash"]
        check(log.client.get(f"/e/{leaf}"))


@given(
    headers=st.dictionaries(
        st.sampled_from(
            [
                "Authorization",
                "Content-Type",
                "Content-Encoding",
                "Idempotency-Key",
                "Prefer",
                "If-None-Match",
                "Accept",
                "Host",
                "Range",
                "Content-Length",
                "Transfer-Encoding",
                "X-Forwarded-Host",
                "Expect",
            ]
        ),
        HEADER,
        max_size=6,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_headers(log: WebLog, headers: dict[str, str]) -> None:
    body = json.dumps({"text": TEXT}).encode()
    check(log.client.post(PATH, data=body, headers={"Content-Type": "application/json"} | log.auth() | headers))
    check(log.client.get("/", headers=headers))


@given(
    path=st.sampled_from(
        ["/", "/e/", "/api/v1/entries", "/api/v1/entries/", "/log/", "/.well-known/", "/static/", "/healthz"]
    ),
    rest=st.text(max_size=30) | st.sampled_from(["../../x", "//x", "%00", "%ff", "ab" * 32, "ab" * 32 + "/bundle"]),
    query=st.dictionaries(st.sampled_from(["digest", "text_sha256", "v", "x"]), st.text(max_size=80), max_size=3),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]),
)
@settings(max_examples=300, deadline=None)
def test_any_path(log: WebLog, path: str, rest: str, query: dict[str, str], method: str) -> None:
    rest = "".join(character for character in rest if character not in "?#" and character.isprintable())
    response = log.client.open(path + rest, method=method, query_string=query)
    # No worker runs here, so this one log is not healthy; and HEAD has no body to look at.
    if path + rest != "/healthz" and method != "HEAD":
        check(response)
    assert response.status_code not in {500, 502, 504}
