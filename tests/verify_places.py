"""Vectors of the verification with several chains: which endpoint is asked of which anchor, and which place trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from notary.core.bundle import Bundle
from notary.core.chain import ChainEvidence, EndpointView, TrustedChain
from notary.core.note import verifier_key
from notary.core.trust import Trust, TrustedKey
from tests.verify_case import Case, case
from tests.worlds import CHAIN_ID, CODEHASH, GENESIS, LOG_ID, REGISTRY, World

OTHER_CHAIN = 1
OTHER_REGISTRY = bytes.fromhex("44" * 20)
OTHER_LOG_ID = bytes.fromhex("55" * 32)
OTHER_GENESIS = bytes.fromhex("66" * 32)
OTHER_CODEHASH = bytes.fromhex("77" * 32)


def places() -> Iterator[tuple[str, Case]]:
    """Yield the cases by the names of their files."""
    yield from _endpoints()
    yield from _places()


def _chain(chain_id: int = CHAIN_ID, **changes: Any) -> TrustedChain:
    return replace(TrustedChain(chain_id, GENESIS, REGISTRY, CODEHASH, LOG_ID), **changes)


def _other_world() -> World:
    """Return the same log, anchored on another chain and in another registry."""
    return World(chain_id=OTHER_CHAIN, registry=OTHER_REGISTRY, log_id=OTHER_LOG_ID, number=18)


def _other_chain() -> TrustedChain:
    return TrustedChain(OTHER_CHAIN, OTHER_GENESIS, OTHER_REGISTRY, OTHER_CODEHASH, OTHER_LOG_ID)


def _other_view(**changes: Any) -> EndpointView:
    world = _other_world()
    made = world.view(
        url="http://other.example",
        chain_id=OTHER_CHAIN,
        genesis=OTHER_GENESIS,
        codehashes={OTHER_REGISTRY: OTHER_CODEHASH},
    )
    return replace(made, **changes)


def _endpoints() -> Iterator[tuple[str, Case]]:
    world = World()
    trust = world.trust(chains=(_chain(), _other_chain()))
    ours, other = world.view(), _other_view()
    unasked = EndpointView(url="http://down.example", problem="down")
    both = world.bundle(anchors=(world.anchor(), _other_world().anchor()))

    def asked(desc: str, *views: EndpointView, bundle: Bundle | None = None, **changes: Any) -> Case:
        return case(desc, world, bundle, trust=trust, evidence=ChainEvidence(views=views, **changes))

    yield "two-chains-other-endpoint", asked("an endpoint of the other trusted chain, beside one of ours", ours, other)
    yield "two-chains-only-other", asked("an endpoint of the other trusted chain only", other)
    yield "two-chains-only-other-offline", asked("the same, offline", other, offline=True)
    yield "two-chains-down", asked("an endpoint that is down, of whichever chain", ours, other, unasked)
    yield "two-chains-down-ours", asked("one of ours is down", ours, replace(unasked, chain_id=CHAIN_ID))
    yield "two-chains-down-other", asked("one of the other chain is down", ours, replace(unasked, chain_id=OTHER_CHAIN))
    yield (
        "two-chains-down-untrusted",
        asked("one of a chain that is not trusted is down", ours, replace(unasked, chain_id=5)),
    )
    yield "two-chains-silent", asked("an endpoint that does not say its chain", ours, replace(other, chain_id=None))
    yield "two-chains-untrusted", asked("an endpoint of a chain that is not trusted", ours, replace(other, chain_id=5))
    denying = replace(other, hashes={18: bytes(32)})
    yield (
        "two-chains-other-denies",
        asked("the other chain's endpoint denies a block that is not asked about", ours, denying),
    )
    yield "two-anchors", asked("two anchors on two chains, an endpoint for each", ours, other, bundle=both)
    yield "two-anchors-one-endpoint", asked("two anchors on two chains, an endpoint for one", ours, bundle=both)
    yield "two-anchors-down", asked("two anchors, and an endpoint that is down", ours, other, unasked, bundle=both)
    yield "two-anchors-denied", asked("the second of two anchors is denied", ours, denying, bundle=both)
    pinned = frozenset({ours.hashes[17]})
    yield "two-anchors-one-pinned", asked("two anchors, one of them pinned", ours, other, bundle=both, pinned=pinned)
    first_down = asked("of two problems that of the first endpoint", replace(ours, final_height=None), unasked)
    yield "two-problems", first_down


def _places() -> Iterator[tuple[str, Case]]:
    world = World()

    def trusting(*chains: TrustedChain) -> Trust:
        return world.trust(chains=chains)

    name = "other.example/log"
    key = TrustedKey(verifier_key(name, world.key.public), 0, None)
    foreign = replace(world.trust(), origin=name, keys=(key,))
    elsewhere = World(registry=bytes(20))
    yield (
        "log-not-trusted-other-registry",
        case("another registry, and a trust file for another log", elsewhere, trust=foreign),
    )
    contradicting = replace(world.anchor(), log_id=OTHER_LOG_ID)
    yield (
        "log-not-trusted-contradiction",
        case(
            "a receipt of another log id, and a trust file for another log",
            world,
            world.bundle(anchors=(contradicting,)),
            trust=foreign,
        ),
    )
    second = trusting(_chain(log_id=OTHER_LOG_ID), _chain())
    yield "two-log-ids", case("two log ids of one registry are trusted", world, trust=second)
    yield "two-log-ids-third", case("a third log id of the registry", World(log_id=bytes(32)), trust=second)
    registries = trusting(_chain(registry=OTHER_REGISTRY), _chain())
    yield "two-registries", case("two registries of one chain are trusted", world, trust=registries)
    mixed = World(registry=OTHER_REGISTRY, log_id=LOG_ID)
    crossed = trusting(_chain(), _chain(registry=OTHER_REGISTRY, log_id=OTHER_LOG_ID))
    yield (
        "two-registries-crossed",
        case("the registry of one trusted place, the log id of another", mixed, trust=crossed),
    )
    chains = trusting(_chain(), _other_chain())
    swapped = World(registry=OTHER_REGISTRY, log_id=OTHER_LOG_ID)
    yield "place-of-another-chain", case("the place of one trusted chain, on the other", swapped, trust=chains)
    faults = world.bundle(anchors=(World(event_size=9).anchor(), contradicting, elsewhere.anchor()))
    yield "three-anchors-three-faults", case("three anchors, each false in another way", world, faults)
    unplaced = World(chain_id=5, registry=bytes(20)).anchor()
    mixed_anchors = world.bundle(anchors=(world.anchor(), unplaced, World(event_size=9).anchor()))
    yield "three-anchors", case("three anchors: good, on a chain that is not trusted, false", world, mixed_anchors)
    far = World(chain_id=5)
    yield "place-on-unknown-chain", case("the trusted place, on a chain that is not trusted", far, trust=chains)
    partly = World(chain_id=5, log_id=OTHER_LOG_ID)
    yield (
        "registry-on-unknown-chain",
        case("the trusted registry alone, on a chain that is not trusted", partly, trust=chains),
    )
    yield "no-chains", case("a trust file without chains", world, trust=trusting())
