"""Our own tree, read from the tiles in a database. Arguments: the database and the size of the tree."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from notary.core import tiles
from notary.core.tilecache import TileCache
from notary.storage.engine import open_engine
from notary.storage.store import SqlStore
from scripts._bench import machine
from scripts._bench.harness import Stopwatch

STEP = 7919


def main(database: Path, size: int) -> None:
    """Answer a line for each line: ``proofs COUNT``, ``recent COUNT`` (of the newest 100,000 leaves), ``memory``."""
    print("{}", flush=True)
    store: SqlStore | None = None
    cache = TileCache()
    asked = 0
    for line in sys.stdin:
        word, _, count = line.strip().partition(" ")
        if word == "memory":
            print(machine.resident(os.getpid()), flush=True)
            continue
        among = size if word == "proofs" else min(size, 100_000)
        with Stopwatch() as watch:
            if store is None:
                store = SqlStore(open_engine(database), busy_timeout=5)
            with store.read() as view:
                for _ in range(int(count)):
                    asked += 1
                    index = size - 1 - asked * STEP % among
                    tiles.inclusion_proof(view, index=index, size=size, cache=cache)
        print(watch.seconds, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
