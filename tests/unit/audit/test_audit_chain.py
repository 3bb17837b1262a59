"""The audit of the chain: storage decides, events cross-check, endpoints must agree, and pruned is never absent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from notary.audit import events
from notary.core.findings import LogReport
from notary.core.note import verifier_key
from notary.core.trust import TrustedKey
from notary.errors import EndpointFailed
from notary.ports.audit import Point, SeenAnchor, SeenEvent
from notary.storage.auditmemory import AuditMemory
from tests.auditing import CHAIN, FINAL, BookChain, BookEndpoint, BookLog, audit
from tests.worlds import NOW, ORIGIN, REGISTRY

SIZES = (3, 100, 256, 290)
A, B = "http://a.example", "http://b.example"


@pytest.fixture
def log() -> BookLog:
    return BookLog().fill(300)


@pytest.fixture
def chain(log: BookLog) -> BookChain:
    made = BookChain()
    for i, size in enumerate(SIZES):
        made.anchor(size, log.root(size), 100 * (i + 1))
    return made


def codes(report: LogReport) -> tuple[str, str, str]:
    return tuple(report.checks[name].code for name in ("chain", "anchors", "events"))  # type: ignore[return-value]


def shown(report: LogReport) -> set[str]:
    return {finding.code for finding in report.findings}


def test_every_anchor_is_held_against_the_tree(log: BookLog, chain: BookChain) -> None:
    report = audit(log, chain)
    assert (report.exit, codes(report)) == (0, ("endpoints-agree", "anchors-match", "events-match"))
    assert (report.counts["anchors"], report.counts["unanchored"]) == (4, 10)
    [finding] = report.findings
    assert (finding.code, finding.index) == ("unanchored", 290)
    assert "entry 290, was logged 1 day ago" in finding.detail
    # One question for each root, and none twice.
    assert sorted(one for one in chain.questions if one.startswith("point")) == sorted(
        f"point {size}" for size in SIZES
    )


def test_a_repeated_event_is_one_anchor(log: BookLog, chain: BookChain) -> None:
    chain.log.append(replace(chain.log[0], block=900))
    report = audit(log, chain)
    assert (report.exit, report.counts["anchors"]) == (0, 4)


def test_nothing_is_anchored_yet(log: BookLog) -> None:
    report = audit(log, BookChain())
    assert (report.exit, codes(report)[1]) == (3, "nothing-anchored")
    assert report.counts["unanchored"] == 300


@pytest.mark.parametrize("size", SIZES)
def test_another_root_on_chain_refutes(log: BookLog, size: int) -> None:
    chain = BookChain()
    for i, one in enumerate(SIZES):
        chain.anchor(one, bytes(32) if one == size else log.root(one), 100 * (i + 1))
    for endpoints in ([chain], [chain, chain.copy(B)]):
        report = audit(log, *endpoints)
        assert (report.exit, report.checks["anchors"].code) == (1, "anchor-contradicts")
        assert f"size {size} " in report.checks["anchors"].detail


def test_another_root_on_chain_refutes_without_events_too(log: BookLog) -> None:
    chain = BookChain(hidden={*SIZES})
    for i, one in enumerate(SIZES):
        chain.anchor(one, bytes(32) if one == 100 else log.root(one), 100 * (i + 1))
    report = audit(log, chain)
    assert (report.exit, report.checks["anchors"].code) == (1, "anchor-contradicts")


def test_an_anchor_beyond_what_the_log_shows(log: BookLog, chain: BookChain) -> None:
    chain.anchor(301, bytes(32), 900)
    report = audit(log, chain)
    assert (report.exit, report.checks["anchors"].code) == (1, "anchored-ahead")
    assert "301" in report.checks["anchors"].detail


def test_what_is_beyond_the_end_of_trust_is_disowned(log: BookLog, chain: BookChain) -> None:
    """A stolen operator key bricked the log id; what was anchored up to the end of trust stays valid."""
    chain.anchor(10**12, bytes([7]) * 32, 900)
    trust = log.trust(keys=(TrustedKey(verifier_key(ORIGIN, log.key.public), 0, 300),))
    report = audit(log, chain, trust=trust)
    assert (report.exit, codes(report)[1]) == (0, "anchors-match")
    assert {"disowned-anchor", "key-ended"} <= shown(report)
    chain.hidden = {10**12}
    report = audit(log, chain, trust=trust)
    assert (report.exit, codes(report)[1]) == (3, "events-unavailable")


# --------------------------------------------------------------------------------------------------------------- events


@pytest.mark.parametrize("hidden", [{100}, {256}, {290}, {100, 290}])
def test_an_omitted_event_shows_by_the_size_before(log: BookLog, chain: BookChain, hidden: set[int]) -> None:
    chain.hidden = hidden
    report = audit(log, chain)
    assert (report.exit, codes(report)[1:]) == (3, ("anchors-match", "event-withheld"))
    assert f"size {max(hidden)} in block" in report.checks["events"].detail
    assert report.counts["anchors"] == 4


def test_an_event_omitted_by_one_of_two(log: BookLog, chain: BookChain) -> None:
    report = audit(log, chain, chain.copy(B, hidden={256}))
    assert (report.exit, codes(report)[1:]) == (3, ("anchors-match", "event-withheld"))
    assert B in report.checks["events"].detail


@pytest.mark.parametrize("aloud", [True, False], ids=["error 4444", "empty list"])
@pytest.mark.parametrize("below", [101, 301, 2000])
def test_pruned_events_are_unavailable_and_the_storage_tells_all(
    log: BookLog, chain: BookChain, aloud: bool, below: int
) -> None:
    chain.pruned_below, chain.prunes_aloud = below, aloud
    report = audit(log, chain)
    assert (report.exit, codes(report)[1:]) == (3, ("anchors-match", "events-unavailable"))
    assert report.counts["anchors"] == 4
    # An endpoint that has them all makes it whole.
    report = audit(log, chain, chain.copy(B))
    assert (report.exit, codes(report)[1:]) == (0, ("anchors-match", "events-match"))
    [finding] = [one for one in report.findings if one.code == "events-unavailable"]
    assert finding.detail.endswith(f"{chain.name}: pruned" if aloud else ".")


def test_the_oldest_event_alone_may_be_pruned(log: BookLog, chain: BookChain) -> None:
    chain.hidden = {3}
    assert codes(audit(log, chain))[2] == "events-unavailable"


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_endpoints_that_limit_ranges_are_asked_for_less(log: BookLog, chain: BookChain, limit: int) -> None:
    chain.limit = limit
    assert audit(log, chain).exit == 0


def test_questions_about_events_are_bounded(log: BookLog, chain: BookChain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_MAX_REQUESTS", 10)
    chain.limit = 1
    report = audit(log, chain)
    assert report.exit == 0  # what the ranges did not show, the blocks that the storage names do
    assert len([one for one in chain.questions if "-" in one]) == 10


def asked(chain: BookChain) -> list[tuple[int, int]]:
    """Return the ranges of blocks that were asked for."""
    ranges = [one.removeprefix("events ").split("-") for one in chain.questions if "-" in one]
    return [(int(low), int(high)) for low, high in ranges]


def test_no_more_is_asked_than_needed(chain: BookChain, monkeypatch: pytest.MonkeyPatch) -> None:
    def scan() -> events.Events:
        chain.questions.clear()
        return events.scan(BookEndpoint(chain), CHAIN, known=None, height=FINAL)

    # All of it in one answer, and not a block before the first anchor when answers are small.
    assert (len(scan().seen), asked(chain)) == (4, [(0, FINAL)])
    monkeypatch.setattr(events, "FIRST_RANGE", 8)
    monkeypatch.setattr(events, "_LAST_RANGE", 8)
    assert len(scan().seen) == 4
    assert 100 - 8 < asked(chain)[-1][0] <= 100
    # Nothing is there: down to block 0 and no further.
    chain.pruned_below = 2000
    assert (scan().seen, asked(chain)[-1]) == ([], (0, 0))
    # It says that it has no more: asked no second time.
    chain.pruned_below, chain.prunes_aloud = 300, True
    told = scan()
    assert (len(told.seen), asked(chain)[-1]) == (1, (297, 304))
    assert told.problem == f"{chain.name}: pruned"
    monkeypatch.setattr(events, "_MAX_EVENTS", 0)
    told = scan()
    assert (len(told.seen), told.problem) == (1, f"{chain.name} shows more than 0 events.")


def test_too_many_events_are_not_kept(log: BookLog, chain: BookChain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_MAX_EVENTS", 3)
    chain.log += [replace(chain.log[3], block=500 + number) for number in range(10)]
    assert audit(log, chain).exit == 0


def test_an_event_that_the_storage_does_not_know(log: BookLog, chain: BookChain) -> None:
    for size, root in ((120, log.root(120)), (100, bytes(32)), (120, bytes(32))):
        liar = chain.copy(A)
        liar.log.append(SeenEvent(size, root, 100, 250))
        report = audit(log, liar)
        assert (report.exit, report.checks["anchors"].code) == (3, "event-unknown")
        assert f"size {size} in block 250" in report.checks["anchors"].detail


@pytest.mark.parametrize("size", [3, 290])
def test_storage_without_what_an_event_shows_is_not_held_against_the_log(
    log: BookLog, chain: BookChain, size: int
) -> None:
    """An endpoint that contradicts itself is broken: the registry writes both in one transaction."""
    del chain.points[size, log.root(size)]
    report = audit(log, chain)
    assert (report.exit, report.checks["anchors"].code) == (3, "endpoints-disagree")
    assert f"size {size}" in report.checks["anchors"].detail


def test_a_second_root_that_was_anchored_at_one_size(log: BookLog, chain: BookChain) -> None:
    """The contract does not allow it; a chain that holds it all the same contradicts the tree."""
    chain.log.append(SeenEvent(100, bytes(32), 3, 200))
    chain.points[100, bytes(32)] = Point(200, 3)
    report = audit(log, chain)
    assert (report.exit, report.checks["anchors"].code) == (1, "anchor-contradicts")


# ------------------------------------------------------------------------------------------------------------ endpoints


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"problem": "it is down"}, "endpoint-failed"),
        ({"chain_id": 5}, "wrong-chain"),
        ({"genesis": bytes(32)}, "wrong-genesis"),
        ({"codehashes": {REGISTRY: bytes(32)}}, "wrong-registry-code"),
        ({"codehashes": {}}, "wrong-registry-code"),
        ({"final_height": None}, "no-finality"),
        ({"hashes": {}}, "block-unavailable"),
        ({"hashes": {1000: bytes(32)}}, "endpoints-disagree"),
    ],
)
def test_endpoints_that_cannot_count(log: BookLog, chain: BookChain, changes: dict[str, object], code: str) -> None:
    report = audit(log, chain, chain.copy(B, look_changes=changes))
    assert (report.exit, report.checks["chain"].code) == (3, code)
    if code != "wrong-chain":
        assert B in report.checks["chain"].detail
    assert not any(one.status == "fail" for one in report.checks.values())


def test_endpoints_that_disagree_about_the_newest_anchor(log: BookLog, chain: BookChain) -> None:
    report = audit(log, chain, chain.copy(B, newest=256))
    assert (report.exit, report.checks["chain"].code) == (3, "endpoints-disagree")
    assert all(word in report.checks["chain"].detail for word in (chain.name, B, "290", "256"))


def test_endpoints_that_disagree_about_an_anchor(log: BookLog, chain: BookChain) -> None:
    liar = chain.copy(B)
    del liar.points[100, log.root(100)]
    report = audit(log, chain, liar)
    assert (report.exit, report.checks["anchors"].code) == (3, "endpoints-disagree")
    assert "size 100" in report.checks["anchors"].detail
    assert f"{chain.name} says block 200 after size 3; {B} says it is none" in report.checks["anchors"].detail


@pytest.mark.parametrize("point", [Point(100, 290), Point(100, 400)])
def test_storage_that_cannot_be(log: BookLog, chain: BookChain, point: Point) -> None:
    chain.points[290, log.root(290)] = point
    report = audit(log, chain)
    assert (report.exit, report.checks["anchors"].code) == (3, "endpoint-failed")


@pytest.mark.parametrize("method", ["top", "points_of", "events_at"])
def test_an_endpoint_that_fails_in_the_middle(log: BookLog, chain: BookChain, method: str) -> None:
    def fail(*_given: object, **_named: object) -> object:
        raise EndpointFailed("it went away", code="endpoint-unreachable")

    chain.hidden = {100}
    setattr(chain, method, fail)
    report = audit(log, chain)
    assert report.exit == 3
    assert "endpoint-failed" in codes(report)


def test_an_anchor_that_is_not_final_yet_is_shown(log: BookLog, chain: BookChain) -> None:
    lagging = chain.copy(B)
    chain.anchor(295, log.root(295), FINAL + 1)
    for endpoints in ([chain], [chain, lagging], [lagging, chain]):
        report = audit(log, *endpoints)
        assert (report.exit, codes(report)[1:]) == (0, ("anchors-match", "events-match"))
        assert (report.counts["anchors"], report.counts["unanchored"]) == (4, 10)
        assert "not-final" in shown(report)


def test_only_anchors_that_are_not_final(log: BookLog) -> None:
    report = audit(log, BookChain().anchor(295, log.root(295), FINAL + 1))
    assert (report.exit, codes(report)[1]) == (3, "nothing-anchored")


@pytest.mark.parametrize("size", [295, 301])
def test_what_contradicts_the_tree_and_is_not_final_is_not_held_against_it(
    log: BookLog, chain: BookChain, size: int
) -> None:
    chain.anchor(size, bytes(32), FINAL + 1)
    report = audit(log, chain)
    assert (report.exit, report.checks["anchors"].code) == (3, "not-final")


def test_endpoints_behind_an_earlier_run(log: BookLog, chain: BookChain, tmp_path: Path) -> None:
    memory = AuditMemory(tmp_path / "state", origin=ORIGIN)
    assert audit(log, chain, memory=memory).exit == 0
    memory.add_anchor(CHAIN, SeenAnchor(299, log.root(299), 290, FINAL + 100))
    report = audit(log, chain, memory=memory)
    memory.close()
    assert (report.exit, report.checks["anchors"].code) == (3, "endpoint-behind")


def test_a_chain_without_an_endpoint_is_not_checked(log: BookLog, chain: BookChain) -> None:
    trust = log.trust(chains=(CHAIN, replace(CHAIN, chain_id=5)))
    report = audit(log, chain, trust=trust)
    assert (report.checks["chain"].code, report.checks["anchors"].status) == ("no-endpoint", "pass")


# --------------------------------------------------------------------------------------------------------------- memory


def test_known_anchors_are_not_asked_about_again(log: BookLog, chain: BookChain, tmp_path: Path) -> None:
    for grown in (0, 50):
        log.fill(300 + grown)
        if grown:
            chain.anchor(340, log.root(340), 600)
        chain.questions.clear()
        memory = AuditMemory(tmp_path / "state", origin=ORIGIN)
        report = audit(log, chain, memory=memory)
        memory.close()
        assert report.exit == 0
        assert ("all that was ever anchored" in report.checks["anchors"].detail) == (grown == 0)
        told = [sentence for sentence in report.unexamined if sentence.startswith("anchors up to size 256 on chain ")]
        assert len(told) == (grown != 0)
    assert sorted(one for one in chain.questions if one.startswith("point")) == ["point 290", "point 340"]
    assert min(int(one.split(" ")[1].split("-")[0]) for one in chain.questions if "-" in one) >= 400


@pytest.mark.parametrize(
    ("change", "code"),
    [("vanish", "anchor-vanished"), ("move", "anchor-changed"), ("none", "anchor-vanished")],
)
def test_a_chain_that_was_rewritten(log: BookLog, chain: BookChain, tmp_path: Path, change: str, code: str) -> None:
    memory = AuditMemory(tmp_path / "state", origin=ORIGIN)
    assert audit(log, chain, memory=memory).exit == 0
    if change == "move":
        chain.points[290, log.root(290)] = Point(777, 256)
    else:
        chain.newest = 256 if change == "vanish" else 0
        chain.hidden = {290}
    report = audit(log, chain, memory=memory)
    memory.close()
    assert (report.exit, report.checks["anchors"].code) == (1, code)


def test_the_age_of_what_is_not_anchored(log: BookLog, chain: BookChain) -> None:
    for now, age in ((NOW - 10**8, "less than a minute"), (NOW - 10**8 + 10**7, "2 hours"), (NOW, "1 day")):
        [finding] = audit(log, chain, now=now).findings
        assert f"logged {age} ago" in finding.detail
