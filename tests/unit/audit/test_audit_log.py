"""The audit of a log by itself: a byte served falsely is refuted or not checked, and the place is named."""

from __future__ import annotations

import pytest

from notary.audit.served import ServedTree
from notary.core.findings import LogReport
from notary.core.merkle import leaf_hash
from notary.core.note import verifier_key
from notary.core.trust import TrustedKey
from notary.errors import EndpointFailed
from tests.auditing import BookChain, BookLog, audit, manifest, plain
from tests.worlds import ORIGIN, LogKey


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def chain_of(log: BookLog, *sizes: int) -> BookChain:
    chain = BookChain()
    for i, size in enumerate(sizes):
        chain.anchor(size, log.root(size), 10 + i)
    return chain


def broken(report: LogReport) -> dict[str, str]:
    """Return the checks that did not pass, with their codes."""
    return {
        name: f"{one.status.value}: {one.code}"
        for name, one in report.checks.items()
        if one.status not in {"pass", "not-applicable"}
    }


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_an_honest_log_is_clean(size: int) -> None:
    log = BookLog().fill(size)
    report = audit(log, chain_of(log, size))
    assert broken(report) == {}
    assert (report.verdict, report.exit) == ("clean", 0)
    assert report.head is not None
    assert (report.head.origin, report.head.size, report.head.root) == (ORIGIN, size, log.root())
    assert (report.counts["entries"], report.counts["manifests"]) == (size - 1, 1)
    assert report.findings == ()
    assert any("texts" in sentence for sentence in report.unexamined)


def test_every_leaf_is_read_and_every_tile() -> None:
    log = BookLog().fill(600)
    audit(log, chain_of(log, 600))
    assert {*log.asked} >= {
        *("checkpoint", "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"),
        *("tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"),
    }


# -------------------------------------------------------------------------------------------------------- what is false


def test_a_changed_entry_is_named() -> None:
    log = BookLog().fill(600)
    log.changes["tile/entries/001"] = log.served("tile/entries/001").replace(
        log.leaves[300], flip(log.leaves[300], log.leaves[300].index(b'"meta_sha256":"') + 20)
    )
    report = audit(log, chain_of(log, 600))
    assert (report.exit, report.checks["tree"].code) == (1, "entry-changed")
    assert "Entry 300 " in report.checks["tree"].detail


@pytest.mark.parametrize(
    ("path", "at", "named"),
    [
        ("tile/0/001", 44 * 32, "tile/0/001 (at the hash of entry 300)"),
        ("tile/0/002.p/88", 5, "tile/0/002.p/88 (at the hash of entry 512)"),
        ("tile/1/000.p/2", 40, "tile/1/000.p/2 "),
    ],
)
def test_a_changed_tile_is_named(path: str, at: int, named: str) -> None:
    log = BookLog().fill(600)
    log.changes[path] = flip(log.served(path), at)
    report = audit(log, chain_of(log, 600))
    assert (report.exit, report.checks["tree"].code) == (1, "tile-changed")
    assert named in report.checks["tree"].detail


def test_a_tile_changed_in_several_places_is_named_by_the_first() -> None:
    log = BookLog().fill(300)
    log.changes["tile/0/000"] = flip(flip(log.served("tile/0/000"), 9 * 32), 8 * 32)
    report = audit(log, chain_of(log, 300))
    assert (report.exit, report.checks["tree"].code) == (1, "tile-changed")
    assert "tile/0/000 (at the hash of entry 8)" in report.checks["tree"].detail


def test_few_tiles_are_kept() -> None:
    class Source:
        """Any tile there could be."""

        def __init__(self) -> None:
            self.asked = 0

        def tile(self, _level: int, _number: int, width: int) -> bytes:
            self.asked += 1
            return bytes(32 * width)

    source = Source()
    tree = ServedTree(source, size=256 * 1000, root=bytes(32))  # type: ignore[arg-type]
    for number in [*range(1000), 999, 999]:
        tree.read_tile(0, number, 256)
    assert (source.asked, len(tree._kept)) == (1000, 64)


def test_entry_and_tile_changed_alike_do_not_lead_to_the_signed_root() -> None:
    log = BookLog().fill(300)
    honest = log.note()
    log.leaves[7] = plain(10**6).encode()
    log.changes["checkpoint"] = honest
    report = audit(log, chain_of(log, 300))
    assert (report.exit, report.checks["tree"].code) == (1, "root-mismatch")


