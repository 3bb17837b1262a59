"""Opening a PostgreSQL database so that what was committed is on the disk, and one writer at a time decides.

A write transaction takes one advisory lock before it reads anything, and holds it to its end; why that one, and not the
log's row, is told in ``docs/adr/0013-one-writer-on-postgresql.md``. A read transaction is a snapshot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, ExceptionContext, QueuePool, create_engine, event, exc, text

from notary.errors import CannotCheck, IntegrityError, InvalidConfig
from notary.storage.engine import WRITER_OPTION
from notary.storage.faults import ends_session, first_line

# "Notary", read as a number: all writers of a database ask for this one.
WRITER_LOCK: Final = 0x4E6F74617279
OLDEST: Final = 140000
# A process that stands still in a transaction must not hold up the others for ever; one that writes holds them all up,
# and another worker cannot take the lead meanwhile.
IDLE_SECONDS: Final = 60
WRITER_IDLE_SECONDS: Final = 10
# No reading takes this long; one that does has met a stalled disk. Writers have no such limit: it would also end the
# wait for a synchronous standby, after which PostgreSQL reports a commit that is on one machine only.
READ_SECONDS: Final = 60

_BEGIN_WRITER: Final = (
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
    f"SET LOCAL idle_in_transaction_session_timeout = '{WRITER_IDLE_SECONDS}s'; "
    f"SELECT pg_catalog.pg_advisory_xact_lock({WRITER_LOCK})"
)
_BEGIN_READER: Final = (
    f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '{READ_SECONDS}s'"
)
# Said once a connection: what was seen to be durable stays so in this session, whatever is reloaded later.
_PREPARE: Final = """\
SELECT set_config('lock_timeout', %s, false), set_config('idle_in_transaction_session_timeout', %s, false),
  set_config('synchronous_commit', current_setting('synchronous_commit'), false),
  current_setting('fsync'), current_setting('full_page_writes'), current_setting('server_encoding')
"""
# What does not come with PostgreSQL itself or with an extension.
_RELATIONS: Final = text("""\
SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND NOT EXISTS
  (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
""")
_KEEPALIVE: Final = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60000}


def open_postgresql(
    url: str,
    *,
    password: str | None = None,
    busy_timeout: float = 5.0,
    allow_unsafe: bool = False,
    create: bool = False,
) -> Engine:
    """Return an engine on a PostgreSQL database, which libpq finds by ``url``, after having reached it.

    With ``create`` the database must be empty. Raises :class:`InvalidConfig` (``bad-database-url``,
    ``password-in-url``, ``database-not-empty``, ``old-database``, ``database-encoding``,
    ``not-durable`` unless ``allow_unsafe``) and :class:`CannotCheck` (``database-unreachable``).
    """
    parameters = _parameters(url, password=password, busy_timeout=busy_timeout)
    engine = create_engine(
        "postgresql+psycopg://",
        # With libpq's own reading of the address no part of it is lost, and no password is in anything that is printed.
        creator=lambda: psycopg.connect(autocommit=True, **parameters),
        use_native_hstore=False,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=8,
        pool_timeout=busy_timeout + 1,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: psycopg.Connection[Any], _record: object) -> None:
        try:
            _check_connection(connection, busy_timeout=busy_timeout, allow_unsafe=allow_unsafe)
        except BaseException:
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # The driver is in its autocommit mode: we say BEGIN, together with what comes first, in one message.
        writer = connection.get_execution_options().get(WRITER_OPTION, False)
        connection.exec_driver_sql(_BEGIN_WRITER if writer else _BEGIN_READER)

    @event.listens_for(engine, "commit")
    def _commit(connection: Connection) -> None:
        # PostgreSQL answers the COMMIT of a failed transaction by undoing it, without an error.
        driver = connection.connection.dbapi_connection
        if driver is not None and driver.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
            raise IntegrityError("A failed transaction was to be committed.", code="transaction-failed")

    @event.listens_for(engine, "handle_error")
    def _lost(context: ExceptionContext) -> None:
        if ends_session(getattr(context.original_exception, "sqlstate", None) or ""):
            context.is_disconnect = True

    try:
        _reach(engine, create=create)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _parameters(url: str, *, password: str | None, busy_timeout: float) -> Mapping[str, Any]:
    try:
        given = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        # Its message repeats the address.
        raise InvalidConfig("storage.url is no address of a PostgreSQL database.", code="bad-database-url") from None
    if "password" in given or "sslpassword" in given:
        raise InvalidConfig(
            "storage.url must not hold a password: put it into a file and name that in storage.password_file.",
            code="password-in-url",
        )
    ours: dict[str, Any] = {
        "connect_timeout": max(2, math.ceil(busy_timeout)),
        "application_name": "notary",
        **_KEEPALIVE,
        **given,
        "client_encoding": "UTF8",
    }
    return ours if password is None else {**ours, "password": password}


def _check_connection(connection: psycopg.Connection[Any], *, busy_timeout: float, allow_unsafe: bool) -> None:
    if connection.info.server_version < OLDEST:
        raise InvalidConfig(f"PostgreSQL must be of version {OLDEST // 10000} or later.", code="old-database")
    # Nought would mean to wait for ever.
    wait = f"{max(1, round(busy_timeout * 1000))}ms"
    row = connection.execute(_PREPARE, (wait, f"{IDLE_SECONDS}s")).fetchone()
    _, _, synchronous, fsync, full_pages, encoding = row or (None,) * 6
    if encoding != "UTF8":
        raise InvalidConfig(f"The database has the encoding {encoding}; make one with UTF8.", code="database-encoding")
    settings = {"synchronous_commit": synchronous, "fsync": fsync, "full_page_writes": full_pages}
    unsafe = [f"{name} = {value}" for name, value in settings.items() if value == "off"]
    if unsafe and not allow_unsafe:
        raise InvalidConfig(
            f"PostgreSQL runs with {', '.join(unsafe)}: committed entries would not be durable. Change that for this "
            "database and user, or set storage.allow_unsafe = true to have it anyway.",
            code="not-durable",
        )


def _reach(engine: Engine, *, create: bool) -> None:
    try:
        with engine.connect() as connection:
            count = connection.execute(_RELATIONS).scalar_one() if create else 0
    except (exc.DBAPIError, psycopg.Error) as error:
        said = first_line(str(error.orig if isinstance(error, exc.DBAPIError) else error))
        raise CannotCheck(f"The database cannot be reached: {said}.", code="database-unreachable") from None
    if count:
        raise InvalidConfig(
            f"The database is not empty ({count} relations): a log needs one of its own.", code="database-not-empty"
        )
