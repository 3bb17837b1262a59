"""The stages of scripts/test: what each one needs, runs and counts."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts._dev import browser, golang, javascript, lanes, nginx, node, tools
from scripts._dev.counting import FILE_VARIABLE
from scripts._dev.lock import set_up_lock
from scripts._dev.paths import ROOT, VENV
from scripts._dev.running import run
from scripts._dev.say import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence

TESTS = ROOT / "tests"
NO_TESTS_COLLECTED = 5


@dataclass(frozen=True)
class Stage:
    """One stage: either commands that pass or fail as a whole, or a folder of pytest tests."""

    name: str
    about: str
    minutes: float
    commands: tuple[tuple[str, ...], ...] = ()
    tests: str | None = None
    needs: frozenset[str] = frozenset()
    quick: bool = False


STAGES = (
    Stage("ruff", "lint and format", 1, (("ruff", "check", "."), ("ruff", "format", "--check", ".")), quick=True),
    Stage("mypy", "types, strict", 4, (("mypy",),), quick=True),
    Stage("imports", "which module may import which", 1, (("lint-imports",),), quick=True),
    Stage("forge", "the contract: unit, fuzz and invariant tests", 5, needs=frozenset({"node"})),
    Stage("js", "the JavaScript that ships: types, and tests/js in Node.js", 10, needs=frozenset({"node"})),
    Stage("unit", "tests/unit: pure code", 10, tests="unit", quick=True),
    Stage("service", "tests/service: storage, service and web in one process", 20, tests="service", quick=True),
    Stage("interop", "tests/interop: the log, read by Go's own library", 5, tests="interop", needs=frozenset({"go"})),
    Stage("node", "tests/node: against a real anvil", 15, tests="node", needs=frozenset({"node", "hardhat"})),
    Stage(
        "topology",
        "tests/topology: proxy, web servers, workers, PostgreSQL and a node together, and kills",
        10,
        tests="topology",
        needs=frozenset({"node", "nginx"}),
    ),
    Stage(
        "faults",
        "tests/faults: what goes wrong, injected, by number",
        15,
        tests="faults",
        needs=frozenset({"node", "hardhat"}),
    ),
    Stage("browser", "tests/browser: pages in Chromium", 15, tests="browser", needs=frozenset({"node", "browser"})),
    Stage(
        "install", "tests/install: a wheel, built and used elsewhere", 10, tests="install", needs=frozenset({"node"})
    ),
)


@dataclass
class Outcome:
    """What one stage came to."""

    stage: str
    state: str = "ok"
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Run the chosen stages in order and print one summary; its last line is ``N passed, N failed``."""
    parser = _parser()
    options, pytest_arguments = parser.parse_known_args(arguments)
    if options.list:
        for stage in STAGES:
            print(f"{stage.name:<9}{stage.about}")
        return 0
    chosen = [
        stage for stage in STAGES if (stage.name in options.only if options.only else stage.quick or not options.quick)
    ]
    if pytest_arguments and not options.only:
        parser.error(f"pytest arguments ({' '.join(pytest_arguments)}) need --only STAGE")
    # Being told to end must end the running stage too, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _set_up(chosen)
    if options.quick:
        pytest_arguments += ["-m", "not slow"]
    seed = options.seed if options.seed is not None else time.time_ns() % 2**32
    start = time.monotonic()
    if options.outcome:
        # One stage, run for another scripts/test, which sums up.
        outcome = _run_stage(chosen[0], pytest_arguments, seed, quiet=True)
        Path(options.outcome).write_text(json.dumps(asdict(outcome)), encoding="utf-8")
        return 1 if outcome.state == "FAILED" else 0
    if options.only or options.jobs == 1:
        outcomes = [_run_stage(stage, pytest_arguments, seed, quiet=not options.only) for stage in chosen]
    else:
        # The longest first, so that the end of the run is not one of them alone.
        names = [stage.name for stage in sorted(chosen, key=lambda stage: -stage.minutes)]
        found = lanes.run_all(names, ["--seed", str(seed), *pytest_arguments], jobs=options.jobs)
        outcomes = [Outcome(**one) for one in found]
    return _summarise(outcomes, time.monotonic() - start, seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description="All checks and tests, in stages. Sets up .venv and node_modules first.",
        epilog="Further arguments go to pytest, as in: scripts/test --only unit -k merkle -x",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--quick", action="store_true", help="two minutes: no node, browser, forge, interop, install, slow"
    )
    parser.add_argument("--only", action="append", metavar="STAGE", choices=[stage.name for stage in STAGES])
    parser.add_argument("--seed", type=int, help="the random order of an earlier run, which its summary names")
    parser.add_argument("--list", action="store_true", help="list the stages")
    parser.add_argument(
        "--jobs", type=int, metavar="N", default=min(2, os.cpu_count() or 1), help="stages at once (default: 2 at most)"
    )
    parser.add_argument("--outcome", help=argparse.SUPPRESS)
    return parser


