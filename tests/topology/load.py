"""Load through the proxy: submitters that repeat what was not answered, and readers who keep what they saw."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from tests.node import logs

SUBMITTERS = 6
READERS = 2
TIMEOUT = 20.0
# What a proxy or a server says that cannot take it now; and 0 for a connection that broke.
AGAIN = {0, 429, 502, 503, 504}
PAUSE = 0.05


@dataclass
class Load:
    """Everything that was answered, by all threads."""

    url: str
    keys: list[str]
    leaves: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    replayed: int = 0
    checkpoints: set[bytes] = field(default_factory=set)
    cached: int = 0
    failures: list[BaseException] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)
    _next: int = 0

    def __enter__(self) -> Self:
        """Begin."""
        for i in range(SUBMITTERS):
            self._begin(_Submitter(self, self.keys[i % len(self.keys)]).run)
        for _ in range(READERS):
            self._begin(_Reader(self).run)
        return self

    def __exit__(self, *_: object) -> None:
        """Let every submission that was begun come to its answer."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _begin(self, run: object) -> None:
        def guarded() -> None:
            try:
                run()  # type: ignore[operator]
            except BaseException as error:  # noqa: BLE001 - told by whoever looks at the load
                self.failures.append(error)

        thread = threading.Thread(target=guarded)
        self._threads.append(thread)
        thread.start()

    @property
    def going(self) -> bool:
        """Whether more is to be submitted."""
        return not self._stop.is_set() and not self.failures

    @property
    def accepted(self) -> int:
        """How many submissions were answered with 2xx so far."""
        return len(self.leaves)

    def number(self) -> int:
        """Return a number that no other submission has."""
        with self._lock:
            self._next += 1
            return self._next

    def count(self, status: int) -> None:
        """Count an answer."""
        with self._lock:
            self.statuses[status] += 1

    def keep(self, key: str, leaf: str, *, replayed: bool) -> None:
        """Keep an answer with 2xx. Whoever gets another entry for the same idempotency key fails."""
        with self._lock:
            assert self.leaves.setdefault(key, leaf) == leaf, "one idempotency key, two entries"
            self.replayed += replayed

    def saw(self, *, checkpoint: bytes | None = None, cached: bool = False) -> None:
        """Keep what a reader saw."""
        with self._lock:
            if checkpoint is not None:
                self.checkpoints.add(checkpoint)
            self.cached += cached


class _Connection:
    """One kept connection to the proxy, made anew when it breaks."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, *, body: bytes = b"", **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """Return status, body and headers by names in lower case; status 0 where the connection broke."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._address, timeout=TIMEOUT)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            self._connection.request(method, path, body or None, named)
            response = self._connection.getresponse()
            return response.status, response.read(), {name.lower(): value for name, value in response.getheaders()}
        except (OSError, http.client.HTTPException):
            self.close()
            return 0, b"", {}

    def close(self) -> None:
        """Close it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Submitter:
    """Submits one text after the other, each until it is answered; now and then one that was answered again."""

    def __init__(self, load: Load, key: str) -> None:
        self._load = load
        self._key = key
        self._connection = _Connection(load.url)

    def run(self) -> None:
        """Submit until told to stop."""
        with closing(self._connection):
            while self._load.going:
                self._submit_next()

    def _submit_next(self) -> None:
        number = self._load.number()
        idempotency = secrets.token_hex(16)
        body = json.dumps({"text": logs.text(number).decode(), "type": "plain"}).encode()
        self._submit(body, idempotency)
        if number % 10 == 0:
            self._submit(body, idempotency)

    def _submit(self, body: bytes, idempotency: str) -> None:
        while True:
            status, answer, headers = self._connection.ask(
                "POST",
                "/api/v1/entries",
                body=body,
                Authorization=f"Bearer {self._key}",
                Content_Type="application/json",
                Idempotency_Key=idempotency,
            )
            self._load.count(status)
            if status == 201:
                leaf = json.loads(answer)["leaf_hash"]
                self._load.keep(idempotency, leaf, replayed="idempotent-replayed" in headers)
                return
            assert status in AGAIN, f"{status}: {answer[:1000]!r}"
            time.sleep(PAUSE)


class _Reader:
    """Reads the newest checkpoint, and the tiles of the entries under it."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._connection = _Connection(load.url)

    def run(self) -> None:
        """Read until told to stop."""
        with closing(self._connection):
            while self._load.going:
                self._read()
                time.sleep(PAUSE)

    def _read(self) -> None:
        status, note, _ = self._connection.ask("GET", "/log/checkpoint")
        if status == 200:
            self._load.saw(checkpoint=note)
            for number in range(int(note.split(b"\n")[1]) // 256):
                tile, _, headers = self._connection.ask("GET", f"/log/tile/entries/{number:03}")
                self._load.saw(cached=tile == 200 and headers.get("x-cache") == "HIT")
