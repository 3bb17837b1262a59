"""What docs/spec/text-1.md prints is what the code does: the worked example, the digests of the table, the lists."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from notary.core import merkle
from notary.core.codepoints import FORBIDDEN
from notary.core.compare import _HAN_NUMERALS, _SIGNS
from notary.core.text import MAX_TEXT_BYTES, canonical_plain, line_leaf_hash
from notary.core.unicode_table import ASSIGNED, ASSIGNED_COUNT, MARK_COUNT, MARKS, NUMBERS

FOLDER = Path(__file__).parents[3] / "docs" / "spec"
SPEC = (FOLDER / "text-1.md").read_text(encoding="utf-8")
PROSE = " ".join(SPEC.split())
EXAMPLE = SPEC.split("## Worked example")[1]


def test_worked_example() -> None:
    shown, given, made, digests = re.findall(r"```\n(.*?)\n```", EXAMPLE, re.DOTALL)
    data = bytes.fromhex(given)
    readable = re.sub(r"\[([0-9A-F]{4})\]", lambda found: chr(int(found[1], 16)), shown.replace("\n", ""))
    assert readable.encode() == data
    text = canonical_plain(data)
    assert text.data == bytes.fromhex(made)
    assert f"{len(data)} bytes of UTF-8" in EXAMPLE
    assert f"The canonical document, {len(text.data)} bytes" in EXAMPLE
    values = dict(re.split(r"  +", line) for line in digests.splitlines())
    leaves = [line_leaf_hash(line.encode()) for line in text.lines]
    left, right = merkle.node_hash(leaves[0], leaves[1]), merkle.node_hash(leaves[2], leaves[3])
    upper = merkle.node_hash(left, right)
    assert values == {
        "text_sha256": text.sha256.hex(),
        "lines": str(len(text.lines)),
        "node 0–1": left.hex(),
        "node 2–3": right.hex(),
        "node 0–3": upper.hex(),
        "lines_root": text.lines_root.hex(),
    }
    assert merkle.node_hash(upper, leaves[4]) == text.lines_root
    rows = re.findall(r"^\| (\d) \| (?:`([0-9a-f]+)`|\(none\)) \| `([0-9a-f]+)` \|$", EXAMPLE, re.MULTILINE)
    assert rows == [
        (str(number), line.encode().hex(), leaf.hex())
        for number, (line, leaf) in enumerate(zip(text.lines, leaves, strict=True))
    ]
    assert [(notice.codepoint, notice.count) for notice in text.notices] == [(0x200B, 1)]


def test_digests_of_the_table() -> None:
    for name, edges in (("assigned", ASSIGNED), ("marks", MARKS), ("numbers", NUMBERS)):
        ranges = "".join(f"{first:X}..{end - 1:X}\n" for first, end in zip(edges[::2], edges[1::2], strict=True))
        row = re.search(rf"^\| {name}.*\| `([0-9a-f]{{64}})` \|$", SPEC, re.MULTILINE)
        assert row is not None
        assert row[1] == sha256(ranges.encode()).hexdigest()
        listed = FOLDER / "unicode-15.1" / f"{name.removesuffix('s')}.txt"
        assert listed.read_bytes() == ranges.encode(), "a reader without this code needs the table as well"
    assert f"{ASSIGNED_COUNT:,} code points in {len(ASSIGNED) // 2} ranges; {MARK_COUNT:,} of them are marks" in PROSE
    assert f"{MAX_TEXT_BYTES:,} bytes" in PROSE


def test_lists() -> None:
    step = SPEC.split("**Step 2")[1].split("**Step 3")[0]
    for first, last, _ in FORBIDDEN:
        names = {0: f"{first:04X}", 1: f"{first:04X}, {last:04X}"}
        assert names.get(last - first, f"{first:04X}–{last:04X}") in step
    numerals = re.search(r"or one of (〇[^,]*),", PROSE)
    signs = re.search(r"a \*sign\* one of `([^`]+)`", PROSE)
    assert numerals is not None
    assert signs is not None
    assert set(numerals[1]) == _HAN_NUMERALS
    assert set(signs[1].split()) == _SIGNS
