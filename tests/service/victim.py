"""A process that is to be killed: ``python -m tests.service.victim DIR AT WHEN``.

Submits six texts with idempotency keys, two of them a document and its revision, and integrates now and then. Prints
``accepted KEY LEAF`` once a submission has been answered, ``point NAME`` at every durable write, ``done`` at the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

from notary.compose import open_services, open_settings
from notary.core.record import Status
from notary.service.integrate import Integrator
from notary.service.services import Services
from notary.service.submit import Submission
from tests.killing import Killer, KillingStore
from tests.service.locallog import text

COUNT = 6


def submit_all(services: Services, said: dict[str, bytes]) -> None:
    """Submit the six texts, telling in ``said`` what was answered, integrating after every second."""
    tenant = services.publishers.authenticate((services.settings.data_dir / "token").read_text())
    integrator = Integrator(services.store, services.signer, services.clock)
    for number in range(COUNT):
        key = f"key-{number}"
        submission = Submission(text=text(number))
        if number == 2:
            submission = Submission(text=text(number), document="d")
        if number == 4:
            submission = Submission(text=text(number), document="d", previous=said["key-2"], status=Status.CORRECTION)
        accepted = services.submissions.submit(tenant, submission, idempotency_key=key)
        said[key] = accepted.leaf_hash
        print("accepted", key, accepted.leaf_hash.hex(), flush=True)
        if number % 2:
            integrator.step()


def main(root: str, at: str, when: str) -> None:
    """Live until killed."""
    killer = Killer(int(at), when, lambda name: print("point", name, flush=True))
    settings = open_settings(Path(root), environ={})
    services = open_services(settings, wrap=lambda store: KillingStore(store, killer))
    services.ensure_manifest()
    submit_all(services, {})
    services.close()
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
