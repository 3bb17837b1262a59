"""Write the pinned table of code points that ``text/1`` accepts: in Python, in JavaScript, and beside the spec.

The table must not depend on the Python that happens to run, so it is made once from two fixed versions of the Unicode
Character Database: 15.1.0, from the package ``unicodedata2``, and 14.0.0, from the standard library of Python 3.11.
``unicodedata2`` is needed here only; use an environment that is thrown away afterwards::

    python3.11 -m venv THROW_AWAY
    THROW_AWAY/bin/pip install unicodedata2==15.1.0
    THROW_AWAY/bin/python scripts/make_unicode_table.py
    THROW_AWAY/bin/python scripts/make_unicode_table.py --check   # nothing written

The script refuses other versions, and refuses to write where a property that docs/spec/text-1.md relies on does not
hold (see :func:`check_closure`).
"""

from __future__ import annotations

import argparse
import importlib
import sys
import textwrap
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from types import ModuleType

NEW, OLD = "15.1.0", "14.0.0"
ROOT = Path(__file__).resolve().parent.parent

HEADER = '''"""The code points that ``text/1`` accepts, and which of them are marks or numbers. Generated: do not edit.

Made by scripts/make_unicode_table.py from two versions of the Unicode Character Database, {new} (unicodedata2) and
{old} (Python 3.11): every code point assigned in {new}, except the {dropped} assigned after {old} that have a combining
class other than 0 or a canonical decomposition. What is left normalises alike (NFC) under every version from {old} on.

The tuples are flat: the first code point of a range, the first after it, the next first, and so on, ascending; so a
code point is inside where ``bisect_right`` gives an odd number.
"""

from __future__ import annotations

from bisect import bisect_right

UNICODE_VERSION = "{new}"
NORMALIZATION_VERSION = "{old}"
ASSIGNED_COUNT = {assigned_count}
MARK_COUNT = {mark_count}
NUMBER_COUNT = {number_count}


def is_assigned(codepoint: int) -> bool:
    """Say whether the pinned table has ``codepoint`` (surrogates and private use count as assigned)."""
    return bisect_right(ASSIGNED, codepoint) % 2 == 1


def is_mark(codepoint: int) -> bool:
    """Say whether ``codepoint`` is a mark (general category Mn, Mc or Me) of the pinned table."""
    return bisect_right(MARKS, codepoint) % 2 == 1


def is_number(codepoint: int) -> bool:
    """Say whether ``codepoint`` is a number (general category Nd, Nl or No) of the pinned table."""
    return bisect_right(NUMBERS, codepoint) % 2 == 1


# fmt: off
# {assigned_ranges} ranges
ASSIGNED: tuple[int, ...] = (
{assigned}
)

# {mark_ranges} ranges
MARKS: tuple[int, ...] = (
{marks}
)

# {number_ranges} ranges
NUMBERS: tuple[int, ...] = (
{numbers}
)
# fmt: on
'''

SCRIPT = """// The code points that `text/1` accepts, and which of them are marks or numbers. Generated: do not edit.
//
// Made by scripts/make_unicode_table.py, which also makes notary/core/unicode_table.py from the same sets and says
// what they are. Each list holds, in base 36, the first code point of the first range, then by turns how many code
// points the range has and how many follow that are outside.

const ASSIGNED = `
{assigned}`;

const MARKS = `
{marks}`;

const NUMBERS = `
{numbers}`;

/**
 * One bit for each code point.
 *
 * @param {{string}} list
 */
function bits(list) {{
  const set = new Uint8Array(0x110000 / 8);
  let inside = false;
  let at = 0;
  for (const word of list.trim().split(/\\s+/)) {{
    const next = at + parseInt(word, 36);
    for (; inside && at < next; at += 1) {{
      set[at >> 3] |= 1 << (at & 7);
    }}
    at = next;
    inside = !inside;
  }}
  return set;
}}

/** @param {{Uint8Array}} set @param {{number}} point */
const has = (set, point) => ((set[point >> 3] >> (point & 7)) & 1) === 1;

const assigned = bits(ASSIGNED);
const marks = bits(MARKS);
const numbers = bits(NUMBERS);

/** Whether the pinned table has it (surrogates and private use count as assigned). @param {{number}} point */
export const isAssigned = (point) => has(assigned, point);

/** Whether it is a mark (general category Mn, Mc or Me) of the pinned table. @param {{number}} point */
export const isMark = (point) => has(marks, point);

/** Whether it is a number (general category Nd, Nl or No) of the pinned table. @param {{number}} point */
export const isNumber = (point) => has(numbers, point);
"""


def edges(members: Iterable[int]) -> list[int]:
    """Return the flat list of first and one-past-last code points of the runs in ascending ``members``."""
    result: list[int] = []
    for codepoint in members:
        if result and result[-1] == codepoint:
            result[-1] = codepoint + 1
        else:
            result += [codepoint, codepoint + 1]
    return result


