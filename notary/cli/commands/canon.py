"""Print the canonical text of FILE: exactly the bytes whose SHA-256 a record carries as text_sha256.

The kind of text is told by the extension (.txt, .text, .md: plain; .canon, .canonical: canonical; .html, .htm: a page)
or by --type. In plain text the first line is the title and the rest the body. A page needs --profile, which says where
in it the article is. What was left out (soft hyphens, zero-width spaces; of a page also hidden and embedded content),
images, links, and invisible characters that were kept are named on standard error.

  notary canon announcement.txt | sha256sum
  notary canon --type plain - < announcement
  notary canon --profile portal.profile.json page.html
"""

from __future__ import annotations

import argparse

from notary.cli import files, options, output
from notary.core.text import MAX_TEXT_BYTES, CanonicalText, canonical


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", help="the text; - is standard input")
    parser.add_argument("--type", choices=files.KINDS, help="the kind of text (default: by the extension of FILE)")
    options.page(parser)


def run(args: argparse.Namespace) -> int:
    """Write the canonical bytes to standard output."""
    output.raw(read_text(args.file, args.type, profile=args.profile, charset=args.charset).data)
    return 0


def read_text(path: str, kind: str | None, *, profile: str | None, charset: str | None) -> CanonicalText:
    """Return the canonical text of a file, saying on standard error what was left out of it.

    ``profile`` is the path of the profile of a page. Raises :class:`UsageError` (``no-profile``) where one is missing.
    """
    found = files.text_kind(path, kind)
    if found == "html":
        # Parsing pages is slow to load, and most texts are none.
        from notary.cli import pages

        read = pages.read_page(path, pages.load_profile(options.needed_profile(profile)), charset=charset)
        pages.say_page(read.page)
        return read.page.text
    # Decoding UTF-16 can halve the size, so a little more is read than a canonical text may have.
    data = files.read_file(path, max_bytes=4 * MAX_TEXT_BYTES, what="text")
    text = canonical(data, found)
    for notice in text.notices:
        output.note(f"notary: {notice.code}: U+{notice.codepoint:04X} {notice.name}, {notice.count} times")
    return text
