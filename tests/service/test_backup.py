"""Backups: one consistent state while the log goes on, whole or not there, and restored to the same log."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, update

from notary.compose import Restored, back_up_log, open_services, open_settings, restore_log
from notary.errors import IntegrityError, InvalidArchive, InvalidConfig, NotaryError
from notary.service.backup import Backup, check_backup, load_backup, quiet
from notary.service.fsck import Fsck
from notary.service.integrate import Integrator
from notary.service.submit import Submission
from notary.storage.dump import LEFT_OUT, SqlLoad
from notary.storage.migrations import create_schema
from notary.storage.tables import entries, metadata
from tests import backends
from tests.program import call
from tests.service.locallog import LocalLog, text

FIXTURES = Path(__file__).parent.parent / "fixtures"


def save(log: LocalLog, path: Path, *, with_keys: bool = True, progress: Callable[[int, int], None] = quiet) -> Backup:
    return back_up_log(log.services.settings, path, with_keys=with_keys, progress=progress)


def load(path: Path, root: Path) -> Restored:
    return restore_log(path, root, nothing_published=True, storage=backends.storage())


def contents(root: Path) -> dict[str, list[Any]]:
    with backends.behind_its_back(root) as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name not in LEFT_OUT
        }


@pytest.fixture
def filled(log: LocalLog) -> LocalLog:
    """A log with documents, several checkpoints, and an entry that waits."""
    first = log.submit(document="d")
    log.integrate()
    log.revise("d", first.leaf_hash)
    log.submit(key="a key")
    log.integrate()
    log.submit()
    return log


def lines_of(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def write_lines(path: Path, lines: list[bytes], *, end: bool = True) -> None:
    """Write an archive of these lines; with ``end`` its last line vouches for them, as a forger's would."""
    if end:
        last = json.loads(lines[-1])
        last["sha256"] = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
        lines = [*lines[:-1], json.dumps(last).encode() + b"\n"]
    path.write_bytes(gzip.compress(b"".join(lines)))


def test_every_table_is_saved_or_left_out_by_name() -> None:
    assert {table.name for table in metadata.sorted_tables} >= LEFT_OUT
    assert {"schema_version", "heartbeats"} <= LEFT_OUT


def test_what_is_restored_is_the_same_log_and_another_instance(filled: LocalLog, tmp_path: Path) -> None:
    path = tmp_path / "b.notary"
    backup = save(filled, path)
    head = filled.head()
    assert (backup.header.entries, backup.header.size, backup.header.root) == (5, head.size, head.root)
    restored = load(path, tmp_path / "new")
    before, after = contents(filled.root), contents(tmp_path / "new")
    [marked], [was], [now] = after.pop("restores"), before.pop("log"), after.pop("log")
    before.pop("restores")
    assert before == after
    assert {table: len(rows) for table, rows in after.items()}.items() <= backup.end.tables.items()
    assert [i for i, (old, new) in enumerate(zip(was, now, strict=True)) if old != new] == [3], "the instance only"
    assert now[3] == restored.instance
    assert marked[4] == was[3], "which instance it was"
    with closing(open_services(open_settings(tmp_path / "new", environ={}))) as services:
        assert Fsck(services.store, services.signer).run().verdict == "clean"


def test_a_backup_is_of_one_moment_while_the_log_goes_on(filled: LocalLog, tmp_path: Path) -> None:
    written = False

    def meanwhile(done: int, everything: int) -> None:
        nonlocal written
        if not written:
            written = True
            filled.submit(document="later")
            filled.integrate()

    backup = save(filled, tmp_path / "b.notary", progress=meanwhile)
    assert written
    assert (backup.header.entries, backup.header.size) == (5, 4)
    load(tmp_path / "b.notary", tmp_path / "new")
    assert filled.head().size == 6, "writers were not held up"


