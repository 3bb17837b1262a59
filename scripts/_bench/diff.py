"""The words that changed between two texts, against rapidfuzz on the tokens alone and against difflib."""

from __future__ import annotations

from rapidfuzz.distance import Indel

from notary.core.tokens import tokens
from notary.diff.changes import diff
from scripts._bench import words
from scripts._bench.harness import Aim, Row, Setting, compare, duration
from scripts._bench.sides import Absent, Side

LIMIT_SECONDS = 20.0


def run(setting: Setting) -> list[Row]:
    """Measure two sizes."""
    if setting.quick:
        return [_changes(setting, 500, Aim("≤", 20))]
    return [_changes(setting, 5_000, Aim("≤", 20)), _changes(setting, 40_000, Aim("≤", 100))]


def _changes(setting: Setting, count: int, aim: Aim) -> Row:
    old = words.paragraphs(count)
    new = words.edited(old, every=2)

    def tokens_alone() -> None:
        sides = ([token for line in lines for token in tokens(line)] for lines in (old, new))
        Indel.opcodes(*sides)

    return compare(
        f"diff.{count}",
        f"words that changed in {count:,}, {len(old[::2])} of them",
        "ms",
        duration(lambda: diff(old, new)),
        floor=Side("rapidfuzz on all tokens, no lines", duration(tokens_alone)),
        peer=_difflib(setting, old, new),
        runs=setting.runs,
        aim=aim,
    )


def _difflib(setting: Setting, old: list[str], new: list[str]) -> Side | Absent:
    files = [setting.scratch / f"{len(old)}-{name}.txt" for name in ("old", "new")]
    for file, lines in zip(files, (old, new), strict=True):
        file.write_text("\n".join(lines), encoding="utf-8")
    program = setting.peers.plain("difflib_words", *files)
    if program.within("go", LIMIT_SECONDS) is None:
        return Absent(f"difflib had not ended after {LIMIT_SECONDS:.0f} s and was stopped")
    return Side("difflib on the same words", lambda: program.number("go") * 1000)
