"""Reading through the API: entries, bundles, search, checkpoint, trust file, health, errors and headers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notary.core.bundle import parse_bundle
from notary.core.chain import ChainEvidence
from notary.core.checkpoint import parse_checkpoint
from notary.core.evm import parse_header
from notary.core.note import parse_note
from notary.core.trust import parse_trust
from notary.core.verify import Verdict, verify
from notary.errors import EndpointFailed, Forbidden, IntegrityError, NotaryError, ProofFailed
from notary.model.anchors import AnchorState
from notary.service.read import Reader
from tests.weblog import BLOCK, CHAIN_ID, ORIGIN, TEXT, WebLog

PATH = "/api/v1/entries"
NOWHERE = "cd" * 32


@pytest.fixture
def log(tmp_path: Path) -> Iterator[WebLog]:
    made = WebLog(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebLog]:
    """A log for tests that do not look at what else is in it."""
    made = WebLog(Path(tmp_path_factory.mktemp("read")) / "data")
    yield made
    made.close()


def problem(log: WebLog, path: str, status: int, code: str) -> dict[str, Any]:
    response = log.client.get(path)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.text
    members: dict[str, Any] = json.loads(response.data)
    assert members["code"] == code
    return members


def test_states_never_claim_more_than_is_proven(log: WebLog) -> None:
    leaf = log.submit()
    path = f"{PATH}/{leaf}"
    assert log.get_json(path)["state"] == "pending"
    log.integrate()
    value = log.get_json(path)
    assert (value["state"], value["anchors"]) == ("integrated", [])
    seen = []
    for state in (
        AnchorState.QUEUED,
        AnchorState.PREPARED,
        AnchorState.MAYBE_SENT,
        AnchorState.INCLUDED,
        AnchorState.FINAL,
    ):
        log.anchor(state)
        value = log.get_json(path)
        (anchor,) = value["anchors"]
        assert (anchor["state"], anchor["proven"]) == (state.value, False)
        assert "block_time" not in anchor
        assert json.loads(log.client.get(f"{path}/bundle").data)["anchors"] == []
        seen.append(value["state"])
    assert seen == ["integrated", "integrated", "submitted", "included", "included"]
    log.anchor(AnchorState.PROVEN, block_time=1_800_000_000)
    value = log.get_json(path)
    (anchor,) = value["anchors"]
    assert value["state"] == "final"
    assert (anchor["proven"], anchor["block_number"], anchor["block_time"]) == (True, BLOCK, 1_800_000_000)
    assert anchor["tx_hash"] == "0x" + "ab" * 32


def test_entry(log: WebLog) -> None:
    leaf = log.final()
    value = log.get_json(f"{PATH}/{leaf}")
    assert value["leaf_hash"] == leaf
    assert value["index"] == 1
    assert value["record"]["origin"] == ORIGIN
    assert hashlib.sha256(value["text"].encode()).hexdigest() == value["record"]["text"]["sha256"]
    assert value["links"] == {
        "self": f"{PATH}/{leaf}",
        "bundle": f"{PATH}/{leaf}/bundle",
        "tlog_proof": f"{PATH}/{leaf}/tlog-proof",
        "page": f"/e/{leaf}",
    }
    assert value["warning"] == "Local test chain: proves nothing to others."
    assert "revisions" not in value
    assert "current" not in value


def test_no_warning_about_a_chain_that_is_not_for_tests(tmp_path: Path) -> None:
    log = WebLog(tmp_path / "data", development=False)
    assert "warning" not in log.get_json(f"{PATH}/{log.final()}")
    log.close()


def test_revisions(log: WebLog) -> None:
    first = log.submit("One\nFirst.", document="d")
    second = log.submit("One\nSecond.", document="d", status="correction", previous=first)
    third = log.submit("One\nThird.", document="d", status="retraction", previous=second)
    log.integrate()
    value = log.get_json(f"{PATH}/{second}")
    revisions = value["revisions"]
    assert revisions["head"] == third
    assert [(one["leaf_hash"], one["status"]) for one in revisions["earlier"]] == [(first, "original")]
    assert [(one["leaf_hash"], one["status"]) for one in revisions["later"]] == [(third, "retraction")]
    statement = value["current"].splitlines()
    assert statement[0] == "notary-current/1"
    assert statement[3] == third


def test_bundle_verifies_and_is_named_by_its_leaf(log: WebLog) -> None:
    leaf = log.final()
    response = log.client.get(f"{PATH}/{leaf}/bundle")
    assert response.mimetype == "application/json"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{leaf}.bundle.json"'
    assert response.headers["Cache-Control"] == "public, no-cache"
    bundle = parse_bundle(response.data)
    trust = parse_trust(log.client.get("/.well-known/notary-log.json").data)
    pinned = frozenset(parse_header(anchor.header).hash for anchor in bundle.receipt_anchors)
    report = verify(bundle, trust=trust, evidence=ChainEvidence(pinned=pinned), now=log.services.clock.now_ms())
    assert report.verdict is Verdict.MATCH
    assert bundle.entry.leaf_hash().hex() == leaf


def test_find_by_text(log: WebLog) -> None:
    leaf = log.submit()
    digest = log.get_json(f"{PATH}/{leaf}")["record"]["text"]["sha256"]
    (found,) = log.get_json(f"{PATH}?text_sha256={digest}")["entries"]
    assert (found["leaf_hash"], found["state"], found["status"]) == (leaf, "pending", "original")
    assert log.get_json(f"{PATH}?text_sha256={NOWHERE}") == {"entries": []}


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("", "missing-field", "text_sha256"),
        ("?text_sha256=12", "wrong-form", "text_sha256"),
        (f"?text_sha256={NOWHERE.upper()}", "wrong-form", "text_sha256"),
        (f"?text_sha256={NOWHERE}%0a", "wrong-form", "text_sha256"),
        ("?text_sha256=%ff", "wrong-form", "text_sha256"),
        (f"?text_sha256={NOWHERE}&text_sha256={NOWHERE}", "duplicate-name", "text_sha256"),
        (f"?text_sha256={NOWHERE}&limit=5", "unknown-field", "limit"),
    ],
)
def test_bad_searches(shared: WebLog, query: str, code: str, field: str) -> None:
    assert problem(shared, PATH + query, 422, code)["field"] == field


@pytest.mark.parametrize("name", [NOWHERE, NOWHERE.upper(), "x", "12", "%00", "0x" + NOWHERE, NOWHERE + "%0a", "..%2f"])
@pytest.mark.parametrize("end", ["", "/bundle", "/tlog-proof"])
def test_no_such_entry(shared: WebLog, name: str, end: str) -> None:
    response = shared.client.get(f"{PATH}/{name}{end}")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert json.loads(response.data)["code"] in {"no-such-entry", "not-found"}


def test_the_manifest_is_not_an_entry(log: WebLog) -> None:
    log.integrate()
    with log.services.store.read() as view:
        manifest = view.latest_manifest()
    assert manifest is not None
    problem(log, f"{PATH}/{manifest.leaf_hash.hex()}", 404, "no-such-entry")
    assert log.client.get(f"/e/{manifest.leaf_hash.hex()}").status_code == 404


def test_checkpoint(log: WebLog) -> None:
    problem(log, "/log/checkpoint", 404, "no-checkpoint")
    log.submit()
    log.integrate()
    response = log.client.get("/log/checkpoint")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=1"
    checkpoint = parse_checkpoint(parse_note(response.data).text)
    assert (checkpoint.origin, checkpoint.size) == (ORIGIN, 2)
    again = log.client.get("/log/checkpoint", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_trust_file_is_the_stored_bytes(log: WebLog) -> None:
    response = log.client.get("/.well-known/notary-log.json")
    assert response.data == log.services.reader.trust_file()
    assert response.mimetype == "application/json"
    trust = parse_trust(response.data)
    assert hashlib.sha256(response.data).hexdigest() == trust.fingerprint
    assert trust.development
    assert [chain.chain_id for chain in trust.chains] == [CHAIN_ID]


def test_health(log: WebLog) -> None:
    members = problem(log, "/healthz", 503, "worker-missing")
    assert members["reasons"] == ["worker-missing", "worker-missing"]
    assert "Retry-After" in log.client.get("/healthz").headers
    log.beat()
    assert log.get_json("/healthz") == {"status": "ok", "size": 0, "pending": 1}
    log.beat(problem=("endpoint-failed", "http://127.0.0.1:1/secret-path did not answer."))
    response = log.client.get("/healthz")
    assert response.status_code == 200
    assert json.loads(response.data)["reasons"] == ["endpoint-failed"]
    # An endpoint's address may hold a key.
    assert b"secret-path" not in response.data


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v2/entries", "/api/v1/entries/", "/log/", "/log/tile/0/000"]
)
def test_unknown_paths_for_programs(shared: WebLog, path: str) -> None:
    response = shared.client.get(path)
    assert response.status_code == 404
    expected = "application/problem+json" if path != "/api" else "text/html"
    assert response.mimetype == expected


@pytest.mark.parametrize("path", ["/healthz", "/log/checkpoint", "/.well-known/notary-log.json", f"{PATH}/{NOWHERE}"])
def test_methods(shared: WebLog, path: str) -> None:
    response = shared.client.post(path)
    assert (response.status_code, response.mimetype) == (405, "application/problem+json")
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (IntegrityError("Leaf 7 of /srv/log is broken.", code="leaf-hash"), 500, "internal-error"),
        (ProofFailed("The proof of /srv/log does not hold.", code="root-mismatch"), 500, "internal-error"),
        (RuntimeError("secret of /srv/log"), 500, "internal-error"),
        (KeyError("secret of /srv/log"), 500, "internal-error"),
        (Forbidden("Not yours.", code="wrong-scope"), 403, "wrong-scope"),
        (EndpointFailed("The endpoint answered 500.", code="http-status"), 502, "http-status"),
        (EndpointFailed("The endpoint was silent.", code="timeout"), 504, "timeout"),
        (NotaryError("What is this, /srv/log?", code="unheard-of"), 500, "internal-error"),
    ],
)
def test_our_own_errors_tell_nothing(
    shared: WebLog,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    code: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Reader, "details", fail)
    members = problem(shared, f"{PATH}/{NOWHERE}", status, code)
    page = shared.client.get(f"/e/{NOWHERE}")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    if status == 500:
        assert "/srv/log" not in str(members)
        assert "/srv/log" not in page.text
        # The operator finds the reason in the log by the reference that the answer gives.
        assert members["reference"] in caplog.text
        assert "/srv/log" in caplog.text
        assert "Reference" in page.text


@pytest.mark.parametrize(
    "path", ["/", "/nope", f"/e/{NOWHERE}", "/?digest=x", "/static/notary.css", "/static/nope.css"]
)
def test_headers_of_pages(shared: WebLog, path: str) -> None:
    headers = shared.client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    # The reader says whom to ask about the chain: by https, or a node on their own machine.
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert parts.pop("connect-src") == "'self' https: http://127.0.0.1:* http://localhost:*"
    assert not [value for value in parts.values() if "*" in value or "http" in value]
    assert (parts["require-trusted-types-for"], parts["trusted-types"]) == ("'script'", "'none'")
    assert {"base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", ["/healthz", "/.well-known/notary-log.json", f"{PATH}/{NOWHERE}", "/api/nope"])
def test_headers_for_programs(shared: WebLog, path: str) -> None:
    headers = shared.client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_submitting_is_not_opened_to_other_sites(shared: WebLog) -> None:
    response = shared.post({"text": TEXT})
    assert response.status_code == 201
    assert "Access-Control-Allow-Origin" not in response.headers
    preflight = shared.client.options(PATH, headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Headers" not in preflight.headers
