"""Which endpoints count for a trusted chain, and up to which block all of them agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notary.core.chain import EndpointView, TrustedChain, Wanted, final_height
from notary.core.outcome import Outcome, passed, unchecked
from notary.errors import EndpointFailed
from notary.ports.audit import History, Top


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The endpoints on one chain; they agree on the block at ``height``, which all of them call final."""

    chain: TrustedChain
    endpoints: tuple[History, ...]
    height: int
    outcome: Outcome
    tops: Mapping[History, Top]

    @property
    def head(self) -> int:
        """The largest size that any endpoint says is anchored, final or not."""
        return max(top.size for top in self.tops.values())


def gather(endpoints: Sequence[History], chains: Sequence[TrustedChain]) -> tuple[list[Witnesses], list[Outcome]]:
    """Return the endpoints of each chain that can be asked about it, and what is wrong with the others."""
    problems: list[Outcome] = []
    if not chains:
        return [], [unchecked("no-chain", "The trust file names no chain: nothing outside of the log was asked.")]
    if not endpoints:
        return [], [unchecked("no-endpoint", "No endpoint was given to ask about anchors (--rpc URL).")]
    wanted = [Wanted(chain.chain_id, 0, chain.registry, latest=chain.depth is not None) for chain in chains]
    views = {endpoint: endpoint.look(wanted) for endpoint in endpoints}
    ids = {chain.chain_id for chain in chains}
    for view in views.values():
        if view.problem is not None:
            problems.append(unchecked("endpoint-failed", f"{view.url} could not be asked: {view.problem}"))
        elif view.chain_id not in ids:
            problems.append(
                unchecked(
                    "wrong-chain", f"{view.url} is on chain {view.chain_id}, of which the trust file says nothing."
                )
            )
    found: list[Witnesses] = []
    for chain in chains:
        ours = {endpoint: view for endpoint, view in views.items() if view.chain_id == chain.chain_id}
        if not ours:
            problems.append(unchecked("no-endpoint", f"No endpoint given could be asked about chain {chain.chain_id}."))
            continue
        result = _agree(chain, ours)
        if isinstance(result, Outcome):
            problems.append(result)
        else:
            found.append(result)
    return found, problems


def _agree(chain: TrustedChain, views: Mapping[History, EndpointView]) -> Witnesses | Outcome:
    heights: list[int] = []
    for view in views.values():
        if view.genesis != chain.genesis:
            return unchecked(
                "wrong-genesis",
                f"{view.url} has chain id {chain.chain_id} but another genesis block than the trusted one.",
            )
        if view.codehashes.get(chain.registry) != chain.registry_codehash:
            return unchecked(
                "wrong-registry-code",
                f"{view.url} does not show the trusted registry's code at 0x{chain.registry.hex()}.",
            )
        final = final_height(view, chain)
        if final is None or final < 0:
            return unchecked("no-finality", f"{view.url} does not say which block is final.")
        heights.append(final)
    height = min(heights)
    wanted = [Wanted(chain.chain_id, height, chain.registry)]
    again = {endpoint: endpoint.look(wanted) for endpoint in views}
    hashes = {view.url: view.hashes.get(height) for view in again.values()}
    if None in hashes.values():
        lacking = next(url for url, value in hashes.items() if value is None)
        return unchecked("block-unavailable", f"{lacking} did not give the hash of block {height}.")
    if len(set(hashes.values())) > 1:
        said = "; ".join(f"{url} has 0x{value.hex()}" for url, value in hashes.items() if value is not None)
        return unchecked("endpoints-disagree", f"The endpoints disagree about final block {height}: {said}.")
    return _with_head(chain, tuple(views), height)


def _with_head(chain: TrustedChain, endpoints: tuple[History, ...], height: int) -> Witnesses | Outcome:
    try:
        tops = {endpoint: endpoint.top(chain, height=height) for endpoint in endpoints}
    except EndpointFailed as error:
        return unchecked("endpoint-failed", error.message)
    anchored = max((top.size for top in tops.values() if top.final), default=0)
    if any(top.size < anchored for top in tops.values()):
        said = "; ".join(f"{endpoint.name} says {top.size}" for endpoint, top in tops.items())
        return unchecked(
            "endpoints-disagree", f"The endpoints disagree about the size anchored last, as of block {height}: {said}."
        )
    names = ", ".join(endpoint.name for endpoint in endpoints)
    agreed = f"Endpoints agree on chain {chain.chain_id} up to final block {height}: asked {names}."
    return Witnesses(chain, endpoints, height, passed("endpoints-agree", agreed), tops)
