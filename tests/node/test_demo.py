"""The demonstration on a real node: it shows what it promises, stops all it started, and goes on after any kill."""

from __future__ import annotations

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from notary.cli.demo.pages import PAGES, copies
from notary.cli.demo.samples import SAMPLES
from notary.core.bundle import MAX_BUNDLE_BYTES, parse_bundle
from notary.core.chain import ChainEvidence, Wanted
from notary.core.trust import Trust, parse_trust
from notary.core.verify import verify
from notary.errors import InvalidBundle
from notary.ethereum.evidence import gather
from notary.ethereum.rpc import Rpc
from notary.net.http import request
from tests.node import anvil
from tests.program import ROOT, Done, call, command, environment
from tests.program import notary as run
from tests.served import STOP_SECONDS, Process, Served, await_gone, await_that, processes_about, started
from tests.webserver import free_port

pytestmark = [pytest.mark.node, pytest.mark.slow, pytest.mark.timeout(300)]
UP_SECONDS = 120
CHANGES = 2000
NODE = {"NOTARY_ANVIL": str(anvil.program())}


@dataclass(frozen=True)
class Shown:
    """What a run of `demo --check` left: its result, its folder, and the processes that still named the folder."""

    done: Done
    folder: Path
    left: list[Process]
    summary: bytes
    before_it: list[str]

    @property
    def bundles(self) -> list[Path]:
        """The bundles of the samples."""
        return sorted((self.folder / "bundles").iterdir())

    @property
    def trust(self) -> Trust:
        """The trust file."""
        return parse_trust((self.folder / "trust.json").read_bytes())


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Run the check once for all tests; they go on with its folder."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    arguments = ("demo", "--check", "--port", str(free_port()), "--data", folder)
    done = run(*arguments, env=NODE, seconds=240)
    left = processes_about(folder)
    assert done.code == 0, done
    summary = folder / "demo.json"
    files = [path for path in folder.rglob("*") if path.is_file()]
    before = [str(p.relative_to(folder)) for p in files if p.stat().st_mtime_ns < summary.stat().st_mtime_ns]
    return Shown(done, folder, left, summary.read_bytes(), before)


@contextmanager
def up(shown: Shown) -> Iterator[tuple[Served, dict[str, Any]]]:
    """Run the demonstration again in the same folder; begins when everything is there."""
    port = free_port()
    output, summary = shown.folder.parent / "output", shown.folder / "demo.json"
    line = command("demo", "--port", str(port), "--data", shown.folder)
    before = time.time()
    with started(line, output, port=port, cwd=shown.folder.parent, env=environment(**NODE)) as demo:

        def ready() -> bool:
            assert demo.process.poll() is None, demo.said
            return summary.exists() and summary.stat().st_mtime > before

        await_that(ready, seconds=UP_SECONDS, what=f"demo.json: {demo.said}")
        yield demo, json.loads(summary.read_bytes())


# ---------------------------------------------------------------------------------------------------------- the check


def test_the_check_shows_what_it_promises(shown: Shown) -> None:
    lines = shown.done.out.decode().splitlines()
    assert lines[-1] == "CHECK OK"
    rows = {line[:38].strip(): line[38:].split() for line in lines if not line.startswith("    ")}
    for group in ("genuine bundle", "genuine bundle and copy", "altered copy refuted"):
        assert rows[group][:2] == [str(len(SAMPLES))] * 2
    assert len(SAMPLES) >= 10
    expected = Counter(copy.group for page in PAGES for copy in copies(page))
    assert {group: rows[group][:2] for group in expected} == {group: [str(n)] * 2 for group, n in expected.items()}
    assert {page.language for page in PAGES} == {"en", "zh-CN"}
    controls = {name: row for name, row in rows.items() if name.startswith("control: ")}
    assert list(controls) == [
        "control: forged receipt proof",
        "control: another registry",
        "control: second chain, same chain id",
    ]
    assert all(row[0] == row[1] != "0" for row in controls.values())


def test_the_table_in_the_readme_is_the_programs(shown: Shown) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    block = readme.partition("<!-- the output of scripts/demo --check -->\n```\n")[2].partition("```")[0]
    told = [line for line in shown.done.out.decode().splitlines() if not line.startswith("    ")]
    assert block.splitlines() == told


def test_the_check_leaves_no_process(shown: Shown) -> None:
    assert shown.left == []


