"""Runs commands from a small process: what a child is said to have had of memory includes its parent's at the start.

For each line, a JSON list of arguments, it answers [milliseconds, most resident memory in MB, exit code].
"""

import json
import os
import sys
import time

if __name__ == "__main__":
    print("{}", flush=True)
    nothing = os.open(os.devnull, os.O_RDWR)
    silent = [(os.POSIX_SPAWN_DUP2, nothing, descriptor) for descriptor in (0, 1)]
    unit = 1 if sys.platform == "darwin" else 1024
    for line in sys.stdin:
        command = json.loads(line)
        start = time.perf_counter()
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=silent)
        _, status, usage = os.wait4(pid, 0)
        spent = (time.perf_counter() - start) * 1000
        print([spent, usage.ru_maxrss * unit / 1e6, os.waitstatus_to_exitcode(status)], flush=True)
