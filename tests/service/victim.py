"""Processes that are to be killed: ``python -m tests.service.victim`` forks one for each line ``DIR AT WHEN`` it reads.

Each submits texts in every way there is: six one by one with idempotency keys, two of them a document and its revision,
with integration now and then; four in threads of which three share a transaction; a batch of lines in three groups,
with a broken line among them. Prints ``phase WORD`` as one of these begins, ``accepted KEY LEAF`` once a submission has
been answered, ``published NOTE`` once a checkpoint can be read, ``point NAME`` at every durable write. At last comes
``ended CODE`` from the process that forked it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from notary.compose import open_services, open_settings
from notary.core.record import Status
from notary.ports import Mark
from notary.service.integrate import Integrator
from notary.service.services import Services
from notary.service.submit import Submission
from notary.web import batch
from notary.web.app import create_app
from tests.killing import Killer, KillingMark, KillingStore
from tests.service.locallog import text

SINGLES, TOGETHER, LINES = 6, 4, 7
COUNT = SINGLES + TOGETHER + LINES
BATCH_GROUP = 3
GROUPS = 3
"""Of the batch: its lines and the broken one, by BATCH_GROUP."""


def say(line: str) -> None:
    """Print a line in one piece, whatever other threads print, and whatever becomes of the process then."""
    os.write(1, line.encode() + b"\n")


def submit_all(services: Services, said: dict[str, bytes], mark: Mark) -> None:
    """Submit everything, telling in ``said`` what was answered, and integrate what then waits."""
    _one_by_one(services, said, mark)
    _together(services, said)
    _as_a_batch(services, said)
    say("phase end")
    _integrate(services, Integrator(services.store, services.signer, services.clock, mark=mark))


def _integrate(services: Services, integrator: Integrator) -> None:
    """Integrate all that waits, and show the checkpoint as it is served then."""
    while integrator.step():
        pass
    say(f"published {services.reader.checkpoint().hex()}")


def _tell(said: dict[str, bytes], key: str, leaf: bytes) -> None:
    said[key] = leaf
    say(f"accepted {key} {leaf.hex()}")


def _one_by_one(services: Services, said: dict[str, bytes], mark: Mark) -> None:
    say("phase single")
    tenant = services.publishers.authenticate((services.settings.data_dir / "token").read_text())
    integrator = Integrator(services.store, services.signer, services.clock, mark=mark)
    for number in range(SINGLES):
        key = f"key-{number}"
        submission = Submission(text=text(number))
        if number == 2:
            submission = Submission(text=text(number), document="d")
        if number == 4:
            submission = Submission(text=text(number), document="d", previous=said["key-2"], status=Status.CORRECTION)
        _tell(said, key, services.submissions.submit(tenant, submission, idempotency_key=key).leaf_hash)
        if number % 2:
            _integrate(services, integrator)


def _together(services: Services, said: dict[str, bytes]) -> None:
    """Submit in a thread each; the first one's transaction is not begun before all others wait for the next."""
    say("phase together")
    tenant = services.publishers.authenticate((services.settings.data_dir / "token").read_text())
    commits = services.submissions._commits
    carry_out = commits._carry_out
    first = threading.Event()

    def held(wishes: Sequence[Any]) -> Any:
        if not first.is_set():
            first.set()
            while commits.waiting < TOGETHER - 1:
                threading.Event().wait(0.001)
        return carry_out(wishes)

    def one(number: int) -> None:
        key = f"thread-{number}"
        submission = Submission(text=text(SINGLES + number))
        _tell(said, key, services.submissions.submit(tenant, submission, idempotency_key=key).leaf_hash)

    commits._carry_out = held
    with ThreadPoolExecutor(TOGETHER) as pool:
        for future in [pool.submit(one, number) for number in range(TOGETHER)]:
            future.result()
    commits._carry_out = carry_out


def _as_a_batch(services: Services, said: dict[str, bytes]) -> None:
    """Submit a batch, taking its answers as they come."""
    say("phase batch")
    texts = [json.dumps({"text": text(SINGLES + TOGETHER + number).decode()}).encode() for number in range(LINES)]
    texts.insert(4, b"broken")
    batch.MAX_GROUP = BATCH_GROUP
    token = (services.settings.data_dir / "token").read_text()
    answer = (
        create_app(services, services.settings)
        .test_client()
        .post(
            "/api/v1/entries:batch",
            data=b"\n".join(texts) + b"\n",
            headers={"Authorization": f"Bearer {token}"},
            content_type=batch.MEDIA_TYPE,
        )
    )
    for group in answer.iter_encoded():
        for line in group.splitlines():
            value = json.loads(line)
            if "leaf_hash" in value:
                _tell(said, f"line-{value['line']}", bytes.fromhex(value["leaf_hash"]))
    answer.close()


def live(root: str, at: str, when: str) -> None:
    """Live until killed."""
    killer = Killer(int(at), when, lambda name: say(f"point {name}"))
    settings = open_settings(Path(root), environ={})
    services = open_services(settings, wrap=lambda store: KillingStore(store, killer))
    say("phase start")
    services.ensure_manifest()
    submit_all(services, {}, KillingMark(services.mark, killer))
    services.close()


def fork_for_each_line(live: Callable[[str, str, str], None]) -> None:
    """Fork a process for each line of standard input; to import everything anew each time would take most of it."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            root, at, when = line.split()
            live(root, at, when)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    fork_for_each_line(live)
