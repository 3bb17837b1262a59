"""A log of as many entries as asked for, built once through the service: records by digest, integrated and signed."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from notary.core.record import TextDigest
from notary.datadir import DataDir
from notary.errors import NotaryError
from notary.service.integrate import Integrator
from notary.service.submit import Submission
from scripts._bench.harness import Setting, Stopwatch
from scripts._bench.serving import PUBLISHER, new_log, opened
from scripts._bench.sides import say

if TYPE_CHECKING:
    from pathlib import Path

    from notary.service.services import Services

GROUP = 1000
STEP = 50_000


@dataclass(frozen=True, slots=True)
class BigLog:
    """The log's data directory, its size, how long it took to accept and to integrate, and some of its entries."""

    root: Path
    size: int
    accepting: float
    integrating: float
    leaves: tuple[bytes, ...]

    @property
    def disk(self) -> float:
        """What its database takes, in MB."""
        database = DataDir(self.root).database
        return sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*")) / 1e6


_built: dict[Path, BigLog] = {}


def get(setting: Setting, *, entries: int) -> BigLog:
    """Return a log of so many entries, built when it is first asked for; a run has one of each size."""
    root = setting.scratch.parent / f"log-{entries}"
    if root not in _built:
        say(f"building a log of {entries:,} entries")
        _built[root] = _build(root, entries)
    return _built[root]


def _build(root: Path, size: int) -> BigLog:
    new_log(root)
    services = opened(root)
    leaves: list[bytes] = []
    accepting = integrating = 0.0
    try:
        integrator = Integrator(services.store, services.signer, services.clock)
        # A log that is full of what waits for integration takes no more: so in steps, as it would go in earnest.
        for target in [*range(STEP, size, STEP), size]:
            with Stopwatch() as watch:
                leaves += _accept(services, target)
            accepting += watch.seconds
            with Stopwatch() as watch:
                while integrator.step():
                    pass
            integrating += watch.seconds
    finally:
        services.close()
    return BigLog(root, size, accepting, integrating, tuple(leaves))


def _accept(services: Services, size: int) -> list[bytes]:
    """Accept entries until the log has so many, its manifest among them; return every hundredth leaf hash."""
    with services.store.read() as view:
        tenant = view.tenant_by_name(PUBLISHER)
        accepted = view.acceptance().next_index
    if tenant is None:
        raise LookupError("the publisher is gone")
    kept = []
    for start in range(accepted, size, GROUP):
        group = [_submission(number) for number in range(start, min(start + GROUP, size))]
        for outcome in services.submissions.submit_all(tenant, group):
            if isinstance(outcome, NotaryError):
                raise outcome
            if outcome.index % 100 == 0:
                kept.append(outcome.leaf_hash)
    return kept


def _submission(number: int) -> Submission:
    digest = sha256(b"%d" % number).digest()
    return Submission(text=TextDigest(sha256=digest, lines=12, lines_root=digest))