def test_the_folder_has_what_was_promised(shown: Shown) -> None:
    folder = shown.folder
    names = [sample.name for sample in (*SAMPLES, *PAGES)]
    assert [path.name for path in shown.bundles] == [f"{name}.bundle.json" for name in names]
    assert (folder / "publisher.key").read_text().count("\n") == 1
    assert shown.trust.development
    for sample in SAMPLES:
        assert (folder / "samples" / f"{sample.name}.txt").read_text("utf-8") == sample.text() != sample.altered()
    for page in PAGES:
        assert (folder / "samples" / f"{page.name}.html").read_bytes() == page.data()
        assert all((folder / "altered" / f"{page.name}.{how}.html").exists() for how in ("not-removed", "hidden-text"))
    summary = json.loads(shown.summary)
    assert set(summary) == {"server", "rpc", "chain_id", "registry", "log_id"}
    [chain] = shown.trust.chains
    assert (summary["chain_id"], summary["registry"]) == (chain.chain_id, "0x" + chain.registry.hex())
    assert summary["log_id"] == "0x" + chain.log_id.hex()
    # Who waits for demo.json finds the rest.
    written = [*shown.bundles, folder / "trust.json", folder / "publisher.key", *(folder / "revisions").iterdir()]
    assert {str(path.relative_to(folder)) for path in written} <= set(shown.before_it)


# -------------------------------------------------------------------------------------------------------- on and on


@dataclass(frozen=True)
class State:
    """What must be the same after every restart."""

    genesis: bytes
    checkpoint: bytes
    entries: tuple[tuple[str, int, str], ...]


def look(shown: Shown, summary: dict[str, Any]) -> State:
    """Return the state, after every bundle was verified against the chain."""
    options = ("--trust", shown.folder / "trust.json", "--rpc", summary["rpc"], "--json")
    for path in shown.bundles:
        name = path.name.removesuffix(".bundle.json")
        suffix = "html" if any(page.name == name for page in PAGES) else "txt"
        copy = shown.folder / "samples" / f"{name}.{suffix}"
        done = call("verify", path, *options, "--copy", copy)
        assert (done.code, done.json["verdict"]) == (0, "match"), done
    entries = []
    for path in shown.bundles:
        leaf = parse_bundle(path.read_bytes()).entry.leaf_hash().hex()
        entry = json.loads(get(f"{summary['server']}/api/v1/entries/{leaf}"))
        # What the log serves now proves the same; later checkpoints and anchors may have come.
        assert parse_bundle(get(f"{summary['server']}/api/v1/entries/{leaf}/bundle")).anchors
        entries.append((leaf, entry["index"], entry["state"]))
    checkpoint = get(f"{summary['server']}/log/checkpoint")
    return State(Rpc(summary["rpc"]).genesis_hash(), checkpoint, tuple(entries))


def get(url: str) -> bytes:
    answer = request("GET", url, timeout=10, max_bytes=MAX_BUNDLE_BYTES)
    assert answer.status == 200, answer
    return answer.body


def test_it_goes_on_where_it_was_after_any_end(shown: Shown) -> None:
    with up(shown) as (demo, summary):
        first = look(shown, summary)
        assert [state for *_, state in first.entries] == ["final"] * (len(SAMPLES) + len(PAGES))
        audit(shown, summary)
        begun = time.monotonic()
        assert demo.stop() == 0
        assert time.monotonic() - begun < STOP_SECONDS
        assert processes_about(shown.folder) == []
    with up(shown) as (demo, summary):
        assert look(shown, summary) == first
        refused = run("demo", "--data", shown.folder, env=NODE)
        assert (refused.code, refused.out) == (2, b"")
        assert "(locked)" in refused.err
        # Killed: what it started must notice by itself.
        below = demo.processes()
        demo.process.kill()
        await_gone(below)
    with up(shown) as (demo, summary):
        assert look(shown, summary) == first
        # All of it at once, also the node in the middle of a write.
        everything = [*demo.processes()]
        demo.process.kill()
        for one in everything:
            one.kill()
        await_gone(everything)
    with up(shown) as (demo, summary):
        assert look(shown, summary) == first
        # And it is more than a picture of what was: a new announcement becomes final, though the node was just killed.
        [node] = [one for one in demo.processes() if "--block-time" in one.command]
        node.kill()
        submit_and_verify(shown, summary)
        audit(shown, summary)
        assert "the node ended; starting it again" in demo.said
        assert demo.stop() == 0


