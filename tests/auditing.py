"""A log and a chain in memory for tests of the audit: every part can be changed, and everything is asked as outside.

The log's entries, tiles and checkpoints are made from the formats; the registry is a table of what it would hold.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from flask import Flask

from notary.audit.run import Audit
from notary.core import merkle, tiles
from notary.core.chain import EndpointView, TrustedChain, Wanted
from notary.core.checkpoint import Checkpoint
from notary.core.entry import Entry
from notary.core.findings import LogReport
from notary.core.manifest import ChainId, KeyRange, Manifest
from notary.core.merkle import leaf_hash
from notary.core.note import verifier_key
from notary.core.tiles import parse_entries, parse_tile_path, tile_path
from notary.core.treestream import TreeStream
from notary.core.trust import Trust, TrustedKey
from notary.errors import CannotCheck, EndpointFailed, InvalidInput
from notary.ports.audit import History, LogSource, Memory, Point, SeenEvent, Top
from notary.storage.auditmemory import AuditMemory
from tests.endpoint import Request, Script, answer
from tests.worlds import CHAIN_ID, CODEHASH, GENESIS, LOG_ID, NOW, ORIGIN, REGISTRY, LogKey, record

PLACE = ChainId(chain_id=CHAIN_ID, genesis=GENESIS, registry=REGISTRY, registry_codehash=CODEHASH, log_id=LOG_ID)
CHAIN = TrustedChain(CHAIN_ID, GENESIS, REGISTRY, CODEHASH, LOG_ID)
FINAL = 1000


def manifest(key: LogKey, **changes: object) -> Manifest:
    """Return the first manifest of a log with this key."""
    vkey = verifier_key(ORIGIN, key.public).encode()
    made = Manifest(origin=ORIGIN, vkeys=(KeyRange(vkey=vkey, first=0),), chains=(PLACE,), time=NOW - 10**9)
    return replace(made, **changes)  # type: ignore[arg-type]


def plain(number: int) -> Entry:
    """Return an entry of no document, different for each number."""
    return Entry(record=record(document=None, meta_sha256=number.to_bytes(32, "big")), time=NOW - 10**8 + number)


@dataclass
class BookLog:
    """A log. ``changes`` replaces what is served under a path; ``size`` is that of the checkpoint served."""

    key: LogKey = field(default_factory=LogKey)
    leaves: list[bytes] = field(default_factory=list)
    changes: dict[str, bytes | CannotCheck] = field(default_factory=dict)
    size: int | None = None
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with a manifest."""
        if not self.leaves:
            self.leaves.append(manifest(self.key).encode())

    def add(self, *entries: Entry | Manifest | bytes) -> BookLog:
        """Log entries, or bytes that are none."""
        self.leaves += [one if isinstance(one, bytes) else one.encode() for one in entries]
        return self

    def fill(self, size: int) -> BookLog:
        """Log plain entries up to a size."""
        return self.add(*(plain(number) for number in range(len(self.leaves), size)))

    def root(self, size: int | None = None) -> bytes:
        """Return the root at a size."""
        return merkle.root([leaf_hash(data) for data in self.leaves[:size]])

    def note(self, size: int | None = None, *, root: bytes | None = None, key: LogKey | None = None) -> bytes:
        """Return a signed checkpoint."""
        at = len(self.leaves) if size is None else size
        head = Checkpoint(ORIGIN, at, root or self.root(at))
        return (key or self.key).note(head.encode())

    def served(self, path: str) -> bytes:
        """Return what is served under a path, as wide as it says."""
        self.asked.append(path)
        if path in self.changes:
            changed = self.changes[path]
            if isinstance(changed, CannotCheck):
                raise changed
            return changed
        size = len(self.leaves) if self.size is None else self.size
        if path == "checkpoint":
            return self.note(size)
        tile = parse_tile_path(path)
        if tile.level == "entries":
            return tiles.encode_entries(self.leaves[tile.number * 256 :][: tile.width])
        stream = TreeStream()
        made = stream.extend([leaf_hash(data) for data in self.leaves[:size]]) + stream.unfinished()
        found = {(one.level, one.number): one.data for one in made}
        return found[tile.level, tile.number][: 32 * tile.width]

    def checkpoint(self) -> bytes:
        """Return the note served."""
        return self.served("checkpoint")

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Return a tile served."""
        return self.served(tile_path(level, number, width))

    def entries(self, number: int, width: int) -> tuple[bytes, ...]:
        """Return a bundle served."""
        try:
            return parse_entries(self.served(tile_path("entries", number, width)), width=width)
        except InvalidInput as error:
            raise CannotCheck(error.message, code=error.code) from None

    def trust(self, **changes: object) -> Trust:
        """Return the trust file of this log."""
        key = TrustedKey(verifier_key(ORIGIN, self.key.public), 0, None)
        return replace(Trust(origin=ORIGIN, keys=(key,), chains=(CHAIN,), development=True), **changes)  # type: ignore[arg-type]


@dataclass(eq=False)
class BookChain:
    """An endpoint and the registry behind it. Lists of sizes say which events it hides."""

    points: dict[tuple[int, bytes], Point] = field(default_factory=dict)
    log: list[SeenEvent] = field(default_factory=list)
    newest: int = 0
    name: str = "http://node.example"
    hidden: set[int] = field(default_factory=set)
    limit: int = 10**9
    pruned_below: int = 0
    prunes_aloud: bool = False
    look_changes: dict[str, object] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)

    def anchor(self, size: int, root: bytes, block: int) -> BookChain:
        """Anchor a head."""
        prev_size = self.newest
        self.points[size, root] = Point(block, prev_size)
        self.log.append(SeenEvent(size, root, prev_size, block))
        self.newest = size
        return self

    def copy(self, name: str, **changes: object) -> BookChain:
        """Return another endpoint of the same chain."""
        made = BookChain(dict(self.points), list(self.log), self.newest, name)
        return replace(made, **changes)  # type: ignore[arg-type]

    def look(self, wanted: Sequence[Wanted]) -> EndpointView:
        """Show the chain."""
        view = EndpointView(
            url=self.name,
            chain_id=CHAIN_ID,
            genesis=GENESIS,
            codehashes={REGISTRY: CODEHASH},
            final_height=FINAL,
            hashes={one.height: one.height.to_bytes(32, "big") for one in wanted if one.height is not None},
        )
        return replace(view, **self.look_changes)  # type: ignore[arg-type]

    def top(self, chain: TrustedChain, *, height: int) -> Top:
        """Return the newest size."""
        assert (chain, height) == (CHAIN, FINAL)
        return Top(self.newest, final=max((event.block for event in self.log), default=0) <= FINAL)

    def points_of(self, heads: Sequence[tuple[int, bytes]]) -> list[Point]:
        """Look heads up."""
        return [self.points.get(head, Point(0, 0)) for head in heads]

    def events(self, chain: TrustedChain, *, low: int, high: int) -> list[SeenEvent]:
        """Return events, in ranges of at most ``limit`` blocks."""
        assert chain == CHAIN
        self.questions.append(f"events {low}-{high}")
        if high - low + 1 > self.limit:
            raise EndpointFailed("too many blocks", code="rpc-error")
        if self.prunes_aloud and low < self.pruned_below:
            raise EndpointFailed(f"{self.name}: pruned", code="logs-unavailable")
        return self._shown(low, high)

    def events_at(self, chain: TrustedChain, blocks: Sequence[int]) -> list[list[SeenEvent] | None]:
        """Return events of blocks."""
        assert chain == CHAIN
        self.questions += [f"events at {block}" for block in blocks]
        return [
            None if self.prunes_aloud and block < self.pruned_below else self._shown(block, block) for block in blocks
        ]

    def _shown(self, low: int, high: int) -> list[SeenEvent]:
        return [
            event
            for event in self.log
            if low <= event.block <= high and event.block >= self.pruned_below and event.size not in self.hidden
        ]


class BookEndpoint:
    """A :class:`BookChain` with the names that :class:`notary.ports.audit.History` has."""

    def __init__(self, chain: BookChain) -> None:
        self.book = chain
        self.look, self.top = chain.look, chain.top
        self.events, self.events_at = chain.events, chain.events_at

    @property
    def name(self) -> str:
        """The address."""
        return self.book.name

    def points(self, chain: TrustedChain, heads: Sequence[tuple[int, bytes]]) -> list[Point]:
        """Look heads up."""
        assert chain == CHAIN
        self.book.questions += [f"point {size}" for size, _ in heads]
        return self.book.points_of(heads)


def audit(
    log: LogSource,
    *chains: BookChain,
    trust: Trust | None = None,
    memory: Memory | None = None,
    now: int = NOW,
) -> LogReport:
    """Audit a log, with a memory of its own unless one is given."""
    made = AuditMemory(None, origin=ORIGIN) if memory is None else None
    known = memory or made
    assert known is not None
    endpoints: list[History] = [BookEndpoint(chain) for chain in chains]
    if trust is None:
        assert isinstance(log, BookLog)
        trust = log.trust()
    try:
        return Audit(log, endpoints, trust, known, now).run()
    finally:
        if made is not None:
            made.close()


def served_from(app: Flask, *, change: Callable[[str, bytes], bytes] = lambda _path, data: data) -> Script:
    """Return the script of a server that answers as the application does; ``change`` alters what it sends."""

    def script(connection: socket.socket, request: Request) -> None:
        path = request.line.split(" ")[1]
        response = app.test_client().get(path)
        data = change(path.removeprefix("/log/"), response.data) if response.status_code == 200 else response.data
        connection.sendall(answer(data, status=response.status))

    return script
