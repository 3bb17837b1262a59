"""The tree: hashing, building, inclusion proofs from memory and from tiles in SQLite, first proof, memory, disk."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from notary.compose import init_log, open_services, open_settings
from notary.core import merkle, tiles
from notary.core.tilecache import TileCache
from notary.datadir import DataDir
from notary.model.log import TreeState
from scripts._bench import machine
from scripts._bench.harness import Aim, Row, Setting, Stopwatch, compare, rate
from scripts._bench.peers import asked
from scripts._bench.sides import Absent, Side

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scripts._bench.peers import Program

STEP = 7919


class MemoryTiles:
    """Tiles in a dict."""

    def __init__(self) -> None:
        """Begin with none."""
        self.tiles: dict[tuple[int, int], bytes] = {}

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        """Return the first hashes of a tile."""
        return self.tiles[level, number][: width * merkle.HASH_SIZE]

    def build(self, size: int) -> tiles.Appended:
        """Hash ``size`` leaves and keep the tree over them."""
        grown = tiles.append(MemoryTiles(), size=0, leaves=[merkle.leaf_hash(b"%d" % i) for i in range(size)])
        self.tiles = dict(grown.tiles)
        return grown


def run(setting: Setting) -> list[Row]:
    """Measure all of it."""
    size = setting.entries
    tree = MemoryTiles()
    grown = tree.build(size)
    tlog = setting.peers.go("peer_tlog", size)
    in_memory = setting.peers.python("peer_pymerkle", "memory", size)
    database = setting.scratch / "pymerkle.db"
    in_sqlite = setting.peers.python("peer_pymerkle", database, size)
    rows = [_node(setting), *_building(setting, tlog, in_memory), *_from_memory(setting, tree, tlog, in_memory)]
    store, bytes_before = _stored(setting.scratch / "log", grown)
    rows += _from_sqlite(setting, store, in_sqlite)
    rows += _first(setting, store, database)
    return rows + _sizes(setting, store, bytes_before, in_memory, database)


def _node(setting: Setting) -> Row:
    level = [merkle.leaf_hash(b"%d" % i) for i in range(setting.size(1 << 17, 1 << 10))]
    pair = level[0], level[1]
    half = len(level) // 2

    def hashlib_alone() -> float:
        left, right = pair
        with Stopwatch() as watch:
            for _ in range(half):
                sha256(b"\x01" + left + right).digest()
        return watch.seconds / half * 1e6

    def ours() -> float:
        with Stopwatch() as watch:
            merkle.parents(level)
        return watch.seconds / half * 1e6

    floor = Side("hashlib in a loop", hashlib_alone)
    aim = Aim("≤", 1.3, of="floor")
    return compare("merkle.node", "one inner node", "µs", ours, floor=floor, runs=setting.runs, aim=aim)


def _building(setting: Setting, tlog: Program | Absent, pymerkle: Program | Absent) -> list[Row]:
    size = setting.entries

    def bare() -> float:
        with Stopwatch() as watch:
            level = [sha256(b"\x00%d" % i).digest() for i in range(size)]
            while len(level) > 1:
                nodes = iter(level)
                level = [sha256(b"\x01" + a + b).digest() for a, b in zip(nodes, nodes, strict=False)]
        return watch.seconds

    def ours() -> float:
        tree = MemoryTiles()
        with Stopwatch() as watch:
            tree.build(size)
        return watch.seconds

    peer = asked(tlog, "Go tlog", "build", lambda seconds: seconds)
    what = f"a tree of {size:,} built from leaf data, in memory"
    aim = Aim("≤", 1.5 * size / 1e6)
    floor = Side("hashlib, one list a level", bare)
    rows = [compare("merkle.build", what, "s", ours, floor=floor, peer=peer, runs=setting.runs, warmup=0, aim=aim)]
    if not isinstance(pymerkle, Absent):
        # It was built once, and takes too long to be built again.
        once = Side("pymerkle, built once", lambda: float(pymerkle.ready["seconds"]))
        rows.append(compare("merkle.build-2", what, "s", ours, peer=once, runs=1, warmup=0))
    return rows


def _from_memory(setting: Setting, tree: MemoryTiles, tlog: Program | Absent, pymerkle: Program | Absent) -> list[Row]:
    size, count = setting.entries, setting.size(50_000, 500)
    levels = [[tree.tiles[0, n][i : i + 32] for n in range(-(-size // 256)) for i in _places(tree.tiles[0, n])]]
    while len(levels[-1]) > 1:
        levels.append(merkle.parents(levels[-1]))
    cache = TileCache(max_tiles=size)

    def flat() -> None:
        for i in range(count):
            position = i * STEP % size
            path = []
            for level in levels:
                if position ^ 1 < len(level):
                    path.append(level[position ^ 1])
                position >>= 1

    def ours() -> None:
        for i in range(count):
            tiles.inclusion_proof(tree, index=i * STEP % size, size=size, cache=cache)

    what = f"inclusion proofs at {size:,}, tiles in memory, warm"
    floor = Side("all levels as lists: picking the siblings", rate(count, flat))
    rows: list[Row] = []
    for name, peer in (
        ("merkle.proof.memory", asked(pymerkle, "pymerkle in memory", f"prove {count // 10}", _a_second(count // 10))),
        ("merkle.proof.memory-2", asked(tlog, "Go tlog, all hashes in a slice", f"prove {count}", _a_second(count))),
    ):
        aim = Aim("≥", 50_000)
        if not rows or not isinstance(peer, Absent):
            rows.append(
                compare(name, what, "/s", rate(count, ours), floor=floor, peer=peer, runs=setting.runs, aim=aim)
            )
    return rows


def _places(tile: bytes) -> range:
    return range(0, len(tile), merkle.HASH_SIZE)


def _stored(folder: Path, grown: tiles.Appended) -> tuple[Path, int]:
    """Store the tree in the database of a new log, and return that, and what it took of the disk before."""
    init_log(folder, origin="bench.example/log", development=True)
    database = DataDir(folder).database
    before = _on_disk(database)
    services = open_services(open_settings(folder, environ={}))
    with services.store.write() as view:
        view.grow_tree(old_size=0, new=TreeState(size=grown.size, root=grown.root), tiles=grown.tiles)
    services.close()
    return database, before


def _from_sqlite(setting: Setting, store: Path, pymerkle: Program | Absent) -> list[Row]:
    size, count = setting.entries, setting.size(50_000, 500)
    program = setting.peers.ours("tree", store, size)
    peer = asked(pymerkle, "pymerkle in SQLite", "prove 10", _a_second(10))
    recent = compare(
        "merkle.proof.recent",
        f"inclusion proofs at {size:,}, tiles in SQLite, among the newest 100,000, warm",
        "/s",
        lambda: count / program.number(f"recent {count}"),
        peer=peer,
        runs=setting.runs,
        aim=Aim("≥", 50_000),
    )
    few = count // 10
    anywhere = compare(
        "merkle.proof.anywhere",
        f"inclusion proofs at {size:,}, tiles in SQLite, anywhere: most are not in the cache of 1,024 tiles",
        "/s",
        lambda: few / program.number(f"proofs {few}"),
        peer=peer,
        runs=setting.runs,
    )
    return [recent, anywhere]


def _first(setting: Setting, store: Path, pymerkle_database: Path) -> list[Row]:
    def ours() -> float:
        with setting.peers.ours("tree", store, setting.entries) as program:
            return program.number("proofs 1") * 1000

    def pymerkle() -> float:
        program = setting.peers.python("peer_pymerkle", pymerkle_database, setting.entries)
        if isinstance(program, Absent):
            raise TypeError(program.why)
        with program:
            return program.number("prove 1") * 1000

    peer = Absent("") if setting.quick else Side("pymerkle in SQLite", pymerkle)
    what = "first proof of a new process, database opened in it"
    aim = Aim("≤", 10)
    return [compare("merkle.first", what, "ms", ours, peer=peer, runs=setting.size(9, 2), warmup=0, aim=aim)]


def _sizes(
    setting: Setting, store: Path, before: int, pymerkle: Program | Absent, pymerkle_database: Path
) -> list[Row]:
    size = setting.entries
    rows = []
    if machine.can_measure_memory():
        program = setting.peers.ours("tree", store, size)
        program.ask(f"proofs {setting.size(100_000, 500)}")
        peer = asked(pymerkle, "pymerkle in memory", "memory", lambda megabytes: megabytes)
        what = f"memory of a process that proves anywhere in a tree of {size:,} in SQLite"
        aim = Aim("≤", 120)
        rows.append(compare("merkle.memory", what, "MB", lambda: program.number("memory"), peer=peer, runs=1, aim=aim))
    disk = (_on_disk(store) - before) / 1e6
    floor = Side("32 bytes a leaf", lambda: size * 32 / 1e6)
    peer = Absent("") if setting.quick else Side("pymerkle in SQLite", lambda: _on_disk(pymerkle_database) / 1e6)
    what = f"disk for the tree of {size:,}, beside the entries"
    aim = Aim("≤", 70 * max(1.0, size / 1e6))
    rows.append(compare("merkle.disk", what, "MB", lambda: disk, floor=floor, peer=peer, runs=1, warmup=0, aim=aim))
    return rows


def _on_disk(database: Path) -> int:
    return sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*"))


def _a_second(count: int) -> Callable[[float], float]:
    return lambda seconds: count / seconds
