"""A disk that is full or changed behind our back, a database that is another one or held by somebody else."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from notary.compose import open_services
from notary.datadir import DataDir
from notary.errors import IntegrityError, Overloaded
from notary.service.integrate import Integrator
from notary.storage.store import SqlStore
from notary.web.app import create_app
from tests.faults import invariants
from tests.faults.conftest import Faults
from tests.faults.house import House, house
from tests.node import logs
from tests.node.anvil import Anvil

pytestmark = pytest.mark.node


def post(made: House, number: int, key: str) -> tuple[int, dict[str, str], dict[str, str]]:
    """Submit over the web application, with a key of the publisher's."""
    token = (made.directory.root / "token").read_text()
    response = (
        create_app(made.services, made.services.settings)
        .test_client()
        .post(
            "/api/v1/entries",
            json={"text": logs.text(number).decode()},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f'"{key}"'},
        )
    )
    return response.status_code, response.get_json(), dict(response.headers)


def _with_token(made: House) -> None:
    (made.directory.root / "token").write_text(made.services.publishers.new_key("Bridges office"))


@pytest.mark.scenario(6)
def test_a_full_disk_refuses_and_resumes(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        _with_token(made)
        assert isinstance(made.services.store, SqlStore)
        engine = made.services.store._engine
        limit = [0]

        @event.listens_for(engine, "begin")
        def _limited(connection: object) -> None:
            if limit[0]:
                connection.exec_driver_sql(f"PRAGMA max_page_count={limit[0]}")  # type: ignore[attr-defined]

        with engine.begin() as connection:
            limit[0] = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + 2
        refused = taken = 0
        for number in range(40):
            status, body, _ = post(made, number, f"k{number}")
            if status == 503:
                assert body["code"] == "storage-full"
                refused += 1
            else:
                assert status == 201
                made.told.append(bytes.fromhex(body["leaf_hash"]))
                taken += 1
        assert taken
        faults.count("full", refused)
        limit[0] = 1_000_000
        for number in range(40):
            status, body, _ = post(made, number, f"k{number}")
            assert status in {200, 201}
            made.told.append(bytes.fromhex(body["leaf_hash"]))
        assert len(set(made.told)) == 40
        made.told = sorted(set(made.told))
        made.settle()
        invariants.check(made)


@pytest.mark.scenario(7)
def test_an_older_copy_beside_newer_published_state_signs_nothing(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.settle()
        made.services.close()
        copy = tmp_path / "copy"
        shutil.copytree(made.directory.root, copy)
        made.open()
        made.submit(2)
        made.settle()
        with closing(open_services(logs.settings(DataDir(copy)))) as older:
            logs.submit(older, logs.publisher(older, "Another"), 99)
            size = older.reader.size()
            with pytest.raises(IntegrityError) as caught, logs.working(older) as running:
                running.stop.wait(20)
            assert caught.value.code == "registry-ahead"
            faults.count("older copy")
            assert older.reader.size() == size, "nothing was signed"
        invariants.check(made)


@pytest.mark.scenario(7)
def test_a_clone_that_went_another_way_signs_nothing(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.services.close()
        copy = tmp_path / "copy"
        shutil.copytree(made.directory.root, copy)
        made.open()
        with closing(open_services(logs.settings(DataDir(copy)))) as clone:
            logs.submit(clone, logs.publisher(clone, "Another"), 77)
            Integrator(clone.store, clone.signer, clone.clock).step()
            size = clone.reader.size()
            made.submit(2)
            made.settle()
            with pytest.raises(IntegrityError) as caught, logs.working(clone) as running:
                running.stop.wait(20)
            assert caught.value.code == "registry-mismatch"
            faults.count("clone")
            assert clone.reader.size() == size
        invariants.check(made)


LAST = "leaf_index = (SELECT max(leaf_index) FROM entries)"
FLIPS = {
    "entry": ("entries", "data", LAST, 20),
    "leaf hash": ("entries", "leaf_hash", LAST, 0),
    "tile": ("tiles", "data", "level = 0", 33),
    "root": ("log", "tree_root", "id = 1", 0),
}


def flip(database: Path, table: str, column: str, where: str, at: int) -> None:
    """Change one bit of what is stored."""
    with closing(sqlite3.connect(database)) as other:
        [(data,)] = other.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchall()  # noqa: S608
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        other.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (changed,))  # noqa: S608
        other.commit()


def _integrate(made: House) -> None:
    while made.integrator.step():
        pass


@pytest.mark.scenario(8)
@pytest.mark.parametrize("what", FLIPS)
def test_a_flipped_byte_is_found_before_the_next_signature(
    tmp_path: Path, node: Anvil, faults: Faults, what: str
) -> None:
    with house(tmp_path / "log", node) as made:
        made.submit(1)
        made.submit(2)
        size = made.services.reader.size()
        logs.submit(made.services, made.tenant, 3)
        flip(made.directory.database, *FLIPS[what])
        faults.count(what)
        made.restart()
        with pytest.raises(IntegrityError):
            _integrate(made)
        assert made.services.reader.size() == size, "nothing new was signed"


@pytest.mark.scenario(10)
def test_a_lock_held_by_somebody_else_sheds_writes_and_no_reads(tmp_path: Path, node: Anvil, faults: Faults) -> None:
    with house(tmp_path / "log", node, storage__busy_timeout=0.2) as made:
        _with_token(made)
        leaf = made.submit(1)
        with closing(sqlite3.connect(made.directory.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            status, body, headers = post(made, 5, "k")
            assert (status, body["code"]) == (503, "database-busy")
            assert int(headers["Retry-After"]) > 0
            faults.count("locked")
            assert made.services.reader.summary(leaf).leaf_hash == leaf, "reading goes on"
            with pytest.raises(Overloaded):
                made.tick()
            other.execute("ROLLBACK")
        status, body, _ = post(made, 5, "k")
        assert status == 201
        made.told.append(bytes.fromhex(body["leaf_hash"]))
        made.settle()
        invariants.check(made)
