"""``python -m notary.cli.demo.trial DATA RPC_URL``: registers an existing log on an anvil node, once.

For the containers of `docker-compose.yml`: the node gives money to whoever asks, so this needs no key from outside.
Does nothing for a log that has a chain. A local test chain proves nothing to others.
"""

from __future__ import annotations

import sys
from pathlib import Path

from notary.cli import output
from notary.cli.demo.setup import key_pair_in, register, registered_at
from notary.compose import open_settings
from notary.datadir import DataDir
from notary.errors import NotaryError


def main(arguments: list[str]) -> int:
    """Register the log; return the exit code."""
    data, rpc_url = Path(arguments[0]).absolute(), arguments[1]
    try:
        settings = open_settings(data)
        if settings.chain is None:
            admin, operator = key_pair_in(data / "keys", "admin"), key_pair_in(data / "keys", "operator")
            made = register(rpc_url, admin, operator, origin=settings.origin)
            DataDir(data).add_chain(registered_at(made, rpc_url))
            output.note(f"notary: registered {settings.origin} on a local test chain: proves nothing to others")
    except NotaryError as error:
        return output.report_error(error)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
