"""A real anvil node for tests: on a free loopback port, in a session of its own, ended by its pid.

The program is the one that ``NOTARY_ANVIL`` names, else the one that ``npm ci`` installs, else ``anvil`` on PATH.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from notary.core.jcs import Json
from notary.errors import EndpointFailed
from notary.ethereum.rpc import Rpc

READY_WITHIN = 30.0
ENDED_WITHIN = 5.0
DEV_BALANCE = 10**20


def program() -> str | None:
    """Return the path of the anvil program, or None where there is none."""
    named = os.environ.get("NOTARY_ANVIL")
    if named:
        return named
    cpu = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    package = f"anvil-{platform.system().lower()}-{cpu}"
    installed = Path(__file__).parents[2] / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"
    return str(installed) if installed.exists() else shutil.which("anvil")


class Anvil:
    """A running node."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.rpc = Rpc(self.url)

    def call(self, method: str, *params: Json) -> Any:
        """Return the result of any JSON-RPC method."""
        return self.rpc.call(method, params)

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks now."""
        self.call("anvil_mine", hex(blocks))

    def fund(self, address: bytes, wei: int = DEV_BALANCE) -> None:
        """Give an account money."""
        self.call("anvil_setBalance", "0x" + address.hex(), hex(wei))

    def stop(self) -> None:
        """End the process: TERM, then KILL. Does nothing to one that has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(ENDED_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start(arguments: Sequence[str] = (), *, port: int | None = None, epoch: int = 1) -> Anvil:
    """Start a node with these further arguments and return it when it answers.

    Blocks are mined at once for each transaction; ``--no-mining`` or ``--block-time S`` change that. The block tagged
    ``finalized`` is two times ``epoch`` behind the head.
    """
    path = program()
    assert path is not None, "no anvil: run npm ci, or set NOTARY_ANVIL"
    chosen = port if port is not None else free_port()
    command = [path, "--silent", "--host", "127.0.0.1", "--port", str(chosen), "--slots-in-an-epoch", str(epoch)]
    return launch(Anvil, [*command, *arguments], chosen)


N = TypeVar("N", bound=Anvil)


def launch(
    kind: Callable[[subprocess.Popen[bytes], int], N],
    command: Sequence[str],
    port: int,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> N:
    """Start a node's program, which is to listen on ``port``, and return the node when it answers."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=cwd,
        env=env,
    )
    node = kind(process, port)
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            node.rpc.chain_id()
        except EndpointFailed:
            if process.poll() is not None:
                raise RuntimeError(f"the node ended with {process.returncode}: {command}") from None
            if time.monotonic() > deadline:
                node.stop()
                raise RuntimeError(f"the node does not answer: {command}") from None
            time.sleep(0.05)
        else:
            return node


@contextmanager
def running(arguments: Sequence[str] = (), *, port: int | None = None, epoch: int = 1) -> Iterator[Anvil]:
    """Keep a node running for the length of a ``with`` block."""
    node = start(arguments, port=port, epoch=epoch)
    try:
        yield node
    finally:
        node.stop()


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
