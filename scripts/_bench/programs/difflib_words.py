"""difflib of the standard library on words. Arguments: two texts. It answers any line with how long that took."""

import difflib
import re
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    old, new = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
    print("{}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        a, b = (re.findall(r"\w+|\s+|[^\w\s]", text) for text in (old, new))
        difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
        print(time.perf_counter() - start, flush=True)
