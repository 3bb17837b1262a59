"""A log in a temporary data directory, with a clock that stands still until it is moved."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

from notary.compose import init_log, open_services, open_settings
from notary.core import merkle
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.note import parse_note, verifier_key, verify_note
from notary.core.record import Status
from notary.model.tenants import Tenant
from notary.service.integrate import Integrator
from notary.service.services import Services
from notary.service.submit import Accepted, Submission
from tests import backends

ORIGIN = "notary.example/log/service-test"
START = 1_790_000_000_000
_numbers = itertools.count(1)


@dataclass
class TestClock:
    """A clock that tests set."""

    __test__ = False

    now: int = START

    def now_ms(self) -> int:
        """Return the time that was set."""
        return self.now


@dataclass
class LocalLog:
    """A log, opened; :meth:`reopen` opens it again as a new process would."""

    root: Path
    flags: dict[str, object] = field(default_factory=dict)
    clock: TestClock = field(default_factory=TestClock)
    services: Services = field(init=False)
    integrator: Integrator = field(init=False)
    tenant: Tenant = field(init=False)

    def __post_init__(self) -> None:
        """Make the log and a publisher."""
        init_log(self.root, origin=ORIGIN, development=True, storage=backends.storage())
        self._open()
        self.services.ensure_manifest()
        self.tenant = self.publisher("Roads office")

    def _open(self) -> None:
        settings = open_settings(self.root, flags=self.flags, environ={})
        self.services = open_services(settings, clock=self.clock)
        services = self.services
        self.integrator = Integrator(services.store, services.signer, services.clock, mark=services.mark)

    def reopen(self) -> None:
        """Close and open again."""
        self.services.close()
        self._open()

    def publisher(self, name: str) -> Tenant:
        """Return a publisher of this name."""
        return self.services.publishers.authenticate(self.services.publishers.new_key(name))

    def submit(
        self, *, number: int | None = None, tenant: Tenant | None = None, key: str | None = None, **fields: object
    ) -> Accepted:
        """Submit the text of a number, a new one by default."""
        one = next(_numbers) if number is None else number
        fields = {"text": text(one), **fields}
        submission = Submission(**fields)  # type: ignore[arg-type]
        return self.services.submissions.submit(tenant or self.tenant, submission, idempotency_key=key)

    def revise(self, document: str, previous: bytes, status: Status = Status.CORRECTION) -> Accepted:
        """Submit a revision with a new text."""
        return self.submit(document=document, previous=previous, status=status)

    def integrate(self) -> None:
        """Integrate all that waits."""
        while self.integrator.step():
            pass

    def leaves(self) -> list[bytes]:
        """Return the hashes of all accepted leaves, computed anew from what is stored."""
        with self.services.store.read() as view:
            stored = view.entries(start=0, limit=10**6)
        assert [entry.index for entry in stored] == list(range(len(stored)))
        assert [merkle.leaf_hash(entry.data) for entry in stored] == [entry.leaf_hash for entry in stored]
        return [entry.leaf_hash for entry in stored]

    def head(self) -> Checkpoint:
        """Return the newest checkpoint after checking its signature and its root against all leaves."""
        note = parse_note(self.services.reader.checkpoint())
        signer = self.services.signer
        verify_note(note, [verifier_key(signer.name, signer.public)], strict=True)
        head = parse_checkpoint(note.text)
        assert head.origin == ORIGIN
        assert head.root == merkle.root(self.leaves()[: head.size])
        return head


def text(number: int) -> bytes:
    """Return a text that no other number has."""
    return f"Notice {number}\n\nThe bridge on road {number} is closed.\n".encode()
