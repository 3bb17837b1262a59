"""The streamed tree is the tree of RFC 6962 at every size, and its tiles are those of the tiled tree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notary.core import merkle, tiles
from notary.core.treestream import TreeStream
from notary.errors import InvalidInput

LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(70_000)]


class Kept:
    """Tiles in memory."""

    def __init__(self, size: int) -> None:
        self.tiles = dict(tiles.append(self, size=0, leaves=LEAVES[:size]).tiles)

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        return self.tiles[level, number][: 32 * width]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 1000])
def test_the_root_is_that_of_the_whole_tree(size: int) -> None:
    stream = TreeStream()
    stream.extend(LEAVES[:size])
    assert stream.root() == merkle.root(LEAVES[:size])
    assert stream.size == size


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 700), max_size=6))
def test_the_parts_in_which_leaves_come_do_not_matter(parts: list[int]) -> None:
    stream, done = TreeStream(), 0
    seen: dict[tuple[int, int], bytes] = {}
    for part in parts:
        for tile in stream.extend(LEAVES[done : done + part]):
            assert tile.width == 256
            assert (tile.level, tile.number) not in seen
            seen[tile.level, tile.number] = tile.data
        done += part
        assert stream.root() == merkle.root(LEAVES[:done])
    seen |= {(tile.level, tile.number): tile.data for tile in stream.unfinished()}
    assert seen == Kept(done).tiles


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 66_000, 70_000])
def test_three_levels(size: int) -> None:
    stream = TreeStream()
    found = {(tile.level, tile.number): tile.data for tile in stream.extend(LEAVES[:size])}
    found |= {(tile.level, tile.number): tile.data for tile in stream.unfinished()}
    kept = Kept(size)
    assert found == kept.tiles
    assert stream.root() == tiles.tree_root(kept, size)
    resumed = TreeStream.resume(kept, size)
    assert (resumed.edge, resumed.root()) == (stream.edge, stream.root())


@pytest.mark.parametrize("size", [0, 1, 256, 300, 512, 65_536])
def test_it_goes_on_from_its_own_state(size: int) -> None:
    stream = TreeStream()
    stream.extend(LEAVES[:size])
    resumed = TreeStream(stream.size, stream.edge)
    stream.extend(LEAVES[size : size + 300])
    resumed.extend(LEAVES[size : size + 300])
    assert resumed.root() == stream.root() == merkle.root(LEAVES[: size + 300])


@pytest.mark.parametrize(
    ("size", "edge", "code"),
    [
        (-1, [], "size-out-of-range"),
        (2**63, [], "size-out-of-range"),
        (1, [], "tile-length"),
        (2, [[LEAVES[0]]], "tile-length"),
        (256, [[]], "tile-length"),
        (1, [[LEAVES[0]], [LEAVES[1]]], "tile-length"),
        (1, [[b"short"]], "hash-length"),
    ],
)
def test_what_is_no_state_is_refused(size: int, edge: list[list[bytes]], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        TreeStream(size, edge)
    assert caught.value.code == code
