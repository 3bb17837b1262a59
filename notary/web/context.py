"""Where the blueprints find the services: in the application they are registered with, never in a global."""

from __future__ import annotations

from typing import cast

from flask import current_app

from notary.config import Settings
from notary.service.services import Services

SERVICES = "notary.services"
SETTINGS = "notary.settings"


def services() -> Services:
    """Return the use cases of the application that handles the current request."""
    return cast("Services", current_app.extensions[SERVICES])


def settings() -> Settings:
    """Return the settings of the application that handles the current request."""
    return cast("Settings", current_app.extensions[SETTINGS])
