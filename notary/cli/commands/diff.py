"""Show what changed from text A to text B: which lines, and which words in them.

Both are compared in canonical form: what `notary canon` sets aside is no difference, and line numbers are those of that
form. A page needs --profile. A bundle (*.json) stands for the text in it, which is not verified here. Lines of A have a
"-", lines of B a "+"; in a line that changed, [-this-] was deleted and {+this+} inserted. Characters that look alike or
show nothing are named in a line with "!". Long stretches without a change are cut: […].

  notary diff announcement.txt announcement-corrected.txt
  notary diff a1b2….bundle.json copy.txt
  notary diff a1b2….bundle.json --profile portal.profile.json page.html

exit codes:
  0  the texts are the same
  1  they differ
  2  the command line or one of the texts cannot be used
"""

from __future__ import annotations

import argparse

from notary.cli import changes, files, options, output
from notary.cli.commands.canon import read_text
from notary.core.bundle import MAX_BUNDLE_BYTES, parse_bundle
from notary.core.text import CanonicalText, canonical_document, compare
from notary.diff.changes import diff
from notary.errors import UsageError

_SENTENCES = {
    "identical": "The texts are the same.",
    "typography-only": "The texts differ in typography only.",
    "changed": "The texts differ.",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("a", metavar="A", help="the first text; - is standard input")
    parser.add_argument("b", metavar="B", help="the second text; - is standard input")
    parser.add_argument("--type", choices=files.KINDS, help="the kind of both texts (default: by their extensions)")
    options.page(parser)
    parser.add_argument("--json", action="store_true", help="print {difference, coarse, hunks} as one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Print what changed; 1 where anything did."""
    if args.a == args.b == "-":
        raise UsageError("Standard input is one text: name a file for the other.", code="same-input")
    a, b = _read(args.a, args), _read(args.b, args)
    difference = compare(a.data, b.data)
    result = diff(a.lines, b.lines)
    if args.json:
        output.json_line({"difference": difference.value, **result.to_json()})
    else:
        for line in changes.lines(result, a.lines, b.lines):
            output.line(line)
        if result.hunks:
            output.line("")
        counts = f" {changes.summary(result)}" if result.hunks else ""
        output.line(f"{_SENTENCES[difference.value]}{counts}")
    return 1 if result.hunks else 0


def _read(path: str, args: argparse.Namespace) -> CanonicalText:
    if not path.endswith(".json"):
        return read_text(path, args.type, profile=args.profile, charset=args.charset)
    bundle = parse_bundle(files.read_file(path, max_bytes=MAX_BUNDLE_BYTES + 1, what="bundle"))
    if bundle.text is None:
        raise UsageError(f"The bundle {path} does not disclose the recorded text.", code="no-text")
    return canonical_document(bundle.text.encode())
