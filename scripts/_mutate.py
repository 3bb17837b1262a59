"""Mutation test of the verification path: every check is deleted or inverted, and some unit test must notice.

What counts as a check, found in the syntax tree of each module:

- ``if C: raise …`` and ``if C: return failed(…)``, ``unchecked(…)``, a verdict or False: ``C`` becomes False
  (deleted), and ``not C``;
- every operand of such a ``C`` that joins several with ``or`` (becomes False) or ``and`` (becomes True);
- a statement that only calls ``verify…``, ``check…``, ``constant`` or ``done``: removed.

A line that ends in the comment ``# not a check: REASON`` is left alone; each is printed with its reason. Mutants run in
a copy of the source, in parallel, first against the tests named after the module, then against tests/unit/core, without
the slow ones. A mutant that makes them run for five minutes counts as killed, and is counted.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parent.parent
MODULES = [
    "verify",
    "checks",
    "logchecks",
    "chain",
    "merkle",
    "note",
    "checkpoint",
    "tlogproof",
    "wire",
    "ed25519",
    "bundle",
    "trust",
    "evm",
    "trie",
    "rlp",
    "jcs",
    "shape",
    "entry",
    "manifest",
    "meta",
    "record",
    "revision",
    "current",
    "eip712",
    "secp256k1",
    "treestream",
]
_CALLS = re.compile(r"_?(verify|check|constant|done|require)\w*")
_VERDICTS = {"failed", "unchecked"}
_EXEMPT = re.compile(r"# not a check: (.+)$")
# Modules whose tests have another name; what these let pass still meets all of the tests.
_NEAR = {"logchecks": "verify", "chain": "verify", "wire": "checkpoint", "ed25519": "note"}
_TIMEOUT = 300
_TESTS = "tests/unit/core"


@dataclass(frozen=True)
class Mutant:
    """One changed module: where, what was done, and the new source."""

    module: str
    line: int
    what: str
    source: str


def _is_check(node: ast.If) -> bool:
    last = node.body[-1]
    if isinstance(last, ast.Raise):
        return True
    if not isinstance(last, ast.Return):
        return False
    value = last.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in _VERDICTS
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
        return value.value.id == "Verdict"
    return isinstance(value, ast.Constant) and value.value is False


def _call_name(node: ast.stmt) -> str | None:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return None
    function = node.value.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name if _CALLS.fullmatch(name) else None


def _conditions(test: ast.expr) -> list[tuple[str, ast.expr]]:
    """Return the ways to weaken a condition, with a word for each."""
    ways: list[tuple[str, ast.expr]] = [
        ("deleted", ast.Constant(False)),
        ("inverted", ast.UnaryOp(ast.Not(), test)),
    ]
    if isinstance(test, ast.BoolOp):
        neutral = ast.Constant(isinstance(test.op, ast.And))
        for i, operand in enumerate(test.values):
            weaker = copy.deepcopy(test)
            weaker.values[i] = neutral
            ways.append((f"without `{ast.unparse(operand)}`", weaker))
    return ways


def mutants_of(module: str, source: str) -> tuple[list[Mutant], list[str]]:
    """Return all mutants of a module's source, and the reasons of the lines left alone."""
    tree = ast.parse(source)
    lines = source.splitlines()
    found: list[Mutant] = []
    exempt: list[str] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.If | ast.Expr):
            continue
        if reason := _EXEMPT.search(lines[node.lineno - 1]):
            exempt.append(f"{module}.py:{node.lineno}: {reason.group(1)}")
        elif isinstance(node, ast.If) and _is_check(node):
            kept = node.test
            for word, test in _conditions(kept):
                node.test = test
                found.append(Mutant(module, node.lineno, f"{word}: if {ast.unparse(kept)}", ast.unparse(tree)))
            node.test = kept
        elif isinstance(node, ast.Expr) and (name := _call_name(node)):
            kept = node.value
            node.value = ast.Constant(None)
            found.append(Mutant(module, node.lineno, f"removed: {name}(…)", ast.unparse(tree)))
            node.value = kept
    return found, exempt


