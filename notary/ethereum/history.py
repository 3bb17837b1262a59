"""One endpoint, asked about all that a registry ever anchored for a log: its storage, and its events.

Implements :class:`notary.ports.audit.History`. What an endpoint does not have (any more) is never taken for what is
not there: it is said to be unavailable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from notary.core.chain import EndpointView, TrustedChain, Wanted
from notary.core.evm import ANCHORED_TOPIC, Log, parse_anchored
from notary.core.jcs import Json
from notary.errors import EndpointFailed, ProofFailed
from notary.ethereum import registry
from notary.ethereum.evidence import gather
from notary.ethereum.rpc import (
    Answer,
    Call,
    JsonObject,
    Rpc,
    as_list,
    as_object,
    hex_bytes,
    hexed,
    quantity,
    tag,
)
from notary.ports.audit import Point, SeenEvent, Top

TIMEOUT: Final = 30.0
MAX_EVENTS: Final = 100_000
"""More events in one answer are refused: it is asked again for fewer blocks."""

_PRUNED: Final = 4444


class RegistryHistory:
    """The past of registries as one endpoint shows it."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT) -> None:
        """Name an endpoint; ``timeout`` is for each exchange."""
        self._url = url
        self._timeout = timeout
        self._rpc = Rpc(url, timeout=timeout)

    @property
    def name(self) -> str:
        """The endpoint's address as it may be shown: without path and query."""
        return self._rpc.name

    def look(self, wanted: Sequence[Wanted]) -> EndpointView:
        """Return which chain this is and the blocks and registries asked for; never raises."""
        return gather([self._url], wanted, timeout=self._timeout)[0]

    def top(self, chain: TrustedChain, *, height: int) -> Top:
        """Return the newest anchor; whether its block is at or below ``height`` is told by the times of both."""
        head = registry.head(self._rpc, registry=chain.registry, log_id=chain.log_id)
        block = self._rpc.block(height)
        if block is None:
            raise EndpointFailed(f"{self.name} does not have block {height}.", code="block-unavailable")
        return Top(size=head.size, final=head.time <= quantity(block.get("timestamp"), "timestamp"))

    def points(self, chain: TrustedChain, heads: Sequence[tuple[int, bytes]]) -> list[Point]:
        """Return what the storage holds for each tree head: one call each, in batches."""
        calls: list[Call] = []
        for size, root in heads:
            data = registry.encode_anchored(log_id=chain.log_id, size=size, root=root)
            calls.append(("eth_call", [{"to": hexed(chain.registry), "data": hexed(data)}, "latest"]))
        found = [registry.decode_anchored(hex_bytes(one.get(), "result")) for one in self._rpc.batch(calls)]
        return [Point(block=number, prev_size=prev_size) for _, prev_size, number in found]

    def events(self, chain: TrustedChain, *, low: int, high: int) -> list[SeenEvent]:
        """Return the events in blocks ``low`` to ``high``. Raises :class:`EndpointFailed` (``logs-unavailable``…)."""
        return self._read(self._rpc.ask("eth_getLogs", [_filter(chain, low, high)]), chain, low=low, high=high)

    def events_at(self, chain: TrustedChain, blocks: Sequence[int]) -> list[list[SeenEvent] | None]:
        """Return the events of single blocks; None where the endpoint does not have them."""
        calls: list[Call] = [("eth_getLogs", [_filter(chain, block, block)]) for block in blocks]
        return [
            None if answer.fault is not None else self._read(answer, chain, low=block, high=block)
            for block, answer in zip(blocks, self._rpc.batch(calls), strict=True)
        ]

    def _read(self, answer: Answer, chain: TrustedChain, *, low: int, high: int) -> list[SeenEvent]:
        fault = answer.fault
        if fault is not None and (fault.code == _PRUNED or "prune" in fault.message.lower()):
            raise EndpointFailed(
                f"{self.name} no longer has the events of blocks {low} to {high}: {fault.message}.",
                code="logs-unavailable",
            )
        items = as_list(answer.get(), "list of events")
        if len(items) > MAX_EVENTS:
            raise EndpointFailed(f"{self.name} gave {len(items)} events at once.", code="too-many-events")
        return [self._event(as_object(item, "event"), chain, low=low, high=high) for item in items]

    def _event(self, item: JsonObject, chain: TrustedChain, *, low: int, high: int) -> SeenEvent:
        block = quantity(item.get("blockNumber"), "blockNumber")
        topics = tuple(hex_bytes(topic, "topic", size=32) for topic in as_list(item.get("topics"), "topics"))
        log = Log(hex_bytes(item.get("address"), "address", size=20), topics, hex_bytes(item.get("data"), "data"))
        try:
            event = parse_anchored(log, registry=chain.registry, log_id=chain.log_id)
        except ProofFailed as error:
            raise EndpointFailed(
                f"{self.name} gave an event not asked for: {error.message}", code="rpc-shape"
            ) from None
        if not low <= block <= high or item.get("removed") is True:
            raise EndpointFailed(f"{self.name} gave an event of other blocks than asked for.", code="rpc-shape")
        return SeenEvent(size=event.size, root=event.root, prev_size=event.prev_size, block=block)


def _filter(chain: TrustedChain, low: int, high: int) -> dict[str, Json]:
    return {
        "address": hexed(chain.registry),
        "topics": [hexed(ANCHORED_TOPIC), hexed(chain.log_id)],
        "fromBlock": tag(low),
        "toBlock": tag(high),
    }
