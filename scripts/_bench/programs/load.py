"""A load generator on the standard library: one thread, raw sockets, as many connections as asked for.

For each line, a JSON object {port, connections, file, count}, it sends ``count`` requests out of the file (each after
its length as four bytes; from the start again at the end), the next on a connection once the last is answered in full,
and answers {seconds, p50, p99, failed}: milliseconds, and the answer to the first request that failed, if one did.
"""

import json
import re
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

CHUNK = 1 << 18
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n", re.IGNORECASE)


class Connection:
    """One connection: a request on its way out, and the answer as far as it is here."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.out = memoryview(b"")
        self.answer = bytearray()
        self.start = 0.0

    def begin(self, request: bytes) -> None:
        """Start to send a request."""
        self.out = memoryview(request)
        self.answer.clear()
        self.start = time.perf_counter()
        self.write()

    def write(self) -> None:
        """Send as much as is taken now."""
        try:
            while self.out:
                self.out = self.out[self.socket.send(self.out) :]
        except BlockingIOError:
            return

    def read(self) -> bool:
        """Take what is there; say whether the answer is complete."""
        data = self.socket.recv(CHUNK)
        if not data:
            raise ConnectionError("the server closed a connection")
        self.answer += data
        end = self.answer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.answer[: end + 2])
        length = LENGTH.search(head)
        if length is not None:
            return len(self.answer) >= end + 4 + int(length[1])
        return CHUNKED.search(head) is not None and self.answer.endswith(b"\r\n0\r\n\r\n")

    def has_failed(self) -> bool:
        """Say whether the answer is anything but a success, of the whole or of a line of a batch."""
        return self.answer[9:10] != b"2" or b'"error":' in self.answer


def requests_of(file: Path) -> list[bytes]:
    """Return the requests in a file."""
    data, requests, position = file.read_bytes(), [], 0
    while position < len(data):
        end = position + 4 + int.from_bytes(data[position : position + 4], "big")
        requests.append(data[position + 4 : end])
        position = end
    return requests


def run(port: int, connections: int, requests: Iterator[bytes]) -> dict[str, object]:
    """Send all requests and return what came of it."""
    selector = selectors.DefaultSelector()
    both = selectors.EVENT_READ | selectors.EVENT_WRITE
    took: list[float] = []
    failed = ""
    begin = time.perf_counter()
    for request in islice(requests, connections):
        connection = Connection(port)
        connection.begin(request)
        selector.register(connection.socket, both if connection.out else selectors.EVENT_READ, connection)
    while selector.get_map():
        for key, events in selector.select():
            connection = key.data
            if events & selectors.EVENT_WRITE:
                connection.write()
            if events & selectors.EVENT_READ and connection.read():
                took.append(time.perf_counter() - connection.start)
                if not failed and connection.has_failed():
                    failed = connection.answer.decode("utf-8", "replace")[:2000]
                following = next(requests, None)
                if following is None:
                    selector.unregister(connection.socket)
                    connection.socket.close()
                    continue
                connection.begin(following)
            wanted = both if connection.out else selectors.EVENT_READ
            if key.events != wanted:
                selector.modify(connection.socket, wanted, connection)
    seconds = time.perf_counter() - begin
    took.sort()
    p50, p99 = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.99))
    return {"seconds": seconds, "p50": p50, "p99": p99, "failed": failed}


if __name__ == "__main__":
    print("{}", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        chosen = islice(cycle(requests_of(Path(job["file"]))), job["count"])
        print(json.dumps(run(job["port"], job["connections"], chosen)), flush=True)
