"""The vectors of what came with version 2 of bundle and trust file: storage-only anchors, and a depth as finality."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from notary.core.bundle import Bundle
from notary.core.chain import ChainEvidence, EndpointView, Recorded
from notary.core.trust import Trust
from tests import worlds
from tests.verify_case import Case, case
from tests.worlds import CHAIN_ID, LOG_ID, REGISTRY, World

OTHER = bytes(20)


def _stored(world: World, **changes: object) -> Bundle:
    return world.bundle(anchors=(world.storage_anchor(**changes),))


def storage() -> Iterator[tuple[str, Case]]:
    """Return cases of anchors that only the registry's storage shows."""
    world = World()
    bundle, good = _stored(world), world.storage_view()

    def said(desc: str, *views: EndpointView, **more: Any) -> Case:
        return case(desc, world, bundle, evidence=ChainEvidence(views=views, **more))

    yield "storage", said("the registry holds the head", good)
    yield "storage-two", said("two endpoints say so", good, replace(good, url="http://b.example"))
    never = {world.head(): Recorded(0, 0)}
    absent = world.storage_view(recorded=never)
    yield "storage-absent", said("the registry does not hold the head", absent)
    yield "storage-disagree", said("two endpoints disagree", good, replace(absent, url="http://b.example"))
    later = {world.head(): Recorded(world.number + 1, world.timestamp)}
    yield "storage-other-block", said("since another block", world.storage_view(recorded=later))
    yield (
        "storage-claims-later",
        case(
            "claims a block that is not final yet",
            world,
            _stored(world, block=99),
            evidence=ChainEvidence(views=(good,)),
        ),
    )
    beyond = {world.head(): Recorded(99, world.timestamp)}
    yield "storage-named-not-final", said("names a block that is not final there", world.storage_view(recorded=beyond))
    yield (
        "storage-absent-not-final",
        case(
            "not held, and the anchor's block is not final",
            world,
            _stored(world, block=99),
            evidence=world.evidence(absent),
        ),
    )
    silent = world.storage_view(recorded={}, final_height=world.number - 1)
    yield "storage-not-said-not-final", said("neither said nor final", silent)
    pins = frozenset({bytes(32)})
    yield "storage-pinned-absent", said("a pinned hash beside a denial", absent, pinned=pins)
    split = replace(absent, url="http://b.example")
    yield "storage-pinned-disagree", said("a pinned hash beside a disagreement", good, split, pinned=pins)
    timed = world.storage_view(recorded={world.head(): Recorded(0, world.timestamp)})
    yield "storage-zero-with-time", said("no block, but a time", timed)
    since = {world.head(): Recorded(world.number, world.timestamp + 1)}
    yield "storage-other-time", said("since another time", world.storage_view(recorded=since))
    yield "storage-not-said", said("the registry was not asked", world.storage_view(recorded={}))
    yield "storage-not-said-by-one", said("one of two does not say", good, world.storage_view(recorded={}))
    yield "storage-not-final", said("not final there", world.storage_view(final_height=world.number - 1))
    yield "storage-final-now", said("final just now", world.storage_view(final_height=world.number))
    yield "storage-no-finality", said("nothing is said of what is final", world.storage_view(final_height=None))
    yield "storage-other-code", said("other code", world.storage_view(codehashes={REGISTRY: bytes(32)}))
    yield "storage-other-genesis", said("another genesis", world.storage_view(genesis=bytes(32)))
    yield "storage-other-chain", said("another chain", world.storage_view(chain_id=5))
    yield "storage-endpoint-failed", said("an endpoint that is down", EndpointView(url=worlds.URL, problem="Down."))
    yield "storage-no-endpoint", said("no endpoint")
    yield "storage-offline", said("offline", offline=True)
    yield "storage-pinned", said("a pinned hash says nothing of it", pinned=frozenset({bytes(32)}))
    yield "storage-pinned-asked", said("neither does it beside an endpoint", good, pinned=frozenset({bytes(32)}))
    yield "storage-no-trust", case("without a trust file", world, bundle, no_trust=True)
    elsewhere = _stored(world, registry=OTHER)
    yield "storage-other-registry", case("in another registry", world, elsewhere, evidence=ChainEvidence(views=(good,)))
    strange = _stored(world, chain_id=5, registry=OTHER, log_id=bytes(32))
    yield "storage-unknown-chain", case("on a chain that is not trusted", world, strange)
    both = world.bundle(anchors=(world.anchor(), world.storage_anchor()))
    view = replace(world.view(), recorded=good.recorded)
    yield "storage-and-receipt", case("beside a receipt", world, both, evidence=ChainEvidence(views=(view,)))
    yield "storage-bad-beside-receipt", case("absent, beside a receipt", world, both, evidence=world.evidence(absent))
    data = bundle.encode()
    for name, changed in {
        "twice": world.bundle(anchors=(world.storage_anchor(), world.storage_anchor())).encode(),
        "as-version-1": data.replace(b"notary-bundle/2", b"notary-bundle/1"),
        "without": world.bundle().encode().replace(b"notary-bundle/1", b"notary-bundle/2"),
        "block-0": _stored(world, block=0).encode(),
        "no-time": data.replace(b',"time":%d}' % world.timestamp, b"}", 1),
        "header-too": data.replace(b'"chain_id":31337,', b'"chain_id":31337,"header":"0x",', 1),
    }.items():
        yield f"storage-malformed-{name}", case(f"not a bundle: {name}", world, changed)


