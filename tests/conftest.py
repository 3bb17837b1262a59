"""What all tests share; kept small, since every stage loads it."""

from __future__ import annotations

from hypothesis import settings

# A loaded machine makes single examples slow without anything being wrong: pytest's own time limit is the guard.
settings.register_profile("notary", deadline=None, print_blob=True)
settings.load_profile("notary")
