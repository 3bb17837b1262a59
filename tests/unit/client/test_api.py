"""The client believes a server nothing that the bytes do not show, whatever the server answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from notary.client.api import LogClient
from notary.core.entry import Entry
from notary.errors import EndpointFailed, NotaryError, Overloaded, PolicyRefused, ProofFailed, UsageError
from tests.endpoint import answer, serve
from tests.unit.client.answers import FIELDS, GENUINE, HTML, KEY, LEAF, bundle_of, problem, refused, server, text
from tests.worlds import ALTERED, entry, record, revision, text_digest


def submit(client: LogClient) -> object:
    return client.submit(text(), FIELDS)


# --------------------------------------------------------------------------------------------------------- the honest


def test_what_is_sent_and_what_comes_back() -> None:
    with serve(server()) as endpoint:
        submitted = LogClient(endpoint.url + "/", key=KEY).submit(text(), FIELDS, wait=5)
    assert (submitted.leaf_hash, submitted.state) == (LEAF, "integrated")
    sent = endpoint.requests[0]
    assert sent.line == "POST /api/v1/entries HTTP/1.1"
    assert sent.json == {"text": text().data.decode(), "type": "canonical", "document": "notice-17"}
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["prefer"] == "wait=5"
    # The key goes with the submission and nowhere else.
    assert ["authorization" in one.headers for one in endpoint.requests] == [True, False]


def test_reading_needs_no_key() -> None:
    with serve(server()) as endpoint:
        client = LogClient(endpoint.url)
        assert client.state(LEAF) == "final"
        assert client.bundle(LEAF) == GENUINE.bundle()
        assert client.bundle_bytes(LEAF) == GENUINE.bundle().encode()
    assert not [one for one in endpoint.requests if "authorization" in one.headers]


# ---------------------------------------------------------------------------------------------------------- the false


def test_another_leaf_hash_than_the_entry_has() -> None:
    created = json.dumps({"leaf_hash": "ab" * 32, "state": "final"}).encode()
    refused(ProofFailed, "another-entry", server(created=created), submit)


def other_text() -> Entry:
    return entry(record(content=text_digest(ALTERED)))


def other_lines() -> Entry:
    return entry(record(content=replace(text_digest(), lines=99)))


@pytest.mark.parametrize(
    ("made", "code", "field"),
    [
        (other_text(), "logged-another-text", None),
        (other_lines(), "logged-another-text", None),
        (entry(record(document="notice-18")), "logged-another-record", "document"),
        (entry(record(document=None)), "logged-another-record", "document"),
        (entry(record(language="en")), "logged-another-record", "language"),
        (entry(record(published="2026-01-01T00:00:00Z")), "logged-another-record", "published"),
        (revision(entry(), content=text_digest()), "logged-another-record", "status"),
    ],
    ids=["text", "lines", "document", "no document", "language", "published", "status"],
)
def test_an_entry_about_something_else(made: Entry, code: str, field: str | None) -> None:
    """The leaf hash is right, the bundle is whole, and the log says what nobody submitted."""
    created = json.dumps({"leaf_hash": made.leaf_hash().hex(), "state": "final"}).encode()
    error = refused(ProofFailed, code, server(created=created, bundle=bundle_of(made)), submit)
    assert error.field == field


def test_a_language_in_another_letter_case_is_the_same() -> None:
    made = entry(record(language="zh-Hans-CN"))
    created = json.dumps({"leaf_hash": made.leaf_hash().hex(), "state": "pending"}).encode()
    with serve(server(created=created, bundle=bundle_of(made))) as endpoint:
        fields = {**FIELDS, "language": "ZH-hans-cn"}
        assert LogClient(endpoint.url).submit(text(), fields).leaf_hash == made.leaf_hash()


def test_another_revision_than_the_one_that_was_named() -> None:
    first, other = entry(), entry(time=1)
    made = revision(first, content=text_digest())
    fields = {**FIELDS, "status": "correction", "previous": first.leaf_hash().hex()}
    script = server(
        created=json.dumps({"leaf_hash": made.leaf_hash().hex(), "state": "pending"}).encode(), bundle=bundle_of(made)
    )
    with serve(script) as endpoint:
        assert LogClient(endpoint.url).submit(text(), fields).leaf_hash == made.leaf_hash()
    fields["previous"] = other.leaf_hash().hex()
    error = refused(ProofFailed, "logged-another-record", script, lambda client: client.submit(text(), fields))
    assert error.field == "previous"


@pytest.mark.parametrize(
    "act", [submit, lambda c: c.bundle(LEAF), lambda c: c.bundle_bytes(LEAF)], ids=["submit", "bundle", "bytes"]
)
def test_another_entrys_bundle(act: Callable[[LogClient], object]) -> None:
    refused(ProofFailed, "another-entry", server(bundle=bundle_of(other_text())), act)


# ------------------------------------------------------------------------------------------------------- the nonsense


@pytest.mark.parametrize(
    "body",
    [
        b"",
        HTML,
        b'{"leaf_hash":"',
        b"[]",
        b"null",
        b"{}",
        b'{"state":"final"}',
        b'{"leaf_hash":7,"state":"final"}',
        b'{"leaf_hash":"","state":"final"}',
        b'{"leaf_hash":"%s","state":"final"}' % (b"AB" * 32),
        b'{"leaf_hash":"%s","state":"final"}' % (b"ab " * 32),
        b'{"leaf_hash":"%s"}' % LEAF.hex().encode(),
        b'{"leaf_hash":"%s","state":null}' % LEAF.hex().encode(),
        b'{"leaf_hash":"%s","state":"a","state":"b"}' % LEAF.hex().encode(),
        b"[" * 100_000,
    ],
    ids=lambda body: str(body[:40]),
)
def test_an_answer_that_is_none(body: bytes) -> None:
    refused(EndpointFailed, "bad-answer", server(created=body), submit)
    if b"state" not in body or b"null" in body:
        refused(EndpointFailed, "bad-answer", server(state=body), lambda client: client.state(LEAF))


@pytest.mark.parametrize("body", [b"", HTML, b"{}", GENUINE.bundle().encode()[:-100], GENUINE.bundle().encode() + b" "])
def test_a_bundle_that_is_none(body: bytes) -> None:
    # The server's fault, not the caller's: could not be checked, instead of "your file cannot be used".
    refused(EndpointFailed, "bad-answer", server(bundle=body), submit)
    refused(EndpointFailed, "bad-answer", server(bundle=body), lambda client: client.bundle_bytes(LEAF))


def test_a_body_without_end() -> None:
    refused(EndpointFailed, "endpoint-too-large", server(created=bytes(9 << 20)), submit)
    refused(EndpointFailed, "endpoint-too-large", server(bundle=bytes(17 << 20)), submit)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (answer(b"", status="302 Found", headers={"Location": "http://127.0.0.1:1/"}), "endpoint-redirect"),
        (answer(b"", status="308 Permanent Redirect", headers={"Location": "/x"}), "endpoint-redirect"),
        (answer(b"{}", headers={"Content-Length": "100"}), "endpoint-truncated"),
        (b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "endpoint-encoding"),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "endpoint-protocol"),
        (answer(HTML, status="502 Bad Gateway"), "bad-answer"),
        (answer(b"", status="500 Internal Server Error"), "bad-answer"),
        (answer(HTML, status="404 Not Found"), "bad-answer"),
        (answer(HTML, status="403 Forbidden"), "bad-answer"),
    ],
)
def test_what_is_not_a_log(raw: bytes, code: str) -> None:
    refused(EndpointFailed, code, server(post=raw), submit)


def test_nobody_there() -> None:
    with pytest.raises(EndpointFailed) as info:
        LogClient("http://127.0.0.1:1").state(LEAF)
    assert info.value.code == "endpoint-unreachable"


# ------------------------------------------------------------------------------------------------------- the refusals


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad Request", PolicyRefused),
        ("401 Unauthorized", PolicyRefused),
        ("409 Conflict", PolicyRefused),
        ("413 Content Too Large", PolicyRefused),
        ("422 Unprocessable Content", PolicyRefused),
        ("429 Too Many Requests", Overloaded),
        ("500 Internal Server Error", EndpointFailed),
        ("503 Service Unavailable", Overloaded),
    ],
)
def test_a_refusal_keeps_the_servers_own_words(status: str, kind: type[NotaryError]) -> None:
    error = refused(kind, "some-code", server(post=problem(status, field="text", position=0)), submit)
    assert (error.message, error.field, error.position) == ("It is not so.", "text", 0)


def test_a_refusal_with_members_of_the_wrong_type() -> None:
    raw = problem("422 Unprocessable Content", detail=[], code=7, field={}, position="3")
    error = refused(PolicyRefused, "bad-answer", server(post=raw), submit)
    assert (error.field, error.position) == (None, None)
    assert "422" in error.message


BAD_ADDRESSES = (
    ["", "log.example", "//log.example", "ftp://log.example", "http://", "http://[::1", "http://a b/", "http://a\n/"],
    ["http://user:secret@log.example", "http://a/?b=c", "http://a/#b", "http://a:99999/", "http://\udcff/"],
)


@pytest.mark.parametrize("address", [address for some in BAD_ADDRESSES for address in some])
def test_what_is_no_address_of_a_log(address: str) -> None:
    with pytest.raises(UsageError) as info:
        LogClient(address)
    assert info.value.code == "bad-server"
    assert "secret" not in info.value.message
