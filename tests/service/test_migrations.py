"""The schema and the way to it: what revisions build is what the code uses, and older databases are brought over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, select

from notary.compose import open_services, open_settings
from notary.errors import IntegrityError, InvalidConfig
from notary.storage.engine import WRITER_OPTION
from notary.storage.migrations import HEAD, create_schema, migrate
from notary.storage.migrations.upgrade import FIRST, configuration, upgrade
from notary.storage.tables import alembic_version, metadata, schema_version
from tests import backends
from tests.service.locallog import ORIGIN, LocalLog


@pytest.fixture
def empty(backend: str, tmp_path: Path) -> Iterator[Engine]:
    engine = backends.new_engine(tmp_path)
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))


def test_revisions_build_what_the_code_uses(empty: Engine) -> None:
    with empty.execution_options(**{WRITER_OPTION: True}).begin() as connection:
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


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("version", [1, 2])
def test_a_database_from_before_alembic_is_brought_over(empty: Engine, version: int) -> None:
    with empty.begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, FIRST)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        connection.execute(insert(schema_version).values(version=version))
        if version == 1:
            connection.exec_driver_sql("ALTER TABLE disclosures DROP COLUMN profile")
    migrate(empty)
    with empty.begin() as connection:
        assert connection.execute(select(alembic_version.c.version_num)).scalars().all() == [HEAD]
        # A program from before Alembic knows 2 at most, and says that this is newer.
        assert connection.execute(select(schema_version.c.version)).scalars().all() == [3]
    assert differences(empty) == []


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
    with backends.behind_its_back(log.root) as database:
        database.exec_driver_sql(change)
    with pytest.raises((InvalidConfig, IntegrityError)) as caught:
        open_services(open_settings(log.root, environ={}))
    assert caught.value.code == code


def test_somebody_elses_database_is_refused(empty: Engine) -> None:
    with pytest.raises(InvalidConfig) as caught:
        migrate(empty)
    assert caught.value.code == "not-our-database"


def test_an_up_to_date_database_is_opened_without_alembic(log: LocalLog) -> None:
    code = (
        "import sys; from pathlib import Path; from notary.compose import open_services, open_settings; "
        f"open_services(open_settings(Path({str(log.root)!r}), environ={{}})).close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
