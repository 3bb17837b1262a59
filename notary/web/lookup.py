"""Finding entries by what a reader holds, without the text: `POST /api/v1/lookup`."""

from __future__ import annotations

import threading
from collections.abc import Collection

from flask import Blueprint, Response, request

from notary.core import jcs
from notary.errors import Overloaded
from notary.service.lookup import Found
from notary.web import body
from notary.web.api import json_answer, summary_json
from notary.web.context import services
from notary.web.models import LookupBody, validated

blueprint = Blueprint("lookup", __name__, url_prefix="/api/v1")

# Two thousand keys with their quotes and commas, and the digest, take 40 kB.
MAX_BODY_BYTES = 64 * 1024
# A search by two thousand lines takes tens of milliseconds of a processor; anybody may ask.
_places = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 2.0


@blueprint.post("/lookup")
def lookup() -> Response:
    """Answer with the entries that a copy with these digests may be a copy of, best first."""
    asked = validated(LookupBody, body.json_body(request, max_bytes=MAX_BODY_BYTES))
    found = find(asked.digest(), asked.keys())
    entries: list[jcs.Json] = [
        summary_json(one.summary) | {"exact": one.exact, "lines": one.lines} for one in found.candidates
    ]
    return json_answer({"entries": entries, "indexed": found.indexed})


def find(digest: bytes | None, keys: Collection[int]) -> Found:
    """Search, a few at a time. Raises :class:`Overloaded` (``too-many-lookups``)."""
    if not _places.acquire(timeout=_WAIT_SECONDS):
        raise Overloaded("Too many searches at the same time; try again.", code="too-many-lookups")
    try:
        return services().lookup.find(digest=digest, keys=keys)
    finally:
        _places.release()
