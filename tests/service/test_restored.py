"""A restored log neither signs, accepts nor shows a checkpoint before it was held against what is public.

And at every start: what a public address shows is never contradicted; a database and its directory belong together.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from notary.compose import back_up_log, init_log, open_services, open_settings, restore_log
from notary.core.checkpoint import Checkpoint
from notary.core.note import sign_note
from notary.errors import IntegrityError, InvalidConfig, NotaryError, Overloaded
from notary.logkey import create_log_key, load_log_key
from notary.service.health import HealthState
from notary.service.services import Services
from notary.service.submit import Submission
from notary.web.app import create_app
from notary.worker.problem import Problem
from notary.worker.run import Worker
from notary.worker.startcheck import StartCheck
from tests import backends
from tests.publicwitness import Witness, witness
from tests.service.locallog import ORIGIN, LocalLog, text

SIZE = 3
"""The newest checkpoint in the backup."""


@dataclass
class Restored:
    """A log that was saved at :data:`SIZE`, and what was restored from that; the original goes on."""

    original: LocalLog
    root: Path
    public: Witness
    opened: ExitStack = field(default_factory=ExitStack)

    def open(self, **flags: object) -> Services:
        """Open the restored log as a new process would, its public address being the witness's."""
        given = {"log.public_url": [self.public.url]} | {name.replace("__", "."): one for name, one in flags.items()}
        settings = open_settings(self.root, flags=given, environ={})
        return self.opened.enter_context(closing(open_services(settings, clock=self.original.clock)))

    def note(self, size: int | None = None) -> bytes:
        """Return the original's checkpoint of a size, or its newest."""
        with self.original.services.store.read() as view:
            head = view.checkpoint() if size is None else view.checkpoint_of(size)
        assert head is not None
        return head.note

    def sign(self, *, size: int, root: bytes) -> bytes:
        """Return a checkpoint of any head, signed by the log's key."""
        key = load_log_key(self.root / "keys" / "log.pem", name=ORIGIN)
        head = Checkpoint(origin=ORIGIN, size=size, root=root)
        return sign_note(head.encode(), name=ORIGIN, sign=key.sign, public=key.public)


@pytest.fixture
def make(log: LocalLog, tmp_path: Path) -> Iterator[Callable[..., Restored]]:
    with witness() as public, ExitStack() as stack:

        def make(*, nothing_published: bool = False, later: int = 0) -> Restored:
            log.submit()
            log.integrate()
            log.submit()
            log.integrate()
            back_up_log(log.services.settings, tmp_path / "b.notary", with_keys=True)
            for _ in range(later):
                log.submit()
                log.integrate()
            root = tmp_path / "new"
            restore_log(tmp_path / "b.notary", root, nothing_published=nothing_published, storage=backends.storage())
            restored = Restored(log, root, public)
            stack.callback(restored.opened.close)
            return restored

        yield make


def step(services: Services) -> Problem | None:
    return StartCheck(services.store, services.signer, services.clock, public=services.public, chain=None).step()


def code(problem: Problem | None) -> str | None:
    return None if problem is None else problem.code


def refused(services: Services) -> str:
    with pytest.raises(IntegrityError) as caught:
        step(services)
    assert services.hold.held
    return caught.value.code


def work(services: Services, *, until: Callable[[], bool]) -> None:
    """Run the worker until something is so."""
    stop = threading.Event()
    failed: list[NotaryError] = []

    def run() -> None:
        try:
            Worker(services, None).run(stop)
        except NotaryError as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        while not until() and thread.is_alive():
            thread.join(0.02)
    finally:
        stop.set()
        thread.join()
    if failed:
        raise failed[0]


def health_codes(services: Services) -> set[str]:
    return {reason.code for reason in services.health.health().reasons}


# ---------------------------------------------------------------------------------------------------- while it is held


def test_nothing_leaves_a_log_that_is_held(make: Callable[..., Restored]) -> None:
    services = make().open()
    with pytest.raises(Overloaded) as signing:
        services.signer.sign(b"anything")
    with pytest.raises(Overloaded) as showing:
        services.reader.checkpoint()
    tenant = services.publishers.authenticate(services.publishers.new_key("Roads office"))
    with pytest.raises(Overloaded) as accepting:
        services.submissions.submit(tenant, Submission(text=text(10**6)))
    with pytest.raises(Overloaded) as many:
        services.submissions.submit_all(tenant, [Submission(text=text(10**6))])
    assert {caught.value.code for caught in (signing, showing, accepting, many)} == {"restored-unchecked"}
    assert services.health.health().state is HealthState.FAILING
    assert "restored-unchecked" in health_codes(services)
    with services.store.read() as view:
        assert view.acceptance().next_index == SIZE


def test_an_auditor_is_not_shown_an_older_checkpoint(make: Callable[..., Restored]) -> None:
    services = make().open()
    client = create_app(services, services.settings).test_client()
    answer = client.get("/log/checkpoint")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["code"] == "restored-unchecked"
    assert client.get("/healthz").status_code == 503
    step_free(services)
    assert client.get("/log/checkpoint").status_code == 200


