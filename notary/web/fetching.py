"""Pages of strangers, fetched by the server for a reader's browser: `POST /api/v1/fetch`.

What comes back is data in JSON, under a policy that lets it do nothing: it is never shown as a page of this site.
"""

from __future__ import annotations

import base64
import threading
from typing import Final

from flask import Blueprint, Response, current_app, request

from notary.core import jcs
from notary.errors import Overloaded
from notary.net.public import Policy, fetch
from notary.web import body
from notary.web.models import FetchBody, validated

blueprint = Blueprint("fetching", __name__, url_prefix="/api/v1")

POLICY: Final = "notary.fetching"
MAX_BODY_BYTES = 8 * 1024
MAX_PAGE_BYTES = 8 * 1024 * 1024
TIMEOUT_SECONDS = 15.0
# Each keeps a thread, for as long as the other side likes, up to the limit.
_places = threading.BoundedSemaphore(4)


@blueprint.post("/fetch")
def fetch_page() -> Response:
    """Answer with the bytes of a public page, where it was in the end, and what it said it is."""
    asked = validated(FetchBody, body.json_body(request, max_bytes=MAX_BODY_BYTES))
    if not _places.acquire(blocking=False):
        raise Overloaded("Too many pages are being fetched at the same time; try again.", code="too-many-fetches")
    try:
        # Tests put a policy of their own here; nothing else does.
        policy = current_app.extensions.get(POLICY, Policy())
        found = fetch(asked.url, timeout=TIMEOUT_SECONDS, max_bytes=MAX_PAGE_BYTES, policy=policy)
    finally:
        _places.release()
    value: dict[str, jcs.Json] = {
        "url": found.url,
        "content_type": found.content_type.encode("ascii", "replace").decode("ascii"),
        "body_base64": base64.b64encode(found.body).decode("ascii"),
    }
    return Response(jcs.dumps(value), headers={"Cache-Control": "no-store"}, content_type="application/json")
