"""The audit of a whole log: ask the chain, read the checkpoint, hold it against every one seen before, go over all.

The chain is asked before the checkpoint is read: what is anchored in a final block must be in a checkpoint that is
served later. What cannot be read ends the part that needs it, and is never a pass. See ``docs/spec/audit.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from notary.audit import endpoints as witnesses
from notary.audit.chain import ChainAudit
from notary.audit.entries import COUNTED, Entries
from notary.audit.leaves import Leaves
from notary.audit.manifests import compare
from notary.audit.progress import Progress, parse_progress
from notary.audit.served import Roots, ServedTree
from notary.core.checkpoint import parse_checkpoint
from notary.core.entry import parse_leaf
from notary.core.findings import Finding, Findings, Head, LogReport
from notary.core.merkle import leaf_hash
from notary.core.note import parse_note, verify_note
from notary.core.outcome import Outcome, failed, not_applicable, passed, unchecked, worst
from notary.core.tiles import TILE_WIDTH, tile_width
from notary.core.treestream import TreeStream
from notary.core.trust import Trust
from notary.errors import CannotCheck, InvalidInput, InvalidNote, ProofFailed
from notary.ports.audit import History, LogSource, Memory, SeenHead

CHECKS: Final = ("checkpoint", "consistency", "tree", "entries", "manifest", "chain", "anchors", "events")
SAVE_EVERY: Final = 64
"""So many bundles lie between two times that the memory is made durable."""

_UNEXAMINED: Final = (
    "texts and meta: a log holds only their digests (verify a bundle to check a text)",
    "who the publishers are, and whether what they say is true",
    "whether others are shown another log: compare checkpoints with them",
)
_NOT_REACHED: Final = unchecked("not-reached", "Not checked: something before it failed or could not be had.")

Report = Callable[[int, int], None]


@dataclass(slots=True)
class Audit:
    """One run; call :meth:`run` once."""

    source: LogSource
    endpoints: Sequence[History]
    trust: Trust
    memory: Memory
    now: int
    progress: Report = lambda _done, _all: None
    checks: dict[str, Outcome] = field(default_factory=lambda: dict.fromkeys(CHECKS, _NOT_REACHED))
    _findings: Findings = field(default_factory=Findings)
    _counts: dict[str, int] = field(default_factory=dict)
    _unexamined: list[str] = field(default_factory=lambda: list(_UNEXAMINED))

    def run(self) -> LogReport:
        """Check everything and return the report. Raises :class:`notary.errors.UsageError` for a broken memory."""
        begun = parse_progress(self.memory.progress())
        self._findings = begun.findings
        chains = self._ask_chains()
        seen = self._read_checkpoint()
        if seen is not None:
            tree = ServedTree(self.source, size=seen.size, root=seen.root)
            if self._is_consistent(tree, seen):
                self._go_over(tree, seen, begun, chains)
        return LogReport(
            checks=dict(self.checks),
            head=None if seen is None else Head(self.trust.origin, seen.size, seen.root),
            findings=self._findings.kept,
            counts={**self._counts, **{f"found:{code}": n for code, n in self._findings.counts.items()}},
            unexamined=tuple(self._unexamined),
        )

    # ---------------------------------------------------------------------------------------------------------- chain

    def _ask_chains(self) -> list[tuple[ChainAudit, set[int]]]:
        found, problems = witnesses.gather(self.endpoints, self.trust.chains)
        outcomes = problems + [one.outcome for one in found]
        self.checks["chain"] = worst(outcomes, empty=_NOT_REACHED)
        audits = [ChainAudit(one, self.trust, self.memory, self._findings) for one in found]
        return [(audit, audit.ask_events()) for audit in audits]

    def _check_chains(self, chains: list[tuple[ChainAudit, set[int]]], roots: Roots, *, size: int) -> None:
        results = [(audit.chain, audit.check(roots, size=size)) for audit, _ in chains]
        if results:
            self.checks["anchors"] = worst((one.anchors for _, one in results), empty=_NOT_REACHED)
            self.checks["events"] = worst((one.events for _, one in results), empty=_NOT_REACHED)
        else:
            self.checks["anchors"] = unchecked("chain-first", "No anchor was looked at: see the check before.")
            self.checks["events"] = self.checks["anchors"]
        self._counts["anchors"] = sum(len(one.checked) for _, one in results)
        largest = max((one.size for _, one in results), default=0)
        if results and largest < size:
            self._find_unanchored(largest, size, roots.tree)
        for chain, one in results:
            if one.known:
                self._unexamined.append(
                    f"anchors up to size {one.known} on chain {chain.chain_id} once more: an earlier run checked them"
                )
            for anchor in one.checked:
                self.memory.add_anchor(chain, anchor)

    def _find_unanchored(self, first: int, size: int, tree: ServedTree) -> None:
        self._counts["unanchored"] = size - first
        age = ""
        number = first // TILE_WIDTH
        data = self.source.entries(number, tile_width(size=size, level=0, number=number))[first % TILE_WIDTH]
        if leaf_hash(data) == tree.whole(0, number)[first % TILE_WIDTH * 32 :][:32]:
            try:
                age = f" The oldest, entry {first}, was logged {_age(self.now - parse_leaf(data).time)} ago."
            except InvalidInput:
                age = ""
        self._findings.add(
            Finding("unanchored", f"{size - first} entries are in no anchor of a final block.{age}", first)
        )

    # ----------------------------------------------------------------------------------------------------- checkpoint

    def _read_checkpoint(self) -> SeenHead | None:
        try:
            data = self.source.checkpoint()
            note = parse_note(data)
            head = parse_checkpoint(note.text)
        except CannotCheck as error:
            self.checks["checkpoint"] = unchecked(error.code, error.message)
            return None
        except InvalidNote as error:
            self.checks["checkpoint"] = unchecked(error.code, f"What is served is no checkpoint: {error.message}")
            return None
        if head.origin != self.trust.origin:
            self.checks["checkpoint"] = unchecked(
                "log-not-trusted", f"This is the log {head.origin}; the trust file names {self.trust.origin}."
            )
            return None
        try:
            verify_note(note, self.trust.keys_for(head.size))
        except (ProofFailed, InvalidNote) as error:
            self.checks["checkpoint"] = failed(
                error.code, f"The checkpoint of size {head.size} is not signed by the log: {error.message}"
            )
            return None
        self.checks["checkpoint"] = passed("signed", f"The checkpoint of size {head.size} is signed by the log.")
        return SeenHead(head.size, head.root, data)

    def _is_consistent(self, tree: ServedTree, seen: SeenHead) -> bool:
        """Hold the checkpoint against the largest one ever seen, which was held against all before it."""
        old = self.memory.newest_head()
        if old is None:
            self.checks["consistency"] = not_applicable("first-checkpoint", "No checkpoint was seen before this one.")
            return True
        try:
            problem = _contradiction(tree, seen, old)
        except CannotCheck as error:
            self.checks["consistency"] = unchecked(error.code, error.message)
            return False
        if problem is None:
            self.checks["consistency"] = passed(
                "consistent",
                f"The tree of size {seen.size} continues that of size {old.size}, the largest seen before.",
            )
            return True
        code, detail = problem
        same = self.memory.head(seen.size)
        kept = self.memory.keep_evidence([old, seen] + ([same] if same is not None and same != old else []))
        where = f" Both signed checkpoints are kept: {', '.join(kept)}." if kept else ""
        self.checks["consistency"] = failed(code, detail + where)
        return False

    # --------------------------------------------------------------------------------------------------------- leaves

    def _go_over(
        self, tree: ServedTree, seen: SeenHead, begun: Progress, chains: list[tuple[ChainAudit, set[int]]]
    ) -> None:
        # At once: a later checkpoint must continue this one, whatever else is found here.
        self.memory.add_head(seen)
        self.memory.save(self.memory.progress())
        roots = Roots(tree, {size for _, sizes in chains for size in sizes})
        entries = Entries(self.trust.origin, self.memory, self._findings, begun)
        if begun.stream.size:
            self._unexamined.append(f"entries below {begun.stream.size} once more: an earlier run read them")
        leaves = Leaves(self.source, tree, begun.stream, entries, roots)
        keeper = _Keeper(self.memory, tree, entries, leaves, self._findings)

        def after(stream: TreeStream) -> None:
            keeper.after(stream)
            self.progress(stream.size, seen.size)

        try:
            self.checks["tree"] = leaves.run(after)
        except CannotCheck as error:
            self.checks["tree"] = unchecked(error.code, error.message)
        if self.checks["tree"].status == "pass":
            self._judge(entries)
            # The leaves behind the last full tile are read again by the next run.
            self.memory.forget()
            self._hold_anchors(chains, roots, size=seen.size)
        else:
            # Nothing says that the log signed what was read: only what was proven on the way is told.
            self.memory.forget()
            proven = parse_progress(self.memory.progress())
            self._findings = proven.findings
            self._counts |= {name: proven.counts.get(name, 0) for name in COUNTED}
            self._counts["overdue commitments"] = self.memory.overdue(self.now)

    def _judge(self, entries: Entries) -> None:
        """Take over what was seen in the entries, all of which are in the signed tree."""
        self.checks["entries"] = entries.outcome()
        if entries.manifest_problem is not None:
            self.checks["manifest"] = entries.manifest_problem
        elif entries.manifest is not None:
            self.checks["manifest"], found = compare(entries.manifest, self.trust)
            for finding in found:
                self._findings.add(finding)
        self._counts |= entries.counts
        self._counts["overdue commitments"] = self.memory.overdue(self.now)

    def _hold_anchors(self, chains: list[tuple[ChainAudit, set[int]]], roots: Roots, *, size: int) -> None:
        try:
            self._check_chains(chains, roots, size=size)
        except CannotCheck as error:
            self.checks["anchors"] = unchecked(error.code, error.message)
        except ProofFailed as error:
            self.checks["anchors"] = failed(
                "tiles-changed", f"Tiles were served that do not lead to the signed root: {error.message}"
            )
        self.memory.save(self.memory.progress())


class _Keeper:
    """Makes the memory durable now and then, always at a full tile of leaves.

    Only what is proven to be the beginning of the signed tree is kept: what a server made up must not stay.
    """

    def __init__(self, memory: Memory, tree: ServedTree, entries: Entries, leaves: Leaves, findings: Findings) -> None:
        self._memory = memory
        self._tree = tree
        self._entries = entries
        self._leaves = leaves
        self._findings = findings
        self._bundles = 0
        self._trusted = True

    def after(self, stream: TreeStream) -> None:
        """Note that another bundle is done; keep what was done, if it is time."""
        self._bundles += 1
        last = self._tree.size - stream.size < TILE_WIDTH
        if stream.size % TILE_WIDTH or not (last or self._bundles % SAVE_EVERY == 0):
            return
        entries = self._entries
        if self._trusted and not self._leaves.failed and entries.problem is None and entries.manifest_problem is None:
            self._trusted = self._is_proven(stream)
            if self._trusted:
                progress = Progress(stream, entries.time, entries.manifest_data, entries.counts, self._findings)
                self._memory.save(progress.encode())

    def _is_proven(self, stream: TreeStream) -> bool:
        try:
            return self._tree.root(stream.size) == stream.root()
        except ProofFailed:
            return False


def _age(milliseconds: int) -> str:
    minutes = max(0, milliseconds) // 60_000
    for unit, length in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= length:
            count = minutes // length
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return "less than a minute"


def _contradiction(tree: ServedTree, seen: SeenHead, old: SeenHead) -> tuple[str, str] | None:
    """Say why the tree of ``seen`` cannot continue that of ``old``, if it cannot."""
    if seen.size < old.size:
        return (
            "rollback",
            f"The log shows a checkpoint of size {seen.size} after one of size {old.size}: a log never shrinks.",
        )
    if seen.size == old.size:
        differs = seen.root != old.root
        return ("fork", f"The log signed two different trees of size {seen.size}.") if differs else None
    try:
        found = tree.root(old.size)
    except ProofFailed:
        return (
            "consistency-unproven",
            f"The tiles served do not show that the tree of size {seen.size} continues that of size {old.size}.",
        )
    if found != old.root:
        return (
            "fork",
            f"The tree of size {seen.size} has another beginning than that of size {old.size}, seen before.",
        )
    return None