def test_keys_are_left_out_unless_asked_for(filled: LocalLog, tmp_path: Path) -> None:
    save(filled, tmp_path / "without.notary", with_keys=False)
    save(filled, tmp_path / "with.notary")
    key = (filled.root / "keys" / "log.pem").read_bytes()
    assert b"keys/" not in b"".join(lines_of(tmp_path / "without.notary"))
    assert not load(tmp_path / "without.notary", tmp_path / "1").keys
    assert list((tmp_path / "1" / "keys").iterdir()) == []
    assert load(tmp_path / "with.notary", tmp_path / "2").keys
    restored = tmp_path / "2" / "keys" / "log.pem"
    assert restored.read_bytes() == key
    for secret in (restored, tmp_path / "with.notary", tmp_path / "without.notary"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    with pytest.raises(InvalidConfig) as caught:
        open_services(open_settings(tmp_path / "1", environ={}))
    assert caught.value.code == "no-log-key"


def test_what_is_there_is_never_overwritten(filled: LocalLog, tmp_path: Path) -> None:
    path = tmp_path / "b.notary"
    save(filled, path)
    saved = path.read_bytes()
    with pytest.raises(InvalidConfig) as caught:
        save(filled, path)
    assert caught.value.code == "file-exists"
    assert path.read_bytes() == saved
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    with pytest.raises(InvalidConfig) as caught:
        load(path, tmp_path / "mine")
    assert caught.value.code == "not-empty"
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["file"]


def test_a_place_that_cannot_be_written_is_said(filled: LocalLog, tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig) as caught:
        save(filled, tmp_path / "missing" / "b.notary")
    assert caught.value.code == "not-writable"


def test_every_cut_and_every_flipped_byte_is_found_before_anything_is_made(filled: LocalLog, tmp_path: Path) -> None:
    path, bad = tmp_path / "b.notary", tmp_path / "bad.notary"
    save(filled, path)
    whole = path.read_bytes()
    step = max(1, len(whole) // 60)
    cut = [whole[:length] for length in range(0, len(whole), step)]
    # The header of a gzip (10 bytes) says nothing about the contents but its magic and method.
    flipped = [whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :] for i in range(10, len(whole), step)]
    for data in (*cut, *flipped, whole + b"x", whole + whole):
        bad.write_bytes(data)
        with pytest.raises(InvalidArchive) as caught:
            restore_log(bad, tmp_path / "new", nothing_published=True)
        assert caught.value.code in {"backup-damaged", "not-a-backup", "backup-false"}
        assert not (tmp_path / "new").exists()


def _changed_entry(lines: list[bytes]) -> None:
    table = next(i for i, line in enumerate(lines) if b'"table":"entries"' in line)
    row = json.loads(lines[table + 2])
    row[2] = row[2][:-8] + "AAAAAAA="
    lines[table + 2] = json.dumps(row).encode() + b"\n"


def _missing_entry(lines: list[bytes]) -> None:
    table = next(i for i, line in enumerate(lines) if b'"table":"entries"' in line)
    del lines[table + 1]
    lines[-1] = lines[-1].replace(b'"entries":5', b'"entries":4')


def _waiting_entry_missing(lines: list[bytes]) -> None:
    table = next(i for i, line in enumerate(lines) if b'"table":"entries"' in line)
    del lines[table + 5]
    lines[-1] = lines[-1].replace(b'"entries":5', b'"entries":4')


def _other_leaf_hash(lines: list[bytes]) -> None:
    table = next(i for i, line in enumerate(lines) if b'"table":"entries"' in line)
    row = json.loads(lines[table + 2])
    row[1] = "ERERERERERERERERERERERERERERERERERERERERERE="
    lines[table + 2] = json.dumps(row).encode() + b"\n"


def _other_root(lines: list[bytes]) -> None:
    head = json.loads(lines[0])
    lines[0] = json.dumps(head | {"root": "11" * 32}).encode() + b"\n"


def _other_key(lines: list[bytes]) -> None:
    head = json.loads(lines[0])
    lines[0] = json.dumps(head | {"public_key": "11" * 32}).encode() + b"\n"


def _no_checkpoint(lines: list[bytes]) -> None:
    head = json.loads(lines[0])
    lines[0] = json.dumps(head | {"checkpoint": ""}).encode() + b"\n"


def _other_tree(lines: list[bytes]) -> None:
    table = next(i for i, line in enumerate(lines) if b'"table":"log"' in line)
    row = json.loads(lines[table + 1])
    row[-1] = "ERERERERERERERERERERERERERERERERERERERERERE="
    lines[table + 1] = json.dumps(row).encode() + b"\n"


def _other_instance(lines: list[bytes]) -> None:
    head = json.loads(lines[0])
    lines[0] = json.dumps(head | {"instance": "11" * 16}).encode() + b"\n"


@pytest.mark.parametrize(
    "change",
    [
        _changed_entry,
        _missing_entry,
        _waiting_entry_missing,
        _other_leaf_hash,
        _other_root,
        _other_key,
        _no_checkpoint,
        _other_tree,
        _other_instance,
    ],
)
def test_a_consistent_archive_of_a_false_log_is_refused(
    filled: LocalLog, tmp_path: Path, change: Callable[[list[bytes]], None]
) -> None:
    save(filled, tmp_path / "b.notary")
    lines = lines_of(tmp_path / "b.notary")
    write_lines(tmp_path / "same.notary", list(lines))
    load(tmp_path / "same.notary", tmp_path / "same")
    change(lines)
    write_lines(tmp_path / "false.notary", lines)
    with pytest.raises(InvalidArchive) as caught:
        load(tmp_path / "false.notary", tmp_path / "new")
    assert caught.value.code == "backup-false"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'{"spec":"notary-backup/1"', b'{"spec":"notary-backup/2"', "newer-backup"),
        (b'{"spec":"notary-backup/1"', b'{"spec":"something"', "not-a-backup"),
        (b'{"table":"replays"', b'{"table":"new_table"', "newer-backup"),
        (b'["request_digest","bytes"]', b'["new_column","bytes"]', "newer-backup"),
        (b'{"table":"heartbeats"', b'{"table":"heartbeats"', ""),
    ],
)
def test_what_another_version_made_is_said(filled: LocalLog, tmp_path: Path, old: bytes, new: bytes, code: str) -> None:
    save(filled, tmp_path / "b.notary")
    lines = [line.replace(old, new) for line in lines_of(tmp_path / "b.notary")]
    lines[-1] = lines[-1].replace(b'"replays"', b'"new_table"') if b"new_table" in new else lines[-1]
    write_lines(tmp_path / "other.notary", lines)
    if not code:
        assert load(tmp_path / "other.notary", tmp_path / "new").keys
        return
    with pytest.raises(InvalidArchive) as caught:
        load(tmp_path / "other.notary", tmp_path / "new")
    assert caught.value.code == code
    with pytest.raises(NotaryError):
        open_settings(tmp_path / "new", environ={})


