"""Changes of the versions of bundle and trust file, and of what a trust file says of a chain's finality."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from notary.core.logchecks import claimed_block
from tests.parity.bundles import PLAIN, Draft, Value
from tests.parity.change import Changes
from tests.parity.reading import trust
from tests.parity.storing import HUGE, SOME, second_that_may_not_count


def versions(one: Draft) -> None:
    """Swap the versions of bundle and trust file."""
    bundle, trusted = one.pick((True, False), (False, True), (True, True))
    if one.rng.random() < 0.5:
        deep(one)
    if bundle:
        one.edits.append(lambda value: _swap_version(value, one))
    if trusted:
        one.trust_edits.append(lambda value: _swap_version(value, one))


def _swap_version(value: Value, one: Draft) -> None:
    name, version = value["spec"].split("/")
    value["spec"] = f"{name}/{one.rng.choice(({'1': '2', '2': '1'}[version],) * 4 + ('3', '02', ''))}"


DEPTHS = (1, 12, 999_999)


def deep(one: Draft) -> None:
    """Have the chain's finality be a depth, so that what counts is the number of the newest block."""
    rng, depth = one.rng, one.rng.choice(DEPTHS)
    top = max(claimed_block(anchor).number for anchor in one.bundle.anchors)
    latest = one.pick(top + depth, top + depth - 1, None, top + depth + 1000, depth - 1, 0, top + 2, HUGE)
    chain = replace(one.world.trust().chains[0], depth=depth)
    others = (
        replace(chain, chain_id=5, depth=None),
        replace(chain, chain_id=5, depth=3),
        replace(chain, log_id=bytes(32), depth=None),
    )
    chains = [chain, *rng.sample(others, rng.choice((0, 0, 1, 2)))]
    rng.shuffle(chains)
    trust(chains=tuple(chains))(one)
    # The tag says nothing here.
    one.view(latest=latest, final_height=rng.choice((None, 0, top, top + depth)))
    if rng.random() < 0.2:
        second_that_may_not_count(one)


def tag_beside_depth(one: Draft) -> None:
    """Have another chain's finality be a depth: the newest block says nothing of the anchor's."""
    chain = one.world.trust().chains[0]
    trust(chains=(chain, replace(chain, chain_id=5, depth=one.rng.choice(DEPTHS))))(one)
    one.view(latest=one.rng.choice((None, 0, 10**6)), final_height=one.pick(17, 16, None))


WORDS: tuple[Any, ...] = (
    "depth-0",
    "depth-012",
    "depth-1000000",
    "depth--1",
    "depth-+1",
    "depth-1.0",
    "depth-1e3",
    "depth-0x1",
    "depth-1 ",
    " depth-1",
    "depth-1\n",
    "depth-",
    "depth",
    "depth12",
    "depth_12",
    "Depth-12",
    "depth-\uff11\uff12",
    "depth-\u0661",
    "depth-12,finalized",
    "finalized\n",
    "Finalized",
    "latest",
    "safe",
    "",
    12,
    None,
    ["depth-12"],
    "depth-1",
    "depth-999999",
    "finalized",
)


def words(one: Draft) -> None:
    """Write the finality of a chain in another way, well-formed or not, in a file of either version."""
    word, version = one.pick(*WORDS), one.rng.choice((1, 2, 2))
    beside = one.rng.random() < 0.3

    def apply(value: Value) -> None:
        value["spec"] = f"notary-trust/{version}"
        chains = value["chains"]
        chains[0]["finality"] = word
        if beside:
            chains.append(chains[0] | {"chain_id": 5, "finality": "depth-3"})

    one.view(latest=one.rng.choice((None, 10**6)))
    one.trust_edits.append(apply)


VERSIONS: Changes = {
    "version": ((*SOME, *PLAIN), 1, versions),
    "depth": ((*SOME, *PLAIN, "two-anchors"), 2, deep),
    "depth-of-another": ((*SOME, *PLAIN), 1, tag_beside_depth),
    "depth-words": (("stored", "plain"), 1, words),
}
