"""Entry of scripts/bench, run in ``.venv``."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from notary.errors import NotaryError
from scripts._bench import machine, report
from scripts._bench.harness import Row, Setting
from scripts._bench.peers import FOLDER, Peers
from scripts._bench.sides import say
from scripts._dev import tools
from scripts._dev.paths import ROOT
from scripts._dev.say import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence

BENCHMARKS = {
    "merkle": "the tree: building, proofs from memory and from SQLite, memory and disk",
    "log": "a whole log: built, served, proofs and bundles read from it, memory and disk",
    "submit": "single submissions over HTTP, durable, at 64 connections and at one",
    "bulk": "submissions in batches over HTTP, durable: digests only, and texts of 4 kB",
    "canon": "canonical text of plain text and of pages",
    "diff": "the words that changed, 5,000 and 40,000 words",
    "verify": "proofs, bundles and receipt proofs in bulk",
    "cli": "notary verify as a whole process",
    "gas": "what an anchor costs on a chain",
    "audit": "notary audit of a whole log",
}
NEEDS_NODE = {"gas"}
HAS_BACKENDS = {"submit", "bulk"}


def main(arguments: Sequence[str]) -> int:
    """Run the chosen benchmarks, print the table, write the JSON; exit 2 for what is not known."""
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.list:
        for name, about in BENCHMARKS.items():
            print(f"{name:<8}{about}")
        return 0
    unknown = [name for name in args.only or () if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    if args.readme and (args.only or args.quick):
        parser.error("--readme takes all benchmarks in full")
    chosen = [name for name in BENCHMARKS if not args.only or name in args.only]
    if args.backend == "postgresql":
        if not set(chosen) <= HAS_BACKENDS:
            parser.error(f"--backend postgresql is for --only {' '.join(sorted(HAS_BACKENDS))}")
        tools.ensure(["test"], node_tools=False)
    rows, failed = _run(chosen, entries=args.entries, quick=args.quick, backend=args.backend)
    about = machine.about()
    print(report.to_text(rows, about), end="")
    if args.json:
        Path(args.json).write_text(report.to_json(rows), encoding="utf-8")
    if failed:
        say(f"not measured: {', '.join(failed)}")
        return 1
    if args.readme:
        report.write_readme(ROOT / "README.md", report.to_readme(rows, about))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measure the program beside the floor of the machine and beside what others reach, in turns.",
        epilog="The table goes to standard output, progress to standard error.",
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="run these; --list names them")
    parser.add_argument("--json", metavar="FILE", help="write [{name, value, unit, floor, peer, ratios}] to FILE too")
    parser.add_argument("--entries", type=_entries, default=1_000_000, metavar="N", help="size of the log (10^6)")
    parser.add_argument(
        "--backend",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="postgresql: submit and bulk on it beside SQLite, with one and two web processes",
    )
    parser.add_argument("--quick", action="store_true", help="a trial in tiny sizes, compared with nothing foreign")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    parser.add_argument("--list", action="store_true", help="name the benchmarks and stop")
    return parser


def _entries(text: str) -> int:
    if not text.isdecimal() or not 1000 <= int(text) <= 100_000_000:
        raise argparse.ArgumentTypeError("must be within 1,000 and 100,000,000")
    return int(text)


def _run(names: Sequence[str], *, entries: int, quick: bool, backend: str) -> tuple[list[Row], list[str]]:
    """Return the rows, and the names of the benchmarks that could not be run to their end."""
    if NEEDS_NODE & set(names):
        tools.ensure([], node_tools=True)
    rows: list[Row] = []
    failed: list[str] = []
    # Not in the system's folder for what is temporary, which may be kept in memory: there nothing is durable, but fast.
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch, Peers(enabled=not quick) as peers:
        for name in names:
            folder = Path(scratch, name)
            folder.mkdir()
            setting = Setting(2000 if quick else entries, quick, folder, peers, backend)
            try:
                rows += importlib.import_module(f"scripts._bench.{name}").run(setting)
            except (SetupError, NotaryError) as error:
                say(f"{name}: {error}")
                failed.append(name)
    # What is aimed at is meant for the full sizes.
    return ([replace(row, aim=None) for row in rows] if quick else rows), failed


if __name__ == "__main__":
    # It was for finding this package; what is measured must find its modules as it does elsewhere.
    os.environ.pop("PYTHONPATH", None)
    sys.exit(main(sys.argv[1:]))
