"""A second real node for tests, of another house than anvil: Hardhat's, on a free loopback port.

What differs is why it is here: its ``finalized`` is its newest block, it has no ``eth_getBlockReceipts``, and it words
its refusals in its own way. Its Node.js is the one that ``NOTARY_HARDHAT_NODE`` names, else ``node`` on PATH.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.node.anvil import DEV_BALANCE, Anvil, free_port, launch

_ROOT = Path(__file__).parents[2]
_PROGRAM = _ROOT / "node_modules" / "hardhat" / "dist" / "src" / "cli.js"
_CONFIG = Path(__file__).with_name("hardhat.config.mjs")
CHAIN_ID = 31337


class Hardhat(Anvil):
    """A running node; its own methods bear its own name."""

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks now."""
        self.call("hardhat_mine", hex(blocks))

    def fund(self, address: bytes, wei: int = DEV_BALANCE) -> None:
        """Give an account money."""
        self.call("hardhat_setBalance", "0x" + address.hex(), hex(wei))


def start(*, port: int | None = None) -> Hardhat:
    """Start a node that mines each transaction at once, and return it when it answers."""
    program = os.environ.get("NOTARY_HARDHAT_NODE") or shutil.which("node")
    assert program is not None, "no Node.js: use scripts/test, or set NOTARY_HARDHAT_NODE"
    assert _PROGRAM.is_file(), "no hardhat: run npm ci"
    chosen = port if port is not None else free_port()
    command = [program, str(_PROGRAM), "--config", str(_CONFIG), "node", "--hostname", "127.0.0.1"]
    return launch(
        Hardhat,
        [*command, "--port", str(chosen)],
        chosen,
        cwd=_ROOT,
        env=os.environ | {"HARDHAT_DISABLE_TELEMETRY_PROMPT": "true", "CI": "true"},
    )


@contextmanager
def running(*, port: int | None = None) -> Iterator[Hardhat]:
    """Keep a node running for the length of a ``with`` block."""
    node = start(port=port)
    try:
        yield node
    finally:
        node.stop()
