"""Many submissions in one request: a line of JSON for each, and a line of JSON back for each, in their order.

Lines are read, stored in groups and answered as they come, so that a request may have any number of them. A line that
is refused hinders no other. Once a line could not be taken *now*, none after it is tried: their order is kept, and the
client sends again from there. A client that goes away leaves behind what was stored until then, which it gets again,
as the same entries, when it sends the same lines.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from notary.core import jcs
from notary.errors import IntegrityError, NotaryError, Overloaded, TooLarge
from notary.model import Tenant
from notary.net.lines import Line, read_lines
from notary.service.read import PublicState
from notary.service.services import Services
from notary.service.submit import Accepted, Submission
from notary.web import body, problem
from notary.web.api import about_request, notices_json, page_json, submission_of
from notary.web.context import services
from notary.web.models import SubmissionBody, validated

blueprint = Blueprint("batch", __name__, url_prefix="/api/v1")

MEDIA_TYPE = "application/x-ndjson"
# Room for a canonical text of 2 MiB, its quotation marks and line ends escaped, and all that goes with it.
MAX_LINE_BYTES = 5 << 20
# Lines of one transaction.
MAX_GROUP = 256
# A batch keeps a thread for as long as it lasts: most threads are for those who ask for little.
_running = threading.BoundedSemaphore(8)


@blueprint.post("/entries:batch")
def submit_batch() -> Response:
    """Accept what can be accepted of the lines; what is wrong with the request as a whole is said before all."""
    tenant = services().publishers.authenticate(body.bearer_token(request))
    body.require_type(request, MEDIA_TYPE)
    if not _running.acquire(blocking=False):
        raise Overloaded("Too many batches are being taken; try again.", code="too-many-batches")
    response = Response(_Batch(services(), tenant).answers(), content_type=MEDIA_TYPE)
    response.call_on_close(_running.release)
    response.headers["Cache-Control"] = "no-store"
    return response


class _Batch:
    """One batch on its way."""

    def __init__(self, of: Services, tenant: Tenant) -> None:
        self._services = of
        self._tenant = tenant
        self._stream = request.stream
        self._stopped = False

    def answers(self) -> Iterator[bytes]:
        """Yield the answers to the lines, a group at a time; end early only if the client has gone."""
        try:
            for lines in read_lines(self._stream.read, max_bytes=MAX_LINE_BYTES, max_lines=MAX_GROUP):
                yield b"".join(self._answers(lines))
        except (OSError, HTTPException):
            return  # nobody is there to be told

    def _answers(self, lines: Sequence[Line]) -> Iterator[bytes]:
        outcomes = [_not_tried()] * len(lines) if self._stopped else self._outcomes(lines)
        size = self._services.reader.size() if any(map(_is_replay, outcomes)) else 0
        # What fails a whole group is one error, to be logged once.
        distinct = {id(one): one for one in outcomes if isinstance(one, NotaryError)}
        errors = {key: problem.from_error(one).members() for key, one in distinct.items()}
        for line, outcome in zip(lines, outcomes, strict=True):
            said = {"error": errors[id(outcome)]} if isinstance(outcome, NotaryError) else _members(outcome, size)
            yield jcs.dumps({"line": line.number, **said}) + b"\n"
        self._stopped = self._stopped or any(isinstance(one, Overloaded | IntegrityError) for one in outcomes)

    def _outcomes(self, lines: Sequence[Line]) -> Sequence[Accepted | NotaryError]:
        asked = [_ask(line) for line in lines]
        stored = iter(self._store([one for one in asked if not isinstance(one, NotaryError)]))
        return [one if isinstance(one, NotaryError) else next(stored) for one in asked]

    def _store(self, asked: Sequence[tuple[SubmissionBody, Submission]]) -> Sequence[Accepted | NotaryError]:
        """Store what is asked for in one transaction; where that fails, it fails for all."""
        try:
            outcomes = self._services.submissions.submit_all(self._tenant, [submission for _, submission in asked])
        except (Overloaded, IntegrityError) as error:
            return [error] * len(asked)
        return [
            about_request(outcome, model) if isinstance(outcome, NotaryError) else outcome
            for outcome, (model, _) in zip(outcomes, asked, strict=True)
        ]


def _ask(line: Line) -> tuple[SubmissionBody, Submission] | NotaryError:
    """Return what a line asks for, or what is wrong with it."""
    if line.data is None:
        return TooLarge(f"A line may have at most {MAX_LINE_BYTES} bytes.", code="line-too-large")
    try:
        model = validated(SubmissionBody, jcs.loads(line.data, max_bytes=MAX_LINE_BYTES))
        return model, submission_of(model)
    except NotaryError as error:
        return error


def _not_tried() -> Overloaded:
    return Overloaded("Not tried, as a line before this one could not be taken; send both again.", code="overloaded")


def _is_replay(outcome: Accepted | NotaryError) -> bool:
    return isinstance(outcome, Accepted) and outcome.replayed


def _members(accepted: Accepted, size: int) -> dict[str, jcs.Json]:
    """Return what is said about a line that was accepted; ``size`` is that of the newest checkpoint."""
    integrated = accepted.replayed and accepted.index < size
    members: dict[str, jcs.Json] = {
        "leaf_hash": accepted.leaf_hash.hex(),
        "index": accepted.index,
        "state": (PublicState.INTEGRATED if integrated else PublicState.PENDING).value,
    }
    if accepted.replayed:
        members["replayed"] = True
    if accepted.notices:
        members["notices"] = notices_json(accepted.notices)
    if accepted.page is not None:
        members["page"] = page_json(accepted.page)
    return members
