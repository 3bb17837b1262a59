"""trafilatura: the text of a page. Argument: the page. It answers, for a count, how long that many took."""

import sys
import time
from pathlib import Path

import trafilatura

if __name__ == "__main__":
    page = Path(sys.argv[1]).read_text(encoding="utf-8")
    print("{}", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            if not trafilatura.extract(page):
                raise SystemExit("trafilatura found no text")
        print(time.perf_counter() - start, flush=True)
