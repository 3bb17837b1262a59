"""Chains whose block hashes are not those of headers, and chains without a block tag for what is final: on a real node.

Of the former, proxies in front of it make one: what it says of a block does not hash to the block's hash.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from notary.compose import open_services
from notary.core.bundle import Anchor, StorageAnchor, parse_bundle
from notary.core.chain import ChainEvidence
from notary.core.logchecks import wanted
from notary.core.verify import Report, Verdict, verify
from notary.ethereum.evidence import gather
from notary.model.anchors import AnchorRecord, AnchorState
from notary.model.chain import EndpointState
from notary.service.fsck import Fsck
from notary.web.app import create_app
from tests import faultproxy
from tests.auditing import served_from
from tests.endpoint import serve
from tests.faultproxy import FaultProxy
from tests.node import logs
from tests.node.anvil import Anvil
from tests.node.test_endpoints import Fronted
from tests.program import call

pytestmark = pytest.mark.node


@pytest.fixture
def front(tmp_path: Path, node: Anvil) -> Iterator[Callable[..., Fronted]]:
    """Make a bench behind so many proxies; the last ``own`` of them show headers of their own."""
    with ExitStack() as stack:

        def make(count: int, *, own: int, **changes: Any) -> Fronted:
            proxies = [stack.enter_context(FaultProxy(node.url)) for _ in range(count)]
            bench = Fronted(tmp_path / "log", node, proxies)
            stack.callback(bench.services.close)
            bench.use(**changes)
            settings = bench.services.settings
            bench.services.close()
            bench.services = open_services(settings)
            bench.renew()
            for proxy in proxies[count - own :]:
                proxy.add(faultproxy.own_headers())
            return bench

        yield make


def bundle_of(bench: Fronted, leaf: bytes) -> bytes:
    return bench.services.bundles.bundle(leaf)


def report(bench: Fronted, leaf: bytes, *, evidence: ChainEvidence | None = None) -> Report:
    """Return what a reader gets who asks the first endpoint."""
    bundle = parse_bundle(bundle_of(bench, leaf))
    with bench.services.store.read() as view:
        trust = bench.services.bundles.trust(view)
    asked = evidence or ChainEvidence(gather([bench.proxies[0].url], wanted(bundle, trust)))
    return verify(bundle, trust=trust, evidence=asked, now=bench.services.clock.now_ms())


def test_anchors_are_shown_by_the_registry_alone(
    front: Callable[..., Fronted], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bench = front(2, own=2)
    leaf = bench.submit(1)
    with caplog.at_level(logging.WARNING):
        logs.until(bench.proven, what="proven")
        bench.tick()
    assert [one for one in caplog.messages if "alarm=anchor-storage-only" in one] == [caplog.messages[0]]
    anchor = bench.anchor()
    with bench.services.store.read() as view:
        kept = view.captured(anchor.id)
    assert isinstance(kept, AnchorRecord)
    assert anchor.place is not None
    block = bench.node.rpc.block(anchor.place.block_number)
    assert block is not None
    assert (kept.block_number, kept.time) == (anchor.place.block_number, int(str(block["timestamp"]), 16))
    data = bundle_of(bench, leaf)
    [held] = parse_bundle(data).anchors
    assert isinstance(held, StorageAnchor)
    assert report(bench, leaf).verdict is Verdict.MATCH
    assert report(bench, leaf, evidence=ChainEvidence(offline=True)).verdict is Verdict.CANNOT_CHECK
    assert Fsck(bench.services.store, bench.services.signer).run().exit == 0
    bundle, trust = tmp_path / "one.bundle.json", tmp_path / "trust.json"
    bundle.write_bytes(data)
    trust.write_bytes(bench.services.reader.trust_file())
    rpcs = [option for proxy in bench.proxies for option in ("--rpc", proxy.url)]
    done = call("verify", bundle, "--trust", trust, *rpcs)
    assert (done.code, f"block {held.block}".encode() in done.out) == (0, True)
    assert call("verify", bundle, "--trust", trust, "--offline").code == 3
    app = create_app(bench.services, bench.services.settings)
    with serve(served_from(app, change=lambda _path, data: data)) as endpoint:
        done = call("audit", f"{endpoint.url}/log", "--trust", trust, *rpcs, "--json")
    assert (done.code, done.json["verdict"]) == (0, "clean"), done.json


def test_a_registry_that_does_not_hold_it_refutes_it(front: Callable[..., Fronted]) -> None:
    bench = front(1, own=1)
    leaf = bench.submit(1)
    logs.until(bench.proven, what="proven")
    bench.stop_faults()
    zeros = faultproxy.lie(lambda _call, _result: "0x" + "00" * 96, "eth_call", name="empty registry")
    bench.proxies[0].add(zeros)
    found = report(bench, leaf)
    assert (found.verdict, found.outcome("anchor").code) == (Verdict.REFUTED, "not-in-storage")
    assert zeros.fired == 1


def test_one_that_shows_other_headers_than_the_others_is_set_aside(front: Callable[..., Fronted]) -> None:
    bench = front(3, own=1)
    leaf = bench.submit(1)
    logs.until(bench.proven, what="proven")
    assert [one.state for one in bench.health()] == [EndpointState.OK, EndpointState.OK, EndpointState.SET_ASIDE]
    assert bench.health()[2].code == "unsupported-chain"
    assert isinstance(parse_bundle(bundle_of(bench, leaf)).anchors[0], Anchor)


def test_one_alone_does_not_make_anchors_storage_only(front: Callable[..., Fronted]) -> None:
    bench = front(2, own=1)
    down = bench.proxies[0].add(faultproxy.drop_before())
    leaf = bench.submit(1)
    problem = bench.anchorer.tick()
    assert problem is not None
    assert (problem.code, down.fired > 0) == ("blocked-chain", True)
    assert "not those of Ethereum headers" in problem.message
    bench.stop_faults()
    logs.until(lambda: bench.tick() is None, what="endpoints that are asked again")
    bench.finish(leaf)
    assert isinstance(parse_bundle(bundle_of(bench, leaf)).anchors[0], Anchor)


def test_receipts_are_proven_again_when_headers_hash_again(front: Callable[..., Fronted]) -> None:
    bench = front(1, own=1)
    first = bench.submit(1)
    logs.until(bench.proven, what="proven")
    bench.stop_faults()
    stored = bench.anchor()
    second = bench.submit(2)
    logs.until(lambda: bench.proven() and bench.anchor().id != stored.id, what="proven")

    def kinds() -> list[list[type]]:
        return [[type(one) for one in parse_bundle(bundle_of(bench, leaf)).anchors] for leaf in (first, second)]

    assert kinds()[1] == [Anchor]
    assert [report(bench, leaf).verdict for leaf in (first, second)] == [Verdict.MATCH] * 2
    # What only storage showed gets its receipt later.
    logs.until(lambda: bench.tick() is None and StorageAnchor not in kinds()[0], what="the receipt")
    assert [report(bench, leaf).verdict for leaf in (first, second)] == [Verdict.MATCH] * 2
    with bench.services.store.read() as view:
        assert [event.state for event in view.anchor_events(stored.id)][-2:] == [AnchorState.PROVEN] * 2
    assert Fsck(bench.services.store, bench.services.signer).run().exit == 0


def test_one_that_mangles_its_newest_block_costs_no_receipt(front: Callable[..., Fronted]) -> None:
    """What is kept of an anchor is kept for good: so its own block is looked at, and not only the newest one."""
    bench = front(1, own=0)

    def mangled(call: dict[str, Any], result: Any) -> Any:
        return {**result, "stateRoot": None} if call["params"][0] == "latest" else result

    lie = bench.proxies[0].add(faultproxy.lie(mangled, "eth_getBlockByNumber", name="no state root"))
    leaf = bench.submit(1)
    logs.until(bench.proven, what="proven")
    assert lie.fired > 0
    assert [type(one) for one in parse_bundle(bundle_of(bench, leaf)).anchors] == [Anchor]


def test_a_record_of_another_block_is_not_stored(front: Callable[..., Fronted]) -> None:
    bench = front(1, own=1)

    def later(call: dict[str, Any], result: Any) -> Any:
        is_anchored = call["params"][0]["data"].startswith("0x649d76c9")
        return result[:-64] + "f" * 8 + result[-56:] if is_anchored else result

    bench.submit(1)
    lie = bench.proxies[0].add(faultproxy.lie(later, "eth_call", name="other block"))
    told: list[str | None] = []
    for _ in range(6):
        told.append(bench.tick())
        bench.node.mine()
    assert lie.fired > 0
    assert (bench.anchor().state, told[-1]) == (AnchorState.FINAL, "proof-failed")
    lie.times = 0
    logs.until(bench.proven, what="proven")


def test_readers_count_blocks_where_the_trust_file_says_so(front: Callable[..., Fronted], tmp_path: Path) -> None:
    bench = front(1, own=0, finality="depth-4")

    def without_tag(call: dict[str, Any], result: Any) -> Any:
        return None if call["params"][0] == "finalized" else result

    untagged = bench.proxies[0].add(faultproxy.lie(without_tag, "eth_getBlockByNumber", name="no tag"))
    leaf = bench.submit(1)
    logs.until(bench.proven, what="proven")
    assert report(bench, leaf).verdict is Verdict.MATCH
    trust = tmp_path / "trust.json"
    trust.write_bytes(bench.services.reader.trust_file())
    assert b'"finality":"depth-4"' in trust.read_bytes()
    assert b"notary-trust/2" in trust.read_bytes()
    bundle = tmp_path / "one.bundle.json"
    bundle.write_bytes(bundle_of(bench, leaf))
    asked = ("--trust", trust, "--rpc", bench.proxies[0].url)
    assert call("verify", bundle, *asked).code == 0
    app = create_app(bench.services, bench.services.settings)
    with serve(served_from(app, change=lambda _path, data: data)) as endpoint:
        done = call("audit", f"{endpoint.url}/log", *asked, "--json")
    assert (done.code, done.json["verdict"]) == (0, "clean"), done.json
    assert untagged.fired > 0
    # The tag alone, which this node moves faster than the depth, is not enough.
    strict = tmp_path / "strict.json"
    strict.write_bytes(trust.read_bytes().replace(b"depth-4", b"depth-900"))
    assert call("verify", bundle, "--trust", strict, "--rpc", bench.node.url).code == 3
