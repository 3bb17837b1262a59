"""The whole service under load, as plain processes, while its parts are killed: nothing is lost, nothing is twice.

Leader, a web process and PostgreSQL are killed −9 in turn, twice round, each once the log has got over the last one.
"""

from __future__ import annotations

import json
import signal
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from notary.compose import open_chain
from notary.core import merkle
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.note import parse_note, verifier_key, verify_note
from notary.core.treestream import TreeStream
from notary.model.anchors import AnchorEvent, AnchorState
from notary.model.log import LeafKind
from notary.net.http import request
from tests.faults.test_kill import anchored_sizes
from tests.leaders import leader
from tests.node import logs
from tests.program import notary
from tests.served import await_that
from tests.topology.load import Load
from tests.topology.town import BLOCK, LEASE, Town

ROUNDS = 2
WAIT = 60.0
# Beside the lease: the leader's last step before its death and the new one's first each wait for a block, and both are
# processes among a dozen on two cores. Without any kill the events are as far apart as `usual` says.
MARGIN = 2.0 * BLOCK + 2.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_nothing_is_lost_and_nothing_is_twice(
    running: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = [running.services.publishers.new_key(name) for name in ("Roads office", "Water office")]
    with Load(running.url, keys) as load:
        got_over(running, load)
        for _ in range(ROUNDS):
            for kill in (running.kill_leader, running.kill_web, running.kill_database):
                kill()
                got_over(running, load)
    assert not load.failures, load.failures
    check_proxy(running, load)
    settled(running, load)
    check_entries(running, load)
    check_checkpoints(running, load)
    check_anchors(running)
    lines = [*told_kills(running), *told_stalls(running), *told_load(load)]
    check_from_outside(running, tmp_path)
    check_from_inside(running)
    with capsys.disabled():
        print("", *lines, sep="\n  ")


def got_over(town: Town, load: Load) -> None:
    """Return once, after now, submissions were accepted, a checkpoint covers more, and an anchor became proven."""
    before, size, proven = load.accepted, checkpoint_size(town), len(proofs(town))
    await_that(lambda: load.failures or load.accepted >= before + 20, seconds=WAIT, what=f"submissions: {said(town)}")
    assert not load.failures, load.failures
    await_that(lambda: checkpoint_size(town) > size, seconds=WAIT, what=f"a checkpoint: {said(town)}")
    await_that(lambda: len(proofs(town)) > proven, seconds=WAIT, what=f"an anchor: {said(town)}")


def said(town: Town) -> str:
    return "\n".join(f"{unit.name}: {unit.said[-1500:]}" for unit in (*town.webs, *town.workers))


def checkpoint_size(town: Town) -> int:
    return town.patiently(town.services.reader.size)


def events(town: Town) -> list[AnchorEvent]:
    def read() -> list[AnchorEvent]:
        with town.services.store.read() as view:
            anchors = view.anchors(above=0, limit=10_000)
            return [event for anchor in anchors for event in view.anchor_events(anchor.id)]

    return town.patiently(read)


def proofs(town: Town) -> list[AnchorEvent]:
    return [event for event in events(town) if event.state is AnchorState.PROVEN]


# ------------------------------------------------------------------------------------------------------- afterwards


def settled(town: Town, load: Load) -> None:
    """Return once everything is integrated and the newest checkpoint is anchored."""

    def anchored() -> bool:
        with town.services.store.read() as view:
            head, next_index, frontier = view.checkpoint(), view.acceptance().next_index, view.frontier()
        done = [anchor for anchor in frontier if anchor.state is AnchorState.PROVEN]
        return head is not None and head.size == next_index and bool(done) and done[0].size == head.size

    await_that(lambda: town.patiently(anchored), seconds=WAIT, what=f"everything to be anchored: {said(town)}")
    assert load.accepted > 100


def leaves_of(town: Town) -> list[bytes]:
    with town.services.store.read() as view:
        stored = view.entries(start=0, limit=10**6)
        assert view.tree().size == len(stored)
    assert [entry.index for entry in stored] == list(range(len(stored)))
    return [merkle.leaf_hash(entry.data) for entry in stored]


def check_entries(town: Town, load: Load) -> None:
    """Require that every submission that was answered 2xx is in the tree once, and that nothing else is."""
    leaves = Counter(leaf.hex() for leaf in leaves_of(town))
    assert max(leaves.values()) == 1
    assert len(set(load.leaves.values())) == load.accepted
    assert set(load.leaves.values()) <= set(leaves)
    with town.services.store.read() as view:
        entries = [one for one in view.entries(start=0, limit=10**6) if one.kind is LeafKind.ENTRY]
    assert len(entries) == load.accepted, "a submission that got no answer was repeated until it got one"


def check_checkpoints(town: Town, load: Load) -> None:
    """Require that every checkpoint, stored or seen by a reader, is a signed head of one and the same growing tree.

    Heads of prefixes of one list of leaves are consistent pairwise.
    """
    signer = town.services.signer
    with town.services.store.read() as view:
        stored = [head.note for head in view.checkpoints(above=0, limit=10**6)]
    assert load.checkpoints <= set(stored), "what was shown is what was stored"
    heads = []
    for data in stored:
        note = parse_note(data)
        verify_note(note, [verifier_key(signer.name, signer.public)], strict=True)
        heads.append(parse_checkpoint(note.text))
    leaves, stream = leaves_of(town), TreeStream()
    assert [head.size for head in heads] == sorted({head.size for head in heads})
    for head in heads:
        for _ in stream.extend(leaves[stream.size : head.size]):
            pass
        assert head == Checkpoint(signer.name, head.size, stream.root())
    assert len(heads) > len(town.kills)


def check_anchors(town: Town) -> None:
    """Require one transaction in the chain for every anchor, with no nonce left out or taken twice."""
    chain = open_chain(town.services.settings)
    assert chain is not None
    with town.services.store.read() as view:
        anchors = view.anchors(above=0, limit=10_000)
        attempts = [attempt for anchor in anchors for attempt in view.attempts(anchor.id)]
    assert {anchor.state for anchor in anchors} == {AnchorState.PROVEN}
    assert anchored_sizes(town.node, chain) == [anchor.size for anchor in anchors]
    nonces = sorted({attempt.nonce for attempt in attempts})
    assert nonces == list(range(nonces[0], nonces[0] + len(anchors)))
    assert town.node.rpc.nonce(chain.sender) == nonces[-1] + 1


def told_kills(town: Town) -> list[str]:
    """Return how often each part was killed; nothing else may have died, and every leader had a successor."""
    counts = Counter(kill.what for kill in town.kills)
    assert counts == {"leading worker": ROUNDS, "web process": ROUNDS, "PostgreSQL": ROUNDS}
    assert [end for unit in town.workers for end in unit.ends] == [-signal.SIGKILL] * ROUNDS
    assert [end for unit in town.webs for end in unit.ends] == []
    lease = leader(town.services.store)
    assert lease is not None
    assert lease.token > ROUNDS
    return [f"killed -9: {what}: {count} times" for what, count in counts.items()]


def told_stalls(town: Town) -> list[str]:
    """Require that no kill kept anchoring from its next step for longer than the lease, and return how long it was."""
    times = sorted(event.time for event in events(town))
    over = {kill.time: _gap_over(times, kill.time) for kill in town.kills}
    others = [after - before for before, after in pairwise(times) if not any(before <= at <= after for at in over)]
    usual = max(others) / 1000
    lines = [
        f"anchoring: {len(times)} events, without a kill at most {usual:.1f} s apart",
        f"anchoring: may stand still for the lease of {LEASE:g} s, with a margin of {MARGIN:g} s for two blocks' waits",
    ]
    for kill in town.kills:
        gap = over[kill.time] / 1000
        lines.append(f"anchoring: {gap:.1f} s without an event around the kill of {kill.what}")
        if kill.down:
            lines[-1] += f", which was away for {kill.down:.1f} s"
        assert gap <= LEASE + kill.down + MARGIN, lines
    return lines


def _gap_over(times: list[int], at: int) -> int:
    """Return the time between the last event before a moment and the first one after it."""
    return min(one for one in times if one > at) - max(one for one in times if one <= at)


def told_load(load: Load) -> list[str]:
    """Return what the load was; it went through failures, repeats and the cache, or the test shows nothing."""
    failed = sum(count for status, count in load.statuses.items() if status != 201)
    assert failed > 0
    assert load.replayed > 0
    assert load.cached > 0
    assert len(load.checkpoints) > 1
    answers = ", ".join(f"{count} × {status or 'broken'}" for status, count in sorted(load.statuses.items()))
    return [
        f"load: {load.accepted} entries accepted; answers: {answers}; {load.replayed} answered again",
        f"readers: {len(load.checkpoints)} checkpoints, {load.cached} tiles from the proxy's cache",
    ]


def check_proxy(town: Town, load: Load) -> None:
    """Require that the proxy keeps tiles and nothing else, and passes a batch on."""
    tile, away = "/log/tile/entries/000", "/log/tile/entries/x999/999"
    for path, status, kept in ((tile, 200, "HIT"), (away, 404, "MISS")):
        answers = [request("GET", town.url + path, timeout=10, max_bytes=1 << 24) for _ in range(2)]
        assert {answer.status for answer in answers} == {status}
        assert len({answer.body for answer in answers}) == (1 if status == 200 else 2), "each problem has an id"
        assert answers[1].headers["x-cache"] == kept
    lines = [json.dumps({"text": logs.text(10**6 + number).decode(), "type": "plain"}) for number in range(300)]
    answer = request(
        "POST",
        f"{town.url}/api/v1/entries:batch",
        body="".join(f"{line}\n" for line in lines).encode(),
        headers={"Authorization": f"Bearer {load.keys[0]}", "Content-Type": "application/x-ndjson"},
        timeout=60,
        max_bytes=1 << 24,
    )
    assert answer.status == 200
    said = [json.loads(line) for line in answer.body.splitlines()]
    assert len(said) == len(lines)
    for number, one in enumerate(said):
        load.keep(f"line {number}", one["leaf_hash"], replayed=False)


def check_from_outside(town: Town, folder: Path) -> None:
    """Require a clean audit through the proxy, with the chain."""
    trust = folder / "trust.json"
    trust.write_bytes(town.services.reader.trust_file())
    done = notary("audit", f"{town.url}/log", "--trust", trust, "--rpc", town.node.url, "--json")
    assert (done.code, done.json["verdict"]) == (0, "clean"), done


def check_from_inside(town: Town) -> None:
    """Require a clean check of the store."""
    done = notary("fsck", "--data", town.services.settings.data_dir)
    assert done.code == 0, done