def step_free(services: Services) -> None:
    with services.store.write() as view:
        view.mark_restores_checked(time=1)


def test_an_empty_log_gets_no_manifest_while_it_is_held(tmp_path: Path) -> None:
    init_log(tmp_path / "log", origin=ORIGIN)
    settings = open_settings(tmp_path / "log", environ={})
    back_up_log(settings, tmp_path / "b.notary", with_keys=True)
    restore_log(tmp_path / "b.notary", tmp_path / "new", nothing_published=False)
    with closing(open_services(open_settings(tmp_path / "new", environ={}))) as services:
        assert not services.ensure_manifest()
        with services.store.read() as view:
            assert view.acceptance().next_index == 0


# ------------------------------------------------------------------------------------------------ after the comparison


def test_a_log_that_is_not_behind_goes_on(make: Callable[..., Restored]) -> None:
    restored = make()
    restored.public.note = restored.note()
    services = restored.open()
    assert step(services) is None
    assert not services.hold.held
    assert services.reader.checkpoint() == restored.note(SIZE)
    assert services.signer.sign(b"x")
    # What was checked once is not waited for again: the address may go away.
    restored.public.note = None
    assert step(restored.open()) is None


def test_an_address_that_is_behind_the_log_is_no_obstacle(make: Callable[..., Restored]) -> None:
    restored = make()
    restored.public.note = restored.note(SIZE - 1)
    assert step(restored.open()) is None


def test_a_log_that_is_behind_is_refused(make: Callable[..., Restored]) -> None:
    restored = make(later=1)
    restored.public.note = restored.note()
    assert refused(restored.open()) == "restored-behind"
    assert restored.public.asked == 1


def test_a_public_checkpoint_that_this_store_did_not_publish_is_refused(make: Callable[..., Restored]) -> None:
    restored = make()
    services = restored.open()
    with services.store.read() as view:
        head = view.checkpoint_of(SIZE)
    assert head is not None
    # Between two checkpoints of this store there is the size 0 only; so one of a size that is in the tree is taken out.
    with services.store.write() as view:
        view._connection.exec_driver_sql(f"DELETE FROM checkpoints WHERE size = {SIZE - 1}")  # type: ignore[attr-defined]  # noqa: S608
    restored.public.note = restored.note(SIZE - 1)
    assert refused(services) == "restored-behind"


@pytest.mark.parametrize("size", [SIZE - 1, SIZE])
def test_a_fork_is_refused(make: Callable[..., Restored], size: int) -> None:
    restored = make()
    restored.public.note = restored.sign(size=size, root=b"\x11" * 32)
    assert refused(restored.open()) == "restored-fork"


def test_what_is_not_signed_by_the_log_is_no_comparison(make: Callable[..., Restored], tmp_path: Path) -> None:
    restored = make()
    other = create_log_key(tmp_path / "other.pem", name=ORIGIN)
    head = Checkpoint(origin=ORIGIN, size=SIZE, root=b"\x11" * 32)
    for note in (
        sign_note(head.encode(), name=ORIGIN, sign=other.sign, public=other.public),
        b"<!doctype html>",
        b"",
        restored.note().replace(b"\n", b"\r\n", 1),
    ):
        restored.public.note = note
        problem = step(restored.open())
        assert code(problem) == "restored-unchecked"
        assert problem is not None
        assert restored.public.url in problem.message


def test_an_address_that_is_away_is_waited_for(make: Callable[..., Restored]) -> None:
    restored = make()
    assert code(step(restored.open())) == "restored-unchecked"
    with witness(restored.note()) as second:
        both = restored.open(log__public_url=[second.url, restored.public.url])
        assert code(step(both)) == "restored-unchecked", "one of two was not asked"
        restored.public.note = restored.note()
        assert step(both) is None


def test_a_log_without_a_public_address_waits_for_one(make: Callable[..., Restored]) -> None:
    problem = step(make().open(log__public_url=[]))
    assert code(problem) == "restored-unchecked"
    assert problem is not None
    assert "log.public_url" in problem.message


def test_its_own_address_is_no_witness(make: Callable[..., Restored]) -> None:
    """A restored copy that is asked about itself answers 503, so it cannot vouch for itself."""
    restored = make(later=1)
    services = restored.open()
    itself = create_app(services, services.settings).test_client().get("/log/checkpoint")
    restored.public.note = itself.data if itself.status_code == 200 else None
    assert code(step(services)) == "restored-unchecked"


def test_the_operators_word_takes_the_place_of_a_public_address(
    make: Callable[..., Restored], caplog: pytest.LogCaptureFixture
) -> None:
    restored = make(nothing_published=True)
    assert step(restored.open()) is None
    assert "its operator says" in caplog.text
    assert not restored.open().hold.held


def test_the_operators_word_does_not_count_against_what_is_public(make: Callable[..., Restored]) -> None:
    restored = make(nothing_published=True, later=1)
    restored.public.note = restored.note()
    assert refused(restored.open()) == "restored-behind"


