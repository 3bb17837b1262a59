"""The entry point for a WSGI server: ``notary.web.wsgi:app``, for the data directory that `NOTARY_DATA` names.

Import this in a worker process, after the fork: it opens the database. `NOTARY_DATA` and every other `NOTARY_*`
variable are those of ``docs/api.md`` §Serving and of the settings.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
from pathlib import Path

from flask import Flask

from notary.compose import open_services, open_settings
from notary.errors import InvalidConfig, NotaryError
from notary.telemetry import logs
from notary.web.app import create_app
from notary.web.drain import RUN_VARIABLE, Drain
from notary.web.lifetime import die_with_parent

log = logging.getLogger(__name__)

DATA_VARIABLE = "NOTARY_DATA"


def build() -> Flask:
    """Return the application for the data directory in the environment.

    Raises :class:`InvalidConfig`: ``no-data-directory`` without the variable, and as the settings and services do.
    """
    data = os.environ.get(DATA_VARIABLE)
    if not data:
        raise InvalidConfig(f"{DATA_VARIABLE} must name the data directory.", code="no-data-directory")
    settings = open_settings(Path(data))
    logs.configure(settings.logging.format)
    services = open_services(settings)
    atexit.register(services.close)
    services.ensure_manifest()
    return create_app(services, settings, drain=Drain(os.environ.get(RUN_VARIABLE)))


def build_or_end() -> Flask:
    """Return the application, or end the process with a line in the log rather than a traceback."""
    logs.configure("auto")  # until the settings are read
    try:
        return build()
    except NotaryError as error:
        log.critical("%s (%s)", error.message, error.code, extra={"event": "not-started"})
        sys.exit(1)


die_with_parent()
app = build_or_end()
