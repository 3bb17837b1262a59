"""Send the announcement in FILE to a log and print its leaf hash, once a signed checkpoint covers it.

Only the leaf hash (64 hex digits) goes to standard output. A text is brought into canonical form here and sent as such.
A page is read here with --profile; everything in it that no digest covers is named on standard error, and hidden,
ignored or embedded content has to be confirmed. Then the page is sent, with the digests of the images beside it.
Document id, language, date of publication and address are absent unless given: the same file submitted twice is the
same entry. A correction, update or retraction names the document and the entry it follows.

  notary submit --server https://log.example --key-file publisher.key announcement.txt
  notary submit --server https://log.example --key-file publisher.key --wait --out bundles announcement.txt
  notary submit … --profile portal.profile.json page.html
  notary submit … --document notice-17 --status correction --previous a1b2… --note "wrong date" corrected.txt
"""

from __future__ import annotations

import argparse
from pathlib import Path

from notary.cli import files, options, output
from notary.cli.commands.canon import read_text
from notary.client.api import LogClient, Submitted
from notary.core.jcs import Json
from notary.core.record import Status
from notary.errors import UsageError

_FIELDS = ("document", "status", "previous", "note", "language", "published", "url", "author")
_CHECKPOINT_SECONDS = 5
_MAX_TIMEOUT = 7 * 24 * 3600


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", help="the text; - is standard input")
    parser.add_argument("--server", metavar="URL", required=True, help="the log's address")
    parser.add_argument("--key-file", metavar="F", required=True, help="a file with your API key on one line")
    parser.add_argument("--type", choices=files.KINDS, help="the kind of text (default: by the extension of FILE)")
    options.page(parser)
    parser.add_argument(
        "--confirm-hidden", action="store_true", help="of a page: the content that the record will not cover is right"
    )
    record = parser.add_argument_group("what is said about the text")
    record.add_argument("--document", metavar="ID", help="your id of the article, the same for all its revisions")
    record.add_argument("--status", choices=[status.value for status in Status], help="default: original")
    record.add_argument("--previous", metavar="LEAF", help="leaf hash of the revision that this one follows")
    record.add_argument(
        "--note", metavar="TEXT", help="why there is a revision; shown to readers, not in the log itself"
    )
    record.add_argument("--language", metavar="TAG", help="language of the text, as en or zh-CN")
    record.add_argument("--published", metavar="TIME", help="when you published it, as 2026-11-23T09:30:00+08:00")
    record.add_argument("--url", metavar="URL", help="where you published it; shown to readers, not in the log itself")
    record.add_argument("--author", metavar="NAME", help="shown to readers, not in the log itself")
    waiting = parser.add_argument_group("waiting")
    waiting.add_argument("--wait", action="store_true", help="wait until it is final on chain, then write the bundle")
    waiting.add_argument("--timeout", metavar="S", type=float, default=300.0, help="seconds to --wait (default: 300)")
    waiting.add_argument("--out", metavar="DIR", default=".", help="where --wait writes <leaf hash>.bundle.json")
    waiting.add_argument("--json", action="store_true", help="print {leaf_hash, state} instead of the leaf hash alone")


def run(args: argparse.Namespace) -> int:
    """Submit, wait as asked, print the leaf hash."""
    directory = Path(args.out)
    if args.wait and not directory.is_dir():
        raise UsageError(f"--out {args.out} is not a folder.", code="no-such-folder")
    if not 0 <= args.timeout <= _MAX_TIMEOUT:
        raise UsageError(f"--timeout takes 0 to {_MAX_TIMEOUT} seconds.", code="bad-timeout")
    fields: dict[str, Json] = {name: getattr(args, name) for name in _FIELDS if getattr(args, name) is not None}
    client = LogClient(args.server, key=options.api_key(args.key_file))
    submitted = _submit(client, args, fields)
    output.note(f"notary: accepted, {submitted.state}")
    if args.json:
        output.json_line({"leaf_hash": submitted.leaf_hash.hex(), "state": submitted.state})
    else:
        output.line(submitted.leaf_hash.hex())
    if args.wait:
        data = client.wait_final(submitted.leaf_hash, seconds=args.timeout, progress=_progress)
        path = directory / f"{submitted.leaf_hash.hex()}.bundle.json"
        files.write_file(path, data)
        output.note(f"notary: final on chain; wrote {path}")
    return 0


def _submit(client: LogClient, args: argparse.Namespace, fields: dict[str, Json]) -> Submitted:
    if files.text_kind(args.file, args.type) != "html":
        text = read_text(args.file, args.type, profile=args.profile, charset=args.charset)
        return client.submit(text, fields, wait=_CHECKPOINT_SECONDS)
    from notary.cli import pages

    profile = pages.load_profile(options.needed_profile(args.profile))
    read = pages.read_page(args.file, profile, charset=args.charset)
    pages.say_page(read.page)
    pages.require_confirmed(read.page, confirmed=args.confirm_hidden)
    about: dict[str, Json] = {"profile": profile.to_json(), "images": {k: v.hex() for k, v in read.images.items()}}
    if args.charset is not None:
        about["charset"] = args.charset
    return client.submit_page(read.data, read.page, about, fields, wait=_CHECKPOINT_SECONDS)


def _progress(state: str) -> None:
    output.note(f"notary: {state}")
