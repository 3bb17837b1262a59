"""Trees kept as tiles give the roots and proofs of the flat list, from few tiles."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notary.core import merkle, tiles
from notary.core.tilecache import TileCache
from notary.errors import IntegrityError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

EDGES = [1, 2, 3, 127, 128, 129, 254, 255, 256, 257, 258, 511, 512, 513, 769, 1000]


@cache
def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(b"%d" % i) for i in range(count)]


class Store:
    """Tiles in memory that refuses what a tree of its size does not have, and counts what is read."""

    def __init__(self) -> None:
        self.size = 0
        self.root = merkle.EMPTY_ROOT
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.reads = 0

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        self.reads += 1
        assert 1 <= width <= tiles.tile_width(size=self.size, level=level, number=number)
        return self.tiles[level, number][: width * 32]

    def add(self, batch: Sequence[bytes]) -> tiles.Appended:
        appended = tiles.append(self, size=self.size, leaves=batch)
        for place, content in appended.tiles.items():
            # A tile only ever grows: what was there stays.
            assert content.startswith(self.tiles.get(place, b""))
            assert len(content) == 32 * tiles.tile_width(size=appended.size, level=place[0], number=place[1])
        self.tiles.update(appended.tiles)
        self.size, self.root = appended.size, appended.root
        return appended


def filled(count: int) -> Store:
    store = Store()
    store.add(leaves(count))
    return store


def test_an_empty_tree_has_the_empty_root_and_no_tile() -> None:
    appended = tiles.append(Store(), size=0, leaves=[])
    assert appended == tiles.Appended(0, merkle.EMPTY_ROOT, {})
    assert tiles.tree_root(Store(), 0) == merkle.EMPTY_ROOT


@pytest.mark.parametrize("count", EDGES)
def test_tiles_hold_what_the_format_says(count: int) -> None:
    store = filled(count)
    hashes = leaves(count)
    for (level, number), content in store.tiles.items():
        nodes = [content[i : i + 32] for i in range(0, len(content), 32)]
        assert 1 <= len(nodes) <= 256
        for place, node in enumerate(nodes):
            start = (number * 256 + place) * 256**level
            assert node == merkle.root(hashes[start : start + 256**level])
    for level in range(4):
        there = sum(len(content) // 32 for (at, _), content in store.tiles.items() if at == level)
        assert there == count // 256**level


@pytest.mark.parametrize("count", EDGES)
def test_root_and_proofs_are_those_of_the_flat_list(count: int) -> None:
    store, hashes = filled(count), leaves(count)
    assert store.root == tiles.tree_root(store, count) == merkle.root(hashes)
    for index in {0, 1, count // 2, 127, 128, 254, 255, 256, 257, 511, 512, count - 2, count - 1} & set(range(count)):
        assert tiles.inclusion_proof(store, index=index, size=count) == merkle.inclusion_proof(hashes, index=index)
    for old in {0, 1, 2, 3, 127, 128, 192, 255, 256, 257, 512, count - 1, count} & set(range(count + 1)):
        assert tiles.consistency_proof(store, old=old, new=count) == merkle.consistency_proof(
            hashes, old=old, new=count
        )


def test_earlier_trees_are_still_there() -> None:
    store = filled(1000)
    for size in [0, *EDGES]:
        assert tiles.tree_root(store, size) == merkle.root(leaves(1000)[:size])
    assert tiles.inclusion_proof(store, index=255, size=257) == merkle.inclusion_proof(
        leaves(1000), index=255, size=257
    )
    assert tiles.consistency_proof(store, old=200, new=300) == merkle.consistency_proof(leaves(1000), old=200, new=300)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 5), st.integers(0, 600), st.sampled_from([255, 256, 257])), max_size=6))
def test_batches_give_the_tree_of_one_append(sizes: list[int]) -> None:
    store = Store()
    hashes = leaves(3600)[: sum(sizes)]
    for size in sizes:
        appended = store.add(hashes[store.size : store.size + size])
        assert appended.root == tiles.tree_root(store, store.size)
    at_once = Store()
    at_once.add(hashes)
    assert (store.size, store.root, store.tiles) == (at_once.size, at_once.root, at_once.tiles)
    assert store.root == merkle.root(hashes)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2000), st.data())
def test_proofs_from_tiles_are_those_from_the_list(size: int, data: st.DataObject) -> None:
    store, hashes = filled_2000(), leaves(2000)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    assert tiles.inclusion_proof(store, index=index, size=size) == merkle.inclusion_proof(
        hashes, index=index, size=size
    )
    assert tiles.consistency_proof(store, old=old, new=size) == merkle.consistency_proof(hashes, old=old, new=size)


@cache
def filled_2000() -> Store:
    return filled(2000)


@pytest.mark.slow
@settings(max_examples=40)
@given(steps=st.lists(st.tuples(st.integers(1, 1100), st.integers(0, 1099)), max_size=12), kept=st.integers(1, 3))
def test_a_cache_changes_no_proof(steps: list[tuple[int, int]], kept: int) -> None:
    store, cached = filled(1100), TileCache(max_tiles=kept)
    for size, wanted in steps:
        index = wanted % size
        proof = tiles.inclusion_proof(store, index=index, size=size, cache=cached)
        assert proof == merkle.inclusion_proof(leaves(1100), index=index, size=size)


def test_what_is_cached_is_not_read_again() -> None:
    store, cached = filled(1000), TileCache()
    first = tiles.inclusion_proof(store, index=5, size=1000, cache=cached)
    before = store.reads
    assert tiles.inclusion_proof(store, index=5, size=1000, cache=cached) == first
    assert tiles.inclusion_proof(store, index=200, size=1000, cache=cached)
    assert store.reads == before


def test_a_cache_keeps_what_is_used_and_stays_small() -> None:
    cached = TileCache(max_tiles=2)
    for number in range(50):
        cached.put(0, number, 0, (bytes([number]),))
        assert cached.get(0, 0, 0) == (b"\0",)
    kept = [number for number in range(50) if cached.get(0, number, 0) is not None]
    assert len(kept) <= 4
    assert 49 in kept


def test_three_levels_of_tiles() -> None:
    hashes = leaves(65536 + 300)
    store = Store()
    for size in (65535, 1, 1, 255, 44):
        store.add(hashes[store.size : store.size + size])
        assert store.root == merkle.root(hashes[: store.size])
    assert sorted({level for level, _ in store.tiles}) == [0, 1, 2]
    for size in (65535, 65536, 65537, 65792, 65836):
        root = merkle.root(hashes[:size])
        assert tiles.tree_root(store, size) == root
        for index in (0, 255, 256, 65279, 65280, 65534, size - 1):
            store.reads = 0
            proof = tiles.inclusion_proof(store, index=index, size=size)
            assert store.reads <= 6
            merkle.verify_inclusion(leaf=hashes[index], index=index, size=size, proof=proof, root=root)
        for old in (1, 255, 256, 257, 32768, 65280, 65535, size - 1):
            store.reads = 0
            proof = tiles.consistency_proof(store, old=old, new=size)
            assert store.reads <= 6
            old_root = merkle.root(hashes[:old])
            merkle.verify_consistency(old=old, old_root=old_root, new=size, new_root=root, proof=proof)
    store.reads = 0
    appended = store.add([b"\x07" * 32])
    assert store.reads <= 6
    assert set(appended.tiles) == {(0, 257)}


@pytest.mark.parametrize("by", [-32, -1, 1, 32])
def test_a_tile_of_another_length_is_an_integrity_error(by: int) -> None:
    class Wrong(Store):
        def read_tile(self, level: int, number: int, width: int) -> bytes:
            return bytes(32 * width + by)

    for call in (
        lambda: tiles.append(Wrong(), size=3, leaves=[merkle.EMPTY_ROOT]),
        lambda: tiles.tree_root(Wrong(), 3),
        lambda: tiles.inclusion_proof(Wrong(), index=0, size=3),
        lambda: tiles.consistency_proof(Wrong(), old=1, new=3),
    ):
        with pytest.raises(IntegrityError) as caught:
            call()
        assert caught.value.code == "tile-length"


def test_sizes_and_indexes_out_of_range() -> None:
    store = filled(3)
    for call, code in (
        (lambda: tiles.append(store, size=-1, leaves=[]), "size-out-of-range"),
        (lambda: tiles.append(store, size=-1, leaves=leaves(2)), "size-out-of-range"),
        (lambda: tiles.append(store, size=merkle.MAX_SIZE, leaves=leaves(1)), "size-out-of-range"),
        (lambda: tiles.append(store, size=3, leaves=[b"short"]), "hash-length"),
        (lambda: tiles.tree_root(store, -1), "size-out-of-range"),
        (lambda: tiles.tree_root(store, 2**63), "size-out-of-range"),
        (lambda: tiles.inclusion_proof(store, index=3, size=3), "index-out-of-range"),
        (lambda: tiles.inclusion_proof(store, index=-1, size=3), "index-out-of-range"),
        (lambda: tiles.inclusion_proof(store, index=0, size=2**63), "size-out-of-range"),
        (lambda: tiles.consistency_proof(store, old=3, new=2), "size-out-of-range"),
        (lambda: tiles.consistency_proof(store, old=-1, new=2), "size-out-of-range"),
        (lambda: tiles.consistency_proof(store, old=0, new=2**63), "size-out-of-range"),
    ):
        with pytest.raises(InvalidInput) as caught:
            call()
        assert caught.value.code == code


def test_widths_are_those_of_the_size() -> None:
    # The example of the C2SP document: 70,000 leaves.
    assert tiles.tile_width(size=70_000, level=0, number=272) == 256
    assert tiles.tile_width(size=70_000, level=0, number=273) == 112
    assert tiles.tile_width(size=70_000, level=0, number=274) == 0
    assert tiles.tile_width(size=70_000, level=1, number=0) == 256
    assert tiles.tile_width(size=70_000, level=1, number=1) == 17
    assert tiles.tile_width(size=70_000, level=2, number=0) == 1
    assert tiles.tile_width(size=70_000, level=3, number=0) == 0
    assert tiles.tile_width(size=256, level=1, number=0) == 1


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 0, 1, "tile/0/000.p/1"),
        (1, 999, 255, "tile/1/999.p/255"),
        (63, 1000, 256, "tile/63/x001/000"),
        (2, 1234067, 256, "tile/2/x001/x234/067"),
        ("entries", 1234067, 17, "tile/entries/x001/x234/067.p/17"),
        ("entries", 2**55 - 1, 256, "tile/entries/x036/x028/x797/x018/x963/967"),
    ],
)
def test_paths(level: tiles.Level, number: int, width: int, path: str) -> None:
    assert tiles.tile_path(level, number, width) == path
    assert tiles.parse_tile_path(path) == tiles.Tile(level, number, width)


@given(
    st.one_of(st.integers(0, 63), st.just("entries")),
    st.one_of(st.integers(0, 2000), st.integers(0, 2**55 - 1)),
    st.integers(1, 256),
    st.data(),
)
def test_a_path_has_one_spelling(level: tiles.Level, number: int, width: int, data: st.DataObject) -> None:
    path = tiles.tile_path(level, number, width)
    assert tiles.parse_tile_path(path) == tiles.Tile(level, number, width)
    at = data.draw(st.integers(0, len(path) - 1))
    other = path[:at] + data.draw(st.sampled_from("0123456789x/.p ٣")) + path[at + data.draw(st.integers(0, 1)) :]
    try:
        parsed = tiles.parse_tile_path(other)
    except InvalidInput:
        return
    assert tiles.tile_path(parsed.level, parsed.number, parsed.width) == other


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/x1/000",
        "tile/0/X001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0//000",
        "tile/0/x001/../000",
        "tile/entries/x036/x028/x797/x018/x963/968",
        "tile/0/x999/x999/x999/x999/x999/999",
        "tile/0/x001/x000/x000/x000/x000/x000/000",
        "tile/entry/000",
        "tile/0/٠٠٠",
        "tile/٣/000",
    ],
)
def test_other_paths_name_no_tile(path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        tiles.parse_tile_path(path)
    assert caught.value.code == "tile-path"


@pytest.mark.parametrize(
    ("level", "number", "width"),
    [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**55, 1), (0, 0, 0), (0, 0, 257), ("entries", -1, 1), (0, 0, -1)],
)
def test_there_is_no_path_of_a_tile_that_cannot_be(level: tiles.Level, number: int, width: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        tiles.tile_path(level, number, width)
    assert caught.value.code == "tile-path"


def test_an_entry_bundle_byte_for_byte() -> None:
    data = bytes.fromhex("00036162630000000178")
    assert tiles.encode_entries([b"abc", b"", b"x"]) == data
    assert tiles.parse_entries(data, width=3) == (b"abc", b"", b"x")
    longest = tiles.encode_entries([bytes(65535)])
    assert longest[:2] == b"\xff\xff"
    assert tiles.parse_entries(longest, width=1) == (bytes(65535),)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=256))
def test_entry_bundles_come_back(entries: list[bytes]) -> None:
    data = tiles.encode_entries(entries)
    assert tiles.parse_entries(data, width=len(entries)) == tuple(entries)
    for width in (len(entries) - 1, len(entries) + 1):
        with pytest.raises(InvalidInput):
            tiles.parse_entries(data, width=width)


@pytest.mark.parametrize(
    ("data", "width", "position"),
    [
        (b"", 1, 0),
        (b"\0", 1, 0),
        (b"\0\2a", 1, 0),
        (b"\0\1a\0", 2, 3),
        (b"\0\1a\0\1", 2, 3),
        (b"\0\1a\0", 1, 3),
        (b"\0\0x", 1, 2),
        (b"", 0, None),
        (b"\0\0", 0, None),
        (b"\0\0" * 257, 257, None),
    ],
)
def test_cut_and_overlong_entry_bundles(data: bytes, width: int, position: int | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        tiles.parse_entries(data, width=width)
    assert (caught.value.code, caught.value.position) == ("entry-bundle", position)


@pytest.mark.parametrize("entries", [[], [b""] * 257, [bytes(65536)]])
def test_what_no_entry_bundle_holds(entries: list[bytes]) -> None:
    with pytest.raises(InvalidInput) as caught:
        tiles.encode_entries(entries)
    assert caught.value.code == "entry-bundle"
