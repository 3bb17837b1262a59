"""The demonstration from start to end: node, service, announcements, files; then checks, or staying up."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from notary.cli import children, output
from notary.cli.demo import publish
from notary.cli.demo.checks import run_checks
from notary.cli.demo.folder import Folder, open_folder, write_once
from notary.cli.demo.node import NODE, DevNode, free_port
from notary.cli.demo.setup import check_chain, prepare
from notary.cli.supervise import Stopped, await_port
from notary.compose import open_settings
from notary.core import jcs
from notary.errors import CannotCheck, EndpointFailed
from notary.net.http import request

_HEALTHY_SECONDS = 60.0
_STOP_SECONDS = 14.0
_RESTARTS = 100
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Options:
    """What `notary demo` was asked for."""

    port: int | None
    data: str | None
    check: bool


class Interrupted(Exception):  # noqa: N818 - not an error: somebody wanted it to stop
    """A signal arrived while the demonstration was being set up."""


def run(options: Options) -> int:
    """Run the demonstration; 0 if all went as it must, and all that was started has been stopped."""
    stopped = Stopped()
    started: list[children.Child] = []
    with open_folder(options.data, throw_away=options.check) as folder:
        try:
            return _Demo(options, folder, stopped, started).run()
        except Interrupted:
            return 130
        finally:
            children.stop(started[::-1], seconds=_STOP_SECONDS)


class _Demo:
    def __init__(self, options: Options, folder: Folder, stopped: Stopped, started: list[children.Child]) -> None:
        self._options = options
        self._folder = folder
        self._stopped = stopped
        self._started = started
        ports = folder.last_ports()
        self._node = DevNode(folder.chain, port=ports.get("node"))
        self._port = options.port or free_port(preferred=ports.get("server") or 8080)
        self._server = f"http://127.0.0.1:{self._port}"
        self._up = False
        self._restarts = 0

    def run(self) -> int:
        # Who waits for it must not find the addresses of an earlier run.
        self._folder.summary.unlink(missing_ok=True)
        # Before anything is made: what another program answers there must not be taken for our service.
        await_port("127.0.0.1", self._port, self._stopped)
        self._start_node()
        prepare(self._folder, self._node.url)
        check_chain(self._folder, self._node.url)
        self._folder.make()
        self._folder.keep_ports({"node": self._node.port, "server": self._port})
        self._start_service()
        self._publish()
        if self._options.check:
            return run_checks(self._folder, self._node, work=self._keep_alive)
        self._up = True
        output.note(f"demo: up at {self._server}/ ; stop it with Ctrl-C")
        while not self._stopped.signalled:
            self._look_after()
            time.sleep(_POLL_SECONDS)
        return 0

    def _start_node(self) -> None:
        output.note("demo: starting the development chain")
        self._node.start()
        self._started.append(self._node.child)

    def _start_service(self) -> None:
        output.note("demo: starting the service")
        self._launch_service()
        self._await(self._healthy, seconds=_HEALTHY_SECONDS, what="the service to be up")

    def _launch_service(self) -> None:
        environment = {
            **os.environ,
            "NOTARY_CHAIN_RPC": self._node.url,
            "NOTARY_ANCHOR_INTERVAL": "1",
            "NOTARY_ANCHOR_POLL": "0.5",
            "NOTARY_LOG_FORMAT": "text",
        }
        command = [sys.executable, "-m", "notary.cli", "serve", "--data", str(self._folder.log)]
        command += ["--port", str(self._port)]
        child = children.start("service", command, env=environment, log=self._folder.root / "service.log")
        self._started.append(child)

    def _healthy(self) -> bool:
        try:
            return request("GET", f"{self._server}/healthz", timeout=5, max_bytes=1 << 16).status == 200
        except EndpointFailed:
            return False

    def _publish(self) -> None:
        self._write_trust()
        publisher = publish.Publisher(self._folder, self._server, wait=self._await)
        publisher.publish_samples()
        publisher.publish_revisions()
        chain = open_settings(self._folder.log, environ={}).chain
        if chain is None:
            raise CannotCheck("The log has no chain.", code="no-chain")
        summary: dict[str, jcs.Json] = {
            "server": self._server,
            "rpc": self._node.url,
            "chain_id": chain.chain_id,
            "registry": "0x" + chain.registry.hex(),
            "log_id": "0x" + chain.log_id.hex(),
        }
        write_once(self._folder.summary, jcs.dumps(summary) + b"\n")

    def _write_trust(self) -> None:
        answer = request("GET", f"{self._server}/.well-known/notary-log.json", timeout=10, max_bytes=1 << 20)
        if answer.status != 200:
            raise CannotCheck(f"The service has no trust file to give ({answer.status}).", code="no-trust-file")
        write_once(self._folder.trust, answer.body)

    def _await(self, ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Return when ``ready()``; raises :class:`CannotCheck` after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not ready():
            self._keep_alive()
            if time.monotonic() > deadline:
                raise CannotCheck(
                    f"Waited {seconds:g} seconds for {what}; see {self._folder.root / 'service.log'}.", code="too-slow"
                )
            time.sleep(_POLL_SECONDS)

    def _keep_alive(self) -> None:
        """What has to happen now and then while waiting for anything."""
        if self._stopped.signalled:
            raise Interrupted
        self._look_after()

    def _look_after(self) -> None:
        for child in [child for child in self._started if not child.running]:
            if not self._up or self._restarts == _RESTARTS:
                logs = ", ".join(str(path) for path in (self._folder.root / "service.log", _log(self._folder)))
                raise CannotCheck(f"The {child.name} ended by itself; see {logs}.", code="child-ended")
            # A killed part comes back at the same address, as an operator would bring it back.
            output.note(f"demo: the {child.name} ended; starting it again")
            self._restarts += 1
            self._started.remove(child)
            if child.name == NODE:
                self._start_node()
            else:
                self._launch_service()
        self._node.back_up()


def _log(folder: Folder) -> Path:
    return folder.chain / "anvil.log"
