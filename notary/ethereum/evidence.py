"""Ask endpoints what :func:`notary.core.chain.judge` needs to know: the only part of a verification that goes online.

A bad endpoint never raises: its :class:`EndpointView` says in a sentence why nothing can be concluded from it. See
``docs/spec/anchor.md``, "What to ask an endpoint".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notary.core.chain import AnchoredHead, EndpointView, Recorded, Wanted
from notary.core.keccak import keccak256
from notary.errors import EndpointFailed
from notary.ethereum import registry
from notary.ethereum.rpc import Answer, Call, Rpc, hex_bytes, hexed, optional_object, quantity, tag
from notary.net.url import show_url

_MAX_ANSWER_BYTES = 8 * 1024 * 1024


def gather(urls: Sequence[str], wanted: Sequence[Wanted], *, timeout: float = 10.0) -> tuple[EndpointView, ...]:
    """Return what each endpoint says, in the order of ``urls``; each is given ``timeout`` seconds in all.

    Raises nothing for an endpoint that is down, slow, hostile or not one. ``url`` in the views is the address as it may
    be shown, without path and query.
    """
    return tuple(_view(url, wanted, timeout) for url in urls)


@dataclass(frozen=True, slots=True)
class _Questions:
    """What is asked of every endpoint besides which chain it is on, each thing once."""

    heights: tuple[int, ...]
    registries: tuple[bytes, ...]
    heads: tuple[AnchoredHead, ...]
    latest: bool

    def first(self) -> list[Call]:
        """Return the calls by which it is known which chain it is, and what is final there."""
        calls: list[Call] = [
            ("eth_chainId", []),
            ("eth_getBlockByNumber", [tag(0), False]),
            ("eth_getBlockByNumber", ["finalized", False]),
        ]
        return [*calls, ("eth_blockNumber", [])] if self.latest else calls

    def calls(self) -> list[Call]:
        """Return the other calls, in the order of the members."""
        calls: list[Call] = [("eth_getBlockByNumber", [tag(height), False]) for height in self.heights]
        # The code of a contract that cannot destroy itself never changes, and `latest` is the one state every node has.
        calls += [("eth_getCode", [hexed(at), "latest"]) for at in self.registries]
        # What the registry holds since a final block, it holds in the state after every later one.
        for head in self.heads:
            data = registry.encode_anchored(log_id=head.log_id, size=head.size, root=head.root)
            calls.append(("eth_call", [{"to": hexed(head.registry), "data": hexed(data)}, "latest"]))
        return calls

    def ask(self, rpc: Rpc) -> tuple[list[Answer], list[Answer]]:
        """Return the answers to both.

        What is said of a block or a registry must not be older than what is said to be final: else the state of a
        node that is catching up would deny what it did not have yet. A node may work on the parts of one batch in any
        order, so where more hangs on it than blocks under the tag, which no node takes back, it is asked twice.
        """
        first, rest = self.first(), self.calls()
        if self.latest or self.heads:
            return rpc.batch(first), rpc.batch(rest)
        answers = rpc.batch(first + rest)
        return answers[: len(first)], answers[len(first) :]


def _questions(wanted: Sequence[Wanted]) -> _Questions:
    return _Questions(
        heights=tuple(sorted({one.height for one in wanted if one.height is not None})),
        registries=tuple(sorted({one.registry for one in wanted})),
        heads=tuple(dict.fromkeys(one.head for one in wanted if one.head is not None)),
        latest=any(one.latest for one in wanted),
    )


def _view(url: str, wanted: Sequence[Wanted], timeout: float) -> EndpointView:
    asked = _questions(wanted)
    try:
        first, answers = asked.ask(Rpc(url, timeout=timeout, budget=timeout, max_bytes=_MAX_ANSWER_BYTES))
        chain_id = quantity(first[0].get(), "chainId")
        genesis = _block(first[1], height=0)
        if genesis is None:
            return EndpointView(show_url(url), problem="It does not have block 0.")
        final = _block(first[2])
        ours = {one.height for one in wanted if one.chain_id == chain_id}
        rest = iter(answers)
        blocks = zip(asked.heights, rest, strict=False)
        hashes = {height: _block(answer, height=height) for height, answer in blocks if height in ours}
        codes = zip(asked.registries, rest, strict=False)
        codehashes = {at: keccak256(hex_bytes(answer.get(), "code")) for at, answer in codes}
        recorded = {head: _recorded(answer) for head, answer in zip(asked.heads, rest, strict=False)}
        latest = first[3] if asked.latest else None
        return EndpointView(
            url=show_url(url),
            chain_id=chain_id,
            genesis=genesis[1],
            codehashes=codehashes,
            final_height=final[0] if final is not None else None,
            hashes={height: found[1] for height, found in hashes.items() if found is not None},
            latest=None if latest is None or latest.fault is not None else quantity(latest.get(), "number"),
            recorded={head: found for head, found in recorded.items() if found is not None},
        )
    except EndpointFailed as error:
        return EndpointView(show_url(url), problem=error.message)


def _recorded(answer: Answer) -> Recorded | None:
    """Return what a registry holds, or None where the call failed, or went to something that is no registry."""
    if answer.fault is not None:
        return None
    data = hex_bytes(answer.get(), "result")
    if len(data) != registry.ANCHORED_BYTES:
        return None
    time, _, block = registry.decode_anchored(data)
    return Recorded(block=block, time=time)


def _block(answer: Answer, *, height: int | None = None) -> tuple[int, bytes] | None:
    """Return number and hash of a block, or None where the endpoint does not have it (any more, or yet)."""
    if answer.fault is not None:
        return None  # nodes answer for pruned blocks, and for tags they do not know, with errors of their own making
    block = optional_object(answer.get(), "block")
    if block is None:
        return None
    number = quantity(block.get("number"), "number")
    if height is not None and number != height:
        raise EndpointFailed(f"It answered with block {number} when asked for block {height}.", code="rpc-shape")
    return number, hex_bytes(block.get("hash"), "hash", size=32)