class Workplace:
    """A copy of the project, in which one module at a time is replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = ""
        self.timeouts = 0
        for name in ("notary", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        for name in ("pyproject.toml", "requirements", "docs"):
            path = ROOT / name
            (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / name)

    def survives(self, mutant: Mutant) -> bool:
        """Run the tests against the mutant; say whether all of them passed."""
        target = self.folder / "notary" / "core" / f"{mutant.module}.py"
        original = target.read_bytes()
        target.write_text(mutant.source, "utf-8")
        try:
            name = _NEAR.get(mutant.module, mutant.module)
            near = sorted(self.folder.glob(f"{_TESTS}/test_{name}*.py"))
            return (not near or self.passes([*near])) and self.passes([self.folder / _TESTS])
        finally:
            target.write_bytes(original)

    def passes(self, paths: list[Path]) -> bool:
        """Say whether these tests pass on the copy as it is now."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not slow"]
        command += ["-p", "no:randomly", "-p", "no:cacheprovider"]
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NOTARY_MUTATE": "1",
        }
        try:
            done = subprocess.run(
                [*command, *map(str, paths)],
                cwd=self.folder,
                env=environment,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            self.timeouts += 1
            return False  # a mutant that never ends is noticed
        self.output = done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")
        return done.returncode == 0


def main() -> int:
    """Make all mutants, run them, print the survivors and the totals; 0 if there is none."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="MODULE", choices=MODULES, default=MODULES)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true", help="print the mutants, run nothing")
    args = parser.parse_args()
    mutants: list[Mutant] = []
    for module in args.only:
        found, exempt = mutants_of(module, (ROOT / "notary" / "core" / f"{module}.py").read_text("utf-8"))
        mutants += found
        for reason in exempt:
            print(f"not a check  {reason}")
    if args.list:
        for mutant in mutants:
            print(f"{mutant.module}.py:{mutant.line}: {mutant.what}")
        return 0
    survivors, timeouts = _run(mutants, jobs=args.jobs)
    for mutant in survivors:
        print(f"SURVIVED  {mutant.module}.py:{mutant.line}: {mutant.what}")
    print(f"{len(mutants)} mutants, {len(mutants) - len(survivors)} killed ({timeouts} by the time limit), ", end="")
    print(f"{len(survivors)} survivors")
    return 1 if survivors else 0


def _run(mutants: list[Mutant], *, jobs: int) -> tuple[list[Mutant], int]:
    """Return the survivors, and how many mutants were stopped by the time limit."""
    with tempfile.TemporaryDirectory(prefix="notary-mutate-") as temporary:
        free: SimpleQueue[Workplace] = SimpleQueue()
        places = [Workplace(Path(temporary) / str(i)) for i in range(jobs)]
        for place in places:
            free.put(place)
        first = free.get()
        if not first.passes([first.folder / _TESTS]):
            sys.exit(f"{first.output[-4000:]}\nmutate: these tests fail without any change; mend that first.")
        free.put(first)
        done = 0

        def run(mutant: Mutant) -> bool:
            nonlocal done
            place = free.get()
            try:
                survived = place.survives(mutant)
            finally:
                free.put(place)
            done += 1
            if survived or done % 25 == 0:
                mark = "SURVIVED" if survived else "killed"
                print(f"[{done}/{len(mutants)}] {mark} {mutant.module}.py:{mutant.line} {mutant.what}", flush=True)
            return survived

        with ThreadPoolExecutor(jobs) as pool:
            survived = list(pool.map(run, mutants))
        timeouts = sum(place.timeouts for place in places)
    return [mutant for mutant, alive in zip(mutants, survived, strict=True) if alive], timeouts


if __name__ == "__main__":
    sys.exit(main())
