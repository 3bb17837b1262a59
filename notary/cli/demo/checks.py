"""What `demo --check` shows: what must hold, holds; what must be refuted, is. A case is one run of `notary verify`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from notary.cli import output
from notary.cli.demo import controls
from notary.cli.demo.folder import Folder
from notary.cli.demo.node import DevNode
from notary.cli.demo.pages import PAGES, copies
from notary.cli.demo.samples import REVISED, SAMPLES
from notary.core.bundle import parse_bundle
from notary.core.evm import parse_header

_VERIFY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Case:
    """One run of `notary verify`: what it shows, its arguments, and what must come out of it."""

    group: str
    name: str
    arguments: tuple[str, ...]
    exit: int
    verdict: str


@dataclass(frozen=True, slots=True)
class _Result:
    case: Case
    exit: int
    verdict: str
    failed: str

    @property
    def good(self) -> bool:
        return (self.exit, self.verdict) == (self.case.exit, self.case.verdict)


def run_checks(folder: Folder, node: DevNode, *, work: Callable[[], None]) -> int:
    """Run all cases, print a table and ``CHECK OK``; return 0, or 1 where anything came out otherwise.

    ``work`` is called between the cases, to keep what is running alive.
    """
    results: list[_Result] = []
    for case in _cases(folder, node):
        work()
        results.append(_run(case))
        if not results[-1].good:
            output.note(f"demo: NOT AS EXPECTED: {case.group}: {case.name}: {results[-1]}")
    _print_table(results)
    if not results or not all(result.good for result in results):
        output.line("CHECK FAILED")
        return 1
    output.line("CHECK OK")
    return 0


def _cases(folder: Folder, node: DevNode) -> Iterator[Case]:
    """Yield the cases; the controls are made when they are reached, on a second chain that runs only then."""
    yield from _samples(folder, node)
    yield from _pages(folder, node)
    yield from _revisions(folder, node)
    yield from _doubts(folder, node)
    for control in controls.make(folder, node):
        arguments = (str(control.bundle), "--trust", str(folder.trust), "--rpc", control.rpc)
        yield Case(control.group, control.name, arguments, control.exit, control.verdict)


def _samples(folder: Folder, node: DevNode) -> Iterator[Case]:
    for sample in SAMPLES:
        bundle = folder.bundles / f"{sample.name}.bundle.json"
        base = (str(bundle), "--trust", str(folder.trust), "--rpc", node.url)
        yield Case("genuine bundle", sample.name, base, 0, "match")
        copy = folder.samples / f"{sample.name}.txt"
        yield Case("genuine bundle and copy", sample.name, (*base, "--copy", str(copy)), 0, "match")
        altered = folder.altered / f"{sample.name}.txt"
        name = f"{sample.name}: {sample.alteration}"
        yield Case("altered copy refuted", name, (*base, "--copy", str(altered)), 1, "changed")


def _pages(folder: Folder, node: DevNode) -> Iterator[Case]:
    for sample in PAGES:
        bundle = folder.bundles / f"{sample.name}.bundle.json"
        base = (str(bundle), "--trust", str(folder.trust), "--rpc", node.url)
        # The record lists an image: without the page in hand it is not known whether a reader saw that one.
        yield Case("page, no copy in hand", sample.name, base, 3, "match-with-unchecked")
        for copy in copies(sample):
            path = folder.page_copy(sample, copy)
            own = () if copy.profile is None else ("--profile", str(path.with_suffix(".profile.json")))
            yield Case(copy.group, path.name, (*base, "--copy", str(path), *own), copy.exit, copy.verdict)


def _revisions(folder: Folder, node: DevNode) -> Iterator[Case]:
    for revised in REVISED:
        retracted = revised.status == "retraction"
        for step, code, verdict in (
            ("1-before", 0, "match"),
            ("1-after", 4, "retracted" if retracted else "older-revision"),
            (f"2-{revised.status}", 0, "match"),
        ):
            bundle = folder.revisions / f"{revised.original.name}.{step}.bundle.json"
            arguments = (str(bundle), "--trust", str(folder.trust), "--rpc", node.url)
            yield Case("revision or retraction", bundle.name, arguments, code, verdict)


def _doubts(folder: Folder, node: DevNode) -> Iterator[Case]:
    """What cannot be checked is never a pass and never a refutation."""
    bundle = folder.bundles / f"{SAMPLES[0].name}.bundle.json"
    trusted = (str(bundle), "--trust", str(folder.trust))
    header = "0x" + parse_header(parse_bundle(bundle.read_bytes()).receipt_anchors[0].header).hash.hex()
    group = "could not be checked"
    yield Case(group, "offline", (*trusted, "--offline"), 3, "cannot-check")
    yield Case(group, "no endpoint named", trusted, 3, "cannot-check")
    yield Case(group, "no trust file", (str(bundle), "--rpc", node.url), 3, "cannot-check")
    yield Case(group, "endpoint down", (*trusted, "--rpc", "http://127.0.0.1:1"), 3, "cannot-check")
    yield Case("offline, block hash pinned", "offline", (*trusted, "--offline", "--header", header), 0, "match")
    torn = folder.root / "torn.bundle.json"
    torn.write_bytes(bundle.read_bytes()[:-100])
    yield Case("not a bundle", "truncated", (str(torn), "--trust", str(folder.trust)), 2, "invalid")
    torn.unlink()


def _run(case: Case) -> _Result:
    command = [sys.executable, "-m", "notary.cli", "verify", *case.arguments, "--json"]
    done = subprocess.run(command, capture_output=True, timeout=_VERIFY_SECONDS, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return _Result(case, done.returncode, "no report", done.stderr.decode("utf-8", "replace")[-500:])
    failed = ", ".join(f"{check['name']}: {check['code']}" for check in report["checks"] if check["status"] == "fail")
    return _Result(case, done.returncode, report["verdict"], failed)


def _print_table(results: list[_Result]) -> None:
    groups: dict[str, list[_Result]] = {}
    for result in results:
        groups.setdefault(result.case.group, []).append(result)
    output.line(f"{'what':38} {'cases':>5}  {'as expected':>11}  exit and verdict")
    for group, members in groups.items():
        good = sum(result.good for result in members)
        seen = sorted({f"{result.exit} {result.verdict}" for result in members})
        output.line(f"{group:38} {len(members):5}  {good:11}  {', '.join(seen)}")
        for result in members:
            if group.startswith("control"):
                output.line(f"    {result.case.name} ({result.failed or 'nothing false, but not confirmed'})")
    good = sum(result.good for result in results)
    output.line(f"{'all':38} {len(results):5}  {good:11}")
