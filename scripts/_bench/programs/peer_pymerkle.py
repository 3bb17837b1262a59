"""pymerkle: building, proofs and memory, in memory or in SQLite. Arguments: ``memory`` or a file, and the size."""

import json
import os
import re
import sys
import time
from pathlib import Path

import pymerkle

_STEP = 7919


def main(place: str, size: int) -> None:
    """Build the tree, then answer a line for each line."""
    start = time.perf_counter()
    tree = pymerkle.InmemoryTree() if place == "memory" else pymerkle.SqliteTree(place)
    if tree.get_size() == 0:
        tree.append_entries([b"%d" % i for i in range(size)])
    print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)
    asked = 0
    for line in sys.stdin:
        word, _, count = line.strip().partition(" ")
        if word == "memory":
            status = Path(f"/proc/{os.getpid()}/status").read_text(encoding="utf-8")
            found = re.search(r"VmRSS:\s+(\d+)", status)
            print(int(found[1]) * 1024 / 1e6 if found else 0, flush=True)
            continue
        start = time.perf_counter()
        for _ in range(int(count)):
            asked += 1
            tree.prove_inclusion(asked * _STEP % size + 1, size)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
