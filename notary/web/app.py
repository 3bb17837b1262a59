"""The WSGI application of one log: :func:`create_app`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from jinja2 import StrictUndefined

from notary.config import Settings
from notary.core.trust import parse_trust
from notary.errors import NotaryError
from notary.service.services import Services
from notary.web import api, health, log, pages, problem, security
from notary.web.context import SERVICES, SETTINGS

STATIC_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Site:
    """What every page says about where it is. ``fingerprint`` is that of the trust file."""

    name: str
    origin: str
    development: bool
    fingerprint: str


def create_app(services: Services, settings: Settings) -> Flask:
    """Return the application that serves ``services``; the caller closes them when it ends."""
    app = Flask("notary.web", static_folder="static", template_folder="templates")
    app.extensions[SERVICES] = services
    app.extensions[SETTINGS] = settings
    # Bounds what is read of a body, whatever length the request claims or leaves open.
    app.config["MAX_CONTENT_LENGTH"] = settings.limits.max_body_bytes
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_SECONDS
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.autoescape = True
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    _add_page_context(app, services, settings)
    problem.install(app)
    security.install(app)
    for module in (api, health, log, pages):
        app.register_blueprint(module.blueprint)
    return app


def _add_page_context(app: Flask, services: Services, settings: Settings) -> None:
    folder = Path(app.static_folder or "")

    @cache
    def static(name: str) -> str:
        """Return the address of a static file, which changes with the file: so it may be cached for a year."""
        version = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]
        return f"/static/{quote(name)}?v={version}"

    @app.context_processor
    def page_context() -> dict[str, object]:
        try:
            fingerprint = parse_trust(services.reader.trust_file()).fingerprint
        except NotaryError:
            # An error page must come out whatever is wrong with the database.
            fingerprint = "not available at the moment"
        site = Site(settings.server.name, settings.origin, settings.development, fingerprint)
        return {"site": site, "static": static}
