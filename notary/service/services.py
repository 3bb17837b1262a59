"""The use cases of one log, put together. Built by composition roots; everything that faces outwards takes this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notary.config import Settings
from notary.ports import Clock, LogStore, Mark, Signer
from notary.ports.audit import LogSource
from notary.service.bundles import Bundles
from notary.service.health import HealthCheck
from notary.service.held import HeldSigner, Hold
from notary.service.keyrate import KeyRate
from notary.service.lookup import Lookup
from notary.service.manifests import first_manifest
from notary.service.publishers import Publishers
from notary.service.read import Reader
from notary.service.readiness import Readiness
from notary.service.submit import Submissions
from notary.service.tiles import PublicTiles


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, sharing one store. :meth:`close` ends it."""

    settings: Settings
    store: LogStore
    signer: Signer
    clock: Clock
    mark: Mark
    public: Sequence[tuple[str, LogSource]]
    hold: Hold
    publishers: Publishers
    submissions: Submissions
    bundles: Bundles
    reader: Reader
    lookup: Lookup
    tiles: PublicTiles
    health: HealthCheck
    readiness: Readiness
    key_rate: KeyRate

    def ensure_manifest(self) -> bool:
        """Accept entry 0, the log's manifest, if the log is empty; call this before submissions are taken.

        A log that is held gets none: it may have had one.
        """
        if self.hold.held:
            return False
        return first_manifest(self.store, signer=self.signer, clock=self.clock, chain=self.settings.chain)

    def close(self) -> None:
        """Give back all connections."""
        self.store.close()


def assemble(
    settings: Settings,
    *,
    store: LogStore,
    signer: Signer,
    clock: Clock,
    mark: Mark,
    public: Sequence[tuple[str, LogSource]] = (),
) -> Services:
    """Return the use cases over these adapters; ``public`` is where the log's checkpoint is public, by address."""
    hold = Hold(store)
    signer = HeldSigner(signer, hold)
    bundles = Bundles(store, signer, clock, settings)
    return Services(
        settings=settings,
        store=store,
        signer=signer,
        clock=clock,
        mark=mark,
        public=public,
        hold=hold,
        publishers=Publishers(store, clock),
        submissions=Submissions(store, clock, origin=settings.origin, limits=settings.limits, hold=hold),
        bundles=bundles,
        reader=Reader(store, bundles, hold),
        lookup=Lookup(store),
        tiles=PublicTiles(store),
        health=HealthCheck(
            store,
            clock,
            signer=signer,
            anchoring=settings.chain is not None,
            max_pending=settings.limits.max_pending,
            lease=settings.worker.lease,
            hold=hold,
        ),
        readiness=Readiness(store, clock, max_pending=settings.limits.max_pending),
        key_rate=KeyRate(settings.limits.key_rate),
    )
