"""Applying revisions. Apart, because Alembic is slow to load and a database is nearly always up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, update

from notary.storage.tables import UNDER_ALEMBIC, alembic_version, schema_version

FIRST: Final = "notary_0001"


def _profiles(connection: Connection) -> None:
    """2: a text from a page has the profile that it was taken with."""
    connection.exec_driver_sql("ALTER TABLE disclosures ADD COLUMN profile BLOB")


# The formats before Alembic, of SQLite files only: the step from each to the next.
_STEPS: Final[Mapping[int, Callable[[Connection], None]]] = {1: _profiles}
LAST_STEP: Final = 2


def adopt(connection: Connection, version: int) -> None:
    """Bring a database of a format before Alembic to its first revision.

    The old number goes up once more, so that a program of that time says that the database is newer than itself.
    """
    for step in range(version, LAST_STEP):
        _STEPS[step](connection)
    connection.execute(update(schema_version).values(version=UNDER_ALEMBIC))
    alembic_version.create(connection)
    connection.execute(insert(alembic_version).values(version_num=FIRST))


def upgrade(connection: Connection) -> None:
    """Apply every revision that is missing, in the transaction of ``connection``."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def configuration() -> Config:
    """Return Alembic's configuration: no file, and the scripts that lie beside this module."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