def _set_up(stages: Sequence[Stage]) -> None:
    needs = frozenset[str]().union(*(stage.needs for stage in stages))
    tools.ensure(["test"], node_tools="node" in needs, development="node" in needs)
    if "hardhat" in needs:
        with set_up_lock():
            os.environ["NOTARY_HARDHAT_NODE"] = str(node.for_hardhat())
    if "browser" in needs and (TESTS / "browser").is_dir():
        os.environ["NOTARY_CHROMIUM"] = browser.chromium()
    if "nginx" in needs:
        os.environ["NOTARY_NGINX"] = nginx.nginx()
    if "go" in needs:
        go = golang.toolchain()
        os.environ["NOTARY_GO"], os.environ["NOTARY_GOPATH"] = go.command, str(go.libraries)


def _run_stage(stage: Stage, pytest_arguments: Sequence[str], seed: int, *, quiet: bool) -> Outcome:
    print(f"\n===== {stage.name}: {stage.about}", flush=True)
    start = time.monotonic()
    environment = _environment(stage)
    limit = stage.minutes * 60
    try:
        if stage.tests is not None:
            outcome = _run_tests(stage, environment, [f"--randomly-seed={seed}", *pytest_arguments], quiet=quiet)
        elif stage.name == "forge":
            outcome = _run_forge(stage, environment)
        elif stage.name == "js":
            outcome = _run_javascript(stage, environment)
        else:
            codes = [run(command, environment, limit) for command in stage.commands]
            outcome = Outcome(stage.name) if not any(codes) else Outcome(stage.name, "FAILED", failed=1)
    except (OSError, SetupError) as error:
        print(f"!! {error}", flush=True)
        outcome = Outcome(stage.name, "FAILED", failed=1)
    outcome.seconds = time.monotonic() - start
    print(f"===== {stage.name}: {outcome.state}, {outcome.seconds:.1f} s", flush=True)
    return outcome


def _environment(stage: Stage) -> dict[str, str]:
    """Give a stage its environment, free of the caller's own NOTARY settings, which would change what is tested."""
    settings = tools.environment(node_tools="node" in stage.needs)
    ours = (
        {f"NOTARY_{name}" for name in ("ANVIL", "CHROMIUM", "GO", "GOPATH", "HARDHAT_NODE", "NGINX")}
        if stage.needs
        else set()
    )
    return {name: value for name, value in settings.items() if not name.startswith("NOTARY_") or name in ours}


