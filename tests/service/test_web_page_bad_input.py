"""POST /api/v1/entries with pages and profiles of any kind: a problem with a stable code, never 500, nothing stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.badpages import BAD_PROFILES, GOOD, MISFITS, PROFILE, TOO_LARGE, UNREADABLE
from tests.weblog import WebLog

# What is no object cannot even be put into the request: those are faults of JSON, tested elsewhere.
PROFILES = {name: json.loads(data) for name, (data, code) in BAD_PROFILES.items() if code == "invalid-profile"}


@pytest.fixture(scope="module")
def log(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    made = WebLog(Path(tmp_path_factory.mktemp("pages")) / "data")
    yield made
    made.close()


def submission(page: bytes, **fields: Any) -> dict[str, Any]:
    return {"type": "html", "text_base64": base64.b64encode(page).decode(), "profile": PROFILE, **fields}


def refused(log: WebLog, body: dict[str, Any], status: int, code: str) -> dict[str, Any]:
    response = log.post(body)
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.data)
    assert problem["code"] == code
    assert len(response.data) < 2000
    assert log.services.reader.recent(limit=10) == []
    return problem


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_page_that_cannot_be_read(name: str, log: WebLog) -> None:
    page, code = UNREADABLE[name]
    refused(log, submission(page), 413 if code == "text-too-large" else 422, code)


@pytest.mark.parametrize("name", [name for name, (page, _) in MISFITS.items() if len(page) < 1_000_000])
def test_a_page_that_the_profile_does_not_fit(name: str, log: WebLog) -> None:
    page, code = MISFITS[name]
    problem = refused(log, submission(page), 422, code)
    assert problem["field"] in {"profile.title", "profile.body"}


def test_a_page_that_is_too_large(log: WebLog) -> None:
    refused(log, submission(TOO_LARGE), 413, "body-too-large")
    refused(log, submission(TOO_LARGE[: 9 << 20]), 413, "page-too-large")


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_that_is_none(name: str, log: WebLog) -> None:
    profile = PROFILES[name]
    response = log.post(submission(GOOD, profile=profile))
    assert response.status_code == 422, response.text
    problem = json.loads(response.data)
    assert problem["code"] == ("wrong-type" if isinstance(profile, list) else "invalid-profile")
    assert problem["field"].split(".")[0] == "profile"
    assert log.services.reader.recent(limit=10) == []


def test_a_charset_that_is_not_the_pages(log: WebLog) -> None:
    refused(log, submission(GOOD, charset="klingon"), 422, "unsupported-encoding")
    refused(log, submission(GOOD, charset="big5"), 422, "unsupported-encoding")


def test_what_no_digest_covers_must_be_confirmed(log: WebLog) -> None:
    page = GOOD.replace(b"<p>", b"<p hidden>Not seen.</p><p>")
    refused(log, submission(page), 422, "unconfirmed-asides")


def test_the_page_they_are_all_made_from_is_a_good_one() -> None:
    from notary.core.html import canonical_page
    from notary.core.profile import parse_profile

    assert canonical_page(GOOD, parse_profile(PROFILE)).text.lines
