"""The result of going over a whole log: named checks, what was found on the way, and the verdict that follows.

A check that fails refutes the log. A *finding* does not: it is something that people should know, such as two
revisions of one article that follow the same one. See ``docs/spec/audit.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from notary.core.jcs import Json
from notary.core.outcome import CheckStatus, Outcome

MAX_KEPT = 100
"""Of each kind of finding so many are kept; all are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: a stable code, a sentence, and the index of the entry that it is about, if any."""

    code: str
    detail: str
    index: int | None = None

    def to_json(self) -> dict[str, Json]:
        """Return ``{code, detail, index?}``."""
        value: dict[str, Json] = {"code": self.code, "detail": self.detail}
        if self.index is not None:
            value["index"] = self.index
        return value


class Findings:
    """Findings as they come: the first hundred of each code, and the number of all."""

    def __init__(self, kept: Sequence[Finding] = (), counts: Mapping[str, int] | None = None) -> None:
        self._kept = list(kept)
        self.counts = dict(counts or {})

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it unless there are many of its kind."""
        count = self.counts.get(finding.code, 0)
        self.counts[finding.code] = count + 1
        if count < MAX_KEPT:
            self._kept.append(finding)

    @property
    def kept(self) -> tuple[Finding, ...]:
        """The findings kept, in the order they came."""
        return tuple(self._kept)


@dataclass(frozen=True, slots=True)
class Head:
    """The tree head that a whole-log check was about."""

    origin: str
    size: int
    root: bytes

    def to_json(self) -> dict[str, Json]:
        """Return ``{origin, size, root}``."""
        return {"origin": self.origin, "size": self.size, "root": self.root.hex()}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReport:
    """What came out. ``unexamined`` says what nobody looked at; ``false`` is the word for the verdict of a failure."""

    checks: Mapping[str, Outcome]
    head: Head | None
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    unexamined: tuple[str, ...] = ()
    false: str = "refuted"

    @property
    def verdict(self) -> str:
        """``clean``, the word for false evidence, or ``cannot-check``: a failure counts before what is unchecked."""
        statuses = {outcome.status for outcome in self.checks.values()}
        if CheckStatus.FAIL in statuses:
            return self.false
        return "cannot-check" if CheckStatus.UNCHECKED in statuses else "clean"

    @property
    def exit(self) -> int:
        """0, 1 or 3."""
        return {"clean": 0, "cannot-check": 3}.get(self.verdict, 1)

    def to_json(self) -> dict[str, Json]:
        """Return ``{verdict, exit, checks, log, findings, counts, unexamined}``."""
        return {
            "verdict": self.verdict,
            "exit": self.exit,
            "checks": [
                {"name": name, "status": one.status.value, "code": one.code, "detail": one.detail}
                for name, one in self.checks.items()
            ],
            "log": None if self.head is None else self.head.to_json(),
            "findings": [finding.to_json() for finding in self.findings],
            "counts": dict(self.counts),
            "unexamined": list(self.unexamined),
        }
