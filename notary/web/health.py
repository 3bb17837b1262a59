"""`GET /healthz`: the state of the whole service. `GET /readyz`: may submissions come here? `GET /livez`: is it up.

Only codes are told: the sentences behind them may name endpoints and belong in the operator's log.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, make_response

from notary.core import jcs
from notary.service.health import Health, HealthState
from notary.service.readiness import CHECKS, OK, UNKNOWN
from notary.web.context import draining, services
from notary.web.problem import RETRY_AFTER, Problem, answer

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer with the state of the service as its database shows it."""
    health = services().health.health()
    if health.state is HealthState.FAILING:
        return _failing(health)
    value: dict[str, jcs.Json] = {"status": health.state.value, "size": health.size, "pending": health.pending}
    if health.reasons:
        value["reasons"] = _codes(health)
    return _answer(value)


@blueprint.get("/livez")
def livez() -> Response:
    """Answer, which is all that is asked: the process runs."""
    return _answer({"status": "alive"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Answer whether submissions can be accepted now, in bounded time, each check by name."""
    if draining():  # which is enough to know, and is known at once
        checks = {"serving": "stopping", **dict.fromkeys(CHECKS, UNKNOWN)}
    else:
        checks = {"serving": OK, **services().readiness.ready().checks}
    if all(found == OK for found in checks.values()):
        return _answer({"status": "ready", "checks": {**checks}})
    detail = "Submissions cannot be accepted here now; the checks say why."
    failed = next(code for code in checks.values() if code != OK)
    problem = Problem(HTTPStatus.SERVICE_UNAVAILABLE, failed, detail, headers=(RETRY_AFTER,), checks=checks)
    return answer(problem)


def _answer(value: dict[str, jcs.Json]) -> Response:
    response = make_response(jcs.dumps(value))
    response.mimetype = "application/json"
    response.headers["Cache-Control"] = "no-store"
    return response


def _failing(health: Health) -> Response:
    detail = "Submissions are not accepted, or what follows them is not alive; the operator's log says more."
    code = health.reasons[0].code
    problem = Problem(HTTPStatus.SERVICE_UNAVAILABLE, code, detail, headers=(RETRY_AFTER,), reasons=_codes(health))
    return answer(problem)


def _codes(health: Health) -> list[jcs.Json]:
    return [reason.code for reason in health.reasons]