def test_rows_that_contradict_each_other_are_refused(filled: LocalLog, tmp_path: Path) -> None:
    save(filled, tmp_path / "b.notary")
    lines = lines_of(tmp_path / "b.notary")
    table = next(i for i, line in enumerate(lines) if b'"table":"replays"' in line)
    lines.insert(table + 1, lines[table + 1])
    lines[-1] = lines[-1].replace(b'"replays":1', b'"replays":2')
    write_lines(tmp_path / "twice.notary", lines)
    with pytest.raises(InvalidArchive) as caught:
        load(tmp_path / "twice.notary", tmp_path / "new")
    assert caught.value.code == "backup-rows"


def test_a_name_in_the_archive_leads_nowhere_else(filled: LocalLog, tmp_path: Path) -> None:
    save(filled, tmp_path / "b.notary")
    lines = lines_of(tmp_path / "b.notary")
    for name in ("keys/../../outside", "/tmp/outside", "keys/a/b", "verified", "keys/.hidden"):
        evil = json.dumps({"file": name, "data": "AAAA"}).encode() + b"\n"
        lines.insert(1, evil)
    last = json.loads(lines[-1])
    last["end"]["files"] += 5
    lines[-1] = json.dumps(last).encode() + b"\n"
    write_lines(tmp_path / "evil.notary", lines)
    load(tmp_path / "evil.notary", tmp_path / "deep" / "new")
    found = {path.relative_to(tmp_path / "deep").as_posix() for path in (tmp_path / "deep").rglob("*")}
    names = {"", "/format", "/instance", "/keys", "/keys/log.pem", "/notary.toml"}
    names |= set() if backends.on_postgresql() else {"/notary.db"}
    assert found == {f"new{name}" for name in names}


