"""The JSON API, version 1: submit an entry, read one, fetch its bundle, find entries by the digest of a text."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Blueprint, Response, make_response, request

from notary.core import jcs
from notary.core.html import Page
from notary.core.logchecks import claimed_block
from notary.core.record import Status
from notary.core.text import Notice
from notary.errors import InvalidRecord, InvalidText, NotaryError, NotFound, Overloaded, Unselectable
from notary.service.read import AnchorSummary, Details, PublicState, Summary
from notary.service.submit import Submission
from notary.telemetry import metrics
from notary.web import admission, body
from notary.web.context import draining, services, settings
from notary.web.models import DigestQuery, SubmissionBody, validated
from notary.web.words import TEST_CHAIN

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

MAX_FOUND = 100
POLL_SECONDS = 0.1
# A waiting request keeps a thread: with all of these waiting, further ones are answered at once, which RFC 7240 allows.
_waiting = threading.BoundedSemaphore(8)

_HASH = re.compile(r"[0-9a-f]{64}")

# What core's own sentences about a field's form leave open.
_HINTS = {
    "document": "Use letters, digits and . _ : / ~ - (at most 128), starting with a letter or digit.",
    "language": "Use a BCP 47 tag in its usual letter case, like en, zh-Hans or pt-BR.",
    "published": "Use a time with its offset, like 2025-03-05T09:30:00+08:00.",
}


@blueprint.post("/entries")
def submit() -> Response:
    """Accept a submission; the answer comes when the entry is durable."""
    with admission.counted():
        leave = admission.enter()
        try:
            return _submit()
        finally:
            leave()


def _submit() -> Response:
    tenant, key_id = admission.publisher()
    services().key_rate.take(key_id)
    key = body.idempotency_key(request)
    value = body.json_body(request, max_bytes=settings().limits.max_body_bytes)
    model = validated(SubmissionBody, value)
    digest = hashlib.sha256(jcs.dumps(value)).digest()
    try:
        accepted = services().submissions.submit(
            tenant, submission_of(model), idempotency_key=key, request_digest=digest if key is not None else None
        )
    except (InvalidRecord, InvalidText) as error:
        raise about_request(error, model) from None

    metrics.count_accepted(replayed=accepted.replayed)
    wait = body.wanted_wait(request)
    if wait or accepted.replayed:
        state, waited = _settled(accepted.leaf_hash, wait)
    else:
        state, waited = PublicState.PENDING, False  # a moment old: not worth a look
    links = _links(accepted.leaf_hash)
    answer: dict[str, jcs.Json] = {"leaf_hash": accepted.leaf_hash.hex(), "state": state.value, "links": links}
    if accepted.notices:
        answer["notices"] = notices_json(accepted.notices)
    if accepted.page is not None:
        answer["page"] = page_json(accepted.page)
    headers = [("Location", str(links["self"]))]
    if accepted.replayed:
        headers.append(("Idempotent-Replayed", "true"))
    if waited:
        headers.append(("Preference-Applied", f"wait={wait}"))
    return json_answer(answer, HTTPStatus.CREATED, headers)


@blueprint.get("/entries")
def find() -> Response:
    """Answer with the entries about the text that has the given digest, oldest first."""
    digest = validated(DigestQuery, body.query(request)).text_sha256
    found = services().reader.by_text(bytes.fromhex(digest), limit=MAX_FOUND)
    return json_answer({"entries": [summary_json(one) for one in found]})


@blueprint.get("/entries/<leaf_hash>")
def entry(leaf_hash: str) -> Response:
    """Answer with everything known about one entry, never claiming more than is proven."""
    leaf = leaf_of(leaf_hash)
    return json_answer(_details_json(services().reader.details(leaf), services().bundles.current(leaf)))


@blueprint.get("/entries/<leaf_hash>/bundle")
def bundle(leaf_hash: str) -> Response:
    """Answer with the bundle file of one entry, byte for byte."""
    response = make_response(services().bundles.bundle(leaf_of(leaf_hash)))
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = f'attachment; filename="{leaf_hash}.bundle.json"'
    response.headers["Cache-Control"] = "public, no-cache"
    return response


@blueprint.get("/entries/<leaf_hash>/tlog-proof")
def tlog_proof(leaf_hash: str) -> Response:
    """Answer with the proof that one entry is in the log, for tools that know transparency logs and not us."""
    response = make_response(services().bundles.tlog_proof(leaf_of(leaf_hash)))
    response.mimetype = "text/plain"
    response.headers["Content-Disposition"] = f'attachment; filename="{leaf_hash}.tlog-proof"'
    response.headers["Cache-Control"] = "public, no-cache"
    return response


def leaf_of(text: str) -> bytes:
    """Return the leaf hash in a path. Raises :class:`NotFound` for anything but 64 lower-case hex digits."""
    if not _HASH.fullmatch(text):
        raise NotFound("An entry is named by its leaf hash, 64 lower-case hex digits.", code="no-such-entry")
    return bytes.fromhex(text)


def submission_of(model: SubmissionBody) -> Submission:
    """Return what a body asks for. Raises :class:`notary.errors.PolicyRefused` where its base64 is none."""
    return Submission(
        text=model.content(),
        kind=model.type,
        page=model.page_input(),
        status=Status(model.status),
        document=model.document,
        previous=None if model.previous is None else bytes.fromhex(model.previous),
        language=model.language,
        published=model.published,
        url=model.url,
        note=model.note,
        author=model.author,
    )


def page_json(page: Page) -> dict[str, jcs.Json]:
    """Return what a page has beside its text, as the publisher should know it."""
    images: list[jcs.Json] = []
    for image in page.images:
        known: dict[str, jcs.Json] = {} if image.sha256 is None else {"sha256": image.sha256.hex()}
        images.append({"src": image.src, "alt": image.alt, **known})
    return {
        "encoding": page.encoding,
        "asides": [{"kind": aside.kind, "text": aside.text} for aside in page.asides],
        "images": images,
        "links": [{"href": link.href, "text": link.text} for link in page.links],
    }


def about_request(error: NotaryError, model: SubmissionBody) -> NotaryError:
    """Name the field as the request calls it: the record and the meta object are made by the service."""
    if isinstance(error, InvalidText):
        name = f"profile.{error.field}" if isinstance(error, Unselectable) else model.text_field()
        return InvalidText(error.message, code=error.code, field=name, position=error.position)
    if not isinstance(error, InvalidRecord) or error.field is None:
        return error
    name = error.field.removeprefix("record.").removeprefix("meta.")
    message = error.message.replace(error.field, name)
    if name in _HINTS and error.code in {"wrong-form", "wrong-length"}:
        message = f"{name} is not of the right form. {_HINTS[name]}"
    return InvalidRecord(message, code=error.code, field=name, position=error.position)


def notices_json(notices: Sequence[Notice]) -> list[jcs.Json]:
    """Return what the text rules remarked."""
    return [
        {"code": one.code, "codepoint": f"U+{one.codepoint:04X}", "name": one.name, "count": one.count}
        for one in notices
    ]


def _settled(leaf_hash: bytes, wait: int) -> tuple[PublicState, bool]:
    """Return the entry's state, after waiting for its integration for up to ``wait`` seconds, and whether it waited.

    The entry is durable by now, so nothing that goes wrong while looking may turn the answer into an error.
    """
    deadline = time.monotonic() + wait
    may_wait = wait > 0 and _waiting.acquire(blocking=False)
    try:
        while True:
            try:
                state = services().reader.summary(leaf_hash).state
            except Overloaded:
                state = PublicState.PENDING
            if state is not PublicState.PENDING or not may_wait or time.monotonic() >= deadline or draining():
                return state, may_wait
            time.sleep(POLL_SECONDS)
    finally:
        if may_wait:
            _waiting.release()


def _links(leaf_hash: bytes) -> dict[str, jcs.Json]:
    path = f"/api/v1/entries/{leaf_hash.hex()}"
    return {
        "self": path,
        "bundle": f"{path}/bundle",
        "tlog_proof": f"{path}/tlog-proof",
        "page": f"/e/{leaf_hash.hex()}",
    }


def summary_json(summary: Summary) -> dict[str, jcs.Json]:
    """Return one line about an entry."""
    value: dict[str, jcs.Json] = {
        "leaf_hash": summary.leaf_hash.hex(),
        "index": summary.index,
        "time": summary.time,
        "state": summary.state.value,
        "publisher": summary.publisher,
        "status": summary.status,
        "links": _links(summary.leaf_hash),
    }
    if summary.title is not None:
        value["title"] = summary.title
    if summary.document is not None:
        value["document"] = summary.document
    if summary.text_sha256 is not None:
        value["text_sha256"] = summary.text_sha256.hex()
    return value


def _details_json(details: Details, current: bytes | None) -> dict[str, jcs.Json]:
    summary = details.summary
    value: dict[str, jcs.Json] = {
        "leaf_hash": summary.leaf_hash.hex(),
        "index": summary.index,
        "time": summary.time,
        "state": summary.state.value,
        "record": details.entry.record.to_json(),
        "anchors": _anchors_json(details),
        "links": _links(summary.leaf_hash),
    }
    if summary.text_sha256 is not None:
        value["text_sha256"] = summary.text_sha256.hex()
    if details.text is not None:
        value["text"] = details.text
    if details.meta is not None:
        value["meta"] = details.meta
    if details.revisions:
        earlier = [summary_json(one) for one in details.revisions if one.index < summary.index]
        later = [summary_json(one) for one in details.revisions if one.index > summary.index]
        head = details.revisions[-1].leaf_hash.hex()
        value["revisions"] = {"head": head, "earlier": list(earlier), "later": list(later)}
    if current is not None:
        value["current"] = current.decode("utf-8")
    if settings().development:
        value["warning"] = TEST_CHAIN
    return value


def _anchors_json(details: Details) -> list[jcs.Json]:
    proven = [(anchor.chain_id, claimed_block(anchor)) for anchor in details.bundle.anchors]
    times = {(chain_id, block.number): block.time for chain_id, block in proven}
    return [_anchor_json(one, times) for one in details.anchors]


def _anchor_json(one: AnchorSummary, times: Mapping[tuple[int, int], int]) -> dict[str, jcs.Json]:
    """Return one anchor; where its block is comes with its state, when its block was only once it is proven.

    ``times`` are those of the blocks of proven anchors, by chain and number: a final block has its number alone.
    """
    anchor = one.anchor
    time = None if anchor.place is None else times.get((anchor.target.chain_id, anchor.place.block_number))
    value: dict[str, jcs.Json] = {
        "state": anchor.state.value,
        "proven": anchor.state == "proven" and time is not None,
        "chain_id": anchor.target.chain_id,
        "registry": "0x" + anchor.target.registry.hex(),
        "log_id": "0x" + anchor.target.log_id.hex(),
        "size": anchor.size,
    }
    if anchor.place is not None:
        value["tx_hash"] = "0x" + anchor.place.tx_hash.hex()
        value["block_number"] = anchor.place.block_number
        value["block_hash"] = "0x" + anchor.place.block_hash.hex()
        if value["proven"]:
            value["block_time"] = time
    return value


def json_answer(
    value: dict[str, jcs.Json], status: HTTPStatus = HTTPStatus.OK, headers: Sequence[tuple[str, str]] = ()
) -> Response:
    """Return a JSON answer; what was just made is not kept by anybody."""
    cache = "no-store" if status is HTTPStatus.CREATED else "public, no-cache"
    return Response(
        jcs.dumps(value),
        status=status.value,
        headers=[*headers, ("Cache-Control", cache)],
        content_type="application/json",
    )
