"""`notary serve` keeps its processes running, ends with all of them, and loses nothing when it is killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from notary.client.api import LogClient
from notary.errors import EndpointFailed
from notary.net.http import request
from tests import backends
from tests.program import Done, call, command
from tests.served import STOP_SECONDS, Process, Served, await_gone, await_that, serving, started
from tests.worlds import TEXT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
WEB, WORKER = "granian", "notary.cli worker"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A data directory with one publisher, whose key is beside it."""
    call(
        "init", tmp_path / "log", "--origin", "notary.example/log/serve-test", "--development", *backends.init_options()
    )
    (tmp_path / "key").write_bytes(call("apikey", "new", "Roads office", "--data", tmp_path / "log").out)
    (tmp_path / "a.txt").write_text(TEXT)
    return tmp_path / "log"


@pytest.fixture
def served(log: Path) -> Iterator[Served]:
    """The log, served and healthy."""
    with serving(log) as running:
        running.await_healthy()
        yield running


def submit(served: Served) -> Done:
    folder = served.output.parent
    return call("submit", "--server", served.url, "--key-file", folder / "key", folder / "a.txt")


def integrated(served: Served, leaf: str) -> bool:
    return LogClient(served.url).state(bytes.fromhex(leaf)) == "integrated"


def leaf_of(done: Done) -> str:
    assert done.code == 0, done.err
    return done.out.decode().strip()


# ------------------------------------------------------------------------------------------------------ being killed


@pytest.mark.parametrize("part", [WEB, WORKER])
def test_a_process_that_is_killed_is_started_again(served: Served, part: str) -> None:
    leaf = leaf_of(submit(served))
    first = served.child(part)
    others = [one for one in served.processes() if one.alive and part not in one.command]
    first.kill()
    await_gone([first])
    await_that(lambda: replaced(served, first, part), seconds=30, what=f"another {part}: {served.said}")
    served.await_healthy()
    # The rest went on, and so does the log.
    assert all(one.alive for one in others)
    assert leaf_of(submit(served)) == leaf
    await_that(lambda: integrated(served, leaf), seconds=30, what="the entry to be integrated")
    assert "ended with -9; starting it again" in served.said
    assert served.stop() == 0


def replaced(served: Served, first: Process, part: str) -> bool:
    return any(part in one.command and one != first for one in served.processes() if one.alive)


def test_a_process_below_granian_that_is_killed_takes_nothing_down(served: Served) -> None:
    main = served.child(WEB)
    workers = [one for one in served.processes() if one.alive and one != main and WEB in one.command]
    assert workers
    workers[-1].kill()
    await_gone([workers[-1]])
    served.await_healthy()
    leaf_of(submit(served))
    assert served.stop() == 0


def test_what_does_not_stay_up_is_given_up(served: Served) -> None:
    def kill_again() -> bool:
        for one in served.processes():
            if one.alive and WORKER in one.command:
                one.kill()
        return served.process.poll() is not None

    await_that(kill_again, seconds=60, what=f"serve to give up: {served.said}")
    assert served.process.returncode == 1
    assert "does not stay up; giving up" in served.said
    await_gone(list(served.seen))


def test_killed_itself_it_leaves_nothing_running_and_loses_nothing(served: Served, log: Path) -> None:
    leaf = leaf_of(submit(served))
    below = served.processes()
    assert len(below) >= 3
    served.process.kill()
    served.process.wait()
    await_gone(below)
    with serving(log, port=served.port) as again:
        again.await_healthy()
        assert integrated(again, leaf)
        assert leaf_of(submit(again)) == leaf
        assert again.stop() == 0


def test_a_new_one_can_be_started_while_the_old_ones_processes_still_end(served: Served, log: Path) -> None:
    leaf = leaf_of(submit(served))
    served.processes()
    served.process.kill()
    with serving(log, port=served.port) as again:
        # Until then the old web process may still be the one that answers.
        await_that(lambda: again.output.exists() and again.said, seconds=60, what="its first word")
        again.await_healthy()
        assert integrated(again, leaf)
        await_gone(list(served.seen))
        assert again.stop() == 0


