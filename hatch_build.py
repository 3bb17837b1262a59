"""Refuses to make a package without the JavaScript of its pages: what is installed must need no Node.js."""

from __future__ import annotations

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Looks whether scripts/build-assets ran on the sources as they are; an installation in place needs none."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raise where a package would lack what pages load."""
        del build_data
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from scripts._dev import assets

        if not assets.is_current():
            raise RuntimeError(assets.ADVICE)
