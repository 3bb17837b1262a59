"""A local development chain: anvil, with its state kept on disk across restarts, also after kill −9."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import time
from pathlib import Path

from notary.cli import children, files
from notary.errors import CannotCheck, EndpointFailed, UsageError
from notary.ethereum.rpc import Rpc

CHAIN_ID = 31337
NODE = "node"
_START_SECONDS = 30.0
_STATE = "state.json"
_BACKUP = "state.backup.json"
_GENESIS_TIME = "genesis-time"


def free_port(*, preferred: int | None = None) -> int:
    """Return a loopback port that is free now: ``preferred`` if it is."""
    for port in [preferred, 0] if preferred else [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise UsageError("No free port on the loopback interface.", code="no-free-port")


class DevNode:
    """One anvil process with a data folder of its own; blocks every second, the last but two final."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self._folder = folder
        self._port = free_port(preferred=port)
        self._child: children.Child | None = None
        self._backed_up = 0.0

    @property
    def url(self) -> str:
        """The node's JSON-RPC address."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        """The node's port."""
        return self._port

    @property
    def child(self) -> children.Child:
        """The running process; only after :meth:`start`."""
        if self._child is None:
            raise UsageError("The development node was not started.", code="node-not-started")
        return self._child

    def start(self) -> None:
        """Start anvil and return when it answers; raises :class:`UsageError` where there is no anvil."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = self._lock()
        try:
            self._recover()
            self._launch(lock)
        finally:
            os.close(lock)
        self._await_answer()
        # A fixed genesis time makes anvil go on from that time, or from its last block's; its blocks must tell today's.
        Rpc(self.url).call("evm_setTime", [int(time.time())])

    def _genesis_time(self) -> int:
        """Return the time of block 0: of the first start, for ever.

        anvil makes a block 0 at every start and keeps it beside the one in its state; unless both are the same block,
        after some restarts the wrong one is block 0.
        """
        kept = self._folder / _GENESIS_TIME
        if not kept.exists():
            files.write_file(kept, str(int(time.time())).encode())
        return int(kept.read_text("ascii"))

    def _lock(self) -> int:
        """Return a locked descriptor, after waiting for the node of a killed demonstration to write its state and end.

        The node inherits it, so the lock falls with the last process that can write the state.
        """
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(descriptor)
                    raise UsageError(f"Another node is running in {self._folder}.", code="locked") from None
                time.sleep(0.05)
            else:
                return descriptor

    def _launch(self, lock: int) -> None:
        command = [_anvil(), "--host", "127.0.0.1", "--port", str(self._port), "--chain-id", str(CHAIN_ID)]
        command += ["--block-time", "1", "--slots-in-an-epoch", "1", "--quiet"]
        command += ["--state", str(self._folder / _STATE), "--state-interval", "1"]
        command += ["--timestamp", str(self._genesis_time())]
        self._child = children.start(NODE, command, log=self._folder / "anvil.log", keep=[lock])

    def _await_answer(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        rpc = Rpc(self.url)
        while True:
            try:
                rpc.chain_id()
            except EndpointFailed as error:
                if not self.child.running or time.monotonic() > deadline:
                    log = self._folder / "anvil.log"
                    raise CannotCheck(
                        f"The development node did not start, see {log}: {error.message}", code="node-failed"
                    ) from None
                time.sleep(0.05)
            else:
                return

    def back_up(self) -> None:
        """Keep a second copy of the state when it is whole; anvil writes the first in place, so a kill can tear it."""
        state = self._folder / _STATE
        try:
            changed = state.stat().st_mtime
        except FileNotFoundError:
            return
        if changed != self._backed_up and _is_whole(state):
            temporary = self._folder / (_BACKUP + ".new")
            shutil.copyfile(state, temporary)
            # What was copied can itself have been torn in the meantime.
            if _is_whole(temporary):
                temporary.replace(self._folder / _BACKUP)
                self._backed_up = changed

    def _recover(self) -> None:
        state, backup = self._folder / _STATE, self._folder / _BACKUP
        if state.exists() and not _is_whole(state) and backup.exists():
            shutil.copyfile(backup, state)


def _is_whole(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_bytes()), dict)
    except ValueError:
        return False


def _anvil() -> str:
    configured = os.environ.get("NOTARY_ANVIL")
    found = configured if configured and Path(configured).is_file() else shutil.which("anvil")
    if found is None:
        raise UsageError(
            "The demonstration needs the development node anvil: scripts/demo installs it; or set NOTARY_ANVIL.",
            code="no-anvil",
        )
    return found