def test_entry_and_tile_changed_differently() -> None:
    log = BookLog().fill(300)
    log.changes["tile/0/000"] = flip(log.served("tile/0/000"), 7 * 32)
    log.changes["tile/entries/000"] = log.served("tile/entries/000").replace(log.leaves[7], log.leaves[8])
    report = audit(log, chain_of(log, 300))
    assert (report.exit, report.checks["tree"].code) == (1, "entry-unproven")
    assert "entry 7 " in report.checks["tree"].detail


def test_a_checkpoint_over_another_tree() -> None:
    log = BookLog().fill(300)
    log.changes["checkpoint"] = log.note(root=bytes(32))
    report = audit(log, chain_of(log, 300))
    assert (report.exit, report.checks["tree"].code) == (1, "root-mismatch")


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (lambda log: log.note(key=LogKey(2)), "no-known-signature"),
        (lambda log: log.note().replace(b"\n300\n", b"\n299\n"), "bad-signature"),
    ],
)
def test_a_checkpoint_that_the_log_did_not_sign(note: object, code: str) -> None:
    log = BookLog().fill(300)
    assert callable(note)
    log.changes["checkpoint"] = note(log)
    report = audit(log, chain_of(log, 300))
    assert (report.exit, report.checks["checkpoint"].code) == (1, code)
    assert report.checks["tree"].code == "not-reached"


def test_a_key_signs_only_the_sizes_it_may() -> None:
    log = BookLog().fill(300)
    key = TrustedKey(verifier_key(ORIGIN, log.key.public), 0, 299)
    report = audit(log, chain_of(log, 299), trust=log.trust(keys=(key,)))
    assert (report.exit, report.checks["checkpoint"].code) == (1, "no-known-signature")


# ----------------------------------------------------------------------------------------------- what cannot be checked

HTML = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


@pytest.mark.parametrize("path", ["checkpoint", "tile/entries/000", "tile/entries/001.p/44"])
def test_a_page_instead_of_what_was_asked_for(path: str) -> None:
    log = BookLog().fill(300)
    log.changes[path] = HTML
    report = audit(log, chain_of(log, 300))
    assert (report.exit, report.verdict) == (3, "cannot-check")


@pytest.mark.parametrize(
    ("path", "check"),
    [
        ("checkpoint", "checkpoint"),
        ("tile/entries/000", "tree"),
        ("tile/0/000", "tree"),
        ("tile/0/001.p/44", "tree"),
        ("tile/1/000.p/1", "tree"),
    ],
)
def test_what_is_not_served_is_not_checked_and_named(path: str, check: str) -> None:
    log = BookLog().fill(300)
    log.changes[path] = EndpointFailed(f"{path}: the answer was cut off.", code="endpoint-truncated")
    report = audit(log, chain_of(log, 300))
    assert (report.exit, report.checks[check].code) == (3, "endpoint-truncated")
    assert path in report.checks[check].detail
    assert not any(one.status == "fail" for one in report.checks.values())


def test_another_log_is_not_checked() -> None:
    log = BookLog().fill(3)
    report = audit(log, trust=log.trust(origin="another.example/log"))
    assert (report.exit, report.checks["checkpoint"].code) == (3, "log-not-trusted")


def test_without_an_endpoint_the_log_is_checked_and_the_chain_is_not() -> None:
    report = audit(BookLog().fill(300))
    assert (report.exit, report.checks["tree"].status, report.findings) == (3, "pass", ())
    assert broken(report) == {
        "chain": "unchecked: no-endpoint",
        "anchors": "unchecked: chain-first",
        "events": "unchecked: chain-first",
    }


def test_a_trust_file_without_a_chain() -> None:
    log = BookLog()
    log.leaves = [manifest(log.key, chains=()).encode()]
    report = audit(log, trust=log.trust(chains=()))
    assert (report.exit, report.checks["chain"].code) == (3, "no-chain")


# ----------------------------------------------------------------------------------------------------------- the report


def test_the_report_as_json() -> None:
    log = BookLog().fill(3)
    value = audit(log, chain_of(log, 3)).to_json()
    assert set(value) == {"verdict", "exit", "checks", "log", "findings", "counts", "unexamined"}
    assert value["log"] == {"origin": ORIGIN, "size": 3, "root": log.root().hex()}
    assert [check["name"] for check in value["checks"]] == [  # type: ignore[index, union-attr, call-overload]
        *("checkpoint", "consistency", "tree", "entries", "manifest", "chain", "anchors", "events")
    ]


def test_leaves_are_hashed_from_what_is_served() -> None:
    log = BookLog().fill(2)
    assert log.tile(0, 0, 2) == b"".join(map(leaf_hash, log.leaves))
