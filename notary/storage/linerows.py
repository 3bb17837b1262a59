"""The index of the lines of disclosed texts: which entries have a line. It is no evidence, and can be made anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, select, update

from notary.core.linekey import line_keys
from notary.model.log import LeafKind
from notary.storage.tables import disclosures, entries, line_index, line_keys_table

MAX_PER_LINE: Final = 32
"""A line that this many entries have finds nothing more: further ones are not added to it."""
# Databases limit how many values a statement may have.
_CHUNK: Final = 5000

_SIZE = select(line_index.c.size)
_TEXTS = (
    select(disclosures.c.leaf_index, disclosures.c.text, entries.c.text_sha256)
    .join(entries, entries.c.leaf_index == disclosures.c.leaf_index)
    .where(
        disclosures.c.leaf_index >= bindparam("first"),
        disclosures.c.leaf_index < bindparam("behind"),
        disclosures.c.text.is_not(None),
        entries.c.kind == LeafKind.ENTRY.value,
    )
    .order_by(disclosures.c.leaf_index)
    .limit(bindparam("most"))
)
_KEYS: Final[BindParameter[Any]] = bindparam("keys", expanding=True)
_COUNTS = (
    select(line_keys_table.c.line_key, func.count())
    .where(line_keys_table.c.line_key.in_(_KEYS))
    .group_by(line_keys_table.c.line_key)
)
_FOUND = (
    select(line_keys_table.c.leaf_index, func.count().label("lines"))
    .join(disclosures, disclosures.c.leaf_index == line_keys_table.c.leaf_index)
    .where(line_keys_table.c.line_key.in_(_KEYS), disclosures.c.text.is_not(None))
    .group_by(line_keys_table.c.leaf_index)
    .order_by(func.count().desc(), line_keys_table.c.leaf_index.desc())
    .limit(bindparam("most"))
)
_FORGET = delete(line_keys_table).where(
    line_keys_table.c.leaf_index == bindparam("of_index"), line_keys_table.c.line_key.in_(_KEYS)
)
_ADD = insert(line_keys_table)


class LineReader:
    """The reading half."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def indexed_size(self) -> int:
        """Return how many leaves, from the first on, the index of lines covers."""
        return int(self._connection.execute(_SIZE).scalar_one())

    def disclosed_texts(self, *, start: int, behind: int, limit: int) -> list[tuple[int, bytes, bytes | None]]:
        """Return index, text and logged digest of entries from ``start`` to below ``behind`` that disclose a text."""
        found = self._connection.execute(_TEXTS, {"first": start, "behind": behind, "most": limit})
        return [(row.leaf_index, row.text, row.text_sha256) for row in found]

    def by_lines(self, keys: Collection[int], *, limit: int) -> dict[int, int]:
        """Return the entries that have lines with these keys: how many of them, by index, most first."""
        found = self._connection.execute(_FOUND, {"keys": list(keys), "most": limit})
        return {row.leaf_index: row.lines for row in found}


class LineWriter(LineReader):
    """The writing half; its connection holds the write lock."""

    def index_lines(self, *, old_size: int, new_size: int, keys: Mapping[int, Collection[int]]) -> bool:
        """Add the keys of entries' lines, by index, and move the size; False where somebody else moved it before."""
        moved = self._connection.execute(update(line_index).where(line_index.c.size == old_size).values(size=new_size))
        if moved.rowcount != 1:
            return False
        counts = self._counts(sorted(set().union(*keys.values())))
        rows: list[dict[str, int]] = []
        for index, own in sorted(keys.items()):
            for key in sorted(own):
                if counts.get(key, 0) < MAX_PER_LINE:
                    counts[key] = counts.get(key, 0) + 1
                    rows.append({"line_key": key, "leaf_index": index})
        if rows:
            self._connection.execute(_ADD, rows)
        return True

    def forget_lines(self, index: int) -> None:
        """Take the lines of an entry's text out of the index: call it before the text itself is erased."""
        text = self._connection.execute(
            select(disclosures.c.text).where(disclosures.c.leaf_index == index)
        ).scalar_one_or_none()
        keys = sorted(line_keys(text)) if text is not None else []
        for at in range(0, len(keys), _CHUNK):
            self._connection.execute(_FORGET, {"of_index": index, "keys": keys[at : at + _CHUNK]})

    def _counts(self, keys: Sequence[int]) -> dict[int, int]:
        counts: dict[int, int] = {}
        for at in range(0, len(keys), _CHUNK):
            found = self._connection.execute(_COUNTS, {"keys": keys[at : at + _CHUNK]})
            counts.update((key, count) for key, count in found)
        return counts
