"""Every entry on its own and in its place: form, origin, time, manifests, and how revisions follow each other."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from notary.audit.progress import Progress
from notary.core.eip712 import verify_signature
from notary.core.entry import Entry, parse_leaf
from notary.core.findings import Finding, Findings
from notary.core.manifest import Manifest, check_follows
from notary.core.outcome import Outcome, failed, passed, unchecked
from notary.core.record import Commitment, Status
from notary.core.revision import NotARevision, as_earlier, why_not_a_revision_of
from notary.errors import InvalidInput, InvalidRecord, ProofFailed
from notary.ports.audit import Memory

COUNTED: Final = ("entries", "manifests", "signed", "revisions", "commitments")

_CLAIMS = {
    NotARevision.UNSIGNED: (
        "unsigned-claim",
        "Entry {index} is unsigned and says that it revises a signed one: only the operator's claim.",
    ),
    NotARevision.OTHER_PUBLISHER: ("claim", "Entry {index} says that it revises an entry of another publisher."),
    NotARevision.OTHER_KEY: ("claim", "Entry {index} says that it revises an entry signed with another key."),
    NotARevision.OTHER_DOCUMENT: ("claim", "Entry {index} says that it revises an entry of another document."),
    NotARevision.OTHER_LOG: ("claim", "Entry {index} says that it revises an entry of another log."),
    NotARevision.BAD_SIGNATURE: ("bad-signature", "The publisher's signature on entry {index} is false."),
}


class Entries:
    """Takes the leaves of one log, in order, and judges them; what revisions need is kept in the memory."""

    def __init__(self, origin: str, memory: Memory, findings: Findings, begun: Progress) -> None:
        """Judge the log ``origin``, going on from where ``begun`` stopped."""
        self._origin = origin
        self._memory = memory
        self._findings = findings
        self.counts = {name: begun.counts.get(name, 0) for name in COUNTED}
        self.time = begun.time
        self.manifest: Manifest | None = None
        self.manifest_data = begun.manifest
        if begun.manifest:
            kept = parse_leaf(begun.manifest)
            self.manifest = kept if isinstance(kept, Manifest) else None
        self.problem: Outcome | None = None
        self.manifest_problem: Outcome | None = None

    def take(self, index: int, leaf: bytes, data: bytes) -> None:
        """Judge the leaf at ``index``."""
        try:
            parsed = parse_leaf(data)
        except InvalidInput as error:
            self._cannot_read(index, error)
            self._memory.add_leaf(leaf, index, None)
            return
        if parsed.time < self.time:
            self._fail("time-went-back", f"Entry {index} is dated before the entry in front of it.")
        self.time = max(self.time, parsed.time)
        if isinstance(parsed, Manifest):
            self._take_manifest(index, leaf, data, parsed)
        else:
            self._take_entry(index, leaf, parsed)

    def outcome(self) -> Outcome:
        """Return the result of the check ``entries``."""
        return self.problem or passed(
            "entries-whole", f"{self.counts['entries']} entries are well-formed, of this log, and in the order of time."
        )

    def _cannot_read(self, index: int, error: InvalidInput) -> None:
        if index == 0:
            self.manifest_problem = failed("no-manifest", "The log does not begin with a manifest.")
        if error.code == "unknown-version":
            later = f"Entry {index} has a format that this version of Notary does not know."
            self.problem = self.problem or unchecked("unknown-version", later)
            return
        self._fail("entry-malformed", f"Entry {index} is in the tree, but is no entry: {error.message}")

    def _fail(self, code: str, detail: str) -> None:
        """Remember the first failure; it counts before what could only not be checked."""
        if self.problem is None or self.problem.status != "fail":
            self.problem = failed(code, detail)

    # ------------------------------------------------------------------------------------------------------ manifests

    def _take_manifest(self, index: int, leaf: bytes, data: bytes, manifest: Manifest) -> None:
        self.counts["manifests"] += 1
        self._remember(leaf, index, None)
        if manifest.origin != self._origin:
            self._fail("wrong-origin", f"The manifest at {index} is of the log {manifest.origin}.")
            return
        if self.manifest is not None:
            try:
                check_follows(self.manifest, manifest)
            except InvalidRecord as error:
                self.manifest_problem = failed(
                    "manifest-does-not-follow", f"The manifest at {index} takes back an earlier one: {error.message}"
                )
        self.manifest, self.manifest_data = manifest, data

    # -------------------------------------------------------------------------------------------------------- entries

    def _take_entry(self, index: int, leaf: bytes, entry: Entry) -> None:
        record = entry.record
        self.counts["entries"] += 1
        if index == 0:
            self.manifest_problem = failed("no-manifest", "The log does not begin with a manifest.")
        self._remember(leaf, index, entry if record.document is not None else None)
        if record.origin != self._origin:
            self._fail("wrong-origin", f"Entry {index} is of the log {record.origin}.")
            return
        if isinstance(record.content, Commitment):
            self.counts["commitments"] += 1
            self._memory.add_commitment(index, _milliseconds(record.content.reveal_by))
        genuine = self._check_signature(index, entry)
        if record.status is not Status.ORIGINAL:
            self._take_revision(index, entry)
        elif record.document is not None and genuine:
            before = self._memory.start_document(record.publisher.id, record.document, index)
            if before is not None:
                self._find(
                    "second-original",
                    f"The document {record.document} of {record.publisher.id} starts at entry {before} and again at "
                    f"entry {index}: it has two heads.",
                    index,
                )

    def _check_signature(self, index: int, entry: Entry) -> bool:
        if entry.signature is None:
            return True
        self.counts["signed"] += 1
        try:
            verify_signature(entry.record, entry.signature)
        except ProofFailed:
            self._find(*_CLAIMS[NotARevision.BAD_SIGNATURE], index)
            return False
        return True

    def _take_revision(self, index: int, entry: Entry) -> None:
        self.counts["revisions"] += 1
        previous = entry.record.previous
        if previous is None:
            return  # the parser lets no revision through without
        earlier = self._memory.earlier(previous.leaf)
        if earlier is None and self._memory.leaf_index(previous.leaf) is not None:
            self._find(*_CLAIMS[NotARevision.OTHER_DOCUMENT], index)
            return
        if earlier is None:
            where = "of another log" if previous.origin != self._origin else "that is not in the log before it"
            self._find("gap", f"Entry {index} follows {previous.leaf.hex()}, {where}.", index)
            return
        reason = why_not_a_revision_of(earlier, entry)
        if reason is not None:
            if reason in _CLAIMS and reason is not NotARevision.BAD_SIGNATURE:
                self._find(*_CLAIMS[reason], index)
            return
        before = self._memory.follow(previous.leaf, index)
        if before is not None:
            self._find(
                "fork",
                f"Entries {before} and {index} both revise {previous.leaf.hex()}: the document "
                f"{entry.record.document} of {entry.record.publisher.id} has two heads.",
                index,
            )

    def _remember(self, leaf: bytes, index: int, entry: Entry | None) -> None:
        before = self._memory.add_leaf(leaf, index, None if entry is None else as_earlier(entry, leaf=leaf))
        if before is not None:
            self._find("duplicate", f"Entry {index} is entry {before} once more.", index)

    def _find(self, code: str, detail: str, index: int) -> None:
        self._findings.add(Finding(code, detail.replace("{index}", str(index)), index))


def _milliseconds(time: str) -> int:
    """Return a record's time in milliseconds since the epoch; its form was checked by the parser."""
    return int(datetime.fromisoformat(_short(time)).timestamp() * 1000)


def _short(time: str) -> str:
    """Return the time without fractions of a second, which older Pythons read in some lengths only."""
    whole, _, rest = time.partition(".")
    return whole + rest.lstrip("0123456789")