def canonical_decomposition(ucd: ModuleType, char: str) -> bool:
    """Say whether ``char`` changes under NFD other than as a Hangul syllable (which has no entry in the data)."""
    mapping: str = ucd.decomposition(char)
    return bool(mapping) and not mapping.startswith("<")


def check_closure(ucd: ModuleType, accepted: set[str]) -> None:
    """Raise unless the accepted set has the properties that the specification argues from."""
    is_mark: Callable[[str], bool] = lambda char: ucd.category(char).startswith("M")  # noqa: E731
    for char in sorted(accepted):
        full: str = ucd.normalize("NFD", char)
        facts = {
            "NFC and NFD stay in the table": set(full) | set(ucd.normalize("NFC", char)) <= accepted,
            "a combining class other than 0 means a mark": is_mark(char) or not ucd.combining(char),
            "a mark decomposes to marks, anything else starts with no mark": is_mark(char) == is_mark(full[0])
            and (not is_mark(char) or all(map(is_mark, full))),
            "white space comes only from white space": char.isspace() or not any(c.isspace() for c in full),
            "markup comes only from itself": char in "&<>≮≯" or not set(full) & set("&<>"),
        }
        for fact, holds in facts.items():
            if not holds:
                sys.exit(f"U+{ord(char):04X}: does not hold: {fact}")


def render(new: ModuleType, old: ModuleType) -> dict[Path, str]:
    """Return the texts of the modules, and of the lists of ranges beside the specification."""
    everything = [chr(codepoint) for codepoint in range(0x110000)]
    candidates = [char for char in everything if new.category(char) != "Cn"]
    late = {char for char in candidates if old.category(char) == "Cn"}
    dropped = {char for char in late if new.combining(char) or canonical_decomposition(new, char)}
    accepted = [char for char in candidates if char not in dropped]
    if withdrawn := [char for char in everything if old.category(char) != "Cn" and new.category(char) == "Cn"]:
        sys.exit(f"assigned in {OLD} only: {withdrawn}")
    composing = {part for char in everything for part in new.normalize("NFD", char) if part != char}
    if composing & late:
        sys.exit(f"part of a canonical decomposition, though assigned after {OLD}: {composing & late}")
    check_closure(new, set(accepted))
    sets: dict[str, list[int]] = {
        "assigned": [ord(char) for char in accepted],
        "mark": [ord(char) for char in accepted if new.category(char).startswith("M")],
        "number": [ord(char) for char in accepted if new.category(char).startswith("N")],
    }
    ranges = {name: edges(members) for name, members in sets.items()}
    python = HEADER.format(
        new=NEW,
        old=OLD,
        dropped=len(dropped),
        **{f"{name}_count": len(members) for name, members in sets.items()},
        **{f"{name}_ranges": len(flat) // 2 for name, flat in ranges.items()},
        assigned=layout(ranges["assigned"]),
        marks=layout(ranges["mark"]),
        numbers=layout(ranges["number"]),
    )
    script = SCRIPT.format(
        assigned=steps(ranges["assigned"]), marks=steps(ranges["mark"]), numbers=steps(ranges["number"])
    )
    lists = ROOT / "docs" / "spec" / "unicode-15.1"
    return {
        ROOT / "notary" / "core" / "unicode_table.py": python,
        ROOT / "notary" / "web" / "static" / "verify" / "unicode_table.js": script,
        **{lists / f"{name}.txt": listed(flat) for name, flat in ranges.items()},
    }


def listed(flat: list[int]) -> str:
    """Return ranges as docs/spec/text-1.md writes them, a line each."""
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return "".join(f"{first:X}..{end - 1:X}\n" for first, end in pairs)


def layout(numbers: list[int]) -> str:
    """Return the numbers as wrapped lines of hexadecimal pairs."""
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    words = [f"0x{first:X},0x{end:X}," for first, end in pairs]
    return textwrap.fill(" ".join(words), width=118, initial_indent="    ", subsequent_indent="    ")


def steps(numbers: list[int]) -> str:
    """Return the differences between the numbers as wrapped lines in base 36."""
    words = [base36(after - before) for before, after in pairwise([0, *numbers])]
    return textwrap.fill(" ".join(words), width=118)


def base36(number: int) -> str:
    """Write a number as JavaScript's ``parseInt(…, 36)`` reads it."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def main() -> int:
    """Write the files, or with ``--check`` compare them; exit 1 where one differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is not what would be")
    options = parser.parse_args()
    new, old = importlib.import_module("unicodedata2"), importlib.import_module("unicodedata")
    found = (new.unidata_version, old.unidata_version)
    if found != (NEW, OLD):
        sys.exit(f"needs Unicode {NEW} in unicodedata2 and {OLD} in unicodedata (Python 3.11); found {found}")
    differing = 0
    for path, text in render(new, old).items():
        if not options.check:
            path.write_text(text, "utf-8")
            print(f"wrote {path}")
        elif path.read_text("utf-8") != text:
            print(f"{path} differs")
            differing = 1
    return differing


if __name__ == "__main__":
    sys.exit(main())
