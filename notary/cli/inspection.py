"""How `notary profile check` shows what a profile takes of a page and what it leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from notary.cli import output
from notary.ingest.check import Inspection, Taken

_WIDTH = 100
_INDENT = " " * 4
_SHORT = 10
# With its article a paragraph is shown longer: who knows the article recognises it.
_MISSED_WIDTH = 300


def render(path: str, found: Inspection, *, full: bool) -> None:
    """Print an inspection."""
    for line in _lines(path, found, full=full):
        output.line(output.printable(line))
    output.line("")


def misfit(found: Inspection) -> str:
    """Return in one line why a profile does not fit, naming the first elements that a selector takes too many of."""
    problem = found.problem
    if problem is None:
        return ""
    text = problem.message
    taken = next((one for one in found.regions if one.name == problem.field), None)
    if taken is not None and taken.count > 1:
        text += f" They are {_names(taken)}."
    if found.framed and problem.code == "selector-no-match":
        text += " The page is made of frames: save the page that is shown inside the frame."
    return f"{text} ({problem.code}, field {problem.field})"


def summary(seen: Sequence[Inspection], *, pages: int, fits: int) -> Iterator[str]:
    """Yield the last lines: on how many pages the profile fits, and what to look at."""
    for number, taken in enumerate(seen[0].ignored if seen else ()):
        if not any(found.ignored[number].count for found in seen):
            yield f"{taken.name}, {output.printable(taken.selector)}, takes nothing on any page."
    missed = sum(bool(found.missed) for found in seen)
    if missed:
        yield (
            f"Of {missed} {_plural(missed, 'page', 'pages')} long text is left that reads like a part of the article: "
            "see “left” above."
        )
    yield f"The profile fits {fits} of {pages} {_plural(pages, 'page', 'pages')}."


def _lines(path: str, found: Inspection, *, full: bool) -> Iterator[str]:
    yield f"{path}: {found.encoding}"
    for taken in found.regions:
        yield from _region(taken, full=full)
    for taken in found.ignored:
        yield f"  {taken.name}: {taken.selector} → {_count(taken)}"
        yield from _text(taken.text, full=full)
    page = found.page
    if page is not None:
        for aside in page.asides:
            yield f"  not covered, {aside.kind}: “{_cut(aside.text, _WIDTH, full=full)}”"
        for image in page.images:
            known = "without a digest" if image.sha256 is None else f"SHA-256 {image.sha256.hex()[:16]}…"
            yield f"  image: “{_cut(image.alt, 60, full=full)}”, {_cut(image.src, 60, full=False)}, {known}"
        for link in page.links:
            yield f"  link: “{_cut(link.text, _WIDTH, full=full)}” to {_cut(link.href, _WIDTH, full=full)}"
    count = found.left_pieces
    yield f"  left: {count} {_plural(count, 'piece', 'pieces')}, {_characters(found.left_characters)}"
    shown = found.left if full else (*found.missed[:_SHORT], *[one for one in found.left if not one.article][:_SHORT])
    for left in shown:
        mark = "! " if left.article else "  "
        width = _MISSED_WIDTH if left.article else _WIDTH - len(left.element)
        yield f"  {mark}{left.element}: “{_cut(left.text, width, full=full)}”"
    if found.left_pieces > len(shown):
        yield f"{_INDENT}… and {found.left_pieces - len(shown)} shorter"
    if page is not None:
        yield f"  text_sha256: {page.text.sha256.hex()}"


def _region(taken: Taken, *, full: bool) -> Iterator[str]:
    lines = taken.text.count("\n") + 1 if taken.text else 0
    size = f", {lines} {_plural(lines, 'line', 'lines')}, {_characters(len(taken.text))}" if taken.count == 1 else ""
    yield f"  {taken.name}: {taken.selector} → {_count(taken)}{size}"
    yield from _text(taken.text, full=full)


def _text(text: str, *, full: bool) -> Iterator[str]:
    """Yield the first and last lines of a text, or all of them."""
    lines = text.split("\n") if text else []
    if not full and len(lines) > 5:
        lines = [*lines[:2], f"… {len(lines) - 4} lines …", *lines[-2:]]
    for line in lines:
        yield f"{_INDENT}{_cut(line, _WIDTH, full=full)}"


def _count(taken: Taken) -> str:
    if not taken.count:
        return "no element"
    return _names(taken) if taken.count == 1 else f"{taken.count} elements: {_names(taken)}"


def _names(taken: Taken) -> str:
    return ", ".join(taken.elements) + (", …" if taken.count > len(taken.elements) else "")


def _characters(count: int) -> str:
    return f"{count} {_plural(count, 'character', 'characters')}"


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _cut(text: str, width: int, *, full: bool) -> str:
    """Return a text, its middle left out where it is longer than ``width``."""
    width = max(width, 40)
    if full or len(text) <= width:
        return text
    return f"{text[: width * 2 // 3]} … {text[-(width // 3) :]}"
