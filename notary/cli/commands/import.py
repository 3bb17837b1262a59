"""Send many texts to a log: those in folders and files, and lines of JSON as POST /api/v1/entries takes them.

A folder is searched for texts (.txt, .text, .md, .canon, .canonical) and lines of JSON (.ndjson, .jsonl), in the order
of names; whatever begins with a dot is passed over. For each text that is accepted, its path and leaf hash go to
standard output or to --out, separated by a tab. What is refused is named on standard error and hinders no other.

What was accepted is kept in a state file: run the same command again and it goes on where it stopped. To send a text
twice is harmless, as it is the same entry. With --hash-only texts are never sent, only their digests.

  notary import --dry-run announcements/
  notary import --server https://log.example --key-file publisher.key announcements/ > leaves.tsv
  notary import --server https://log.example --key-file publisher.key --hash-only archive.ndjson --json

exit codes:
  0  all were accepted
  1  some were refused, the others accepted
  2  the command line, a file or the key cannot be used
  3  the server is away or overloaded; run it again later
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from notary.cli import options
from notary.cli.importing import sending, sources
from notary.cli.importing.progress import Progress
from notary.cli.importing.results import Results
from notary.cli.importing.sources import Item
from notary.cli.importing.state import State, default_path
from notary.client.api import LogClient, Submitted
from notary.errors import UsageError

_TIMEOUT = 120.0
_MAX_RETRIES = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a folder, a text, or a file of JSON lines")
    parser.add_argument("--server", metavar="URL", help="the log's address")
    parser.add_argument("--key-file", metavar="F", help="a file with your API key on one line")
    parser.add_argument("--hash-only", action="store_true", help="send digests; the texts stay here")
    parser.add_argument("--dry-run", action="store_true", help="send nothing: count, and name what cannot be accepted")
    parser.add_argument(
        "--state", metavar="FILE", help="what was done (default: PATH.notary-import, of the first PATH)"
    )
    parser.add_argument(
        "--retries", metavar="N", type=int, default=5, help="attempts at a server that is away (default: 5)"
    )
    results = parser.add_argument_group("results")
    results.add_argument("--out", metavar="FILE", help="write results there instead of to standard output")
    results.add_argument("--ndjson", action="store_true", help="results as lines of JSON, refusals among them")
    results.add_argument(
        "--json", action="store_true", help="print the counts as one line of JSON, results only to --out"
    )


def run(args: argparse.Namespace) -> int:
    """Import, and say what came of it."""
    if not 0 <= args.retries <= _MAX_RETRIES:
        raise UsageError(f"--retries takes 0 to {_MAX_RETRIES}.", code="bad-retries")
    found = sources.find(args.paths)
    with ExitStack() as stack:
        results = stack.enter_context(Results(args.out, as_json=args.ndjson, silent=args.json or args.dry_run))
        results.counts.files, results.counts.ignored = len(found.sources), found.ignored
        opened = None if args.dry_run else _open(args, stack)
        progress = Progress(found.size)
        stack.callback(results.summary, as_json=args.json, dry_run=args.dry_run)
        stack.callback(progress.clear)
        texts = (item for source in found.sources for item in sources.items(source, hash_only=args.hash_only))
        if opened is None:
            _count(texts, results, progress)
        else:
            _send(texts, *opened, results, progress, retries=args.retries)
        results.counts.complete = True
    return 1 if results.counts.refused else 0


def _open(args: argparse.Namespace, stack: ExitStack) -> tuple[LogClient, State]:
    if args.server is None or args.key_file is None:
        raise UsageError("Without --dry-run, --server and --key-file are needed.", code="no-server")
    client = LogClient(args.server, key=options.api_key(args.key_file), timeout=_TIMEOUT)
    path = default_path(args.paths[0]) if args.state is None else Path(args.state)
    return client, stack.enter_context(State(path, server=args.server.rstrip("/")))


def _count(texts: Iterator[Item], results: Results, progress: Progress) -> None:
    for item in texts:
        if item.refusal is not None:
            results.refused(item, item.refusal, progress.note)
        else:
            results.found(item)
        progress.add(item.size, results.counts.words())


def _send(
    texts: Iterator[Item], client: LogClient, state: State, results: Results, progress: Progress, *, retries: int
) -> None:
    for group in _groups(texts):
        new = [item for item in group if item.refusal is None and state.leaf(item.line) is None]
        lines = list(dict.fromkeys(item.line for item in new))
        answers = sending.send(client, lines, retries=retries, progress=progress.note)
        said = dict(zip(lines, answers, strict=True))
        state.add((line, answer.leaf_hash) for line, answer in said.items() if isinstance(answer, Submitted))
        for item in group:
            answer = item.refusal or said.get(item.line)
            leaf = state.leaf(item.line)
            if isinstance(answer, Submitted):
                results.accepted(item, answer.leaf_hash, before=answer.replayed)
            elif answer is not None:
                results.refused(item, answer, progress.note)
            elif leaf is not None:
                results.accepted(item, leaf, before=True)
            progress.add(item.size, results.counts.words())


def _groups(texts: Iterator[Item]) -> Iterator[list[Item]]:
    """Yield texts in groups, each small enough for one request."""
    group: list[Item] = []
    size = 0
    for item in texts:
        if group and (len(group) == sending.MAX_LINES or size + len(item.line) > sending.MAX_BYTES):
            yield group
            group, size = [], 0
        group.append(item)
        size += len(item.line)
    if group:
        yield group
