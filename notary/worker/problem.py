"""What hinders a loop of the worker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps anchoring from going on: a stable code (``blocked-…``) and a sentence."""

    code: str
    message: str
