"""A whole log: built through the service, read from `notary serve` as proofs, bundles and tiles; memory and disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts._bench import biglog, machine
from scripts._bench.harness import Aim, Row, Sample, Setting, Stopwatch, compare
from scripts._bench.serving import Loader, Server, request, serving, trivial
from scripts._bench.sides import Side

if TYPE_CHECKING:
    from pathlib import Path

    from scripts._bench.biglog import BigLog

CONNECTIONS = 16
RESTARTS = 3


def run(setting: Setting) -> list[Row]:
    """Build and serve."""
    log = biglog.get(setting, entries=setting.entries)
    rows = _building(log)
    loader = Loader(setting)
    with serving(log.root) as server, trivial(setting.scratch) as floor:
        rows += _reads(setting, loader, server, floor, log)
        if machine.can_measure_memory():
            what = f"memory of all processes of notary serve, a log of {log.size:,}, after these reads"
            rows.append(Row("log.memory", what, "MB", Sample((server.memory(),))))
    return [*rows, _restart(setting, log)]


def _building(log: BigLog) -> list[Row]:
    size = log.size
    return [
        Row(
            "log.accept",
            f"entries by digest accepted into a log of {size:,}, {biglog.GROUP} a transaction, without HTTP",
            "/s",
            Sample((size / log.accepting,)),
        ),
        Row(
            "log.integrate",
            f"entries integrated and signed, a log of {size:,}",
            "/s",
            Sample((size / log.integrating,)),
        ),
        Row(
            "log.disk",
            f"disk of a log of {size:,} with all its indexes and its tree",
            "MB",
            Sample((log.disk,)),
        ),
    ]


def _reads(setting: Setting, loader: Loader, server: Server, floor: Server, log: BigLog) -> list[Row]:
    nothing = loader.file([request("GET", "/")])
    rows = []
    for name, what, paths, aim in (
        ("log.proofs", "tlog-proofs of entries anywhere", [_entry(leaf, "tlog-proof") for leaf in log.leaves], None),
        ("log.bundles", "bundles of entries anywhere", [_entry(leaf, "bundle") for leaf in log.leaves], 3000),
        ("log.tiles", "full tiles of hashes", [f"/log/tile/0/{i:03d}" for i in range(min(999, log.size // 256))], 3000),
    ):
        count = setting.size(4000, 40)
        file = loader.file(request("GET", path) for path in _mixed(paths))

        def ours(file: Path = file, count: int = count) -> float:
            return loader.send(server, file, connections=CONNECTIONS, count=count).rate

        def bare(count: int = count) -> float:
            return loader.send(floor, nothing, connections=CONNECTIONS, count=count).rate

        rows.append(
            compare(
                name,
                f"GET of {what} in a log of {log.size:,}, {CONNECTIONS} connections",
                "/s",
                ours,
                floor=Side("a Flask application that does nothing, on granian", bare),
                runs=setting.runs,
                aim=None if aim is None else Aim("≥", aim),
            )
        )
    return rows


def _restart(setting: Setting, log: BigLog) -> Row:
    """Start the server anew, and measure the first proof that is asked of it."""
    path = _entry(log.leaves[len(log.leaves) // 2], "tlog-proof")

    def first() -> float:
        with serving(log.root) as server:
            with Stopwatch() as watch:
                status, _ = server.get(path)
            if status != 200:
                raise LookupError(f"{path} was answered with {status}")
        return watch.seconds * 1000

    what = f"first tlog-proof after a restart of notary serve, a log of {log.size:,}, over HTTP"
    runs = setting.size(RESTARTS, 1)
    return compare("log.first", what, "ms", first, runs=runs, warmup=0, aim=Aim("≤", 10))


def _mixed(paths: list[str]) -> list[str]:
    """Return them in an order without neighbours."""
    return [paths[i * 7919 % len(paths)] for i in range(len(paths))]


def _entry(leaf: bytes, what: str) -> str:
    return f"/api/v1/entries/{leaf.hex()}/{what}"
