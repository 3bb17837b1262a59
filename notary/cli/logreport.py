"""How the report about a whole log is shown on a terminal, and how far the work has come."""

from __future__ import annotations

import time

from notary.cli import output
from notary.cli.report import MARKS
from notary.core.findings import LogReport

_SENTENCES = {
    "clean": "Everything that was looked at fits together.",
    "refuted": "Evidence is false: the log contradicts itself, what it signed, or the chain.",
    "damaged": "What is stored was changed or lost: do not go on with it, restore a good copy.",
    "cannot-check": "Not everything could be checked. This says nothing against the log.",
}
_SECONDS = 2.0
_SHOWN = 20


class Progress:
    """Says now and then on standard error how far the work has come."""

    def __init__(self, done: str) -> None:
        self._done = done
        self._next = time.monotonic() + _SECONDS

    def __call__(self, done: int, everything: int) -> None:
        """Say that ``done`` of ``everything`` is done, at most every two seconds."""
        if time.monotonic() >= self._next:
            output.note(f"notary: {self._done} {done} of {everything} entries ({done * 100 // max(1, everything)} %)")
            self._next = time.monotonic() + _SECONDS


def render(report: LogReport, *, development: bool) -> None:
    """Print the verdict in one sentence, each check, what was found, the numbers, and what nobody looked at."""
    output.line(f"{report.verdict}: {_SENTENCES[report.verdict]}")
    if report.head is not None:
        output.line(f"  log {output.printable(report.head.origin)}, {report.head.size} entries")
        output.line(f"  root {report.head.root.hex()}")
    output.line("")
    for name, outcome in report.checks.items():
        output.line(f"  {MARKS[outcome.status]:9}  {name:11}  {output.printable(outcome.detail)}")
    if report.findings:
        output.line("\nfound:")
        for finding in report.findings[:_SHOWN]:
            output.line(f"  {finding.code}: {output.printable(finding.detail)}")
        if len(report.findings) > _SHOWN:
            output.line(f"  … and {len(report.findings) - _SHOWN} more (--json shows them)")
    if report.counts:
        output.line("\nnumbers:")
        for name, count in report.counts.items():
            output.line(f"  {name}: {count}")
    if report.unexamined:
        output.line("\nnot looked at:")
        for sentence in report.unexamined:
            output.line(f"  {output.printable(sentence)}")
    if development:
        output.line("\nlocal test chain: proves nothing to others")
