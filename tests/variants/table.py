"""The table of all variants: what became of each copy, by template and language, held against what must."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from notary.core.text import compare
from tests.variants.altering import ALTERING
from tests.variants.concealing import CONCEALING, NOT_COVERED
from tests.variants.cosmetic import COSMETIC, UNREADABLE
from tests.variants.pages import LANGUAGES, TEMPLATES, Page, load, published

# What became of a page, as in the vectors: `document`, `asides`, `images`, `links`; or `error`.
Taken = dict[str, Any]
Difference = Callable[[str, str], str]

COLUMNS = [(template, language) for template in TEMPLATES for language in LANGUAGES]


@dataclass(frozen=True, slots=True)
class Case:
    """One copy of one page: what was recorded, the copy, and what must come of it."""

    group: str
    variant: str
    recorded: Page
    copy: Page
    expected: str


def cases() -> Iterator[Case]:
    """Yield all cases, row by row."""
    for column in COLUMNS:
        yield Case("cosmetic", "as published", load(*column), published(*column), "match")
    for name, change in COSMETIC.items():
        for column in COLUMNS:
            yield Case("cosmetic", name, published(*column), change(load(*column)), "match")
    for name, (change, expected) in UNREADABLE.items():
        for column in COLUMNS:
            yield Case("bytes that are not read", name, published(*column), change(load(*column)), expected)
    for name, alteration in (ALTERING | CONCEALING).items():
        for column in COLUMNS:
            recorded = alteration.before(load(*column))
            yield Case("altering", name, recorded, alteration.change(recorded), alteration.expected)
    for name, change in NOT_COVERED.items():
        for column in COLUMNS:
            yield Case("not covered", name, published(*column), change(load(*column)), "match")


def judge(recorded: Taken, copy: Taken, difference: Difference) -> str:
    """Say what a reader would be shown of the copy: see ``tests/variants/changes.py``."""
    if "error" in copy:
        return f"refused: {copy['error']}"
    same = _digest(recorded) == _digest(copy)
    listed = sorted({aside["kind"] for aside in copy.get("asides", [])})
    if not _images_agree(recorded, copy):
        listed.append("images")
    if copy.get("links") and copy["links"] != recorded.get("links"):
        listed.append("links")
    return ", ".join(["match" if same else difference(recorded["document"], copy["document"]), *listed])


def typographic(recorded: str, copy: str) -> str:
    """Say how two documents that are not the same differ."""
    return compare(recorded.encode(), copy.encode()).value


def _digest(taken: Taken) -> str:
    return hashlib.sha256(taken["document"].encode()).hexdigest()


def _images_agree(recorded: Taken, copy: Taken) -> bool:
    """Hold the images of a copy against the record's media, as html.md says under Images."""
    media = list(dict.fromkeys(image["sha256"] for image in recorded.get("images", []) if "sha256" in image))
    images = copy.get("images", [])
    known = [image["sha256"] for image in images if "sha256" in image]
    return len(known) == len(images) and list(dict.fromkeys(known)) == media


def render(results: Sequence[tuple[Case, str]]) -> tuple[str, list[str]]:
    """Return the table, and what in it is not as it must be."""
    rows: dict[tuple[str, str], list[tuple[Case, str]]] = {}
    for case, result in results:
        rows.setdefault((case.group, case.variant), []).append((case, result))
    lines, wrong = [], []
    last = ""
    for (group, variant), cells in rows.items():
        if group != last:
            lines += [
                "",
                f"{group:38} {' '.join(f'{c.recorded.template[:1]}-{c.recorded.language}' for c, _ in cells)}",
            ]
            last = group
        # A row is short: what must come of it, and for each template and language whether it did.
        marks = "    ".join("ok" if result == case.expected else "NO" for case, result in cells)
        lines.append(f"{variant:38}  {marks}    {cells[0][0].expected}")
        wrong += [
            f"{group}: {variant}: {case.recorded.template} {case.recorded.language}: {result}, not {case.expected}"
            for case, result in cells
            if result != case.expected
        ]
    return "\n".join(lines[1:]), wrong