def depth() -> Iterator[tuple[str, Case]]:
    """Return cases of chains whose blocks are final when they are deep enough."""
    world = World()
    chain = replace(world.trust().chains[0], depth=12)
    trust = replace(world.trust(), chains=(chain,))

    def said(desc: str, *, given: Trust | bytes = trust, **changes: object) -> Case:
        return case(desc, world, trust=given, evidence=world.evidence(world.view(**changes)))

    deep = world.number + 12
    yield "depth", said("deep enough", latest=deep)
    yield "depth-not-yet", said("one block less", latest=deep - 1)
    yield "depth-tag-does-not-count", said("the tag says more than the depth", final_height=deep, latest=deep - 1)
    yield "depth-without-tag", said("no such tag there", final_height=None, latest=deep)
    yield "depth-short-chain", said("a chain shorter than the depth", latest=3)
    yield "depth-not-said", said("the newest block is not said", latest=None)
    yield "depth-other-block", said("another block there", latest=deep, hashes={world.number: bytes(32)})
    stored = _stored(world)
    view = world.storage_view(final_height=None, latest=deep)
    yield "depth-storage", case("a storage-only anchor", world, stored, trust=trust, evidence=world.evidence(view))
    second = replace(world.trust().chains[0], chain_id=5)
    mixed = replace(trust, chains=(chain, second))
    yield "depth-of-one-chain", said("beside a chain that has the tag", given=mixed, latest=deep)
    beside = replace(world.trust().chains[0], registry=OTHER)
    both = replace(trust, chains=(chain, beside))
    yield "depth-of-one-place", said("beside a place of the same chain that goes by the tag", given=both, latest=deep)
    yield (
        "depth-of-the-other-place",
        said(
            "the tag counts, not the depth of another place",
            given=replace(trust, chains=(world.trust().chains[0], replace(beside, depth=12))),
            latest=deep - 1,
        ),
    )
    data = trust.encode()
    assert (chain.chain_id, chain.log_id) == (CHAIN_ID, LOG_ID)
    for name, changed in {
        "as-version-1": data.replace(b"notary-trust/2", b"notary-trust/1"),
        "without": world.trust().encode().replace(b"notary-trust/1", b"notary-trust/2"),
        "zero": data.replace(b"depth-12", b"depth-0"),
        "leading-zero": data.replace(b"depth-12", b"depth-012"),
        "too-deep": data.replace(b"depth-12", b"depth-1000000"),
        "word": data.replace(b"depth-12", b"latest"),
        "number": data.replace(b'"depth-12"', b"12"),
        "empty": data.replace(b"depth-12", b""),
    }.items():
        yield f"depth-malformed-{name}", said(f"not a trust file: {name}", given=changed, latest=deep)
