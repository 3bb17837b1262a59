"""`notary key rotate log`: the old key signs one last checkpoint, the new one all that follow, and all are checked."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from notary.cli.logrotation import rotate_log
from notary.compose import SystemClock, back_up_log, init_log, open_services, open_settings, restore_log
from notary.core.checkpoint import Checkpoint, parse_checkpoint
from notary.core.manifest import KeyRange
from notary.core.note import VerifierKey, parse_note, sign_note, verifier_key, verify_note
from notary.core.record import Status
from notary.core.trust import parse_trust
from notary.datadir import DataDir
from notary.errors import Conflict, IntegrityError, InvalidConfig, InvalidRecord, NotaryError, Overloaded
from notary.keyswap import settled
from notary.logkey import LogKey, create_log_key, load_log_key
from notary.model.log import LeafKind, StoredEntry
from notary.model.operating import LEADER
from notary.service import manifests
from notary.service.fsck import Fsck
from notary.service.integrate import Integrator
from notary.service.logkeys import require_key
from notary.service.manifests import latest_manifest
from notary.service.services import Services
from notary.service.submit import Submission
from notary.storage import tables
from notary.worker.run import Worker
from notary.worker.startcheck import StartCheck
from tests import backends
from tests.program import Done, call
from tests.publicwitness import witness
from tests.service.lives import victims
from tests.service.locallog import ORIGIN, LocalLog, text

MADE, LOGGED, SWAPPED = 1, 2, 3
"""What a rotation says it has done, counted."""


class StoppedError(Exception):
    """The rotation ends here."""


def services_of(root: Path) -> Services:
    return open_services(open_settings(root, environ={}))


def rotate(log: LocalLog) -> Done:
    """Rotate as the command does, with nobody else there."""
    log.services.close()
    done = call("key", "rotate", "log", "--data", log.root)
    log.clock.now = SystemClock().now_ms()
    log.reopen()
    return done


def rotate_beside(log: LocalLog, *, until: int = 0) -> None:
    """Rotate in another process's place, while ours goes on with what it holds; stop at a point where one is given."""
    said = itertools.count(1)

    def progress(_text: str) -> None:
        if next(said) == until:
            raise StoppedError

    with closing(open_services(log.services.settings, clock=log.clock)) as other:
        try:
            rotate_log(other, None, sole=True, progress=progress)
        except StoppedError:
            assert until


def key_in(root: Path, name: str = "log.pem") -> LogKey:
    return load_log_key(root / "keys" / name, name=ORIGIN)


def ranges(services: Services) -> tuple[KeyRange, ...]:
    with services.store.read() as view:
        manifest = latest_manifest(view)
    assert manifest is not None
    return manifest.vkeys


def own_key(services: Services) -> VerifierKey:
    return verifier_key(services.signer.name, services.signer.public)


def check_signatures(services: Services) -> list[int]:
    """Require that every checkpoint is signed by the key that the trust file names for its size; return their sizes."""
    trust = parse_trust(services.reader.trust_file())
    with services.store.read() as view:
        heads = view.checkpoints(above=0, limit=1000)
    for head in heads:
        [key] = trust.keys_for(head.size)
        note = parse_note(head.note)
        verify_note(note, [key], strict=True)
        assert parse_checkpoint(note.text).size == head.size
    return [head.size for head in heads]


def check_whole(services: Services) -> None:
    report = Fsck(services.store, services.signer, services.mark).run()
    assert (report.verdict, report.findings) == ("clean", ())


def code_of(caught: pytest.ExceptionInfo[NotaryError]) -> str:
    return caught.value.code


def signed(key: LogKey, *, size: int, root: bytes) -> bytes:
    head = Checkpoint(origin=ORIGIN, size=size, root=root)
    return sign_note(head.encode(), name=ORIGIN, sign=key.sign, public=key.public)


# ------------------------------------------------------------------------------------------------------ what it does


