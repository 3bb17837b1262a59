"""How a verification report is shown on a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

from notary.cli import output
from notary.core.bundle import Bundle
from notary.core.logchecks import claimed_block
from notary.core.outcome import CheckStatus
from notary.core.trust import Trust
from notary.core.verify import Report, Verdict

MARKS = {
    CheckStatus.PASS: "pass",
    CheckStatus.FAIL: "FAIL",
    CheckStatus.UNCHECKED: "unchecked",
    CheckStatus.NOT_APPLICABLE: "-",
}

_SENTENCES = {
    Verdict.MATCH: "The text matches the version that was logged and anchored{when}.",
    Verdict.CHANGED: "The copy is not the recorded text: it was changed.",
    Verdict.TYPOGRAPHY_ONLY: "The copy differs from the recorded text in typography only.",
    Verdict.REFUTED: "The bundle does not prove what it claims: evidence in it is false.",
    Verdict.INVALID: "This cannot be used.",
    Verdict.PENDING: "Not anchored yet: there is nothing to rely on so far.",
    Verdict.CANNOT_CHECK: "Could not be checked. This says nothing about whether the text was altered.",
    Verdict.NOT_FOUND: "Not found in this log.",
    Verdict.MATCH_WITH_UNCHECKED: "The text matches, but not all that belongs to it was checked.",
    Verdict.OLDER_REVISION: "Genuine, but not current: there is a later revision.",
    Verdict.RETRACTED: "Genuine, but retracted by its publisher.",
}


def render(report: Report, *, bundle: Bundle, trust: Trust | None) -> None:
    """Print the result in one sentence, then each check, then what it means on a development chain."""
    when = _when(report, bundle) if report.verdict is Verdict.MATCH else ""
    output.line(f"{report.verdict.value}: {_SENTENCES[report.verdict].format(when=when)}")
    output.line("")
    for check in report.checks:
        detail = output.printable(check.outcome.detail)
        output.line(f"  {MARKS[check.outcome.status]:9}  {check.name:10}  {detail}")
    output.line("")
    if trust is not None:
        output.line(f"  trust file {trust.fingerprint}")
        if trust.development:
            output.line("  local test chain: proves nothing to others")


def _when(report: Report, bundle: Bundle) -> str:
    """Return the time of the earliest anchor; only called when ``chain`` passed, so that its block is."""
    if report.outcome("chain").status is not CheckStatus.PASS:
        return ""
    block = min((claimed_block(anchor) for anchor in bundle.anchors), key=lambda block: block.time)
    try:
        time = datetime.fromtimestamp(block.time, tz=UTC)
    except (OverflowError, ValueError, OSError):
        return f" no later than block {block.number}"
    return f" no later than {time:%Y-%m-%d %H:%M:%S} UTC, block {block.number}"