def test_a_log_with_anchors_waits_for_its_chain(make: Callable[..., Restored]) -> None:
    from notary.model.anchors import Target

    restored = make()
    restored.public.note = restored.note()
    services = restored.open()
    with services.store.write() as view:
        target = Target(chain_id=1, registry=b"r" * 20, log_id=b"l" * 32)
        view.add_anchor(target=target, size=SIZE, root=b"r" * 32, time=1, reason="a test")
    problem = step(services)
    assert code(problem) == "restored-unchecked"
    assert problem is not None
    assert "chain" in problem.message


def test_a_backup_of_a_restored_log_is_held_again(make: Callable[..., Restored], tmp_path: Path) -> None:
    restored = make(nothing_published=True)
    services = restored.open()
    assert step(services) is None
    back_up_log(services.settings, tmp_path / "second.notary", with_keys=True)
    restore_log(tmp_path / "second.notary", tmp_path / "third", nothing_published=False)
    again = Restored(restored.original, tmp_path / "third", restored.public, restored.opened)
    assert code(step(again.open())) == "restored-unchecked"


# ---------------------------------------------------------------------------------------------------------- the worker


def test_the_worker_signs_nothing_until_the_public_was_asked(make: Callable[..., Restored]) -> None:
    restored = make()
    # What was accepted and not yet signed when the backup was made: the worker would sign it at once.
    services = restored.open()
    waited = restored.public
    work(services, until=lambda: "restored-unchecked" in beats(services) and waited.asked >= 1)
    assert services.reader.size() == SIZE
    restored.public.note = restored.note()
    second = restored.open()
    work(second, until=lambda: not second.hold.held)
    assert "restored-unchecked" not in beats(second)


def beats(services: Services) -> set[str | None]:
    with services.store.read() as view:
        return {beat.problem_code for beat in view.heartbeats().values()}


def test_the_worker_of_a_log_that_is_behind_ends_without_a_signature(make: Callable[..., Restored]) -> None:
    restored = make(later=1)
    restored.public.note = restored.note()
    services = restored.open()
    with pytest.raises(IntegrityError) as caught:
        work(services, until=lambda: False)
    assert caught.value.code == "restored-behind"
    assert services.reader.size() == SIZE


# ------------------------------------------------------------------------------------------------------ at every start


def test_an_older_copy_of_a_whole_directory_is_refused_at_any_start(log: LocalLog, tmp_path: Path) -> None:
    """Not restored by us: the directory was copied back, so nothing marks it."""
    log.submit()
    log.integrate()
    log.services.close()
    backends.copy_log(log.root, tmp_path / "copy")
    log.reopen()
    log.submit()
    log.integrate()
    with witness(log.services.reader.checkpoint()) as public:
        settings = open_settings(tmp_path / "copy", flags={"log.public_url": [public.url]}, environ={})
        with closing(open_services(settings)) as services:
            with pytest.raises(IntegrityError) as caught:
                step(services)
            assert caught.value.code == "restored-behind"
            public.note = None
            assert step(services) is None, "an address that is away does not stop a log that nobody restored"


def test_a_log_that_is_well_starts_beside_its_public_address(log: LocalLog) -> None:
    log.submit()
    log.integrate()
    with witness(log.services.reader.checkpoint()) as public:
        log.flags["log.public_url"] = [public.url]
        log.reopen()
        assert step(log.services) is None
        assert public.asked == 1


# --------------------------------------------------------------------------------------------------------- instance id


def put_database(source: Path, to: Path) -> None:
    """Let a directory have another's database: its file, or its address."""
    shutil.copy(source / "notary.toml", to / "notary.toml")
    if not backends.on_postgresql():
        shutil.copy(source / "notary.db", to / "notary.db")


def open_code(root: Path) -> str | None:
    try:
        open_services(open_settings(root, environ={})).close()
    except InvalidConfig as error:
        return error.code
    return None


def test_a_database_and_key_cloned_into_another_directory_are_refused(log: LocalLog, tmp_path: Path) -> None:
    log.submit()
    log.services.close()
    init_log(tmp_path / "second", origin=ORIGIN)
    put_database(log.root, tmp_path / "second")
    shutil.copy(log.root / "keys" / "log.pem", tmp_path / "second" / "keys" / "log.pem")
    assert open_code(tmp_path / "second") == "other-instance"
    assert open_code(log.root) is None


def test_a_restored_database_put_under_the_old_directory_is_refused(make: Callable[..., Restored]) -> None:
    restored = make()
    restored.original.services.close()
    put_database(restored.root, restored.original.root)
    assert open_code(restored.original.root) == "other-instance"


def test_a_directory_from_before_instance_ids_takes_the_one_of_its_database(log: LocalLog, tmp_path: Path) -> None:
    known = (log.root / "instance").read_text()
    (log.root / "instance").unlink()
    assert open_code(log.root) is None
    assert (log.root / "instance").read_text() == known
    for content in ("", "x\n", "00" * 16 + "\n"):
        (log.root / "instance").write_text(content)
        assert open_code(log.root) == "other-instance"
