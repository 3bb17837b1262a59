"""PostgreSQL itself: durable or refused, lost in the middle of a commit, restarted, and what it says in our words."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import exc, text

from notary.cli.locking import locked
from notary.compose import init_log, open_services, open_settings
from notary.config import storage_settings
from notary.errors import CannotCheck, InvalidConfig, NotaryError, Overloaded
from notary.service.fsck import Fsck
from notary.service.integrate import Integrator
from notary.service.services import Services
from notary.storage.migrations import create_schema
from notary.storage.postgresql import open_postgresql
from notary.storage.store import SqlStore
from notary.web.app import create_app
from tests import pgproxy, postgres
from tests.backends import BACKENDS
from tests.postgres import Postgres
from tests.program import call
from tests.service.locallog import ORIGIN

pytestmark = pytest.mark.only_on("postgresql")
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def server(backend: str) -> Iterator[Postgres]:
    """A server as PostgreSQL comes: durable."""
    with postgres.running({}) as made:
        yield made


@dataclass
class Desk:
    """A log, opened through a proxy, with its application."""

    services: Services
    client: FlaskClient
    token: str
    proxy: pgproxy.CommitProxy

    def post(self, number: int, key: str | None = None) -> tuple[int, str]:
        """Submit a text; return the status, and the leaf hash or the code."""
        headers = {"Authorization": f"Bearer {self.token}"} | ({} if key is None else {"Idempotency-Key": key})
        body = {"text": f"Notice {number}\nThe road is closed."}
        answer = self.client.post("/api/v1/entries", json=body, headers=headers)
        assert answer.json is not None
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
            return 503, answer.json["code"]
        return answer.status_code, answer.json["leaf_hash"]

    def count(self) -> int:
        """Return how many leaves were accepted."""
        with self.services.store.read() as view:
            return view.acceptance().next_index

    def check(self) -> None:
        """Integrate what waits, and require that all is whole."""
        drain(Integrator(self.services.store, self.services.signer, self.services.clock))
        assert Fsck(self.services.store, self.services.signer).run().verdict == "clean"


def drain(integrator: Integrator) -> None:
    while integrator.step():
        pass


@contextmanager
def opened(root: Path, server: Postgres) -> Iterator[Desk]:
    database = server.new_database()
    init_log(root, origin=ORIGIN, development=True, storage=storage_settings(url=server.url(database)))
    with pgproxy.losing(server.port) as proxy:
        url = server.url(database).replace(f":{server.port}/", f":{proxy.port}/")
        settings = open_settings(root, flags={"storage.url": url, "storage.busy_timeout": 2}, environ={})
        with closing(open_services(settings)) as services:
            services.ensure_manifest()
            token = services.publishers.new_key("Roads office")
            yield Desk(services, create_app(services, settings).test_client(), token, proxy)


@pytest.fixture
def desk(tmp_path: Path, server: Postgres) -> Iterator[Desk]:
    with opened(tmp_path / "log", server) as made:
        yield made


# ------------------------------------------------------------------------------------------------------- durability


def test_every_connection_is_durable_and_stays_so(server: Postgres) -> None:
    engine = open_postgresql(server.url(server.new_database()), busy_timeout=0.25)
    with engine.connect() as connection:
        server.execute("ALTER SYSTEM SET synchronous_commit = off")
        try:
            server.execute("SELECT pg_reload_conf()")
            shown = {
                name: connection.execute(text(f"SHOW {name}")).scalar_one()
                for name in ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout")
            }
        finally:
            server.execute("ALTER SYSTEM RESET synchronous_commit")
            server.execute("SELECT pg_reload_conf()")
    engine.dispose()
    assert shown == {
        "synchronous_commit": "on",
        "lock_timeout": "250ms",
        "idle_in_transaction_session_timeout": "1min",
    }


def test_a_database_that_does_not_wait_for_the_disk_is_refused(server: Postgres, tmp_path: Path) -> None:
    database = server.new_database()
    server.execute(f"ALTER DATABASE {database} SET synchronous_commit = off")
    with pytest.raises(InvalidConfig, match="synchronous_commit = off") as caught:
        init_log(tmp_path / "log", origin=ORIGIN, storage=storage_settings(url=server.url(database)))
    assert caught.value.code == "not-durable"
    assert not (tmp_path / "log").exists()
    settings = storage_settings(url=server.url(database), allow_unsafe=True)
    init_log(tmp_path / "log", origin=ORIGIN, storage=settings)
    with pytest.raises(InvalidConfig) as caught:
        open_services(open_settings(tmp_path / "log", flags={"storage.allow_unsafe": False}, environ={}))
    assert caught.value.code == "not-durable"


def test_a_server_that_does_not_wait_for_the_disk_is_refused() -> None:
    with pytest.raises(InvalidConfig, match=r"with fsync = off, full_page_writes = off:") as caught:
        open_postgresql(BACKENDS.server.url("postgres"))
    assert caught.value.code == "not-durable"
    open_postgresql(BACKENDS.server.url("postgres"), allow_unsafe=True).dispose()


# --------------------------------------------------------------------------------------------- lost and found again


@pytest.mark.parametrize("what", ["connection", "server"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("key", ["a-key", None])
def test_a_commit_that_was_not_answered(desk: Desk, server: Postgres, what: str, when: str, key: str | None) -> None:
    """The client is told that nobody knows, and gets the one entry when it asks again."""
    kept = desk.post(1)
    before = desk.count()
    desk.proxy.lose(when, (lambda: server.stop(signal.SIGKILL)) if what == "server" else lambda: None)
    assert desk.post(2, key) == (503, "outcome-unknown")
    assert desk.proxy.lost == 1
    if what == "server":
        assert desk.post(3) == (503, "database-unreachable")
        server.start()
    assert desk.count() == before + (when == "after")
    again = desk.post(2, key)
    assert again[0] == 201
    assert desk.post(2, key) == again
    assert desk.post(1) == kept
    assert desk.count() == before + 1
    desk.check()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_tick_whose_commit_was_not_answered(desk: Desk, when: str) -> None:
    """Neither the tree nor a checkpoint is lost or made twice: the next tick looks at what is stored."""
    integrator = Integrator(desk.services.store, desk.services.signer, desk.services.clock)
    for number in range(3):
        desk.post(number)
        desk.proxy.lose(when)
        with pytest.raises(Overloaded) as caught:
            drain(integrator)
        assert caught.value.code == "outcome-unknown"
        drain(integrator)
    assert desk.services.reader.size() == desk.count() == 4
    desk.check()


def test_after_a_restart_no_request_fails(desk: Desk, server: Postgres) -> None:
    """What the pool holds is dead then; that is seen when nothing was done yet, and another connection is taken."""
    store = desk.services.store
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(store.read()).acceptance()
    for how in (signal.SIGINT, signal.SIGKILL):
        server.restart(how)
        assert desk.post(len(how.name))[0] == 201
        assert desk.client.get("/").status_code == 200
    desk.check()


def test_a_session_that_ends_within_a_transaction_stores_nothing(desk: Desk, server: Postgres) -> None:
    store = desk.services.store
    before = desk.count()
    mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'notary'"

    def use() -> None:
        with store.write() as view:
            view.add_tenant(publisher="p", name="n", secret=b"", time=0)
            server.execute(mine)
            view.add_tenant(publisher="q", name="m", secret=b"", time=0)

    with pytest.raises(Overloaded) as caught:
        use()
    assert caught.value.code == "database-unreachable"
    with store.read() as view:
        assert view.tenant_by_name("n") is None
    assert desk.count() == before


def test_a_server_that_is_down_is_said_and_come_back_to(desk: Desk, server: Postgres) -> None:
    server.stop()
    assert desk.post(1) == (503, "database-unreachable")
    assert desk.client.get("/").status_code == 503
    server.start()
    assert desk.post(1)[0] == 201
    assert desk.client.get("/").status_code == 200


# ------------------------------------------------------------------------------------------------ faults, in our words


@pytest.fixture
def store(server: Postgres) -> Iterator[SqlStore]:
    engine = open_postgresql(server.url(server.new_database()), busy_timeout=0.2, create=True)
    create_schema(engine, origin=ORIGIN, public_key=b"k" * 32, time=0)
    made = SqlStore(engine, busy_timeout=0.2)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "storage-full"),
        ("53300", "database-busy"),
        ("53200", "database-busy"),
        ("55P03", "database-busy"),
        ("57014", "database-busy"),
        ("40001", "database-busy"),
        ("40P01", "database-busy"),
        ("57P01", "database-unreachable"),
        ("57P03", "database-unreachable"),
        ("08006", "database-unreachable"),
        ("25P03", "database-unreachable"),
        ("25006", "storage-read-only"),
        ("XX001", "storage-broken"),
        ("XX002", "storage-broken"),
        ("58030", "storage-broken"),
        ("42501", "database-refused"),
    ],
)
def test_what_the_server_says(store: SqlStore, state: str, code: str) -> None:
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"
    with pytest.raises(NotaryError) as caught, store.write() as view:
        view._connection.exec_driver_sql(raising)
    assert caught.value.code == code
    with store.write() as view:
        assert view.acceptance().next_index == 0


def test_what_we_did_not_foresee_is_no_word_of_ours(store: SqlStore) -> None:
    with pytest.raises(exc.ProgrammingError), store.write() as view:
        view._connection.exec_driver_sql("SELECT 1 FROM (")


def test_a_reader_cannot_write(store: SqlStore) -> None:
    with pytest.raises(Overloaded) as caught, store.read() as view:
        view._connection.exec_driver_sql("DELETE FROM tiles")
    assert caught.value.code == "storage-read-only"


def test_a_failed_transaction_is_not_taken_for_a_stored_one(store: SqlStore) -> None:
    """PostgreSQL undoes it at the COMMIT and reports no error."""

    def use() -> None:
        with store.write() as view:
            view.add_tenant(publisher="p", name="n", secret=b"", time=0)
            with suppress(exc.DBAPIError):
                view._connection.exec_driver_sql("SELECT 1 / 0")

    with pytest.raises(NotaryError) as caught:
        use()
    assert caught.value.code == "transaction-failed"


# ------------------------------------------------------------------------------------------- addresses and passwords


def test_a_database_that_holds_something_is_refused(server: Postgres, tmp_path: Path) -> None:
    database = server.new_database()
    with psycopg.connect(server.url(database), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA other")
        connection.execute("CREATE TABLE other.thing (id int)")
    done = call("init", tmp_path / "log", "--origin", ORIGIN, "--database", server.url(database))
    assert (done.code, done.out) == (2, b"")
    assert "database-not-empty" in done.err
    assert not (tmp_path / "log").exists()


def test_a_database_that_cannot_hold_every_text_is_refused(server: Postgres) -> None:
    server.execute("CREATE DATABASE narrow TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(InvalidConfig) as caught:
        open_postgresql(server.url("narrow"))
    assert caught.value.code == "database-encoding"


def test_a_server_that_is_not_there_is_said_before_anything_is_made(tmp_path: Path) -> None:
    url = "postgresql://notary@127.0.0.1:1/notary"
    done = call("init", tmp_path / "log", "--origin", ORIGIN, "--database", url)
    assert (done.code, done.out) == (3, b"")
    assert "database-unreachable" in done.err
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://notary:{PASSWORD.split(maxsplit=1)[0]}@127.0.0.1/notary",
        f"postgresql://notary@127.0.0.1/notary?password={PASSWORD.split(maxsplit=1)[0]}",
        f"postgresql://notary@127.0.0.1/notary?pass%77ord={PASSWORD.split(maxsplit=1)[0]}",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    done = call("init", tmp_path / "log", "--origin", ORIGIN, "--database", url)
    assert (done.code, done.out) == (2, b"")
    assert "no password in it" in done.err
    assert PASSWORD.split(maxsplit=1)[0] not in done.err


def test_libpq_finds_no_password_that_we_did_not(server: Postgres) -> None:
    with pytest.raises(InvalidConfig) as caught:
        open_postgresql(server.url("postgres") + "?password=x")
    assert caught.value.code == "password-in-url"
    with pytest.raises(InvalidConfig) as caught:
        open_postgresql(server.url("postgres") + "?nosuchword=x")
    assert caught.value.code == "bad-database-url"


def test_the_password_comes_from_a_file(server: Postgres, tmp_path: Path) -> None:
    server.execute(f"CREATE ROLE notary LOGIN PASSWORD '{PASSWORD}'")
    database = server.new_database()
    server.execute(f"ALTER DATABASE {database} OWNER TO notary")
    rules = server.data / "pg_hba.conf"
    rules.write_text(f"host all notary 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    server.execute("SELECT pg_reload_conf()")
    url, file = server.url(database, user="notary"), tmp_path / "password"
    init: list[str | Path] = [
        "init",
        tmp_path / "log",
        "--origin",
        ORIGIN,
        "--database",
        url,
        "--database-password-file",
        file,
    ]
    for content, mode, code in (
        (None, 0o600, "no-database-password"),
        (f"{PASSWORD}\n", 0o644, "key-file-readable"),
        ("something else\n", 0o600, "database-unreachable"),
    ):
        if content is not None:
            file.write_text(content)
            file.chmod(mode)
        done = call(*init)
        assert (done.code, done.out) == (3 if code == "database-unreachable" else 2, b"")
        assert code in done.err
        assert not re.search("correct|something else", done.err)
    file.write_text(f"{PASSWORD}\n")
    assert call(*init).code == 0
    # It is named in the settings, not copied, and works from there.
    assert PASSWORD not in (tmp_path / "log" / "notary.toml").read_text()
    assert call("fsck", "--data", tmp_path / "log").code == 0
    settings = open_settings(tmp_path / "log", flags={"storage.password_file": str(tmp_path / "log/keys/log.pem")})
    with pytest.raises(CannotCheck) as caught:
        open_services(settings)
    assert caught.value.code == "database-unreachable"


def test_several_processes_of_a_role_may_serve_one_directory(server: Postgres, tmp_path: Path) -> None:
    url = server.url(server.new_database())
    init_log(tmp_path / "log", origin=ORIGIN, storage=storage_settings(url=url))
    settings = open_settings(tmp_path / "log", environ={})
    with locked(settings, "worker", stopped=lambda: True), locked(settings, "worker", stopped=lambda: True):
        pass
    assert not (tmp_path / "log" / "locks").exists()
