"""`notary verify` as a whole process, beside the bare interpreter and `ots info`; its memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from notary.core.evm import parse_header
from scripts._bench import world
from scripts._bench.harness import Aim, Row, Sample, Setting, compare, interleave
from scripts._bench.sides import Absent, Side, say
from scripts._dev.say import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTARY = Path(sys.executable).parent / "notary"


def run(setting: Setting) -> list[Row]:
    """Measure time and memory."""
    runner, command = _Runner(setting), _command(setting)
    bare = [sys.executable, "-I", "-c", "pass"]
    runs = setting.size(21, 2)
    time = compare(
        "cli.verify",
        "notary verify of one bundle, whole process: Ed25519, receipt proof, text",
        "ms",
        lambda: runner.milliseconds(command),
        floor=Side("python -I -c pass", lambda: runner.milliseconds(bare)),
        peer=_ots(setting, runner),
        runs=runs,
        aim=Aim("≤", 10, of="floor"),
    )
    say("cli.memory")
    ours, floor = interleave([lambda: runner.megabytes(command), lambda: runner.megabytes(bare)], runs=setting.runs)
    memory = Row(
        "cli.memory",
        "notary verify of one bundle: the most memory it has",
        "MB",
        Sample(tuple(ours)),
        floor=Sample(tuple(floor)),
        floor_what="python -I -c pass",
        aim=Aim("≤", 30),
    )
    return [time, memory]


def _command(setting: Setting) -> list[str]:
    """Write a bundle and a trust file that match offline, and return the command that says so."""
    made = world.make(bundles=1, size=setting.entries, text_bytes=4000)
    bundle, trust = setting.scratch / "one.bundle.json", setting.scratch / "trust.json"
    bundle.write_bytes(made.bundles[0].encode())
    trust.write_bytes(made.trust.encode())
    pinned = parse_header(made.bundles[0].receipt_anchors[0].header).hash.hex()
    return [str(NOTARY), "verify", str(bundle), "--trust", str(trust), "--offline", "--header", pinned]


def _ots(setting: Setting, runner: _Runner) -> Side | Absent:
    proof = setting.scratch / "article.ots"
    program = setting.peers.python("peer_ots", "make", proof)
    if isinstance(program, Absent):
        return program
    command = [str(setting.peers.script("ots")), "info", str(proof)]
    return Side("ots info, which verifies no signature and no chain", lambda: runner.milliseconds(command))


class _Runner:
    """Runs commands and says what they took."""

    def __init__(self, setting: Setting) -> None:
        self._program = setting.peers.plain("spend")

    def milliseconds(self, command: Sequence[str]) -> float:
        return self._run(command)[0]

    def megabytes(self, command: Sequence[str]) -> float:
        return self._run(command)[1]

    def _run(self, command: Sequence[str]) -> tuple[float, float]:
        milliseconds, megabytes, code = self._program.ask(json.dumps(command))
        if code != 0:
            raise SetupError(f"{' '.join(command)} ended with {code}")
        return milliseconds, megabytes
