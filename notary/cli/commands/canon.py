"""Print the canonical text of FILE: exactly the bytes whose SHA-256 a record carries as text_sha256.

The kind of text is told by the extension (.txt, .text, .md: plain; .canon, .canonical: canonical) or by --type. In
plain text the first line is the title and the rest the body. What was left out (soft hyphens, zero-width spaces) and
invisible characters that were kept are named on standard error.

  notary canon announcement.txt | sha256sum
  notary canon --type plain - < announcement
"""

from __future__ import annotations

import argparse

from notary.cli import files, output
from notary.core.text import MAX_TEXT_BYTES, CanonicalText, canonical


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", help="the text; - is standard input")
    parser.add_argument("--type", choices=files.KINDS, help="the kind of text (default: by the extension of FILE)")


def run(args: argparse.Namespace) -> int:
    """Write the canonical bytes to standard output."""
    text = read_text(args.file, args.type)
    output.raw(text.data)
    return 0


def read_text(path: str, kind: str | None) -> CanonicalText:
    """Return the canonical text of a file, saying on standard error what was left out of it."""
    # Decoding UTF-16 can halve the size, so a little more is read than a canonical text may have.
    data = files.read_file(path, max_bytes=4 * MAX_TEXT_BYTES, what="text")
    text = canonical(data, files.text_kind(path, kind))
    for notice in text.notices:
        output.note(f"notary: {notice.code}: U+{notice.codepoint:04X} {notice.name}, {notice.count} times")
    return text
