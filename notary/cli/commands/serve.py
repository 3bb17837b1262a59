"""Run the service of a log: web processes that take submissions and show entries, and one worker.

Listens on the address in notary.toml (default 127.0.0.1:8080). A process that dies is started again. SIGTERM or SIGINT
stops everything within seconds. Put a proxy that speaks HTTPS in front of it.

  notary serve --data /srv/notary --port 8080
  notary serve --data /srv/notary --web-only     # and elsewhere: notary worker --data /srv/notary
"""

from __future__ import annotations

import argparse

from notary.cli.options import add_data, data_dir


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", type=int, help="port to listen on")
    parser.add_argument("--workers", type=int, help="number of web processes")
    parser.add_argument("--web-only", action="store_true", help="run no worker")


def run(args: argparse.Namespace) -> int:
    """Supervise until a signal."""
    from notary.cli.supervise import serve
    from notary.compose import open_settings

    given = {"server.host": args.host, "server.port": args.port, "server.workers": args.workers}
    flags = {name: value for name, value in given.items() if value is not None}
    return serve(open_settings(data_dir(args), flags=flags), web_only=args.web_only)
