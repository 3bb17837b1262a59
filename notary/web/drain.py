"""How the processes of an instance learn that it is about to stop: by a file in the folder that its supervisor made.

A signal could not tell them: the HTTP server between supervisor and application ends at the first one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

RUN_VARIABLE: Final = "NOTARY_RUN_DIR"
"""Names the folder. Without it, as where the HTTP server is run by hand, a server stops without saying so before."""
_MARK: Final = "draining"


class Drain:
    """Whether this instance is about to stop."""

    def __init__(self, folder: str | None) -> None:
        """Look into ``folder``; None: it never is."""
        self._mark = None if folder is None else str(Path(folder) / _MARK)

    def __bool__(self) -> bool:
        """Return true once the supervisor has said so."""
        return self._mark is not None and os.path.exists(self._mark)  # noqa: PTH110 - asked for every answer

    @staticmethod
    def begin(folder: Path) -> None:
        """Tell the instance whose folder this is that it will stop."""
        (folder / _MARK).touch()
