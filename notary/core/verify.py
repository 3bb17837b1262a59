"""Verify one bundle: an ordered list of named checks, and the verdict that follows from them.

The checks, in order: ``record``, ``text``, ``copy``, ``publisher``, ``inclusion``, ``checkpoint``, ``anchor``,
``chain``, ``current``. What could not be checked is never a pass, and is never held against the text.
See ``docs/spec/verify.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from notary.core import checks, copies, logchecks
from notary.core.bundle import Bundle
from notary.core.chain import ChainEvidence
from notary.core.copies import Copy
from notary.core.jcs import Json
from notary.core.outcome import CheckStatus, Outcome
from notary.core.record import FileDigest
from notary.core.trust import Trust


class Verdict(StrEnum):
    """The result in a word. :data:`EXITS` maps each to the exit code of ``notary verify``."""

    MATCH = "match"
    CHANGED = "changed"
    TYPOGRAPHY_ONLY = "typography-only"
    REFUTED = "refuted"
    INVALID = "invalid"
    PENDING = "pending"
    CANNOT_CHECK = "cannot-check"
    NOT_FOUND = "not-found"
    MATCH_WITH_UNCHECKED = "match-with-unchecked"
    OLDER_REVISION = "older-revision"
    RETRACTED = "retracted"


EXITS = {
    Verdict.MATCH: 0,
    Verdict.CHANGED: 1,
    Verdict.TYPOGRAPHY_ONLY: 1,
    Verdict.REFUTED: 1,
    Verdict.INVALID: 2,
    Verdict.PENDING: 3,
    Verdict.CANNOT_CHECK: 3,
    Verdict.NOT_FOUND: 3,
    Verdict.MATCH_WITH_UNCHECKED: 3,
    Verdict.OLDER_REVISION: 4,
    Verdict.RETRACTED: 4,
}

REQUIRED = ("record", "text", "inclusion", "checkpoint", "anchor", "chain")
"""Checks that must pass for a match; ``copy`` must, where a copy is given."""


@dataclass(frozen=True, slots=True)
class Check:
    """One named check and how it ended."""

    name: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict and the checks it was drawn from, in their fixed order."""

    verdict: Verdict
    checks: tuple[Check, ...]

    @property
    def exit(self) -> int:
        """The exit code that belongs to the verdict."""
        return EXITS[self.verdict]

    def outcome(self, name: str) -> Outcome:
        """Return the outcome of the check called ``name``."""
        return next(check.outcome for check in self.checks if check.name == name)

    def to_json(self) -> dict[str, Json]:
        """Return ``{verdict, exit, checks: [{name, status, code, detail}]}``."""
        return {
            "verdict": self.verdict.value,
            "exit": self.exit,
            "checks": [
                {
                    "name": check.name,
                    "status": check.outcome.status.value,
                    "code": check.outcome.code,
                    "detail": check.outcome.detail,
                }
                for check in self.checks
            ],
        }


def verify(
    bundle: Bundle, *, trust: Trust | None, evidence: ChainEvidence, now: int, copy: Copy | None = None
) -> Report:
    """Check ``bundle`` against what the caller trusts and return the report; asks nobody, reads no clock.

    ``evidence`` holds what endpoints answered for :func:`notary.core.logchecks.wanted`; ``now`` is in milliseconds
    since the epoch and only dates the log's statement about revisions. Raises :class:`notary.errors.InvalidText`
    where the copy cannot be read as a text; anything wrong with the bundle's evidence is in the report.
    """
    reading = copies.read_copy(bundle, copy)
    done = (
        Check("record", checks.check_record(bundle)),
        Check("text", checks.check_text(bundle, reading)),
        Check("copy", copies.check_copy(bundle, copy, reading)),
        Check("publisher", checks.check_publisher(bundle)),
        Check("inclusion", logchecks.check_inclusion(bundle)),
        Check("checkpoint", logchecks.check_checkpoint(bundle, trust)),
        Check("anchor", logchecks.check_anchor(bundle, trust, evidence)),
        Check("chain", logchecks.check_chain(bundle, trust, evidence)),
        Check("current", checks.check_current(bundle, trust, now=now)),
    )
    return Report(_verdict(bundle, {check.name: check.outcome for check in done}), done)


def _verdict(bundle: Bundle, outcomes: dict[str, Outcome]) -> Verdict:
    """Draw the verdict: false evidence first, then what differs, then what is missing, then what is superseded."""
    failures = {name for name, outcome in outcomes.items() if outcome.status is CheckStatus.FAIL}
    superseded = checks.is_superseded(outcomes["current"])
    if failures - {"copy"} - ({"current"} if superseded else set()):
        return Verdict.REFUTED
    if "copy" in failures:
        typography = outcomes["copy"].code == "typography-only"
        return Verdict.TYPOGRAPHY_ONLY if typography else Verdict.CHANGED
    if not bundle.anchors:
        return Verdict.PENDING
    if not _all_required_pass(bundle, outcomes):
        return Verdict.CANNOT_CHECK
    if superseded:
        return Verdict.RETRACTED if outcomes["current"].code == "retracted" else Verdict.OLDER_REVISION
    copy = outcomes["copy"].code
    if copy == copies.WITH_UNCHECKED:
        return Verdict.MATCH_WITH_UNCHECKED
    if bundle.entry.record.media and copy != copies.SAME_PAGE:
        # The record lists images; a text alone cannot show that they are the same.
        return Verdict.MATCH_WITH_UNCHECKED
    return Verdict.MATCH


def _all_required_pass(bundle: Bundle, outcomes: dict[str, Outcome]) -> bool:
    required = set(REQUIRED)
    if outcomes["copy"].status is not CheckStatus.NOT_APPLICABLE and outcomes["copy"].code != copies.WITH_UNCHECKED:
        required.add("copy")
    if isinstance(bundle.entry.record.content, FileDigest):
        # Nothing of a file is in the bundle: the copy is what there is to match.
        required = (required - {"text"}) | {"copy"}
    return all(outcomes[name].status is CheckStatus.PASS for name in required)