# ---------------------------------------------------------------------------------------------------------- stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything(log: Path, number: signal.Signals) -> None:
    with serving(log, "--workers", "2") as served:
        served.await_healthy()
        leaf_of(submit(served))
        below = served.processes()
        assert len([one for one in below if WEB in one.command]) >= 3
        served.process.send_signal(number)
        assert served.process.wait(STOP_SECONDS) == 0
        await_gone(below, seconds=1)


def test_it_stops_while_it_is_starting(log: Path) -> None:
    with serving(log) as served:
        await_that(lambda: served.output.exists() and served.said, seconds=30, what="its first word")
        assert served.stop() == 0


# ----------------------------------------------------------------------------------------------------- being refused


@pytest.mark.only_on("sqlite")
def test_what_is_taken_is_refused(served: Served, log: Path, tmp_path: Path) -> None:
    """A second service or worker on the same data, and another log on the same port."""
    other = tmp_path / "other"
    call("init", other, "--origin", "notary.example/log/other", *backends.init_options())
    third = tmp_path / "third"
    call("init", third, "--origin", "notary.example/log/third", *backends.init_options())
    settings = (third / "notary.toml").read_text()
    assert '# metrics = "off"' in settings
    metrics = f'metrics = "127.0.0.1:{served.port}"'
    (third / "notary.toml").write_text(settings.replace('# metrics = "off"', metrics, 1))
    worker = started(command("worker", "--data", log), tmp_path / "worker.log", cwd=tmp_path)
    # All wait a while, for an instance that is just going away: so all at once.
    with (
        serving(log) as second,
        serving(other, port=served.port) as same_port,
        serving(third) as same_metrics,
        worker as another,
    ):
        for refused, sentence, code in (
            (second, "Another process already is the web of", "locked"),
            (same_port, f"Cannot listen on 127.0.0.1:{served.port}", "port-taken"),
            (same_metrics, f"Cannot listen on 127.0.0.1:{served.port}", "port-taken"),
            (another, "Another process already is the worker of", "locked"),
        ):
            assert refused.process.wait(30) == 2
            assert refused.said.startswith(f"notary: {sentence}")
            assert refused.said.endswith(f"({code})\n")
            assert refused.said.count("\n") == 1
    assert served.healthy()
    leaf_of(submit(served))


@pytest.mark.only_on("postgresql")
def test_several_services_share_a_log(served: Served, log: Path) -> None:
    with serving(log, "--web-only") as second:
        await_that(lambda: answers(second), seconds=60, what=f"the pages: {second.said}")
        leaves = [leaf_of(submit(one)) for one in (served, second)]
        # The same text, so the same entry.
        assert leaves[0] == leaves[1]
        await_that(lambda: integrated(second, leaves[0]), seconds=60, what="the entry to be integrated")
        assert second.stop() == 0
    assert served.healthy()


def test_web_and_worker_apart(log: Path) -> None:
    with serving(log, "--web-only") as served:
        await_that(lambda: answers(served), seconds=60, what=f"the pages: {served.said}")
        leaf = submit(served)
        # Durable and answered, and integrated once there is a worker.
        assert leaf_of(leaf)
        assert "pending" in leaf.err
        assert not [one for one in served.processes() if WORKER in one.command]
        with started(command("worker", "--data", log), log.parent / "worker.log", cwd=log.parent) as worker:
            await_that(lambda: integrated(served, leaf_of(leaf)), seconds=60, what="the entry to be integrated")
            assert worker.stop() == 0
        assert served.stop() == 0


def answers(served: Served) -> bool:
    try:
        return request("GET", f"{served.url}/static/icon.svg", timeout=5, max_bytes=1 << 16).status == 200
    except EndpointFailed:
        return False


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--port", "70000"], "server.port"),
        (["--workers", "0"], "server.workers"),
        (["--host", "no such host"], "server.host"),
        (["--port", "70000", "--workers", "0"], "server.workers"),
    ],
)
def test_settings_that_cannot_be_used(log: Path, options: list[str], word: str) -> None:
    done = call("serve", "--data", log, *options)
    assert (done.code, done.out) == (2, b"")
    assert word in done.err
    assert "bad-settings" in done.err
