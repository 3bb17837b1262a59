"""Check BUNDLE: that the recorded text was in the log, and the log anchored on a chain, as your trust file names them.

Nothing is trusted that you did not name. --trust says which log, keys and registry you believe in; get its fingerprint
from somewhere other than the server. --rpc names an endpoint of that chain that you choose; give it several times and
all must agree. --copy is your copy of the article, as a text or as a saved page: it is compared with the recorded text,
and where it differs you see the words that changed. A page is read with the bundle's profile, or with yours
(--profile); what it shows beyond the record is listed. Without any endpoint, --header pins the hash of the anchor's
block, learnt elsewhere (a block explorer, a newspaper).

  notary verify a1b2….bundle.json --trust trust.json --rpc https://node.example --copy article.txt
  notary verify a1b2….bundle.json --trust trust.json --rpc https://node.example --copy saved.html
  notary verify a1b2….bundle.json --trust trust.json --offline --header 0x…

exit codes:
  0  match: the text matches the version that was logged and anchored
  1  changed, typography-only, or refuted (evidence is false)
  2  the command line, the bundle, the trust file or the copy cannot be used
  3  pending, cannot-check, match-with-unchecked: something needed was not checked; says nothing about the text
  4  older-revision, retracted: genuine, but superseded
"""

from __future__ import annotations

import argparse
import re
import time

from notary.cli import files, options, output
from notary.cli.report import render
from notary.core.bundle import MAX_BUNDLE_BYTES, Bundle, parse_bundle
from notary.core.chain import ChainEvidence
from notary.core.copies import Copy, read_copy
from notary.core.logchecks import wanted
from notary.core.record import FileDigest
from notary.core.text import MAX_TEXT_BYTES
from notary.core.trust import MAX_TRUST_BYTES, Trust, parse_trust
from notary.core.verify import Verdict, verify
from notary.errors import InvalidInput, UsageError

_HASH = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*")
_MAX_FILE_BYTES = 1 << 30


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("bundle", metavar="BUNDLE", help="the bundle (*.bundle.json)")
    parser.add_argument("--trust", metavar="FILE", help="the trust file: which log, keys and registry you believe in")
    parser.add_argument("--rpc", metavar="URL", action="append", default=[], help="an endpoint you choose; repeatable")
    parser.add_argument("--copy", metavar="FILE", help="your copy of the article, to compare")
    parser.add_argument("--type", choices=files.KINDS, help="the kind of text of the copy (default: by its extension)")
    options.page(parser)
    parser.add_argument("--offline", action="store_true", help="ask no endpoint, even if --rpc names one")
    parser.add_argument(
        "--header", metavar="HASH", action="append", default=[], help="a block hash you pin, 64 hex digits; repeatable"
    )
    parser.add_argument("--json", action="store_true", help="print {verdict, exit, checks} as one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Verify and print the report; the exit code is the verdict's."""
    try:
        bundle = parse_bundle(files.read_file(args.bundle, max_bytes=MAX_BUNDLE_BYTES + 1, what="bundle"))
        trust = _trust(args.trust)
        copy = _copy(args, bundle)
        evidence = _evidence(args, bundle, trust)
        report = verify(bundle, trust=trust, evidence=evidence, copy=copy, now=time.time_ns() // 1_000_000)
    except InvalidInput as error:
        if args.json:
            output.json_line({"verdict": "invalid", "exit": 2, "checks": []})
        output.report_error(error)
        return 2
    if args.json:
        output.json_line(report.to_json())
    else:
        render(report, bundle=bundle, trust=trust)
        if copy is not None and report.verdict in (Verdict.CHANGED, Verdict.TYPOGRAPHY_ONLY):
            _show_changes(bundle, copy)
    return report.exit


def _show_changes(bundle: Bundle, copy: Copy) -> None:
    """Print what changed from the recorded text to the copy, where both are texts and the recorded one is known."""
    text = read_copy(bundle, copy).text
    if bundle.text is None or text is None:
        return  # a part of a text at most, as the check of the copy says
    recorded, found = bundle.text.split("\n"), text.lines
    # Slow to load, and needed by those only whose copy differs.
    from notary.cli import changes
    from notary.diff.changes import diff

    result = diff(recorded, found)
    limit = changes.Limit(rows=20, characters=400)
    output.line("")
    output.line(f"From the recorded text (-) to your copy (+): {changes.summary(result)}")
    output.line("")
    for line in changes.lines(result, recorded, found, limit=limit):
        output.line(line)
    if result.rows > limit.rows:
        output.line("")
        output.line(f"{limit.rows} of {result.rows} lines are shown; notary diff BUNDLE COPY shows all.")


def _trust(path: str | None) -> Trust | None:
    if path is None:
        return None
    return parse_trust(files.read_file(path, max_bytes=MAX_TRUST_BYTES, what="trust file"))


def _copy(args: argparse.Namespace, bundle: Bundle) -> Copy | None:
    path: str | None = args.copy
    if path is None:
        return None
    if isinstance(bundle.entry.record.content, FileDigest):
        return Copy(files.read_file(path, max_bytes=_MAX_FILE_BYTES, what="copy"), "canonical")
    kind = files.text_kind(path, args.type)
    if kind == "html":
        # Parsing pages is slow to load, and most copies are none.
        from notary.cli import pages

        return pages.page_copy(path, bundle, profile=args.profile, charset=args.charset)
    return Copy(files.read_file(path, max_bytes=4 * MAX_TEXT_BYTES, what="copy"), kind)


def _evidence(args: argparse.Namespace, bundle: Bundle, trust: Trust | None) -> ChainEvidence:
    pinned = frozenset(_hash(text) for text in args.header)
    for url in args.rpc:
        if not _URL.fullmatch(url):
            raise UsageError(f"--rpc takes an http or https URL, not {url}.", code="bad-endpoint")
    if args.offline or not args.rpc:
        return ChainEvidence(pinned=pinned, offline=args.offline)
    # HTTP is imported only now: an offline check must not pay for it, nor be able to use it.
    from notary.ethereum.evidence import gather

    return ChainEvidence(views=gather(args.rpc, wanted(bundle, trust)), pinned=pinned)


def _hash(text: str) -> bytes:
    match = _HASH.fullmatch(text)
    if match is None:
        raise UsageError("--header takes a block hash of 64 hex digits.", code="bad-hash")
    return bytes.fromhex(match.group(1))