def _run_tests(stage: Stage, environment: dict[str, str], arguments: Sequence[str], *, quiet: bool) -> Outcome:
    folder = TESTS / str(stage.tests)
    if not folder.is_dir():
        print(f"!! there is no tests/{stage.tests}; nothing was tested here", flush=True)
        return Outcome(stage.name, "FAILED", failed=1)
    with tempfile.TemporaryDirectory(prefix="notary-test-") as scratch:
        counts_file = Path(scratch, "counts.json")
        command = [str(VENV / "bin" / "python"), "-m", "pytest", "-p", "scripts._dev.counting", str(folder), *arguments]
        if quiet:
            # The one closing line is the summary's; the failures and the reasons of skips are still told.
            command.append("-qq")
        code = run(command, environment | {FILE_VARIABLE: str(counts_file)}, stage.minutes * 60)
        counts = json.loads(counts_file.read_text(encoding="utf-8")) if counts_file.is_file() else {}
    if code == NO_TESTS_COLLECTED:
        print(f"!! tests/{stage.tests} exists, but no test was found in it", flush=True)
    return _counted(stage, code, counts)


def _counted(stage: Stage, code: int, counts: dict[str, Any]) -> Outcome:
    outcome = Outcome(
        stage.name,
        passed=counts.get("passed", 0),
        failed=counts.get("failed", 0),
        skipped=counts.get("skipped", []),
    )
    # An exit code of 0 from a run that did not live to count is no success, nor is one with failures in its counts.
    if code != 0 or not counts or outcome.failed or outcome.skipped:
        outcome.state = "FAILED"
        # A run that broke without counting (a crash, a usage error, no tests) is still one failure.
        outcome.failed = max(outcome.failed, 0 if outcome.skipped else 1)
    return outcome


def _run_javascript(stage: Stage, environment: dict[str, str]) -> Outcome:
    folder = TESTS / "js"
    limit = stage.minutes * 60
    types = javascript.check_types(folder, environment, limit)
    outcome = _counted(stage, *javascript.run_tests(folder, environment, limit))
    if types != 0:
        outcome.state = "FAILED"
        outcome.failed += 1
    return outcome


def _run_forge(stage: Stage, environment: dict[str, str]) -> Outcome:
    folder = ROOT / "contracts"
    if not (folder / "foundry.toml").is_file():
        print("!! there is no contracts/foundry.toml; nothing was tested here", flush=True)
        return Outcome(stage.name, "FAILED", failed=1)
    forge = str(node.native_binary("forge"))
    code = run(
        [forge, "test", "--offline", "--use", str(ROOT / "scripts" / "solc")], environment, stage.minutes * 60, folder
    )
    return Outcome(stage.name) if code == 0 else Outcome(stage.name, "FAILED", failed=1)


def _summarise(outcomes: Sequence[Outcome], seconds: float, seed: int) -> int:
    print(f"\n===== summary ({seconds:.0f} s, seed {seed})")
    for outcome in outcomes:
        tests = f"{outcome.passed:>6} tests passed" if outcome.passed else ""
        failures = f", {outcome.failed} failed" if outcome.failed else ""
        print(f"{outcome.stage:<9}{outcome.state:<8}{outcome.seconds:>7.1f} s{tests}{failures}")
    skipped = [test for outcome in outcomes for test in outcome.skipped]
    for test in skipped:
        print(f"skipped, which counts as failed: {test}")
    stray = _stray_tests()
    for path in stray:
        print(f"no stage runs this file, which counts as failed: {path}")
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes) + len(skipped) + len(stray)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or any(outcome.state == "FAILED" for outcome in outcomes) else 0


def _stray_tests() -> list[str]:
    """Find test files that lie outside the folders of the stages, where nothing would ever run them."""
    folders = {stage.tests for stage in STAGES if stage.tests is not None}
    python = (path.relative_to(TESTS) for path in [*TESTS.rglob("test_*.py"), *TESTS.rglob("*_test.py")])
    script = (path.relative_to(TESTS) for path in TESTS.rglob("*.test.*js"))
    lost = [name for name in python if name.parts[0] not in folders]
    lost += [name for name in script if name.parts[0] != "js" or name.suffix != ".js"]
    return sorted(f"tests/{name}" for name in lost)