def test_the_new_key_signs_what_comes_after_the_manifest_that_names_it(log: LocalLog) -> None:
    first = log.submit(document="d")
    log.integrate()
    log.submit()  # waits
    old = own_key(log.services)
    done = rotate(log)
    assert done.code == 0, done.err
    new = own_key(log.services)
    assert new != old
    assert done.out.decode().strip() == new.encode()
    assert ranges(log.services) == (KeyRange(vkey=old.encode(), first=0, last=3), KeyRange(vkey=new.encode(), first=4))
    assert check_signatures(log.services)[-2:] == [3, 4]
    assert parse_trust(log.services.reader.trust_file()).fingerprint in done.err
    keys = {path.name: path.stat().st_mode & 0o777 for path in (log.root / "keys").iterdir()}
    assert keys == {"log.pem": 0o600, f"log.pem.{old.key_id.hex()}": 0o600}
    assert key_in(log.root, f"log.pem.{old.key_id.hex()}").verifier == old
    log.revise("d", first.leaf_hash)
    log.integrate()
    assert check_signatures(log.services)[-1] == 5
    # The service checks what it hands out with its own trust file, and the statement about revisions is the new key's.
    assert log.services.bundles.bundle(first.leaf_hash)
    current = log.services.bundles.current(first.leaf_hash)
    assert current is not None
    verify_note(parse_note(current), [new], strict=True)
    check_whole(log.services)


def test_a_log_that_never_ran_and_one_that_is_rotated_twice(tmp_path: Path) -> None:
    init_log(tmp_path / "log", origin=ORIGIN, storage=backends.storage())
    known = []
    for _ in range(2):
        known.append(key_in(tmp_path / "log").verifier.encode())
        assert call("key", "rotate", "log", "--data", tmp_path / "log").code == 0
    known.append(key_in(tmp_path / "log").verifier.encode())
    with closing(services_of(tmp_path / "log")) as services:
        assert [(key.vkey, key.first, key.last) for key in ranges(services)] == [
            (known[0], 0, 1),
            (known[1], 2, 2),
            (known[2], 3, None),
        ]
        assert check_signatures(services) == [1, 2, 3]
        check_whole(services)
    assert sorted(path.name.count(".") for path in (tmp_path / "log" / "keys").iterdir()) == [1, 2, 2]


