"""The program ``notary``: find the command, import only its module, run it, and turn errors into exit codes.

Each command is a module of :mod:`notary.cli.commands` with ``configure(parser)`` and ``run(args) -> int``. Modules are
imported when their command is called, so that ``notary verify`` never loads a web framework or an Ethereum library.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from notary import __version__
from notary.cli import output
from notary.errors import NotaryError, UsageError

COMMANDS = {
    "init": "make a data directory for a new log",
    "apikey": "give a publisher a key to submit with",
    "key": "make and replace keys, and show the public parts of a log's keys",
    "deploy": "put the registry contract on a chain and register a log there",
    "serve": "run the service: web processes and the worker",
    "worker": "run only the worker: integrate entries, anchor checkpoints",
    "status": "show how a log stands, and what is not well",
    "anchor": "have the newest checkpoint anchored at once",
    "demo": "run everything on this machine with a development chain and sample announcements",
    "profile": "say where in a page the article is: draft and check profiles",
    "backup": "save a whole log to one file, while it runs",
    "restore": "make a log's data directory from a backup",
    "fsck": "check the whole store of a log against itself",
    "canon": "print the canonical text of a file, the bytes that are hashed",
    "diff": "show what changed between two texts, in words",
    "submit": "send an announcement to a log",
    "import": "send many texts to a log, resumably",
    "verify": "check a bundle, and a copy of the article, trusting nobody",
    "audit": "check a whole log, and the chain it is anchored on, trusting nobody",
}

_HELP_WIDTH = 100

_EPILOG = """\
exit codes of verify, and in their sense of all commands:
  0  it matches (or: done)
  1  it differs, or evidence is false
  2  the command line or an input file cannot be used
  3  it could not be checked (this never means that something was altered)
  4  genuine, but there is a later revision or a retraction

"notary COMMAND --help" explains each command with examples.
"""


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Help as it is written, in a fixed width: asking for the terminal's imports much of the standard library."""

    def __init__(self, prog: str) -> None:
        """Format the help of ``prog``."""
        super().__init__(prog, width=_HELP_WIDTH)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never lets a :class:`NotaryError` out as a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    output.use_utf8()
    try:
        try:
            return _dispatch(arguments)
        finally:
            output.flush()  # argparse leaves its help in the buffer
    except NotaryError as error:
        return output.report_error(error)
    except BrokenPipeError:
        # The reader of our output went away (as `head` does): that is not an error of ours.
        output.discard_stdout()
        return 141
    except KeyboardInterrupt:
        return 130


def _dispatch(arguments: list[str]) -> int:
    name = arguments[0] if arguments else "--help"
    if name in COMMANDS:
        module = importlib.import_module(f"notary.cli.commands.{name}")
        parser = argparse.ArgumentParser(
            prog=f"notary {name}",
            description=module.__doc__,
            formatter_class=HelpFormatter,
            allow_abbrev=False,
        )
        module.configure(parser)
        code: int = module.run(parser.parse_args(arguments[1:]))
        return code
    return _top_level(arguments or ["--help"])


def _top_level(arguments: list[str]) -> int:
    commands = "\n".join(f"  {name:8} {what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="notary",
        usage="notary COMMAND [OPTION ...]",
        description="Prove that a published article has not been altered.\n\ncommands:\n" + commands,
        epilog=_EPILOG,
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version (with --json: of the formats too)")
    parser.add_argument("--json", action="store_true", help="with --version: machine-readable")
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.version:
        return _version(as_json=args.json)
    if args.command is not None:
        raise UsageError(f"There is no command {args.command}; see notary --help.", code="unknown-command")
    parser.print_help()
    return 0


def _version(*, as_json: bool) -> int:
    if not as_json:
        output.line(f"notary {__version__}")
        return 0
    from notary.core import formats

    output.json_line({"version": __version__, "formats": formats.VERSIONS})
    return 0


if __name__ == "__main__":
    sys.exit(main())
