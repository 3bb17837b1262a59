"""Submitting a page: what is recorded of it, what has to be confirmed, and what is refused."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from notary.core.bundle import parse_bundle
from notary.core.html import canonical_page
from notary.core.profile import parse_profile
from notary.core.record import TextDigest
from tests.pageworld import PAGE, PROFILE, SRC, picture_digest
from tests.weblog import WebLog

HIDDEN = PAGE.replace("it.</p>", 'it.</p><p hidden>Not on Sundays.</p><div class="share">Share this</div>')


@pytest.fixture(scope="module")
def log(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    made = WebLog(Path(tmp_path_factory.mktemp("log")) / "data")
    yield made
    made.close()


def post(log: WebLog, page: str | bytes = PAGE, **changes: Any) -> TestResponse:
    body: dict[str, Any] = {"type": "html", "profile": PROFILE}
    if isinstance(page, str):
        body["text"] = page
    else:
        body["text_base64"] = base64.b64encode(page).decode()
    return log.post({name: value for name, value in {**body, **changes}.items() if value is not None})


def accepted(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 201, response.data
    assert isinstance(response.json, dict)
    return response.json


def refused(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.data
    assert isinstance(response.json, dict)
    assert response.json["code"] == code, response.json
    return response.json


def record_of(log: WebLog, answer: dict[str, Any]) -> tuple[TextDigest, tuple[bytes, ...], Any]:
    bundle = parse_bundle(log.client.get(answer["links"]["bundle"]).data)
    content = bundle.entry.record.content
    assert isinstance(content, TextDigest)
    return content, bundle.entry.record.media, bundle


def test_a_page_of_too_many_lines_is_refused(log: WebLog) -> None:
    refused(post(log, PAGE.replace("it.</p>", "it." + "<br>x" * 20_000 + "</p>")), 422, "too-many-lines")


def test_the_record_holds_the_digests_of_text_profile_links_and_images(log: WebLog) -> None:
    answer = accepted(post(log))
    assert answer["page"] == {
        "encoding": "utf-8",
        "asides": [],
        "images": [{"src": SRC, "alt": "The bridge", "sha256": picture_digest().hex()}],
        "links": [{"href": "/map", "text": "the map"}],
    }
    content, media, bundle = record_of(log, answer)
    page = canonical_page(PAGE.encode(), parse_profile(PROFILE))
    assert (content.sha256, content.links_sha256, media) == (page.text.sha256, page.links_sha256, (picture_digest(),))
    assert content.profile_sha256 == parse_profile(PROFILE).digest()
    assert (bundle.text, bundle.profile) == (page.text.data.decode(), PROFILE)


def test_the_same_page_again_is_the_same_entry(log: WebLog) -> None:
    first = accepted(post(log))
    again = post(log, PAGE.replace("1,204", "9,999"))
    assert accepted(again)["leaf_hash"] == first["leaf_hash"]
    assert again.headers["Idempotent-Replayed"] == "true"


def test_bytes_are_decoded_as_the_transport_says(log: WebLog) -> None:
    page = PAGE.replace('<meta charset="utf-8">', "").replace("Cars", "Cars \u2013 all of them \u2013")
    answer = accepted(post(log, page.encode("gb18030"), charset="GBK"))
    assert answer["page"]["encoding"] == "gbk"
    assert "Cars \u2013 all" in record_of(log, answer)[2].text
    refused(post(log, page.encode("gb18030")), 422, "undecodable")


def test_a_json_string_is_decoded_already_whatever_the_page_says(log: WebLog) -> None:
    answer = accepted(post(log, PAGE.replace('"utf-8"', '"gbk"').replace("Cars", "Véhicules")))
    assert "Véhicules" in record_of(log, answer)[2].text


def test_what_no_digest_covers_has_to_be_confirmed(log: WebLog) -> None:
    problem = refused(post(log, HIDDEN), 422, "unconfirmed-asides")
    asides = [{"kind": "hidden", "text": "Not on Sundays."}, {"kind": "ignored", "text": "Share this"}]
    assert (problem["field"], problem["reasons"]) == ("confirm_hidden", asides)
    refused(post(log, HIDDEN, confirm_hidden=False), 422, "unconfirmed-asides")
    answer = accepted(post(log, HIDDEN, confirm_hidden=True))
    assert answer["page"]["asides"] == asides
    assert "Sundays" not in record_of(log, answer)[2].text


def test_images_that_the_publisher_holds_are_recorded(log: WebLog) -> None:
    page = PAGE.replace(SRC, "bridge.png").replace("Old", "The old")
    answer = accepted(post(log, page, images={"bridge.png": "ab" * 32}))
    assert record_of(log, answer)[1] == (bytes.fromhex("ab" * 32),)
    answer = accepted(post(log, page))
    assert answer["page"]["images"] == [{"src": "bridge.png", "alt": "The bridge"}]
    assert record_of(log, answer)[1] == ()


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"profile": None}, "missing-field", "profile"),
        ({"profile": "h1"}, "wrong-type", "profile"),
        ({"profile": {**PROFILE, "author": ".by"}}, "invalid-profile", "profile.author"),
        ({"profile": {**PROFILE, "body": "div:hover"}}, "invalid-profile", "profile.body"),
        ({"profile": {**PROFILE, "body": "#story"}}, "selector-no-match", "profile.body"),
        ({"profile": {**PROFILE, "body": "div"}}, "selector-ambiguous", "profile.body"),
        ({"charset": "utf-8"}, "unknown-field", "charset"),
        ({"images": {"a.png": "AB" * 32}}, "wrong-form", "images.a.png"),
        ({"confirm_hidden": "yes"}, "wrong-type", "confirm_hidden"),
        ({"type": "plain"}, "unknown-field", "profile"),
        ({"type": "plain", "profile": None, "confirm_hidden": True}, "unknown-field", "confirm_hidden"),
    ],
)
def test_refused(log: WebLog, changes: dict[str, Any], code: str, field: str) -> None:
    problem = refused(post(log, **changes), 422, code)
    assert problem.get("field") == field, problem


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (PAGE.replace("Cars", "\u202eCars"), "forbidden-code-point"),
        (PAGE.replace("Cars", "<bdo dir=rtl>Cars</bdo>"), "inline-direction"),
        (PAGE.replace("<body>", "<body hidden>"), "selected-hidden"),
        ("<div>" * 1001 + PAGE, "page-too-deep"),
        ("", "selector-no-match"),
    ],
)
def test_pages_that_have_no_canonical_text(log: WebLog, page: str, code: str) -> None:
    count = len(log.services.reader.recent(limit=1000))
    refused(post(log, page), 422, code)
    assert len(log.services.reader.recent(limit=1000)) == count


def test_the_entrys_page_names_what_was_recorded_of_the_page(log: WebLog) -> None:
    answer = accepted(post(log))
    shown = log.client.get(answer["links"]["page"]).get_data(as_text=True)
    content, _, _ = record_of(log, answer)
    assert content.links_sha256 is not None
    for digest in (parse_profile(PROFILE).digest(), content.links_sha256, picture_digest()):
        assert digest.hex() in shown