def test_an_encrypted_key_is_followed_by_an_encrypted_one(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.touch(0o600)
    password.write_text("correct horse\n")
    init_log(tmp_path / "log", origin=ORIGIN, key_password_file=password, storage=backends.storage())
    assert call("key", "rotate", "log", "--data", tmp_path / "log").code == 0
    for path in (tmp_path / "log" / "keys").iterdir():
        assert b"BEGIN ENCRYPTED PRIVATE KEY" in path.read_bytes()
    with closing(services_of(tmp_path / "log")) as services:
        assert check_signatures(services) == [1, 2]


def test_what_was_accepted_while_it_ran_gets_its_last_checkpoint_from_the_old_key(log: LocalLog) -> None:
    """Web processes of other machines go on; between integration and the manifest there is no gap for them."""
    log.integrate()

    def progress(said: str) -> None:
        if said.startswith(f"The new key is {ORIGIN}"):
            log.submit()

    with closing(open_services(log.services.settings, clock=log.clock)) as other:
        rotate_log(other, None, sole=True, progress=progress)
    log.reopen()
    assert [key.last for key in ranges(log.services)] == [2, None]
    assert check_signatures(log.services) == [1, 2, 3]


# ---------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("role", ["web", "worker"])
def test_it_is_refused_while_the_service_runs(log: LocalLog, role: str) -> None:
    with DataDir(log.root).lock(role):
        done = call("key", "rotate", "log", "--data", log.root)
    assert done.code == 2
    assert "(locked" in done.err
    assert [path.name for path in (log.root / "keys").iterdir()] == ["log.pem"]


@pytest.mark.only_on("postgresql")
def test_it_is_refused_while_a_worker_leads(log: LocalLog) -> None:
    with log.services.store.write() as view:
        view.take_lease(LEADER, holder="a", seconds=60)
    done = call("key", "rotate", "log", "--data", log.root)
    assert done.code == 2
    assert "(worker-runs" in done.err


def test_a_restored_log_keeps_its_key_until_it_may_sign(log: LocalLog, tmp_path: Path) -> None:
    log.integrate()
    back_up_log(log.services.settings, tmp_path / "b.notary", with_keys=True)
    restore_log(tmp_path / "b.notary", tmp_path / "new", nothing_published=False, storage=backends.storage())
    done = call("key", "rotate", "log", "--data", tmp_path / "new")
    assert "(restored-unchecked" in done.err
    assert [path.name for path in (tmp_path / "new" / "keys").iterdir()] == ["log.pem"]


def test_an_older_copy_keeps_its_key(log: LocalLog) -> None:
    log.integrate()
    with witness(signed(key_in(log.root), size=9, root=bytes(32))) as public:
        settings = open_settings(log.root, flags={"log.public_url": [public.url]}, environ={})
        with closing(open_services(settings, clock=log.clock)) as other, pytest.raises(IntegrityError) as caught:
            rotate_log(other, None, sole=True, progress=print)
    assert code_of(caught) == "restored-behind"
    assert len(ranges(log.services)) == 1


def test_a_log_has_so_many_keys_and_no_more(log: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "MAX_KEYS", 1)
    with pytest.raises(Conflict) as caught:
        rotate_beside(log)
    assert code_of(caught) == "too-many-keys"
    log.reopen()
    assert len(ranges(log.services)) == 1


def test_a_key_that_the_log_has_had_is_refused(log: LocalLog) -> None:
    log.integrate()
    shutil.copy(log.root / "keys" / "log.pem", log.root / "keys" / "log.pem.new")
    with pytest.raises(Conflict) as caught:
        rotate_beside(log)
    assert code_of(caught) == "key-used-before"
    assert len(ranges(log.services)) == 1


def test_a_log_that_has_ended_gets_no_further_key(log: LocalLog) -> None:
    """Its manifest closes the last range; what comes after that must follow it."""
    with log.services.store.write() as view:
        latest = latest_manifest(view)
        assert latest is not None
        ended = replace(latest, vkeys=(replace(latest.vkeys[0], last=5),))
        hashed = ended.leaf_hash()
        leaf = StoredEntry(index=1, leaf_hash=hashed, data=ended.encode(), kind=LeafKind.MANIFEST, time=ended.time)
        view.append([(leaf, None)])
    log.integrate()
    with pytest.raises(InvalidRecord) as caught:
        rotate_beside(log)
    assert code_of(caught) == "key-dropped"
    while log.services.reader.size() < 5:
        log.submit()
        log.integrate()
    log.submit()
    with pytest.raises(IntegrityError) as refused:
        log.integrate()
    assert code_of(refused) == "key-replaced"
    assert check_signatures(log.services)[-1] == 5


def test_the_manifest_comes_right_behind_the_last_checkpoint_of_the_old_key(log: LocalLog) -> None:
    log.integrate()
    log.submit()
    key = create_log_key(log.root / "other.pem", name=ORIGIN).verifier.encode()
    with pytest.raises(IntegrityError) as caught, log.services.store.write() as view:
        manifests.replace_key(view, vkey=key, size=1, clock=log.clock)
    assert code_of(caught) == "log-moved"
    with pytest.raises(IntegrityError) as caught, log.services.store.write() as view:
        view.replace_public_key(old=bytes(32), new=bytes(32))
    assert code_of(caught) == "key-replaced"


def test_a_tree_is_closed_only_after_it_was_checked(log: LocalLog) -> None:
    log.integrate()
    unchecked = Integrator(log.services.store, log.services.signer, log.clock)
    with pytest.raises(IntegrityError) as caught, log.services.store.write() as view:
        unchecked.close(view)
    assert code_of(caught) == "tree-not-closed"


def test_a_kind_is_asked_for(log: LocalLog) -> None:
    assert "(no-key-kind" in call("key", "rotate", "--data", log.root).err


# --------------------------------------------------------------------------------------------- which key signs what


def test_a_process_with_the_old_key_signs_nothing_more(log: LocalLog) -> None:
    first = log.submit(document="d")
    log.integrate()
    stale = log.services
    rotate_beside(log)
    log.submit()
    with pytest.raises(IntegrityError) as caught:
        log.integrate()
    assert code_of(caught) == "key-replaced"
    assert check_signatures(stale) == [2, 3], "the tree grew, and was not signed"
    # A web process goes on with what needs no key, and says what it shows from what is stored.
    assert len(parse_trust(stale.reader.trust_file()).keys) == 2
    for ask in (stale.bundles.current, stale.bundles.bundle):
        with pytest.raises(Overloaded) as refused:
            ask(first.leaf_hash)
        assert code_of(refused) == "key-replaced"
    assert stale.bundles.bundle(log.submit().leaf_hash)
    assert "key-replaced" in {reason.code for reason in stale.health.health().reasons}
    log.reopen()
    log.integrate()
    assert check_signatures(log.services) == [2, 3, 5]
    assert "key-replaced" not in {reason.code for reason in log.services.health.health().reasons}


def test_a_worker_that_waited_with_the_old_key_ends_when_it_leads(log: LocalLog) -> None:
    log.integrate()
    rotate_beside(log)
    log.submit()
    before = check_signatures(log.services)
    with pytest.raises(IntegrityError) as caught:
        Worker(log.services, None, sole=True).run(threading.Event())
    assert code_of(caught) == "key-replaced"
    assert check_signatures(log.services) == before


def test_the_new_key_signs_nothing_that_was_the_old_ones(log: LocalLog) -> None:
    first = log.submit(document="d")
    rotate_beside(log, until=LOGGED)
    log.reopen()
    with log.services.store.read() as view:
        require_key(view, log.services.signer, 3)
        with pytest.raises(IntegrityError) as caught:
            require_key(view, log.services.signer, 2)
    assert code_of(caught) == "key-replaced"
    # Until the new key has signed its first checkpoint there is no size that it could make a statement for.
    assert log.services.bundles.current(first.leaf_hash) is None
    assert log.services.bundles.bundle(first.leaf_hash)
    log.integrate()
    assert log.services.bundles.current(first.leaf_hash) is not None


def test_fsck_and_the_start_find_a_checkpoint_by_the_other_key(log: LocalLog) -> None:
    log.submit()
    log.integrate()
    rotate(log)
    old_path = next(path for path in (log.root / "keys").iterdir() if path.name != "log.pem")
    keys = {"new": key_in(log.root), "old": key_in(log.root, old_path.name)}
    heads = tables.checkpoints
    for size, key in ((2, "new"), (3, "old")):
        with log.services.store.read() as view:
            kept = view.checkpoint_of(size)
        assert kept is not None
        for note in (signed(keys[key], size=size, root=kept.root), kept.note):
            with backends.behind_its_back(log.root) as connection:
                connection.execute(update(heads).where(heads.c.size == size).values(note=note))
            report = Fsck(log.services.store, log.services.signer).run()
            assert {finding.code for finding in report.findings} == (
                set() if note == kept.note else {"checkpoint-signature"}
            )
            integrator = Integrator(log.services.store, log.services.signer, log.clock)
            if note != kept.note:
                with pytest.raises(IntegrityError) as caught:
                    integrator.run()
                assert code_of(caught) == "checkpoint-signature"


def test_fsck_says_that_the_key_is_not_the_manifests(log: LocalLog) -> None:
    log.integrate()
    rotate_beside(log)
    report = Fsck(log.services.store, log.services.signer).run()
    assert "key-replaced" in {finding.code for finding in report.findings}
    assert report.checks["checkpoints"].code == "key-replaced"


def test_what_is_public_is_held_against_the_key_of_its_size(log: LocalLog) -> None:
    log.integrate()
    old = key_in(log.root)
    rotate(log)
    services = log.services
    for key, size in ((old, 1), (key_in(log.root), 2)):
        with witness(signed(key, size=size, root=bytes(32))) as public:
            settings = open_settings(log.root, flags={"log.public_url": [public.url]}, environ={})
            with closing(open_services(settings, clock=log.clock)) as other:
                check = StartCheck(services.store, services.signer, log.clock, public=other.public, chain=None)
                with pytest.raises(IntegrityError) as caught:
                    check.step()
        assert code_of(caught) == "restored-fork"


@pytest.mark.parametrize(("more", "code"), [(1, "restored-behind"), (0, None)])
def test_a_copy_from_before_the_key_was_replaced_does_not_sign(
    log: LocalLog, tmp_path: Path, more: int, code: str | None
) -> None:
    log.integrate()
    later = create_log_key(tmp_path / "later.pem", name=ORIGIN)
    with log.services.store.read() as view:
        size = view.tree().size + more
    with witness(signed(later, size=size, root=bytes(32))) as public:
        settings = open_settings(log.root, flags={"log.public_url": [public.url]}, environ={})
        with closing(open_services(settings, clock=log.clock)) as other:
            check = StartCheck(other.store, other.signer, log.clock, public=other.public, chain=None)
            if code is None:
                assert check.step() is None
                return
            with pytest.raises(IntegrityError) as caught:
                check.step()
    assert code_of(caught) == code


# ------------------------------------------------------------------------------------------------ stopped in between


@pytest.fixture(params=[MADE, LOGGED, SWAPPED])
def stopped(log: LocalLog, request: pytest.FixtureRequest) -> LocalLog:
    """A log whose rotation ended early; nobody has opened it since."""
    log.submit()
    rotate_beside(log, until=request.param)
    log.services.close()
    return log


def test_stopped_it_can_be_run_again(stopped: LocalLog) -> None:
    done = call("key", "rotate", "log", "--data", stopped.root)
    assert done.code == 0, done.err
    with closing(services_of(stopped.root)) as services:
        assert [key.last for key in ranges(services)] == [2, None]
        assert done.out.decode().strip() == ranges(services)[-1].vkey == own_key(services).encode()
        assert check_signatures(services)[-2:] == [2, 3]
        check_whole(services)
    assert len(list((stopped.root / "keys").iterdir())) == 2


def test_stopped_it_can_be_saved_and_restored(stopped: LocalLog, tmp_path: Path) -> None:
    saved = back_up_log(stopped.services.settings, tmp_path / "b.notary", with_keys=True)
    restore_log(tmp_path / "b.notary", tmp_path / "new", nothing_published=True, storage=backends.storage())
    with closing(services_of(tmp_path / "new")) as services:
        assert services.signer.public == saved.header.public_key
        check = StartCheck(services.store, services.signer, services.clock, public=[], chain=None)
        assert check.step() is None
        Integrator(services.store, services.signer, services.clock).run()
        check_signatures(services)
        check_whole(services)


def test_a_backup_never_has_another_key_than_its_database(log: LocalLog, tmp_path: Path) -> None:
    done: list[bool] = []

    def progress(_done: int, _all: int) -> None:
        if not done:
            done.append(True)
            (log.root / "keys" / "log.pem.new").touch(0o600)

    with pytest.raises(InvalidConfig) as caught:
        back_up_log(log.services.settings, tmp_path / "b.notary", with_keys=True, progress=progress)
    assert code_of(caught) == "files-changed"
    assert not (tmp_path / "b.notary").exists()


def test_half_a_key_is_made_anew(log: LocalLog) -> None:
    half = log.root / "keys" / "log.pem.half"
    half.write_bytes(b"-----BEGIN PRIV")
    assert rotate(log).code == 0
    assert not half.exists()


def test_who_cannot_finish_it_says_what_to_run(log: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    rotate_beside(log, until=LOGGED)

    def link(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", link)
        with pytest.raises(InvalidConfig, match="notary key rotate log") as caught:
            services_of(log.root)
    assert code_of(caught) == "key-swap-unfinished"
    services_of(log.root).close()


def test_a_new_key_that_the_database_does_not_name_stays_beside(log: LocalLog) -> None:
    """Left by an attempt that was stopped, in a directory whose log was rotated elsewhere since."""
    path = log.root / "keys" / "log.pem"
    old = key_in(log.root)
    rotate_beside(log, until=MADE)
    assert settled(path, old, public=bytes(32), password_file=None).public == old.public
    assert key_in(log.root).public == old.public
    assert (log.root / "keys" / "log.pem.new").exists()


def test_where_the_old_key_cannot_be_kept_it_still_signs(log: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links: found before the database has the new key, which nobody could put in place."""

    def link(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", link)
        with pytest.raises(InvalidConfig, match="hard links") as caught:
            rotate_beside(log)
        assert code_of(caught) == "key-file-unwritable"
        with closing(services_of(log.root)) as services:
            assert len(ranges(services)) == 1
            assert key_in(log.root).public == services.signer.public
    assert rotate(log).code == 0


def test_a_directory_without_the_new_key_is_told_to_get_it(log: LocalLog, tmp_path: Path) -> None:
    """A copy of the data directory of another machine, whose log is rotated elsewhere."""
    before = (log.root / "keys" / "log.pem").read_bytes()
    rotate_beside(log)
    shutil.copy(log.root / "keys" / "log.pem", tmp_path / "log.pem")
    (log.root / "keys" / "log.pem").write_bytes(before)
    with pytest.raises(InvalidConfig, match=r"copy log\.pem") as caught:
        services_of(log.root)
    assert code_of(caught) == "other-key"
    shutil.copy(tmp_path / "log.pem", log.root / "keys" / "log.pem")
    services_of(log.root).close()


def test_two_that_finish_it_at_once_do_no_harm(log: LocalLog) -> None:
    path = log.root / "keys" / "log.pem"
    old = key_in(log.root)
    rotate_beside(log, until=LOGGED)
    new = key_in(log.root, "log.pem.new")
    for _ in range(2):
        # Each read the old key before the other was done.
        assert settled(path, old, public=new.public, password_file=None).public == new.public
    assert key_in(log.root).public == new.public
    assert key_in(log.root, f"log.pem.{old.verifier.key_id.hex()}").public == old.public
    stranger = bytes(32)
    assert settled(path, new, public=stranger, password_file=None).public == new.public


# ------------------------------------------------------------------------------------------------------------- killed


@pytest.fixture(scope="module")
def made(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory of a log with a checkpoint and an entry that waits, to be copied."""
    made = tmp_path_factory.mktemp("made") / "log"
    init_log(made, origin=ORIGIN, storage=backends.storage())
    with closing(services_of(made)) as services:
        services.ensure_manifest()
        Integrator(services.store, services.signer, services.clock, mark=services.mark).run()
        token = services.publishers.new_key("Roads office")
        (made / "token").write_text(token)
        services.submissions.submit(services.publishers.authenticate(token), Submission(text=text(1), document="d"))
    return made


def go_on(root: Path) -> None:
    """Use a log as a service does."""
    with closing(services_of(root)) as services:
        tenant = services.publishers.authenticate((root / "token").read_text())
        with services.store.read() as view:
            [head] = view.heads(tenant_id=tenant.id, documents=["d"]).values()
        Integrator(services.store, services.signer, services.clock, mark=services.mark).run()
        revision = Submission(text=text(2), document="d", previous=head.leaf_hash, status=Status.CORRECTION)
        leaf = services.submissions.submit(tenant, revision).leaf_hash
        Integrator(services.store, services.signer, services.clock, mark=services.mark).run()
        assert services.bundles.bundle(head.leaf_hash)
        current = services.bundles.current(leaf)
        assert current is not None
        verify_note(parse_note(current), [own_key(services)], strict=True)
        assert check_signatures(services)[-1] == services.reader.size()
        check_whole(services)


def rotate_again(root: Path) -> None:
    with closing(services_of(root)) as services:
        rotate_log(services, None, sole=True, progress=lambda _: None)


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_at_every_step(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], when: str) -> None:
    names: list[str] = []
    aftermath: dict[str, Callable[[Path], None]] = {"service": go_on, "rotation": rotate_again}
    with victims("tests.service.rotationvictim", tmp_path / "errors") as live:
        for at in itertools.count(1):
            root = tmp_path / f"killed-{at}"
            backends.copy_log(made, root)
            life = live(root, at, when)
            if life.code == 0:
                assert [name for _, name in life.points] == names, "it was killed at every step that it makes"
                break
            assert life.code == -signal.SIGKILL
            names.append(life.points[-1][1])
            # Whoever comes first: both find a log that is whole.
            first, second = ("rotation", "service") if at % 2 else ("service", "rotation")
            aftermath[first](root)
            with closing(services_of(root)) as services:
                check_signatures(services)
                check_whole(services)
                known = ranges(services)
                assert own_key(services).encode() == known[-1].vkey
                assert key_in(root).verifier.encode() == known[-1].vkey
                if first == "rotation":
                    # One that had come to its end is followed by another; all others are finished.
                    finished = "publish" in names and names[-1] != "publish"
                    assert len(known) in ({2, 3} if finished or names[-1] == "publish" else {2})
                    assert not list((root / "keys").glob("*.half"))
                    assert not list((root / "keys").glob("*.new"))
            aftermath[second](root)
            shutil.rmtree(root)
    with capsys.disabled():
        print(f"\nkilled {when} each of {len(names)} steps: {' '.join(names)}")
    assert {"link", "replace", "fsync", "publish"} < set(names)
    assert sum("replace_public_key" in name for name in names) == 1
