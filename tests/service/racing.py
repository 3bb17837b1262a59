"""A process that submits to a log, for tests with several at once: ``python -m tests.service.racing DIR PLAN…``.

Prints ``leaf <hash> <replayed>`` or ``refused <code>`` for each step of the plan, after waiting for a line on stdin.
A step is ``NUMBER`` (a text), ``NUMBER:DOCUMENT`` (the original of a document) or ``NUMBER:DOCUMENT:PREVIOUS``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from notary.compose import open_services, open_settings
from notary.core.record import Status
from notary.errors import Refused
from notary.service.submit import Submission
from tests.service.locallog import text


def main(root: str, *plan: str) -> None:
    """Carry out a plan."""
    services = open_services(open_settings(Path(root), flags={"storage.busy_timeout": 30}, environ={}))
    tenant = services.publishers.authenticate((Path(root) / "token").read_text())
    print("ready", flush=True)
    sys.stdin.readline()
    for step in plan:
        number, document, previous = ([*step.split(":"), "", ""])[:3]
        submission = Submission(
            text=text(int(number)),
            document=document or None,
            previous=bytes.fromhex(previous) if previous else None,
            status=Status.CORRECTION if previous else Status.ORIGINAL,
        )
        try:
            accepted = services.submissions.submit(tenant, submission)
        except Refused as error:
            print("refused", error.code, flush=True)
        else:
            print("leaf", accepted.leaf_hash.hex(), accepted.replayed, flush=True)
    services.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