def audit(shown: Shown, summary: dict[str, Any]) -> None:
    """Audit the whole log, going on from the time before; all of it must be clean."""
    options = ("--trust", shown.folder / "trust.json", "--rpc", summary["rpc"])
    state = shown.folder.parent / "audit.state"
    done = call("audit", f"{summary['server']}/log", *options, "--state", state, "--json")
    assert (done.code, done.json["verdict"]) == (0, "clean"), done
    assert call("fsck", "--data", shown.folder / "log").code == 0


def submit_and_verify(shown: Shown, summary: dict[str, Any]) -> None:
    out = shown.folder.parent / "out"
    out.mkdir()
    (out / "new.txt").write_text(f"A new notice\nWritten at {time.time()}.\n")
    options = ("--server", summary["server"], "--key-file", shown.folder / "publisher.key")
    done = call("submit", *options, "--wait", "--timeout", "90", "--out", out, out / "new.txt")
    assert done.code == 0, done
    bundle = out / f"{done.out.decode().strip()}.bundle.json"
    options = ("--trust", shown.folder / "trust.json", "--rpc", summary["rpc"])
    assert call("verify", bundle, *options, "--copy", out / "new.txt").code == 0
    assert sorted(path.name for path in out.iterdir()) == sorted([bundle.name, "new.txt"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_can_be_stopped_while_it_starts(shown: Shown, number: signal.Signals) -> None:
    output = shown.folder.parent / f"stopped-{number}"
    line = command("demo", "--data", shown.folder, "--port", str(free_port()))
    with started(line, output, cwd=shown.folder.parent, env=environment(**NODE)) as demo:
        await_that(lambda: "starting the service" in demo.said, seconds=60, what=f"its first steps: {demo.said}")
        demo.processes()
        demo.process.send_signal(number)
        assert demo.process.wait(STOP_SECONDS) == 130
        await_gone(list(demo.seen), seconds=1)
        assert not (shown.folder / "demo.json").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_bytes(b"years of work")
    done = run("demo", "--data", tmp_path, env=NODE)
    assert (done.code, done.out) == (2, b"")
    assert "(not-empty)" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_without_a_node_it_says_what_to_do(tmp_path: Path) -> None:
    done = run("demo", "--data", tmp_path / "data", env={"PATH": "/nowhere"})
    assert (done.code, done.out) == (2, b"")
    assert "scripts/demo installs it" in done.err


# ------------------------------------------------------------------------------------------------------ changed bytes


@pytest.fixture(scope="module")
def evidence(shown: Shown) -> ChainEvidence:
    """What an honest endpoint says about every block there is: a changed bundle may ask for any of them."""
    [chain] = shown.trust.chains
    with up(shown) as (demo, summary):
        final = Rpc(summary["rpc"]).block("finalized")
        assert final is not None
        heights = range(int(str(final["number"]), 16) + 1)
        views = gather([summary["rpc"]], [Wanted(chain.chain_id, height, chain.registry) for height in heights])
        demo.stop()
    assert views[0].problem is None
    assert len(views[0].hashes) == len(heights)
    return ChainEvidence(views=views)


def test_no_single_byte_of_a_real_bundle_can_change(shown: Shown, evidence: ChainEvidence) -> None:
    chance, now = random.Random(7), time.time_ns() // 1_000_000
    files = [path.read_bytes() for path in [*shown.bundles, *sorted((shown.folder / "revisions").iterdir())]]
    for data in files:
        report = verify(parse_bundle(data), trust=shown.trust, evidence=evidence, now=now)
        assert report.verdict in {"match", "match-with-unchecked", "older-revision", "retracted"}
    for number in range(CHANGES):
        data = files[number % len(files)]
        position, flip = chance.randrange(len(data)), chance.randrange(1, 256)
        changed = data[:position] + bytes([data[position] ^ flip]) + data[position + 1 :]
        code = exit_of(changed, shown.trust, evidence, now)
        # Within a header the number may name a block that nobody can tell about yet.
        allowed = {1, 2, 3} if in_header(data, position) else {1, 2}
        assert code in allowed, (position, data[max(0, position - 40) : position + 40], flip)


def exit_of(data: bytes, trust: Trust, evidence: ChainEvidence, now: int) -> int:
    """Return the exit code that `notary verify` gives, by the same steps."""
    try:
        bundle = parse_bundle(data)
    except InvalidBundle:
        return 2
    return verify(bundle, trust=trust, evidence=evidence, now=now).exit


def in_header(data: bytes, position: int) -> bool:
    start = data.rfind(b'"header":"0x', 0, position + 1)
    return start >= 0 and position < data.index(b'"', start + len(b'"header":"0x'))
