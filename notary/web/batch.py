"""Many submissions in one request: a line of JSON for each, and a line of JSON back for each, in their order.

Lines are read, stored in groups and answered as they come, so that a request may have any number of them. A line that
is refused hinders no other. Once a line could not be taken *now*, none after it is tried: their order is kept, and the
client sends again from there. A client that goes away leaves behind what was stored until then, which it gets again,
as the same entries, when it sends the same lines.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from notary.core import jcs
from notary.errors import IntegrityError, NotaryError, Overloaded, TooLarge
from notary.model.tenants import Tenant
from notary.net.lines import Line, read_lines
from notary.service.read import PublicState
from notary.service.services import Services
from notary.service.submit import Accepted, Submission
from notary.telemetry import logs, metrics
from notary.web import admission, body, problem
from notary.web.api import about_request, notices_json, page_json, submission_of
from notary.web.context import DRAIN, services
from notary.web.drain import Drain
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
    with admission.counted():
        tenant, key_id = admission.publisher()
        body.require_type(request, MEDIA_TYPE)
        if not _running.acquire(blocking=False):
            raise Overloaded("Too many batches are being taken; try again.", code="too-many-batches")
    batch = _Batch(services(), tenant, key_id, draining=current_app.extensions[DRAIN])
    response = Response(batch.answers(), content_type=MEDIA_TYPE)
    response.call_on_close(_running.release)
    response.headers["Cache-Control"] = "no-store"
    return response


class _Batch:
    """One batch on its way."""

    def __init__(self, of: Services, tenant: Tenant, key_id: str, *, draining: Drain) -> None:
        self._services = of
        self._tenant = tenant
        self._key_id = key_id
        self._draining = draining
        self._request_id: str = g.request_id
        self._stream = request.stream
        self._stopped = False

    def answers(self) -> Iterator[bytes]:
        """Yield the answers to the lines, a group at a time; end early only if the client has gone."""
        try:
            for lines in read_lines(self._stream.read, max_bytes=MAX_LINE_BYTES, max_lines=MAX_GROUP):
                # The server may go on in another thread than the one that the request began in.
                with logs.about_request(self._request_id):
                    answers = b"".join(self._answers(lines))
                yield answers
        except (OSError, HTTPException):
            return  # nobody is there to be told

    def _answers(self, lines: Sequence[Line]) -> Iterator[bytes]:
        outcomes = [_not_tried()] * len(lines) if self._stopped else self._outcomes(lines)
        for one in outcomes:
            if isinstance(one, NotaryError):
                metrics.count_not_accepted(one)
            else:
                metrics.count_accepted(replayed=one.replayed)
        size = self._services.reader.size() if any(map(_is_replay, outcomes)) else 0
        # What fails a whole group is one error, to be logged once.
        distinct = {id(one): one for one in outcomes if isinstance(one, NotaryError)}
        errors = {key: problem.from_error(one).members() for key, one in distinct.items()}
        for line, outcome in zip(lines, outcomes, strict=True):
            said = {"error": errors[id(outcome)]} if isinstance(outcome, NotaryError) else _members(outcome, size)
            yield jcs.dumps({"line": line.number, **said}) + b"\n"
        self._stopped = self._stopped or any(isinstance(one, Overloaded | IntegrityError) for one in outcomes)

    def _outcomes(self, lines: Sequence[Line]) -> Sequence[Accepted | NotaryError]:
        try:
            self._admit(len(lines))
        except Overloaded as error:
            return [error] * len(lines)
        asked = [_ask(line) for line in lines]
        stored = iter(self._store([one for one in asked if not isinstance(one, NotaryError)]))
        return [one if isinstance(one, NotaryError) else next(stored) for one in asked]

    def _admit(self, count: int) -> None:
        if self._draining:
            raise Overloaded("The server is about to stop; send this line again.", code="stopping")
        self._services.key_rate.take(self._key_id, count)

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
