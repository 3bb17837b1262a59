"""The page `/check`: what a reader holds, held against what is logged.

With JavaScript the browser does it all, and only digests of lines leave it. Without, the text is sent here, and the
answer is this server's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, make_response, render_template, request

from notary.core.linekey import line_keys
from notary.core.text import canonical
from notary.diff.changes import Row, diff
from notary.errors import InvalidText
from notary.service.lookup import Candidate
from notary.web.context import services
from notary.web.language import _
from notary.web.lookup import find
from notary.web.strings import check_strings

blueprint = Blueprint("check", __name__)

# In a form each byte of Chinese text becomes three.
MAX_FORM_BYTES = 6 * 1024 * 1024
MAX_SHOWN_ROWS = 200


@dataclass(frozen=True, slots=True)
class Word:
    """What this server says of a text: a sentence, the entry that it is about, and what differs."""

    sentence: str
    leaf_hash: str | None = None
    title: str | None = None
    rows: tuple[Row, ...] = ()
    left_out: int = 0


@blueprint.get("/check")
def check() -> Response:
    """Answer with the page."""
    return _page(None)


@blueprint.post("/check")
def check_text() -> Response:
    """Answer with this server's word about a text that a form sent."""
    request.max_content_length = request.max_form_memory_size = MAX_FORM_BYTES
    return _page(_word(request.form.get("text", "")))


def _page(word: Word | None) -> Response:
    response = make_response(render_template("check.html", word=word, strings=check_strings()), HTTPStatus.OK.value)
    response.headers["Cache-Control"] = "no-cache" if word is None else "no-store"
    return response


def _word(text: str) -> Word:
    try:
        held = canonical(text.encode("utf-8", "replace"), "plain")
    except InvalidText as error:
        return Word(_("This could not be checked: %(reason)s", reason=error.message))
    found = find(held.sha256, line_keys(held.data)).candidates
    if not found:
        return Word(
            _(
                "Nothing like this was found in this log. That says nothing against your text: it may be logged "
                "elsewhere, or not at all."
            )
        )
    if found[0].exact:
        return _about(found[0], _("This text is the logged one, word for word."))
    logged = services().reader.details(found[0].summary.leaf_hash).text
    if logged is None:
        return _about(found[0], _("The logged text is not disclosed any more, so it cannot be compared."))
    rows, around = _inside(logged.split("\n"), [line for line in held.lines if line])
    if rows:
        return _about(found[0], _("Your text differs from the logged one."), rows)
    if around:
        return _about(found[0], _("The logged text is in yours, word for word; around it stands other text."))
    return _about(found[0], _("This text is the logged one, word for word."))


def _about(candidate: Candidate, sentence: str, rows: list[Row] | None = None) -> Word:
    all_rows = rows or []
    return Word(
        sentence,
        candidate.summary.leaf_hash.hex(),
        candidate.summary.title,
        tuple(all_rows[:MAX_SHOWN_ROWS]),
        max(0, len(all_rows) - MAX_SHOWN_ROWS),
    )


def _inside(logged: list[str], held: list[str]) -> tuple[list[Row], bool]:
    """Return what differs within the logged text, and whether there is other text before or behind it."""
    lines = [line for line in logged if line]
    inside: list[Row] = []
    around = False
    for hunk in diff(lines, held).hunks:
        rows = list(hunk.rows)
        while rows and rows[0].a is None and hunk.a == 1:
            around = bool(rows.pop(0))
        while rows and rows[-1].a is None and hunk.a + hunk.a_lines > len(lines):
            around = bool(rows.pop())
        inside += rows
    return inside, around
