"""The schema and the way to it: what revisions build is what the code uses, and older databases are brought over."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from notary.compose import open_services, open_settings
from notary.errors import IntegrityError, InvalidConfig
from notary.storage.engine import open_engine
from notary.storage.migrations import HEAD, create_schema, migrate
from notary.storage.migrations.upgrade import configuration, upgrade
from notary.storage.tables import metadata
from tests.service.locallog import ORIGIN, LocalLog


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(tmp_path / "n.db", create=True)
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))


def test_revisions_build_what_the_code_uses(empty: Engine) -> None:
    with empty.begin() as connection:
        upgrade(connection)
    assert differences(empty) == []
    migrate(empty)


def test_a_new_database_is_what_the_code_uses(empty: Engine) -> None:
    create_schema(empty, origin=ORIGIN, public_key=b"k" * 32, time=0)
    assert differences(empty) == []


def test_the_newest_revision_is_the_one_that_the_code_names() -> None:
    script = ScriptDirectory.from_config(configuration())
    assert script.get_heads() == [HEAD]
    names = [revision.revision for revision in script.walk_revisions()]
    assert sorted(names, reverse=True) == names


@pytest.mark.parametrize("version", [1, 2])
def test_a_database_from_before_alembic_is_brought_over(log: LocalLog, version: int) -> None:
    accepted = log.submit()
    log.services.close()
    with closing(sqlite3.connect(log.root / "notary.db")) as database:
        if version == 1:
            database.execute("ALTER TABLE disclosures DROP COLUMN profile")
        for later in ("line_keys", "line_index"):
            database.execute(f"DROP TABLE {later}")
        database.execute("DROP TABLE alembic_version")
        database.execute("UPDATE schema_version SET version = ?", (version,))
        database.commit()
    log.reopen()
    assert log.submit().index == accepted.index + 1
    with closing(sqlite3.connect(log.root / "notary.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
        # A program from before Alembic knows 2 at most, and says that this is newer.
        assert database.execute("SELECT version FROM schema_version").fetchall() == [(3,)]
    engine = open_engine(log.root / "notary.db")
    assert differences(engine) == []
    engine.dispose()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE alembic_version SET version_num = 'notary_9999'", "newer-format"),
        ("UPDATE alembic_version SET version_num = '1975ea83b712'", "not-our-database"),
        ("DELETE FROM alembic_version", "storage-broken"),
        ("DROP TABLE alembic_version", "storage-broken"),
    ],
)
def test_another_format_is_refused(log: LocalLog, change: str, code: str) -> None:
    with closing(sqlite3.connect(log.root / "notary.db")) as database:
        database.execute(change)
        database.commit()
    with pytest.raises((InvalidConfig, IntegrityError)) as caught:
        open_services(open_settings(log.root, environ={}))
    assert caught.value.code == code


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.db").touch()
    engine = open_engine(tmp_path / "other.db")
    with pytest.raises(InvalidConfig) as caught:
        migrate(engine)
    assert caught.value.code == "not-our-database"
    engine.dispose()


def test_an_up_to_date_database_is_opened_without_alembic(log: LocalLog) -> None:
    code = (
        "import sys; from pathlib import Path; from notary.compose import open_services, open_settings; "
        f"open_services(open_settings(Path({str(log.root)!r}), environ={{}})).close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
