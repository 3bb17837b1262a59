"""The results for people: a table on standard output, one in the README; and for programs, JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

from scripts._bench.harness import Row, Sample, number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BEGIN = "<!-- made by scripts/bench --readme -->"
END = "<!-- end of what scripts/bench --readme made -->"
COLUMNS = ("what", "figure", "floor", "× floor", "peer", "× peer", "aim")


def to_json(rows: Sequence[Row]) -> str:
    """Return ``[{name, value, unit, floor, peer, ratios}]``."""
    return json.dumps([row.to_json() for row in rows], indent=2, ensure_ascii=False) + "\n"


def to_text(rows: Sequence[Row], about: str) -> str:
    """Return the table for a terminal: two lines a figure, the second saying what it was held against."""
    lines = [about, "figure = median of n runs, ± half the distance between the best and the worst", ""]
    for row in rows:
        lines.append(f"{_pad(row.name, 26)} {_pad(_figure(row), 34)} {_aim(row)}".rstrip())
        lines.append(f"    {row.what}")
        lines += [f"    {line}" for line in _against(row)]
    return "\n".join(lines) + "\n"


def _against(row: Row) -> list[str]:
    lines: list[str] = []
    for word, sample, what, ratio in (
        ("floor", row.floor, row.floor_what, row.ratios["to_floor"]),
        ("peer", row.peer, row.peer_what, row.ratios["to_peer"]),
    ):
        if sample is not None and ratio is not None:
            figure = f"{number(sample.median)} {row.unit} {_spread(sample)}"
            lines.append(f"{word:<5} {number(ratio)} × {figure}: {what}")
    return lines + ([row.note] if row.note else [])


def _figure(row: Row) -> str:
    if row.ours is None:
        return "not measured"
    return f"{number(row.ours.median)} {row.unit} {_spread(row.ours)}"


def _spread(sample: Sample) -> str:
    return f"(n={len(sample.values)} ±{50 * sample.spread:.0f}%)"


def _aim(row: Row) -> str:
    if row.aim is None:
        return ""
    met = row.aim.is_met(row)
    return f"aim {row.aim}: {'not measured' if met is None else 'met' if met else 'MISSED'}"


def _pad(text: str, width: int) -> str:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return text + " " * max(0, width - len(text) - wide)


def to_readme(rows: Sequence[Row], about: str) -> str:
    """Return the table for the README, with its markers."""
    lines = [BEGIN, about, "", "| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    lines += ["| " + " | ".join(_cells(row)) + " |" for row in rows]
    return "\n".join([*lines, END])


def _cells(row: Row) -> list[str]:
    ratios = [row.ratios["to_floor"], row.ratios["to_peer"]]
    floor, peer = (
        "" if sample is None else f"{number(sample.median)} ({what})"
        for sample, what in ((row.floor, row.floor_what), (row.peer, row.peer_what))
    )
    to_floor, to_peer = ("" if ratio is None else number(ratio) for ratio in ratios)
    met = None if row.aim is None else row.aim.is_met(row)
    aim = "" if row.aim is None else f"{row.aim}{'' if met is None else ', met' if met else ', **missed**'}"
    figure = "not measured" if row.value is None else f"{number(row.value)} {row.unit}"
    return [cell.replace("|", "\\|") for cell in (row.what, figure, floor, to_floor, peer, to_peer, aim)]


def write_readme(path: Path, table: str) -> None:
    """Put the table between the markers of a file; raises :class:`ValueError` where they are not there once."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(f"{re.escape(BEGIN)}.*?{re.escape(END)}", text, re.DOTALL)
    if len(found) != 1:
        raise ValueError(f"{path.name} does not have the markers of the table once")
    path.write_text(text.replace(found[0], table), encoding="utf-8")
