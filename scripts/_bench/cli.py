"""`notary verify` as a whole process, beside the bare interpreter and `ots info`; its memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from notary.core.evm import parse_header
from scripts._bench import world
from scripts._bench.harness import Absent, Aim, Row, Sample, Setting, Side, Stopwatch, compare, interleave, say

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTARY = Path(sys.executable).parent / "notary"


def run(setting: Setting) -> list[Row]:
    """Measure time and memory."""
    command = _command(setting)
    bare = [sys.executable, "-I", "-c", "pass"]
    runs = setting.size(21, 2)
    time = compare(
        "cli.verify",
        "notary verify of one bundle, whole process: Ed25519, receipt proof, text",
        "ms",
        lambda: _spent(command)[0],
        floor=Side("python -I -c pass", lambda: _spent(bare)[0]),
        peer=_ots(setting),
        runs=runs,
        aim=Aim("≤", 10, of="floor"),
    )
    say("cli.memory")
    ours, floor = interleave([lambda: _spent(command)[1], lambda: _spent(bare)[1]], runs=setting.runs)
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
    pinned = parse_header(made.bundles[0].anchors[0].header).hash.hex()
    return [str(NOTARY), "verify", str(bundle), "--trust", str(trust), "--offline", "--header", pinned]


def _ots(setting: Setting) -> Side | Absent:
    proof = setting.scratch / "article.ots"
    program = setting.peers.python("peer_ots", "make", proof)
    if isinstance(program, Absent):
        return program
    command = [str(setting.peers.script("ots")), "info", str(proof)]
    return Side("ots info, which verifies no signature and no chain", lambda: _spent(command)[0])


def _spent(command: Sequence[str]) -> tuple[float, float]:
    """Run a command that must succeed; return the milliseconds it took, and the most memory it had, in MB."""
    with Stopwatch() as watch:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    unit = 1 if sys.platform == "darwin" else 1024
    return watch.seconds * 1000, usage.ru_maxrss * unit / 1e6
