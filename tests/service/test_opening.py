"""A service that is started before its database waits for it, and gives up after a while."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from notary.cli.opening import open_patiently
from notary.compose import open_settings
from notary.errors import CannotCheck
from tests import backends
from tests.served import await_that
from tests.service.locallog import LocalLog

pytestmark = pytest.mark.only_on("postgresql")


def elsewhere(root: Path, port: int) -> dict[str, object]:
    """Return the settings of a log whose database is behind another port."""
    url = open_settings(root, environ={}).storage.url
    return {"storage.url": url.replace(str(backends.BACKENDS.server.port), str(port))}


def test_it_waits_for_a_database_that_comes_back(log: LocalLog, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings = open_settings(log.root, flags=elsewhere(log.root, port), environ={})
        opened: list[object] = []

        def open_it() -> None:
            services = open_patiently(settings, stopped=lambda: False)
            opened.append(services.reader.size())
            services.close()

        thread = threading.Thread(target=open_it)
        thread.start()
        # Who connects first is sent away, as by a server that is starting; then the way is open.
        listener.accept()[0].close()
        await_that(lambda: "Waiting for it." in capsys.readouterr().err, seconds=30, what="a word")
        pumps = _forward(listener, backends.BACKENDS.server.port)
        thread.join(30)
    assert opened == [0]
    for pump in pumps:
        pump.join()


def _forward(listener: socket.socket, port: int) -> list[threading.Thread]:
    """Connect the next one that comes with the real server."""
    near = listener.accept()[0]
    far = socket.create_connection(("127.0.0.1", port))

    def pump(source: socket.socket, target: socket.socket) -> None:
        # Each end may be gone first.
        with source, suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    pumps = [threading.Thread(target=pump, args=way) for way in ((near, far), (far, near))]
    for one in pumps:
        one.start()
    return pumps


@pytest.mark.parametrize(("seconds", "stopped"), [(0.0, False), (60.0, True)])
def test_it_gives_up_in_time(log: LocalLog, seconds: float, stopped: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = open_settings(log.root, flags=elsewhere(log.root, port), environ={})
    with pytest.raises(CannotCheck) as caught:
        open_patiently(settings, stopped=lambda: stopped, seconds=seconds)
    assert caught.value.code == "database-unreachable"
