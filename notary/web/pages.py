"""Pages for people: recent entries and a search, and the page of one entry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from notary.errors import NotFound
from notary.web import assets
from notary.web.api import leaf_of
from notary.web.context import services, settings
from notary.web.language import _
from notary.web.present import Row, entry_page, row, rows
from notary.web.strings import script_strings

blueprint = Blueprint("pages", __name__)

RECENT = 30
MAX_MATCHES = 50

# People paste what they have: a digest in capitals, with 0x, the line that sha256sum prints, the address of a page.
_DIGEST = re.compile(r"(?<![0-9a-f])(?:0x)?([0-9a-f]{64})(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Find:
    """The state of the search form."""

    asked: str = ""
    answer: str | None = None
    invalid: bool = False
    matches: tuple[Row, ...] = ()


@blueprint.get("/")
def index() -> AnyResponse:
    """Answer with the recent entries, and with what a digest asks for."""
    asked = request.args.get("digest", "").strip()[:300]
    if not asked:
        return _front(Find())
    match = _DIGEST.search(asked.lower())
    if match is None:
        answer = _("This is not a digest: it has 64 characters, digits and the letters a to f. Nothing was looked up.")
        return _front(Find(asked, answer, invalid=True), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _search(asked, bytes.fromhex(match[1]))


@blueprint.get("/e/<leaf_hash>")
def entry(leaf_hash: str) -> Response:
    """Answer with the page of one entry."""
    return _entry(leaf_of(leaf_hash))


@blueprint.get("/d/<path:document>")
def document(document: str) -> Response:
    """Answer with the page of a document's current version, or with a choice where several publishers have one.

    Names of documents are the publishers' own; ``?publisher=`` says whose is meant.
    """
    publisher = request.args.get("publisher")
    found = [one for one in services().reader.by_document(document) if publisher in {None, one.publisher}]
    if not found:
        raise NotFound("No document of this log has this name.", code="no-such-document")
    if len(found) == 1:
        return _entry(found[0].leaf_hash)
    # Each line leads to the newest version there is now; the addresses of documents do so for ever.
    return _page(render_template("document.html", document=document, rows=tuple(row(one) for one in found)))


@blueprint.get("/verifier")
def verifier() -> Response:
    """Answer with the page about the verifier that readers save."""
    return _page(render_template("verifier.html"))


@blueprint.get("/verifier/notary-verifier.html")
def verifier_file() -> Response:
    """Answer with that verifier, as a file to save and never as a page of this site."""
    found = assets.verifier()
    if found is None:
        raise NotFound("The saved verifier was not built: run scripts/build-assets.", code="no-verifier")
    response = make_response(found.data)
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="notary-verifier.html"'
    response.headers["Cache-Control"] = "public, no-cache"
    response.set_etag(found.sha256)
    return response


def _entry(leaf_hash: bytes) -> Response:
    reader = services().reader
    details = reader.details(leaf_hash)
    note = None
    if details.superseded_by is not None:
        latest = reader.details(details.superseded_by.leaf_hash).meta
        note = None if latest is None else latest.get("note")
    page = entry_page(
        details,
        successor_note=note if isinstance(note, str) else None,
        development=settings().development,
    )
    return _page(render_template("entry.html", page=page, strings=script_strings()))


def _search(asked: str, digest: bytes) -> AnyResponse:
    reader = services().reader
    try:
        return redirect(f"/e/{reader.summary(digest).leaf_hash.hex()}", HTTPStatus.SEE_OTHER)
    except NotFound:
        matches = tuple(row(one) for one in reader.by_text(digest, limit=MAX_MATCHES))
    if len(matches) == 1:
        return redirect(f"/e/{matches[0].leaf_hash}", HTTPStatus.SEE_OTHER)
    if matches:
        return _front(
            Find(asked, _("%(count)s entries are about this very text.", count=len(matches)), matches=matches)
        )
    answer = _(
        "Nothing in this log has this digest. That says nothing against the text you hold: one different character, "
        "or another log, and the digest is another."
    )
    return _front(Find(asked, answer), HTTPStatus.NOT_FOUND)


def _front(find: Find, status: HTTPStatus = HTTPStatus.OK) -> Response:
    recent = rows(services().reader.recent(limit=RECENT))
    return _page(render_template("index.html", find=find, recent=recent), status)


def _page(html: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = make_response(html, status.value)
    response.headers["Cache-Control"] = "no-cache"
    return response
