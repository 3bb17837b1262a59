"""`notary audit` of a whole served log, beside hashing and reading the same entries and nothing else."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from scripts._bench import biglog
from scripts._bench.harness import Row, Sample, Setting, Stopwatch, interleave
from scripts._bench.serving import Server, opened, serving
from scripts._bench.sides import say
from scripts._dev.say import SetupError

if TYPE_CHECKING:
    from scripts._bench.biglog import BigLog

MOST = 100_000
NOTARY = Path(sys.executable).parent / "notary"
# Clean; or well, but for the chain that this log does not have.
GOOD = {0, 3}


def run(setting: Setting) -> list[Row]:
    """Measure time and memory."""
    log = biglog.get(setting, entries=min(setting.entries, MOST))
    entries = _entries(log)
    with serving(log.root) as server:
        audit = _Audit(setting, server)

        def bare() -> tuple[float, float]:
            with Stopwatch() as watch:
                for data in entries:
                    json.loads(data)
                    sha256(b"\x00" + data).digest()
                    # A tree has one inner node a leaf.
                    sha256(data[:65]).digest()
            return watch.seconds * 1000, 0.0

        say(f"audit: {len(entries):,} entries")
        ours, floor = interleave([audit.once, bare], runs=setting.size(3, 1), warmup=0)
    rates = [Sample(tuple(len(entries) / took * 1000 for took, _ in side)) for side in (ours, floor)]
    return [
        Row(
            "audit.rate",
            f"entries audited, a log of {len(entries):,} served by notary serve, whole process",
            "/s",
            rates[0],
            floor=rates[1],
            floor_what="json.loads and two SHA-256 an entry, all in memory",
        ),
        Row(
            "audit.memory",
            f"notary audit of a log of {len(entries):,}: the most memory it has",
            "MB",
            Sample(tuple(megabytes for _, megabytes in ours)),
        ),
    ]


class _Audit:
    """Runs `notary audit` on a server."""

    def __init__(self, setting: Setting, server: Server) -> None:
        self._program = setting.peers.plain("spend")
        trust = setting.scratch / "trust.json"
        status, body = server.get("/.well-known/notary-log.json")
        if status != 200:
            raise SetupError(f"the trust file was answered with {status}")
        trust.write_bytes(body)
        self._command = [str(NOTARY), "audit", f"http://127.0.0.1:{server.port}/log", "--trust", str(trust)]

    def once(self) -> tuple[float, float]:
        """Return milliseconds and MB."""
        milliseconds, megabytes, code = self._program.ask(json.dumps(self._command))
        if code not in GOOD:
            raise SetupError(f"{' '.join(self._command)} ended with {code}")
        return milliseconds, megabytes


def _entries(log: BigLog) -> list[bytes]:
    services = opened(log.root)
    try:
        with services.store.read() as view:
            return view.entry_data(start=0, limit=log.size)
    finally:
        services.close()
