"""The decoders of the WHATWG Encoding standard, written out step by step, for scripts/make_encoding_tables.py only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

# A character and how many bytes it took; None where the standard has an error.
Step = tuple[str, int] | None

# Not decoded: text that is drawn from its last character to its first. What is read is not what is stored.
VISUAL = "ISO-8859-8"


class Standard:
    """The indexes and labels of a checkout of the standard, and its decoders over them."""

    def __init__(self, folder: Path) -> None:
        self.indexes: dict[str, list[Any]] = json.loads((folder / "indexes.json").read_text(encoding="utf-8"))
        groups = json.loads((folder / "encodings.json").read_text(encoding="utf-8"))
        self.labels: dict[str, list[str]] = {
            encoding["name"].lower(): encoding["labels"] for group in groups for encoding in group["encodings"]
        }
        self.single_byte = {
            encoding["name"].lower(): self.indexes[encoding["name"].lower().removesuffix("-i")]
            for group in groups
            if group["heading"] == "Legacy single-byte encodings"
            for encoding in group["encodings"]
            if encoding["name"] != VISUAL
        }

    def decode(self, data: bytes, encoding: str) -> tuple[str | None, int]:
        """Return the characters and the length, or None and the offset of the first sequence that is none."""
        text = ""
        position = 0
        while position < len(data):
            step = self._step(data[position : position + 4], encoding)
            if step is None:
                return None, position
            text += step[0]
            position += step[1]
        return text, position

    def _step(self, data: bytes, encoding: str) -> Step:
        if encoding in self.single_byte:
            codepoint = data[0] if data[0] < 0x80 else self.single_byte[encoding][data[0] - 0x80]
            return None if codepoint is None else (chr(codepoint), 1)
        if encoding == "utf-8":
            return _utf8(data)
        if encoding in {"utf-16le", "utf-16be"}:
            return _utf16(data, big=encoding == "utf-16be")
        return self._gb18030(data)

    def _gb18030(self, data: bytes) -> Step:
        first = data[0]
        if first < 0x80:
            return chr(first), 1
        if first == 0x80:
            return "€", 1
        if first == 0xFF or len(data) < 2:
            return None
        second = data[1]
        if 0x30 <= second <= 0x39:
            return self._gb18030_four(data)
        if not (0x40 <= second <= 0x7E or 0x80 <= second <= 0xFE):
            return None
        codepoint = self.indexes["gb18030"][(first - 0x81) * 190 + second - (0x40 if second < 0x7F else 0x41)]
        return None if codepoint is None else (chr(codepoint), 2)

    def _gb18030_four(self, data: bytes) -> Step:
        if len(data) < 4 or not 0x81 <= data[2] <= 0xFE or not 0x30 <= data[3] <= 0x39:
            return None
        pointer = (data[0] - 0x81) * 12600 + (data[1] - 0x30) * 1260 + (data[2] - 0x81) * 10 + data[3] - 0x30
        if 39419 < pointer < 189000 or pointer > 1237575:
            return None
        if pointer == 7457:
            return "\ue7c7", 4
        first, codepoint = max(pair for pair in self.indexes["gb18030-ranges"] if pair[0] <= pointer)
        return chr(codepoint + pointer - first), 4


def _utf8(data: bytes) -> Step:
    first = data[0]
    if first < 0x80:
        return chr(first), 1
    length = 2 if 0xC2 <= first <= 0xDF else 3 if 0xE0 <= first <= 0xEF else 4 if 0xF0 <= first <= 0xF4 else 0
    lowest = {0xE0: 0xA0, 0xF0: 0x90}.get(first, 0x80)
    highest = {0xED: 0x9F, 0xF4: 0x8F}.get(first, 0xBF)
    if length == 0 or len(data) < length:
        return None
    codepoint = first & (0x7F >> length)
    for byte in data[1:length]:
        if not lowest <= byte <= highest:
            return None
        lowest, highest = 0x80, 0xBF
        codepoint = codepoint << 6 | byte & 0x3F
    return chr(codepoint), length


def _utf16(data: bytes, *, big: bool) -> Step:
    order: Literal["big", "little"] = "big" if big else "little"
    units = [int.from_bytes(data[at : at + 2], order) for at in range(0, len(data) - 1, 2)]
    if not units or 0xDC00 <= units[0] <= 0xDFFF:
        return None
    if not 0xD800 <= units[0] <= 0xDBFF:
        return chr(units[0]), 2
    if len(units) < 2 or not 0xDC00 <= units[1] <= 0xDFFF:
        return None
    return chr(0x10000 + (units[0] - 0xD800 << 10) + units[1] - 0xDC00), 4
