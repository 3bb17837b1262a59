"""Where the blueprints find the services: in the application they are registered with, never in a global."""

from __future__ import annotations

from typing import cast

from flask import current_app

from notary.config import Settings
from notary.service.services import Services
from notary.web.drain import Drain

SERVICES = "notary.services"
SETTINGS = "notary.settings"
DRAIN = "notary.drain"


def services() -> Services:
    """Return the use cases of the application that handles the current request."""
    return cast("Services", current_app.extensions[SERVICES])


def settings() -> Settings:
    """Return the settings of the application that handles the current request."""
    return cast("Settings", current_app.extensions[SETTINGS])


def draining() -> bool:
    """Say whether the server is about to stop."""
    return bool(cast("Drain", current_app.extensions[DRAIN]))