@pytest.mark.only_on("sqlite")
def test_a_value_of_another_type_is_not_saved(filled: LocalLog, tmp_path: Path) -> None:
    with backends.behind_its_back(filled.root) as connection:
        connection.exec_driver_sql("UPDATE entries SET data = 'a text' WHERE leaf_index = 2")
    with pytest.raises(IntegrityError) as caught:
        save(filled, tmp_path / "b.notary")
    assert caught.value.code == "storage-broken"
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_a_changed_entry_is_not_saved(filled: LocalLog, tmp_path: Path) -> None:
    with backends.behind_its_back(filled.root) as connection:
        connection.execute(update(entries).where(entries.c.leaf_index == 2).values(data=b"x"))
    with pytest.raises(InvalidArchive) as false:
        save(filled, tmp_path / "b.notary")
    assert false.value.code == "backup-false"
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_the_kept_data_directory_is_saved_and_restored(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(FIXTURES / "data-directory-1" / "log", kept)
    (kept / "keys" / "log.pem").chmod(0o600)
    settings = open_settings(kept, environ={})
    backup = back_up_log(settings, tmp_path / "b.notary", with_keys=True)
    load(tmp_path / "b.notary", tmp_path / "new")
    with closing(open_services(open_settings(tmp_path / "new", environ={}))) as services:
        assert services.reader.size() == backup.header.size > 0
        assert Fsck(services.store, services.signer).run().verdict == "clean"


def test_the_program(filled: LocalLog, tmp_path: Path) -> None:
    done = call("backup", "--data", filled.root, "--to", tmp_path)
    assert done.code == 0
    path = Path(done.out.decode().strip())
    assert path.parent == tmp_path
    assert "KEYS ARE NOT IN IT" in done.err
    told = call("backup", "--data", filled.root, "--to", tmp_path / "k.notary", "--with-keys", "--json")
    assert (told.json["entries"], told.json["size"], told.json["keys"]) == (5, 4, True)
    assert told.json["tables"]["entries"] == 5
    restored = call("restore", path, "--data", tmp_path / "new", "--json", *backends.init_options())
    assert (restored.code, restored.json["keys"], restored.json["entries"]) == (0, False, 5)
    assert "keys" in restored.err
    again = call("restore", path, "--data", tmp_path / "new")
    assert (again.code, again.out) == (2, b"")
    assert "not-empty" in again.err
    assert call("restore", tmp_path / "none", "--data", tmp_path / "2").code == 2


@pytest.mark.parametrize("to", [backends.SQLITE_NAME, backends.POSTGRESQL_NAME])
def test_a_log_moves_from_one_backend_to_the_other(filled: LocalLog, tmp_path: Path, to: str) -> None:
    save(filled, tmp_path / "b.notary")
    with backends.chosen(to):
        load(tmp_path / "b.notary", tmp_path / "new")
    settings = open_settings(tmp_path / "new", environ={})
    assert bool(settings.storage.url) == (to == backends.POSTGRESQL_NAME)
    with closing(open_services(settings)) as services:
        assert Fsck(services.store, services.signer).run().verdict == "clean"
        with services.store.write() as view:
            view.mark_restores_checked(time=1)
        # Generated ids go on after those that came with the backup.
        tenant = services.publishers.authenticate(services.publishers.new_key("Another office"))
        services.submissions.submit(tenant, Submission(text=text(10**6)))
        integrator = Integrator(services.store, services.signer, services.clock)
        while integrator.step():
            pass
        assert services.reader.size() == 6
    again = back_up_log(settings, tmp_path / "again.notary", with_keys=True)
    assert again.header.entries == 6


def test_a_database_in_use_is_not_restored_into(filled: LocalLog, tmp_path: Path) -> None:
    save(filled, tmp_path / "b.notary")
    storage = filled.services.settings.storage
    if storage.url:
        with pytest.raises(InvalidConfig) as caught:
            restore_log(tmp_path / "b.notary", tmp_path / "new", nothing_published=True, storage=storage)
        assert caught.value.code == "database-not-empty"
        assert not (tmp_path / "new").exists()
    engine = backends.new_engine(tmp_path)
    create_schema(engine, origin=filled.services.settings.origin, public_key=b"k" * 32, time=0)
    with pytest.raises(InvalidConfig) as twice, SqlLoad(engine).load():
        pass
    engine.dispose()
    assert twice.value.code == "not-empty"


def test_a_file_that_is_exchanged_after_its_check_is_not_loaded(filled: LocalLog, tmp_path: Path) -> None:
    path = tmp_path / "b.notary"
    save(filled, path)
    checked = check_backup(path, quiet)
    filled.submit()
    path.unlink()
    save(filled, path)
    engine = backends.new_engine(tmp_path)
    with pytest.raises(InvalidArchive) as caught:
        load_backup(checked, SqlLoad(engine), nothing_published=True, clock=filled.clock, progress=quiet)
    assert caught.value.code == "backup-damaged"
    with engine.begin() as connection:
        assert not inspect(connection).has_table("entries")
    engine.dispose()


def _other_name(lines: list[bytes]) -> None:
    place = next(i for i, line in enumerate(lines) if b"Roads office" in line)
    lines[place] = lines[place].replace(b"Roads office", b"Other office")


def _row_missing(lines: list[bytes]) -> None:
    del lines[next(i for i, line in enumerate(lines) if b"Roads office" in line)]


def _more_behind(lines: list[bytes]) -> None:
    lines.append(lines[-1])


def _no_end(lines: list[bytes]) -> None:
    del lines[-1]


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("change", [_other_name, _row_missing, _more_behind, _no_end])
def test_what_the_last_line_does_not_vouch_for_is_refused(
    filled: LocalLog, tmp_path: Path, change: Callable[[list[bytes]], None]
) -> None:
    """The gzip is whole in each, so that nothing but the line can tell."""
    save(filled, tmp_path / "b.notary")
    lines = lines_of(tmp_path / "b.notary")
    change(lines)
    write_lines(tmp_path / "bad.notary", lines, end=False)
    with pytest.raises(InvalidArchive) as caught:
        load(tmp_path / "bad.notary", tmp_path / "new")
    assert caught.value.code == "backup-damaged"
    assert not (tmp_path / "new").exists()
