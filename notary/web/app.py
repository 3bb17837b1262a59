"""The WSGI application of one log: :func:`create_app`."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from jinja2 import StrictUndefined

from notary.config import Settings
from notary.core.trust import parse_trust
from notary.service.services import Services
from notary.web import (
    admission,
    api,
    assets,
    batch,
    check,
    fetching,
    health,
    language,
    log,
    lookup,
    pages,
    problem,
    requests,
    security,
)
from notary.web.context import DRAIN, SERVICES, SETTINGS
from notary.web.drain import Drain


@dataclass(frozen=True, slots=True)
class Site:
    """What every page says about where it is."""

    name: str
    origin: str
    development: bool


def create_app(services: Services, settings: Settings, *, drain: Drain | None = None) -> Flask:
    """Return the application that serves ``services``; the caller closes them when it ends.

    ``drain`` says when it is about to stop.
    """
    app = Flask("notary.web", static_folder=None, template_folder="templates")
    app.extensions[SERVICES] = services
    app.extensions[SETTINGS] = settings
    app.extensions[DRAIN] = Drain(None) if drain is None else drain
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.autoescape = True
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    def fingerprint() -> str:
        """Return the trust file's fingerprint; every page asks for it but those of our own errors."""
        return parse_trust(services.reader.trust_file()).fingerprint

    app.jinja_env.globals["site"] = Site(settings.server.name, settings.origin, settings.development)
    app.jinja_env.globals["fingerprint"] = fingerprint
    requests.install(app, settings)
    admission.install(app)
    problem.install(app)
    security.install(app)
    assets.install(app)
    language.install(app)
    for module in (api, batch, check, fetching, health, log, lookup, pages):
        app.register_blueprint(module.blueprint)
    return app
