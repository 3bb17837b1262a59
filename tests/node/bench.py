"""A log on a node that mines only when told, its loops turned by hand so that every step is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from notary.compose import open_chain, open_services
from notary.core.jcs import Json
from notary.datadir import DataDir
from notary.ethereum.rpc import hexed
from notary.model.anchors import Anchor, AnchorEvent, AnchorState, Attempt
from notary.ports import Chain, Clock
from notary.service.integrate import Integrator
from notary.worker.anchor import Anchorer
from tests.node import logs
from tests.node.anvil import Anvil


class Bench:
    """A log on a node that mines only when told, its loops turned by hand."""

    def __init__(self, root: Path, node: Anvil, **flags: object) -> None:
        """Make the log, which is final when this returns; the node must be mining on its own until then."""
        self.node = node
        self.directory: DataDir = logs.make_log(root, node, rpc=self._urls())
        node.call("evm_setAutomine", False)
        self._make_final()
        self.flags = flags
        self.open()
        self.services.ensure_manifest()
        self.tenant = logs.publisher(self.services)

    def _urls(self) -> tuple[str, ...]:
        """Return the endpoints that the log asks: the node itself."""
        return (self.node.url,)

    def _clock(self) -> Clock | None:
        """Return the log's clock; None for the machine's."""
        return None

    def _make_final(self) -> None:
        made = int(self.node.call("eth_blockNumber"), 16)
        while int(self.node.call("eth_getBlockByNumber", "finalized", False)["number"], 16) < made:
            self.node.mine()

    def open(self) -> None:
        """Open as a new process would."""
        self.services = open_services(logs.settings(self.directory, **self.flags), clock=self._clock())
        chain = open_chain(self.services.settings)
        assert chain is not None
        self.chain: Chain = chain
        self.renew()

    def renew(self) -> None:
        """Make the loops anew, over whatever chain is set."""
        services, settings = self.services, self.services.settings
        assert settings.chain is not None
        self.integrator = Integrator(services.store, services.signer, services.clock)
        self.anchorer = Anchorer(
            services.store,
            self.chain,
            services.signer,
            services.clock,
            settings=settings.anchor,
            chain_settings=settings.chain,
        )

    def submit(self, number: int) -> bytes:
        """Submit and integrate a text."""
        leaf = logs.submit(self.services, self.tenant, number)
        while self.integrator.step():
            pass
        return leaf

    def tick(self) -> str | None:
        """Turn the anchoring loop once and return the code of what hinders."""
        problem = self.anchorer.tick()
        return None if problem is None else problem.code

    def anchor(self) -> Anchor:
        """Return the newest anchor."""
        with self.services.store.read() as view:
            found = view.newest_anchor(self.chain.target)
        assert found is not None
        return found

    def attempts(self) -> list[Attempt]:
        """Return the newest anchor's attempts."""
        with self.services.store.read() as view:
            return view.attempts(self.anchor().id)

    def events(self) -> list[AnchorEvent]:
        """Return the newest anchor's events."""
        with self.services.store.read() as view:
            return view.anchor_events(self.anchor().id)

    def drive(self, *, ticks: int = 30) -> None:
        """Tick and mine until the newest anchor is proven."""
        for _ in range(ticks):
            self.tick()
            if self.anchor().state is AnchorState.PROVEN:
                return
            self.node.mine()
        raise AssertionError([event.reason for event in self.events()])

    def on_chain(self) -> list[dict[str, Any]]:
        """Return the Anchored events of this log."""
        target = self.chain.target
        query: Json = {"fromBlock": "0x0", "address": hexed(target.registry), "topics": [None, hexed(target.log_id)]}
        return [one for one in self.node.call("eth_getLogs", query) if len(one["data"]) == 2 + 2 * 96]
