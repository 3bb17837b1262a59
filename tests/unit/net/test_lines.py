"""A stream as lines: the same whatever the chunks, bounded, and nothing of what is too long."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from notary.net.lines import Line, read_lines


def in_pieces(data: bytes, sizes: list[int]) -> Callable[[int], bytes]:
    """Return a reader that gives pieces of these sizes, in turn."""
    stream = io.BytesIO(data)
    turn = iter(sizes * (len(data) + 1))
    return lambda _: stream.read(next(turn))


def expected(data: bytes, limit: int) -> list[Line]:
    lines = [line for line in enumerate(data.split(b"\n"), 1) if line[1].strip()]
    return [Line(number, line if len(line) <= limit else None) for number, line in lines]


@given(
    st.lists(st.sampled_from([b"\n", b"a", b"bb", b" ", b"\r\n", b"x" * 9]), max_size=40).map(b"".join),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
)
def test_any_stream_in_any_pieces(data: bytes, sizes: list[int]) -> None:
    groups = list(read_lines(in_pieces(data, sizes), max_bytes=8, max_lines=3))
    assert all(0 < len(group) <= 3 for group in groups)
    found = [line for group in groups for line in group]
    # A line of blanks alone that is too long is no blank line: its end was not looked at.
    assert found == [line for line in expected(data, 8) if line.data is not None or data.split(b"\n")[line.number - 1]]


def test_what_came_is_given_before_more_is_asked_for() -> None:
    asked = []

    def read(_: int) -> bytes:
        asked.append(1)
        return [b"one\ntw", b"o\nthree", b""][len(asked) - 1]

    groups = read_lines(read, max_bytes=100, max_lines=10)
    assert next(groups) == [Line(1, b"one")]
    assert len(asked) == 1
    assert next(groups) == [Line(2, b"two")]
    assert len(asked) == 2
    assert list(groups) == [[Line(3, b"three")]]


def test_a_line_of_any_length_takes_no_more_memory_than_the_limit() -> None:
    chunks = iter(range(256))
    tracemalloc.start()
    stream = read_lines(
        lambda size: b"x" * size if next(chunks, None) is not None else b"", max_bytes=1 << 20, max_lines=9
    )
    assert list(stream) == [[Line(1, None)]]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
