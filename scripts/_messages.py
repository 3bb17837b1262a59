"""The catalogues of the pages' languages, kept in step with the sources.

``scripts/messages`` adds what is new to each ``.po`` file, takes out what is gone, and lists what is not translated.
``scripts/messages --check`` changes nothing. A test does the same, so that no page is ever half in another language.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "notary" / "web"
TRANSLATIONS = WEB / "translations"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS: dict[str, None] = {"_": None, "N_": None, "gettext": None}
_PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
_HAN = re.compile("[\u4e00-\u9fff]")


def main(arguments: list[str]) -> int:
    """Bring the catalogues up to date, or only look; exit 1 where something is left to do by hand."""
    if arguments not in ([], ["--check"]):
        print("usage: scripts/messages [--check]", file=sys.stderr)
        return 2
    left = 0
    for path in catalogues():
        if not arguments:
            path.write_bytes(updated(path))
        for fault in faults(path):
            print(f"{path.relative_to(ROOT)}: {fault}")
            left += 1
    return 1 if left else 0


def catalogues() -> list[Path]:
    """Return the files of all languages."""
    return sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))


def extracted() -> Catalog:
    """Return every message that the sources mark, without the places where they stand, which change with every line."""
    found = Catalog()
    for _, _, message, _, _ in extract_from_dir(WEB, METHODS, keywords=KEYWORDS, strip_comment_tags=True):
        found.add(message)
    return found


def updated(path: Path) -> bytes:
    """Return a catalogue as it should stand: all messages in order, translations kept, none guessed."""
    old = _read(path)
    new = Catalog(locale=old.locale, fuzzy=False)
    for message in extracted():
        if message.id:
            before = old.get(str(message.id))
            new.add(message.id, "" if before is None else before.string, flags=message.flags)
    written = io.BytesIO()
    write_po(written, new, width=100, omit_header=False, sort_output=True)
    # The dates of a header would differ each time and say nothing.
    lines = written.getvalue().decode("utf-8").split("\n")
    kept = [line for line in lines if not line.startswith(('"POT-Creation-Date', '"PO-Revision-Date', "# "))]
    return "\n".join(kept).encode()


def faults(path: Path) -> Iterator[str]:
    """Say what a catalogue lacks, has too much, or does not have as it must."""
    catalogue, wanted = _read(path), {str(message.id) for message in extracted() if message.id}
    have = {str(message.id): message for message in catalogue if message.id}
    yield from (f"missing: {text}" for text in sorted(wanted - have.keys()))
    yield from (f"not in the sources any more: {text}" for text in sorted(have.keys() - wanted))
    yield from (f"obsolete: {text}" for text in catalogue.obsolete)
    for text, message in have.items():
        yield from _faults_of(text, message)


def _faults_of(text: str, message: Message) -> Iterator[str]:
    translation = str(message.string)
    if message.fuzzy:
        yield f"marked as fuzzy: {text}"
    if not translation.strip():
        yield f"not translated: {text}"
    elif sorted(_PLACEHOLDER.findall(text)) != sorted(_PLACEHOLDER.findall(translation)):
        yield f"other placeholders than the English: {text}"
    elif not _HAN.search(translation):
        yield f"not Chinese: {text}"


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parents[1].name, ignore_obsolete=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
