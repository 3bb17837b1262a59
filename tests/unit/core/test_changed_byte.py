"""What follows for a changed byte of a bundle whose anchor only the registry's storage shows: docs/spec/verify.md."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notary.core.bundle import Bundle, parse_bundle
from notary.core.chain import ChainEvidence, EndpointView, Recorded
from notary.core.evm import parse_header
from notary.core.keccak import keccak256
from notary.core.logchecks import wanted
from notary.core.trust import Trust
from notary.core.verify import Verdict, verify
from notary.errors import InvalidBundle
from tests import worlds
from tests.worlds import CODEHASH, LOG_ID, NOW, REGISTRY, World

WORLD = World()
NEVER = Recorded(0, 0)
OFFLINE = ChainEvidence(offline=True)
STORED = WORLD.bundle(anchors=(WORLD.storage_anchor(),))
SIGNED = World(entry=worlds.signed(worlds.record()))
DEEP = replace(WORLD.trust(), chains=(replace(WORLD.trust().chains[0], depth=2),))
BUNDLES: dict[str, tuple[World, Bundle, Trust]] = {
    "alone": (WORLD, STORED, WORLD.trust()),
    "by a depth": (WORLD, STORED, DEEP),
    "beside a receipt": (WORLD, WORLD.bundle(anchors=(WORLD.anchor(), WORLD.storage_anchor())), WORLD.trust()),
    "with a statement": (WORLD, replace(STORED, current=WORLD.current()), WORLD.trust()),
    "signed": (SIGNED, SIGNED.bundle(anchors=(SIGNED.storage_anchor(),)), WORLD.trust()),
}


def asked(world: World, bundle: Bundle, trust: Trust) -> ChainEvidence:
    """Return what an honest endpoint of the world answers to what this bundle makes a verifier ask."""
    questions = wanted(bundle, trust)
    genuine = parse_header(world.anchor().header)
    top = world.number + 2
    # Every height up to the newest has a block.
    heights = {one.height for one in questions if one.height is not None and one.height <= top}
    heads = {one.head for one in questions if one.head is not None}
    view = EndpointView(
        url=worlds.URL,
        chain_id=worlds.CHAIN_ID,
        genesis=worlds.GENESIS,
        codehashes={one.registry: CODEHASH if one.registry == REGISTRY else keccak256(b"") for one in questions},
        final_height=top if trust is not DEEP else None,
        hashes={height: genuine.hash if height == genuine.number else keccak256(bytes([height])) for height in heights},
        latest=top + 2 if any(one.latest for one in questions) else None,
        recorded={
            head: Recorded(world.number, world.timestamp) if head == world.head() else NEVER
            for head in heads
            if head.registry == REGISTRY  # nothing answers where there is no code
        },
    )
    return ChainEvidence(views=(view,))


def exit_of(name: str, data: bytes, evidence: ChainEvidence | None = None) -> int:
    """Return the exit code of `notary verify`, by the same steps; without evidence the world's endpoint is asked."""
    world, _, trust = BUNDLES[name]
    try:
        bundle = parse_bundle(data)
    except InvalidBundle:
        return 2
    known = asked(world, bundle, trust) if evidence is None else evidence
    return verify(bundle, trust=trust, evidence=known, now=NOW).exit


def spans(data: bytes, pattern: bytes) -> set[int]:
    """Return the positions of what the pattern's group matches."""
    return {at for found in re.finditer(pattern, data) for at in range(*found.span(1))}


def changes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Return the data with each byte changed, in several ways; every digit to every other."""
    chance = random.Random(3)
    digits = spans(data, rb'"(?:block|time|chain_id)":(\d+)')
    for position, byte in enumerate(data):
        others = {byte ^ 1, byte ^ 0x20, chance.randrange(256)}
        others |= set(b"0123456789-.") if position in digits else set()
        for other in sorted(others - {byte}):
            yield position, data[:position] + bytes([other]) + data[position + 1 :]


@pytest.mark.parametrize("name", BUNDLES)
def test_the_bundle_verifies(name: str) -> None:
    world, bundle, trust = BUNDLES[name]
    report = verify(bundle, trust=trust, evidence=asked(world, bundle, trust), now=NOW)
    assert report.verdict is Verdict.MATCH
    assert report.exit == exit_of(name, bundle.encode()) == 0
    assert {anchor.log_id for anchor in bundle.anchors} == {LOG_ID}


@pytest.mark.parametrize("name", ["alone", "by a depth"])
def test_no_byte_can_change_where_the_registry_is_asked(name: str) -> None:
    data = BUNDLES[name][1].encode()
    assert {exit_of(name, changed) for _, changed in changes(data)} == {1, 2}


def test_without_an_endpoint_only_block_and_time_are_left_open() -> None:
    data = BUNDLES["alone"][1].encode()
    claimed = spans(data, rb'"block":(\d+)') | spans(data, rb'"time":(\d+)\}\]')
    assert len(claimed) == len(str(WORLD.number)) + len(str(WORLD.timestamp))
    exits = [(position, exit_of("alone", changed, OFFLINE)) for position, changed in changes(data)]
    assert {position for position, code in exits if code == 3} == claimed
    assert {code for _, code in exits} == {1, 2, 3}


@given(name=st.sampled_from(sorted(BUNDLES)), data=st.data())
def test_no_byte_can_change_whatever_the_bundle_holds(name: str, data: st.DataObject) -> None:
    genuine = BUNDLES[name][1].encode()
    position = data.draw(st.integers(0, len(genuine) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = genuine[:position] + bytes([genuine[position] ^ flip]) + genuine[position + 1 :]
    # A header's number may name a block that nobody can tell about yet.
    allowed = {1, 2, 3} if position in spans(genuine, rb'"header":"0x([^"]*)') else {1, 2}
    assert exit_of(name, changed) in allowed
