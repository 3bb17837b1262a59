"""The result of one check of the verification: a status, a stable code, and a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    """How a check ended. Only ``pass`` is a pass: what could not be checked is never one."""

    PASS = "pass"  # noqa: S105 - a word, not a secret
    FAIL = "fail"
    UNCHECKED = "unchecked"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``code`` is kebab-case and stable, for machines; ``detail`` is one or more sentences for people."""

    status: CheckStatus
    code: str
    detail: str


def passed(code: str, detail: str) -> Outcome:
    """Return the outcome of a check that was made and held."""
    return Outcome(CheckStatus.PASS, code, detail)


def failed(code: str, detail: str) -> Outcome:
    """Return the outcome of a check that was made and did not hold."""
    return Outcome(CheckStatus.FAIL, code, detail)


def unchecked(code: str, detail: str) -> Outcome:
    """Return the outcome of a check that could not be made, and why."""
    return Outcome(CheckStatus.UNCHECKED, code, detail)


def not_applicable(code: str, detail: str) -> Outcome:
    """Return the outcome of a check that this bundle has no use for."""
    return Outcome(CheckStatus.NOT_APPLICABLE, code, detail)


_SEVERITY = (CheckStatus.FAIL, CheckStatus.UNCHECKED, CheckStatus.PASS, CheckStatus.NOT_APPLICABLE)


def worst(outcomes: Iterable[Outcome], *, empty: Outcome) -> Outcome:
    """Return the first of the most severe outcomes (fail, unchecked, pass); ``empty`` where there is none."""
    return min(outcomes, key=lambda outcome: _SEVERITY.index(outcome.status), default=empty)
